"""Arabic: which dictionary words a written word may be, decided with a lexicon where it knows the word."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from language.arabic_endings import ENDINGS, IMPERFECT_ENDINGS, LAST_LETTERS, LONGEST, Kind
from language.arabic_lexicon import Lexicon, lexicon
from language.arabic_plurals import broken_plurals

# All words are folded: no harakat, alef without seat, ta marbuta as ha, alef maqsura and hamza on ya as ya.
_SHORTEST = 3
_ARTICLE = "ال"
_IMPERFECT_PREFIXES = "يتنا"
# Costs are tenths of a doubt, as in arabic_endings. Readings that are this much dearer than the best are kept.
_TOLERANCE = 3
_CONJUNCTION, _PREPOSITION, _THE, _FOR_THE, _WILL, _I = 8, 9, 3, 7, 6, 6

_ONLY_WORDS = int(Kind.THING | Kind.PERSON | Kind.NAME | Kind.PLURAL)
_NO_VERBS = _ONLY_WORDS | int(Kind.PARTICLE)
_ANYTHING = _NO_VERBS | int(Kind.PLAIN | Kind.CONSONANT | Kind.VOWEL)
_WHOLE = _NO_VERBS | int(Kind.PLAIN)
_VERB = int(Kind.PLAIN | Kind.CONSONANT | Kind.VOWEL)
_PARTICLE = int(Kind.PARTICLE)


class _Rest(NamedTuple):
    """What stays of a word without the particles written together with it, and what it may then be."""

    text: str
    cost: int
    kinds: int
    verb: bool  # may be an imperfect
    definite: bool


class _Reading(NamedTuple):
    cost: int
    rest: str
    keys: tuple[str, ...]


def token_keys(word: str) -> frozenset[str]:
    """The dictionary words that the written (folded) word may be a form of, and the word itself.

    What the lexicon knows is believed; a word that it does not know is taken apart wherever Arabic allows it.
    """
    if len(word) < _SHORTEST:
        return frozenset({word})
    book = lexicon()
    readings: list[_Reading] = []
    best = 100
    for rest in _rests(word):
        if rest.cost <= best + _TOLERANCE:
            _read(rest, book, readings)
            best = min((reading.cost for reading in readings), default=best)
    if not readings:
        return frozenset(_guesses(word))
    keys = {word}
    for cost, text, found in readings:
        if cost <= best + _TOLERANCE:
            keys.add(text)
            keys.update(found)
    return frozenset(keys)


@cache
def term_keys(word: str) -> frozenset[str]:
    """What somebody means who wrote this as a keyword: the word without article and plural, and all its odd forms."""
    book = lexicon()
    if not book.kinds.get(word, 0) & _WHOLE:
        bare = word[len(_ARTICLE) :]
        if word.startswith(_ARTICLE) and len(bare) >= _SHORTEST:
            return term_keys(bare)
        readings: list[_Reading] = []
        _read(_Rest(word, 0, _ANYTHING, True, True), book, readings)
        if readings:
            best = min(reading.cost for reading in readings)
            words = {key for reading in readings if reading.cost == best for key in reading.keys}
            return frozenset({word}).union(*(book.meanings.get(key, {key}) for key in words))
        return _unknown_term(word, book)
    if book.kinds[word] & _NO_VERBS:
        return book.meanings.get(word, frozenset({word}))
    return frozenset({word}).union(*(book.meanings.get(key, {key}) for key in book.verbs[word]))


def without_clitics(word: str) -> tuple[str, ...]:
    """The word and what stays of it without conjunction, preposition and article."""
    return tuple(dict.fromkeys(rest.text for rest in _rests(word) if len(rest.text) >= _SHORTEST)) or (word,)


def _rests(word: str) -> Iterator[_Rest]:
    """The word, and what stays of it when its first letters are taken for conjunction, preposition and article."""
    yield _Rest(word, 0, _ANYTHING, True, False)
    yield from _without_preposition(word, 0)
    if word[0] in "وف":
        rest = word[1:]
        yield _Rest(rest, _CONJUNCTION, _ANYTHING, True, False)
        yield from _without_preposition(rest, _CONJUNCTION)
    elif word[0] == "ا" and word[1] in "وفبل":
        yield _Rest(word[1:], _CONJUNCTION + _PREPOSITION, _ANYTHING, True, False)
        yield from _without_preposition(word[1:], _CONJUNCTION + _PREPOSITION)


def _without_preposition(word: str, cost: int) -> Iterator[_Rest]:
    first = word[0]
    if first == "ا":
        if word[1] == "ل":
            yield _Rest(word[2:], cost + _THE, _ONLY_WORDS, False, True)
    elif first == "ل":
        if word[1] == "ل":
            yield _Rest(word[2:], cost + _FOR_THE, _ONLY_WORDS, False, True)
        yield _Rest(word[1:], cost + _PREPOSITION, _NO_VERBS, True, False)
    elif first in "بك":
        if word.startswith(_ARTICLE, 1):
            yield _Rest(word[3:], cost + _PREPOSITION, _ONLY_WORDS, False, True)
        yield _Rest(word[1:], cost + _PREPOSITION, _NO_VERBS, False, False)
    elif first == "س":
        yield _Rest(word[1:], cost + _WILL, 0, True, False)


def _read(rest: _Rest, book: Lexicon, readings: list[_Reading]) -> None:
    """Adds what the lexicon knows the rest to be: a word, or a word with an ending."""
    text, cost, allowed, verb, definite = rest
    if len(text) < 2:
        return
    kinds = book.kinds.get(text, 0) & allowed & _WHOLE
    if kinds:
        keys = (text, *book.verbs[text]) if kinds & int(Kind.PLAIN) else (text,)
        readings.append(_Reading(cost - 5 if kinds & _PARTICLE else cost, text, keys))
    if allowed and text[-1] in LAST_LETTERS:
        for size in range(1, min(LONGEST, len(text) - 2) + 1):
            for ending in ENDINGS.get(text[-size:], ()):
                if definite and ending.bound:
                    continue
                stem = text[:-size] + ending.instead
                kinds = book.kinds.get(stem, 0) & ending.kinds & allowed
                if kinds:
                    keys = book.verbs[stem] if kinds & _VERB else (stem,)
                    readings.append(_Reading(cost + ending.cost, text, keys))
    if verb and text[0] in _IMPERFECT_PREFIXES:
        _read_imperfect(rest, book, readings)


def _read_imperfect(rest: _Rest, book: Lexicon, readings: list[_Reading]) -> None:
    stem = rest.text[1:]
    cost = rest.cost + (_I if rest.text[0] == "ا" else 0)
    for size in range(min(LONGEST, len(stem) - 1)):
        cut = len(stem) - size
        more = IMPERFECT_ENDINGS.get(stem[cut:])
        if more is not None:
            keys = book.imperfects.get(stem[:cut])
            if keys:
                readings.append(_Reading(cost + more, rest.text, keys))


def _guesses(word: str) -> Iterator[str]:
    """The unknown word, without particles and endings as far as its letters allow to take some off."""
    yield word
    for rest in _rests(word):
        if len(rest.text) >= _SHORTEST:
            yield rest.text
            yield from _without_ending(rest.text)


# What is taken off unknown words, and what may have stood in its place.
_GUESSED = {
    "ه": ("",), "ا": ("",), "ها": ("",), "هم": ("",), "نا": ("",), "ات": ("", "ه", "ا"), "ان": ("",), "ين": ("",), "ون": ("",),
    "تها": ("ه",), "تهم": ("ه",), "ته": ("ه",), "تين": ("ه",), "تان": ("ه",), "اتها": ("ه", ""), "اتهم": ("ه", ""), "اته": ("ه", ""),
    "يه": ("ي",), "يات": ("ي", "يه"), "يون": ("ي",), "يين": ("ي", "ا"),
}  # fmt: skip


def _without_ending(text: str) -> Iterator[str]:
    for size in range(1, min(4, len(text) - _SHORTEST + 1) + 1):
        for instead in _GUESSED.get(text[-size:], ()):
            stem = text[:-size] + instead
            if len(stem) >= _SHORTEST:
                yield stem


def _unknown_term(word: str, book: Lexicon) -> frozenset[str]:
    """An unknown keyword, its singular where it ends as a sound plural, and the plurals that its shape allows."""
    found = {word}
    if word.endswith(("ات", "ون", "ين")) and len(word) >= _SHORTEST + 2:
        found.update(_without_ending(word))
    for plural in broken_plurals(word):
        if plural not in book.kinds:
            found.add(plural)
    return frozenset(found)
