"""Indonesian and Malay: which root and which nouns a written word may come from, affixes taken off.

Keywords are nouns: what makes nouns of a root (peN-an, ke-an, per-an, -an), what leans on them (-nya, -lah) and the
plain voices of a verb (menembak, ditembak) lead back to it. Verbs with -kan and -i say something else than their
root (guna, menggunakan) and stay apart, and so do short roots with ber- and se-.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_SHORTEST = 3
_LONG = 7
_PARTICLES = ("lah", "kah", "tah", "pun")
_POSSESSIVES = ("nya", "ku", "mu")
# The nasal of meN- and peN- before each letter, and the letters that it may have swallowed.
_NASALS = (
    (re.compile(r"ng(?=[aeiougkhx])"), ("", "k")),
    (re.compile(r"nge(?=[^aeiou])"), ("",)),
    (re.compile(r"ny(?=[aeiou])"), ("s", "ny")),
    (re.compile(r"m(?=[aeiou])"), ("p", "m")),
    (re.compile(r"m(?=[bfvp])"), ("",)),
    (re.compile(r"n(?=[aeiou])"), ("t", "n")),
    (re.compile(r"n(?=[cdjsztk])"), ("",)),
    (re.compile(r"(?=[lrwymn])"), ("",)),
)
# Prefix -> the suffixes with which it makes forms of its root.
_CIRCUMFIXES = (
    ("ke", ("an",)),
    ("per", ("an", "")),
    ("pe", ("an", "")),
    ("ter", ("",)),
    ("se", ("an",)),
    ("di", ("",)),
)
_LONG_ONLY = ("ber", "se")


def token_keys(word: str) -> frozenset[str]:
    """Every dictionary word that the written word may be a form of."""
    if word in _closed():
        return frozenset({word})
    found: set[str] = {word}
    for bare in (word, *_without_particles(word)):
        found.add(bare)
        found.update(_roots(bare))
    return frozenset(key for key in found if len(key) >= _SHORTEST) | {word}


@cache
def term_keys(word: str) -> frozenset[str]:
    """What somebody who wrote this as a keyword means: the word itself."""
    return frozenset({word})


def _without_particles(word: str) -> Iterator[str]:
    """The word without what leans on it, one layer or two (rumahnyalah)."""
    for particle in ("", *_PARTICLES):
        if word.endswith(particle) and len(word) - len(particle) >= _SHORTEST:
            rest = word[: len(word) - len(particle)]
            if particle:
                yield rest
            yield from (
                rest[: -len(p)] for p in _POSSESSIVES if rest.endswith(p) and len(rest) - len(p) >= _SHORTEST
            )


def _roots(word: str) -> Iterator[str]:
    if word.endswith("an"):
        yield word[:-2]
    for prefix, suffixes in _CIRCUMFIXES:
        if word.startswith(prefix):
            rest = word[len(prefix) :]
            yield from (rest[: len(rest) - len(s)] for s in suffixes if rest.endswith(s))
    for prefix in _LONG_ONLY:
        if word.startswith(prefix) and len(word) - len(prefix) >= _LONG:
            yield word[len(prefix) :]
    if word.startswith(("me", "pe")):
        yield from _unnasal(word[2:], ("",) if word.startswith("me") else ("", "an"))


def _unnasal(rest: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    for pattern, letters in _NASALS:
        match = pattern.match(rest)
        if match is None:
            continue
        for letter in letters:
            root = letter + rest[match.end() :]
            yield from (root[: len(root) - len(s)] for s in suffixes if root.endswith(s))


@cache
def _closed() -> frozenset[str]:
    """Words of grammar that only look like forms of another word (adalah is not ada)."""
    table = tomllib.loads((files("language") / "data" / "closed.toml").read_text(encoding="utf-8"))
    return frozenset(table["id"])
