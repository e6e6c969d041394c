"""Arabic: which dictionary words a written word may be, decided with a lexicon where it knows the word."""

from collections.abc import Iterator
from functools import cache

from language.arabic_endings import ENDINGS, IMPERFECT_ENDINGS, LAST_LETTERS, LONGEST, Kind
from language.arabic_lexicon import VERB_SIGN, Lexicon, lexicon
from language.arabic_plurals import broken_plurals

# All words are folded: no harakat, alef without seat, ta marbuta as ha, alef maqsura and hamza on ya as ya.
_SHORTEST = 3
_ARTICLE = "ال"
_IMPERFECT_PREFIXES = "يتنا"
# Costs are tenths of a doubt, as in arabic_endings. Readings that are this much dearer than the best are kept.
_TOLERANCE = 3
_CONJUNCTION, _PREPOSITION, _THE, _FOR_THE, _WILL, _I, _QUESTION = 8, 8, 3, 7, 6, 6, 10
_KNOWN_PARTICLE, _DOUBT = 5, 5
_DEAREST = 1000
# A keyword is taken for an inflected form of a known word only when the reading costs no more than this.
_LIKELY = 5

_VERB = int(Kind.PLAIN | Kind.CONSONANT | Kind.VOWEL)
_ONLY_WORDS = int(Kind.THING | Kind.PERSON | Kind.FEMININE | Kind.NAME | Kind.PLURAL | Kind.FEMININE_PLURAL)
_PARTICLE, _PLAIN, _DOUBTFUL = int(Kind.PARTICLE), int(Kind.PLAIN), int(Kind.DOUBTFUL)
_NO_VERBS = _ONLY_WORDS | _PARTICLE
_ANYTHING = _NO_VERBS | _VERB
_WHOLE = _NO_VERBS | _PLAIN


# What stays of a word without the particles written together with it: its cost, the kinds it may be, whether it may
# be an imperfect, whether it is definite. And a reading of it: its cost, what stayed, and the keys it has.
# Both are bare tuples, for they are made a million times a minute.
_Rest = tuple[str, int, int, bool, bool]
_Reading = tuple[int, str, tuple[str, ...]]


def token_keys(word: str) -> frozenset[str]:
    """The dictionary words that the written (folded) word may be a form of, and the word itself.

    What the lexicon knows is believed; a word that it does not know is taken apart wherever Arabic allows it.
    """
    if len(word) < _SHORTEST:
        return frozenset((word,))
    book = lexicon()
    readings: list[_Reading] = []
    rests = [(word, 0, _ANYTHING, True, False)]
    kinds = book.kinds.get(word, 0)
    if kinds & _NO_VERBS and not kinds & _DOUBTFUL:
        _read_whole(rests[0], book, readings)
        _read_imperfect(rests[0], book, readings)
        best = _TOLERANCE
    else:
        rests = _rests(word)
        best = _DEAREST
        for rest in rests:
            if rest[1] <= best + _TOLERANCE:
                _read(rest, book, readings)
                for reading in readings:
                    best = min(best, reading[0])
    if not readings:
        return frozenset(_guesses(word, rests, book))
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
            return term_keys(bare) | {word}
        readings: list[_Reading] = []
        _read((word, 0, _ANYTHING, True, True), book, readings)
        best = min((cost for cost, _, _ in readings), default=_DEAREST)
        if best <= _LIKELY:
            words = {key for cost, _, keys in readings if cost == best for key in keys}
            return frozenset({word}).union(*(book.meanings.get(key, {key}) for key in words))
        return _unknown_term(word, book)
    if book.kinds[word] & _NO_VERBS:
        return book.meanings.get(word, frozenset({word}))
    # A verb is named by its perfect: احتج is "he protested", though one may also read "she needed" (احتاج) into it.
    named = VERB_SIGN + word
    verbs = (named,) if named in book.verbs[word] else book.verbs[word]
    return frozenset({word}).union(*(book.meanings.get(key, {key}) for key in verbs))


def without_clitics(word: str) -> tuple[str, ...]:
    """The word and what stays of it without conjunction, preposition and article."""
    return tuple(dict.fromkeys([word, *(rest[0] for rest in _rests(word) if len(rest[0]) >= _SHORTEST)]))


def _rests(word: str) -> list[_Rest]:
    """The word, and what stays of it when its first letters are taken for conjunction, preposition and article."""
    found: list[_Rest] = [(word, 0, _ANYTHING, True, False)]
    _add_without_preposition(word, 0, found)
    first = word[0]
    if first in "وف":
        found.append((word[1:], _CONJUNCTION, _ANYTHING, True, False))
        _add_without_preposition(word[1:], _CONJUNCTION, found)
    elif first == "ا" and word[1:2] in ("و", "ف", "ب", "ل") and not word.startswith(_ARTICLE):
        found.append((word[1:], _CONJUNCTION + _QUESTION, _ANYTHING, True, False))
        _add_without_preposition(word[1:], _CONJUNCTION + _QUESTION, found)
    return found


def _add_without_preposition(word: str, cost: int, found: list[_Rest]) -> None:
    first = word[:1]
    if first == "ا":
        if word[1:2] == "ل":
            found.append((word[2:], cost + _THE, _ONLY_WORDS, False, True))
    elif first == "ل":
        if word[1:2] == "ل":
            found.append((word[2:], cost + _FOR_THE, _ONLY_WORDS, False, True))
        found.append((word[1:], cost + _PREPOSITION, _NO_VERBS, True, False))
    elif first in ("ب", "ك"):
        if word[1:3] == _ARTICLE:
            found.append((word[3:], cost + _PREPOSITION, _ONLY_WORDS, False, True))
        found.append((word[1:], cost + _PREPOSITION, _NO_VERBS, False, False))
    elif first == "س":
        found.append((word[1:], cost + _WILL, 0, True, False))


def _read(rest: _Rest, book: Lexicon, readings: list[_Reading]) -> None:
    """Adds what the lexicon knows the rest to be: a word, a word with an ending, an imperfect."""
    text, _, allowed, verb, _ = rest
    if len(text) < 2:
        return
    if allowed:
        _read_whole(rest, book, readings)
        kinds = book.kinds.get(text, 0)
        if text[-1] in LAST_LETTERS and (not kinds & allowed & _NO_VERBS or kinds & _DOUBTFUL):
            _read_ending(rest, book, readings)
    if verb:
        _read_imperfect(rest, book, readings)


def _read_whole(rest: _Rest, book: Lexicon, readings: list[_Reading]) -> None:
    text, cost, allowed, _, _ = rest
    known = book.kinds.get(text, 0)
    kinds = known & allowed & _WHOLE
    if kinds:
        keys = (text, *book.verbs[text]) if kinds & _PLAIN else (text,)
        if known & _DOUBTFUL:
            cost += _DOUBT
        elif kinds & _PARTICLE:
            cost -= _KNOWN_PARTICLE
        readings.append((cost, text, keys))


def _read_ending(rest: _Rest, book: Lexicon, readings: list[_Reading]) -> None:
    text, base, allowed, _, definite = rest
    known = book.kinds.get
    for size in range(1, min(LONGEST, len(text) - 2) + 1):
        for instead, kinds, cost, bound in ENDINGS.get(text[-size:], ()):
            if definite and bound:
                continue
            stem = text[:-size] + instead
            kind = known(stem, 0) & kinds & allowed
            if kind:
                readings.append((base + cost, text, book.verbs[stem] if kind & _VERB else (stem,)))


def _read_imperfect(rest: _Rest, book: Lexicon, readings: list[_Reading]) -> None:
    text = rest[0]
    first = text[0]
    if first not in _IMPERFECT_PREFIXES:
        return
    base = rest[1] + (_I if first == "ا" else 0)
    stem = text[1:]
    for size in range(min(LONGEST, len(stem) - 1)):
        cut = len(stem) - size
        cost = IMPERFECT_ENDINGS.get(stem[cut:])
        if cost is not None:
            keys = book.imperfects.get(stem[:cut])
            if keys:
                readings.append((base + cost, text, keys))


def _guesses(word: str, rests: list[_Rest], book: Lexicon) -> Iterator[str]:
    """The unknown word, without particles and endings as far as its letters allow to take some off.

    What is left is never a known word: of those the lexicon has said what may be added to them.
    """
    yield word
    for rest in rests:
        if len(rest[0]) >= _SHORTEST:
            found = (rest[0], *_without_ending(rest[0]))
            yield from (stem for stem in found if stem not in book.kinds)


# What is taken off unknown words, and what may have stood in its place.
_GUESSED = {
    "ه": ("",), "ا": ("",), "ها": ("",), "هم": ("",), "نا": ("",), "ان": ("",), "ين": ("",), "ون": ("",),
    "ات": ("", "ه", "ا"), "تها": ("ه",), "تهم": ("ه",), "ته": ("ه",), "تين": ("ه",), "تان": ("ه",),
    "اتها": ("ه", ""), "اتهم": ("ه", ""), "اته": ("ه", ""),
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
        found.update(stem for stem in _without_ending(word) if stem not in book.kinds)
    found.update(plural for plural in broken_plurals(word) if plural not in book.kinds)
    return frozenset(found)
