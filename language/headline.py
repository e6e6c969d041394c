"""Headlines: what of a title tells the event, without the site's name, the opener and the small words."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from language.forms import token_keys
from language.languages import UNKNOWN
from language.scripts import fold_word
from language.words import tokens

_CLOSER = re.compile(r"^(?P<rest>.*\S)(?:\s+[-–—•·]\s+|\s*[|｜]\s*)(?P<site>[^|｜]{2,60})$", re.DOTALL)
_OPENER = re.compile(r"^\W*(?P<opener>[^|:،\-–—!]{2,20}?)\s*[|:،\-–—!]+\s*(?P<rest>.*\S)", re.DOTALL)
_LONGEST_SITE = 4
_SHORTEST_REST = 3


@dataclass(frozen=True, slots=True)
class Print:
    """What a headline says: its content words by their shortest form, and its numbers."""

    words: frozenset[str]
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Lists:
    openers: frozenset[str]
    stop: frozenset[str]
    numbers: dict[str, str]


def core(title: str) -> str:
    """The title without " - Site Name" at its end and "Breaking:" at its beginning."""
    rest = title.strip()
    closer = _CLOSER.match(rest)
    if closer and _is_site(closer["site"], closer["rest"]):
        rest = closer["rest"]
    opener = _OPENER.match(rest)
    if opener and _folded(opener["opener"]) in _lists().openers:
        rest = opener["rest"]
    return rest


def _is_site(site: str, rest: str) -> bool:
    words = _folded(site).split()
    return (
        0 < len(words) <= _LONGEST_SITE
        and len(_folded(rest).split()) >= max(_SHORTEST_REST, len(words))
        and not any(word.isdecimal() for word in words)
    )


def _folded(text: str) -> str:
    return " ".join(token.folded for token in tokens(text) if token.position == token.last)


@lru_cache(maxsize=20_000)
def folded_core(title: str) -> str:
    """The words of the title's core in one spelling, a space between them."""
    return _folded(core(title))


@lru_cache(maxsize=20_000)
def print_of(title: str, lang: str = UNKNOWN) -> Print:
    """What of the title tells its event; same title and language, same answer."""
    lists = _lists()
    words: set[str] = set()
    numbers: set[str] = set()
    for word in folded_core(title).split():
        if word in lists.numbers or word.isdecimal():
            numbers.add(lists.numbers.get(word, word.lstrip("0") or "0"))
        elif word not in lists.stop:
            words.add(_shortest(word, lang))
    return Print(frozenset(words), frozenset(numbers))


def _shortest(word: str, lang: str) -> str:
    """One form for all forms of a word: its shortest key, for here both sides are written words."""
    return min(token_keys(word, lang), key=lambda key: (len(key), key))


@cache
def _lists() -> _Lists:
    table = tomllib.loads((files("language") / "data" / "headlines.toml").read_text(encoding="utf-8"))
    return _Lists(
        openers=frozenset(_folded(opener) for opener in table["openers"]),
        stop=frozenset(fold_word(word) for word in table["stop"]),
        numbers={fold_word(word): digits for word, digits in table["numbers"].items()},
    )
