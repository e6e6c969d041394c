"""The Indonesian and Malay lexicon: roots by what they name, words of grammar, and words decided one by one."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from importlib.resources import files


class Kind(IntFlag):
    """What a root names, and so which of its affixed forms still say the same."""

    THING = 1
    QUALITY = 2
    NUMBER = 4
    ACT = 8
    EVENT = 16
    PLACE = 32
    UNKNOWN = 64


_FILES = {"events": Kind.EVENT, "acts": Kind.ACT, "things": Kind.THING, "qualities": Kind.QUALITY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """`fixed` are the keys of words that are not taken apart; `roots` the kind of each root, as a bit."""

    fixed: dict[str, frozenset[str]]
    roots: dict[str, int]
    silent: frozenset[str]
    places: frozenset[str]
    before_places: frozenset[str]


def read_table(name: str) -> dict[str, object]:
    """One file of the lexicon, as TOML gives it."""
    text = (files("language") / "data" / "indonesian" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def roots_of(kind: str) -> Iterator[str]:
    """The words of the file `kind`, in order."""
    for field in read_table(kind).values():
        yield from str(field).split()


@cache
def lexicon() -> Lexicon:
    """The whole lexicon, read once (about 10 ms)."""
    roots = {word: int(kind) for name, kind in _FILES.items() for word in roots_of(name)}
    roots |= dict.fromkeys(_field("qualities", "numbers"), int(Kind.NUMBER))
    roots |= dict.fromkeys(_field("things", "places"), int(Kind.PLACE))
    grammar = {name: frozenset(str(text).split()) for name, text in read_table("grammar").items()}
    fixed = {word: frozenset({word}) for word in roots}
    fixed |= {word: frozenset({word}) for word in grammar["silent"] | grammar["other"]}
    fixed |= _decided()
    return Lexicon(
        fixed=fixed,
        roots=roots,
        silent=grammar["silent"],
        places=grammar["places"],
        before_places=grammar["before_places"],
    )


def _field(name: str, field: str) -> list[str]:
    return str(read_table(name)[field]).split()


def _decided() -> dict[str, frozenset[str]]:
    table = read_table("forms")
    own = table["own"]
    forms = table["of"]
    assert isinstance(own, dict)
    assert isinstance(forms, dict)
    decided = {word: frozenset({word}) for word in str(own["words"]).split()}
    return decided | {word: frozenset({word, *str(keys).split()}) for word, keys in forms.items()}
