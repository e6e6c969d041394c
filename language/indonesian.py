"""Indonesian and Malay: which root and which nouns a written word may come from, affixes taken off."""

import re
from collections.abc import Iterator
from functools import cache

_SHORTEST = 3
_VOWELS = "aeiou"
_PARTICLES = ("lah", "kah", "tah", "pun")
_POSSESSIVES = ("nya", "ku", "mu")
# meN- and peN- as they sound before each letter, and the letter that they swallow.
_NASAL = (
    (re.compile(r"^(?:me|pe)ng(?=[aeiougkhx])"), ("", "k")),
    (re.compile(r"^(?:me|pe)nge(?=[^aeiou])"), ("",)),
    (re.compile(r"^(?:me|pe)ny(?=[aeiou])"), ("s", "ny")),
    (re.compile(r"^(?:me|pe)m(?=[aeiou])"), ("p", "m")),
    (re.compile(r"^(?:me|pe)m(?=[bfvp])"), ("",)),
    (re.compile(r"^(?:me|pe)n(?=[aeiou])"), ("t", "n")),
    (re.compile(r"^(?:me|pe)n(?=[cdjsztk])"), ("",)),
    (re.compile(r"^(?:me|pe)(?=[lrwymn])"), ("",)),
)
_PREFIXES = ("di", "ber", "be", "ter", "ke", "se", "per", "pe", "memper", "diper", "pem")
_SUFFIXES = ("kan", "an", "i")


def token_keys(word: str) -> frozenset[str]:
    """Every dictionary word that the written word may be a form of."""
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
    for endings in (_PARTICLES, _POSSESSIVES):
        for ending in endings:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
                yield word[: -len(ending)]


def _roots(word: str) -> Iterator[str]:
    for suffix in ("", *_SUFFIXES):
        if not word.endswith(suffix):
            continue
        stem = word[: len(word) - len(suffix)]
        if suffix:
            yield stem
        yield from _prefixless(stem)


def _prefixless(stem: str) -> Iterator[str]:
    for prefix in _PREFIXES:
        if stem.startswith(prefix):
            yield stem[len(prefix) :]
    for pattern, letters in _NASAL:
        match = pattern.match(stem)
        if match:
            yield from (letter + stem[match.end() :] for letter in letters)
