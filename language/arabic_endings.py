"""Arabic endings: what may follow the dictionary form of a word, and what it takes the place of."""

from collections import defaultdict
from collections.abc import Iterator
from enum import IntFlag
from typing import NamedTuple


class Kind(IntFlag):
    """What a written form is, which decides what may be added to it."""

    THING = 1  # a noun with sound plural -ات or a broken one
    PERSON = 2  # an adjective, participle or person: feminine -ة, plurals -ون and -ات
    NAME = 4
    PARTICLE = 8
    PLURAL = 16  # a broken plural or other irregular form
    PLAIN = 32  # verb stems, see arabic_verbs
    CONSONANT = 64
    VOWEL = 128
    FEMININE = 256  # a noun that ends in -ة
    FEMININE_PLURAL = 512
    DOUBTFUL = 1024  # as often another word with something attached


class Ending(NamedTuple):
    """An ending of words of these kinds: what it hides of the dictionary form, and how unusual it is."""

    instead: str
    kinds: int
    cost: int
    bound: bool  # holds a pronoun, so that no article can stand in front


_NOUN = Kind.THING | Kind.PERSON
_ANY_NOUN = _NOUN | Kind.PLURAL
_PRONOUNS = ("هما", "كما", "ها", "هم", "هن", "كم", "نا", "ه", "ك")
_OBJECTS = (*_PRONOUNS, "ني")
# Costs are tenths of a doubt: the reading of a word with the smallest sum is believed.
_PRONOUN = 8
# (ending, what it hides, kinds, cost): endings that end a word.
_CLOSING = (
    ("ه", "", Kind.PERSON, 2), ("ات", "", _NOUN, 5), ("ات", "ه", Kind.FEMININE, 3),
    ("ات", "ا", Kind.THING, 3), ("ان", "", _NOUN, 6), ("ين", "", _NOUN, 6), ("ون", "", Kind.PERSON, 3),
    ("ين", "", Kind.PERSON, 3), ("تان", "ه", Kind.FEMININE, 6), ("تين", "ه", Kind.FEMININE, 6),
    ("تان", "", Kind.PERSON, 6), ("تين", "", Kind.PERSON, 6), ("ون", "ي", Kind.PERSON, 4),
    ("ين", "ي", Kind.PERSON, 4), ("ا", "", _ANY_NOUN | Kind.PARTICLE, 4), ("يا", "ء", _ANY_NOUN, 4),
    ("اوات", "اء", _NOUN, 4), ("وات", "اه", Kind.FEMININE, 4), ("يات", "اه", Kind.FEMININE, 4),
    ("يات", "ء", _NOUN, 7), ("ات", "اه", Kind.FEMININE, 4), ("يين", "ء", _NOUN, 6), ("يان", "ء", _NOUN, 6),
    ("ت", "", Kind.VOWEL, 3), ("تا", "", Kind.VOWEL, 5), ("وا", "", Kind.VOWEL, 3),
    ("ا", "", Kind.VOWEL, 8), ("نا", "", Kind.CONSONANT, 6), ("تم", "", Kind.CONSONANT, 8),
    ("ت", "", Kind.CONSONANT, 7), ("ن", "", Kind.CONSONANT, 8),
)  # fmt: skip
# Endings that stand alone only before another noun (معلمو المدرسة), and otherwise before a pronoun (معلموها).
_OPEN = (
    ("و", "", Kind.PERSON, 5), ("ي", "", Kind.PERSON, 7), ("ي", "", Kind.THING, 12),
    ("تا", "ه", Kind.FEMININE, 8), ("تي", "ه", Kind.FEMININE, 7), ("اي", "اء", _ANY_NOUN, 5),
    ("ي", "ء", _ANY_NOUN, 5), ("ا", "", _NOUN, 12), ("تا", "", Kind.PERSON, 8), ("تي", "", Kind.PERSON, 8),
)  # fmt: skip
# What stands between a word and its pronoun.
_LINKS = (
    *_OPEN, ("", "", _ANY_NOUN | Kind.PARTICLE, 0), ("", "", Kind.NAME, 4),
    ("ت", "ه", Kind.FEMININE | Kind.FEMININE_PLURAL, 0), ("ات", "", _NOUN, 3),
    ("ات", "ه", Kind.FEMININE, 2), ("ات", "ا", Kind.THING, 2), ("ا", "ي", _ANY_NOUN, 2),
    ("او", "اء", _ANY_NOUN, 0), ("اي", "اء", _ANY_NOUN, 0), ("و", "ء", _ANY_NOUN, 3),
    ("ت", "", Kind.PERSON, 3), ("وات", "اه", Kind.FEMININE, 3),
)  # fmt: skip
# The same for objects of verbs.
_VERB_LINKS = (
    ("", "", Kind.PLAIN, 0), ("ت", "", Kind.VOWEL, 2), ("و", "", Kind.VOWEL, 2),
    ("نا", "", Kind.CONSONANT, 4), ("ا", "ي", Kind.PLAIN, 2), ("ا", "", Kind.VOWEL, 8),
)  # fmt: skip
_IMPERFECT = (("", 3), ("ون", 4), ("وا", 5), ("ين", 8), ("ان", 7), ("ن", 8), ("ا", 8), ("ي", 9))
_IMPERFECT_LINKS = (("", 3), ("ون", 4), ("و", 4), ("ان", 8), ("ا", 6))


def _endings() -> Iterator[tuple[str, Ending]]:
    for ending, instead, kinds, cost in (*_CLOSING, *_OPEN):
        yield ending, Ending(instead, int(kinds), cost, bound=ending in ("و", "ي", "تا", "تي", "اي"))
    for pronoun in _OBJECTS:
        links = _LINKS if pronoun in _PRONOUNS else ()
        for link, instead, kinds, cost in (*links, *_VERB_LINKS):
            yield link + pronoun, Ending(instead, int(kinds), cost + _PRONOUN, bound=True)


def _by_text(pairs: Iterator[tuple[str, Ending]]) -> dict[str, tuple[Ending, ...]]:
    table: dict[str, dict[tuple[str, int], Ending]] = defaultdict(dict)
    for text, ending in pairs:
        table[text].setdefault((ending.instead, ending.kinds), ending)
    return {text: tuple(endings.values()) for text, endings in table.items()}


ENDINGS = _by_text(_endings())
LAST_LETTERS = frozenset(text[-1] for text in ENDINGS)
LONGEST = max(map(len, ENDINGS))
IMPERFECT_ENDINGS = {
    **{link + pronoun: cost + _PRONOUN for link, cost in _IMPERFECT_LINKS for pronoun in _OBJECTS},
    **dict(_IMPERFECT),
}
