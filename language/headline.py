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
    """What a headline says: its content words by their shortest form, its numbers, places and decisive turns.

    `turns` holds (question, side): which of two opposite things is said.
    """

    words: frozenset[str]
    numbers: frozenset[str]
    places: frozenset[str]
    turns: frozenset[tuple[int, int]]

    def contradicts(self, other: "Print") -> bool:
        """Whether both tell of numbers, places or turns, and not of the same."""
        if self.numbers and other.numbers and self.numbers != other.numbers:
            return True
        if self.places - other.places and other.places - self.places:
            return True
        return any(a == b and i != j for a, i in self.turns for b, j in other.turns)


@dataclass(frozen=True, slots=True)
class _Lists:
    openers: frozenset[str]
    stop: frozenset[str]
    numbers: dict[str, str]
    places: dict[str, str]
    turns: dict[str, tuple[int, int]]


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
    places: set[str] = set()
    said = folded_core(title).split()
    for word in said:
        if word in lists.numbers or word.isdecimal():
            numbers.add(lists.numbers.get(word, word.lstrip("0") or "0"))
        elif word in lists.places:
            places.add(lists.places[word])
        elif word not in lists.stop:
            words.add(_shortest(word, lang))
    turns = frozenset(lists.turns[word] for word in said if word in lists.turns)
    return Print(frozenset(words | places), frozenset(numbers), frozenset(places), turns)


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
        places={fold_word(name): place for place, names in table["places"].items() for name in names},
        turns={
            fold_word(word): (question, side)
            for question, entry in enumerate(table["opposites"])
            for side, words in enumerate(entry["sides"])
            for word in words
        },
    )
