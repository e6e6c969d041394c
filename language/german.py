"""German and Dutch in folded letters: nouns and adjectives without their endings, and the first word of a compound.

A compound is cut only before a word that news puts second (Irak-krieg, Milizen-führer), so that a keyword is not found
at the beginning of just any longer word.
"""

import re
from collections.abc import Iterator
from functools import cache

from language.wordlists import words

_SHORTEST = 3
_SHORTEST_HEAD = 4
_ADJECTIVE = re.compile(r"(?<=..)(?:isch|lich|ig|los|bar|sam|(?<!sc)haft|iert)(?=(?:e[mnrs]?)$)")
# Umlauts written out: Fuehrer. Not where the first vowel belongs to the sound before (neue, Bauer, Quelle).
_WRITTEN_OUT = re.compile(r"(?<![aeouq])([aou])e(?=[^aeiou])")
_NIS = re.compile("(?<=..)nis(?=se[ns]?$)")
# How nouns end that make a woman's noun by -in: Journalist, Demonstrant, Präsident, Soldat, Kämpfer, Autor.
_PERSONS = ("ist", "ant", "ent", "dat", "er", "or", "eur", "log", "at")
# The vowel of bomen is long, that of bommen is short: boom, bom.
_OPEN_SYLLABLE = re.compile("^[^aeiou]*[aeou][^aeiou]$")
_LINKS = ("s", "es", "n", "en", "ens", "e")
_INFLECTED = ("", "e", "en", "n", "s", "es", "er", "ern", "in", "innen")


def german_token_keys(word: str) -> frozenset[str]:
    """The word, the nouns and adjectives that it may be a form of, and the first word of a compound."""
    found = {word}
    if "ae" in word or "oe" in word or "ue" in word:
        found.add(_WRITTEN_OUT.sub(r"\1", word))
    for one in tuple(found):
        found.update(_german_bases(one))
        found.update(_heads(one, "de"))
    return frozenset(found)


def german_term_keys(word: str) -> frozenset[str]:
    """The keyword, with the umlauts of which it may be written out, and the singular of a sure plural or adjective."""
    found = {word, _WRITTEN_OUT.sub(r"\1", word)}
    for one in tuple(found):
        if match := _ADJECTIVE.search(one):
            found.add(one[: match.end()])
        elif len(one) > 6 and one.endswith(("en", "e")):
            found.add(one.removesuffix("n").removesuffix("e"))
        elif one.endswith("innen"):
            found.add(one[:-3])
    return frozenset(found)


def _german_bases(word: str) -> Iterator[str]:
    if match := _ADJECTIVE.search(word):
        yield word[: match.end()]
        return
    if word.endswith(("in", "innen")):
        yield from _men(word)
    if match := _NIS.search(word):
        yield word[: match.end()]
    if word.endswith(("er", "ern")):
        stem = word.removesuffix("n").removesuffix("er")
        if stem in words("european", "de_er_exact") or stem.endswith(_er_plurals()):
            yield stem
    for ending in ("en", "es", "e", "n", "s", "em"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST and not (ending == "s" and stem.endswith("s")):
            yield stem


def _men(word: str) -> Iterator[str]:
    """A woman's noun in the singular, and the man's: Soldatinnen is Soldatin and Soldat, Kurdin is Kurde."""
    singular = word[:-3] if word.endswith("innen") else word
    stem = singular[:-2]
    yield singular
    if len(stem) > _SHORTEST:
        yield stem + "e"
        if stem.endswith(_PERSONS):
            yield stem


def _heads(word: str, lang: str) -> Iterator[str]:
    """The first word of a compound, with and without what links it to the second."""
    tails = _tails(lang)
    for cut in range(_SHORTEST_HEAD, len(word) - _SHORTEST + 1):
        if word[cut:] in tails:
            head = word[:cut]
            yield head
            for link in _LINKS:
                if head.endswith(link) and len(head) - len(link) >= _SHORTEST_HEAD:
                    yield head[: -len(link)]


@cache
def _er_plurals() -> tuple[str, ...]:
    return tuple(words("european", "de_er_plurals"))


@cache
def _tails(lang: str) -> frozenset[str]:
    """What may stand second, in every case and number."""
    return frozenset(word + ending for word in words("european", f"{lang}_tails") for ending in _INFLECTED)


def dutch_token_keys(word: str) -> frozenset[str]:
    """The word, the nouns that it may be the plural of, and the first word of a compound."""
    return frozenset((word, *_dutch_bases(word), *_heads(word, "nl")))


def dutch_term_keys(word: str) -> frozenset[str]:
    """The keyword, and the singular of a plural."""
    return frozenset((word, *(_dutch_bases(word) if len(word) > 6 and word.endswith("en") else ())))


def _dutch_bases(word: str) -> Iterator[str]:
    if word.endswith("en") and len(word) > 4:
        stem = word[:-2]
        if stem in words("european", "nl_short") or not _OPEN_SYLLABLE.match(stem):
            yield stem
        yield from _closed_syllable(stem)
    elif word.endswith("se") and len(word) > 5:
        yield word[:-1]
    elif word.endswith("e") and len(word) > 4:
        yield word[:-1]
        yield from _closed_syllable(word[:-1])
    elif word.endswith("s") and len(word) > 4 and not word.endswith(("ss", "us", "is")):
        yield word[:-1]


def _closed_syllable(stem: str) -> Iterator[str]:
    """A stem as it is written alone: bomm is bom, stat is staat, briev is brief."""
    if len(stem) < _SHORTEST:
        return
    last = {"v": "f", "z": "s"}.get(stem[-1], stem[-1])
    if stem[-1] == stem[-2]:
        yield stem[:-1]
    elif stem[-2] in "aeou" and stem[-3] not in "aeiou":
        yield stem[:-1] + stem[-2] + last
    if last != stem[-1]:
        yield stem[:-1] + last
