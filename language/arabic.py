"""Arabic: which dictionary words a written word may be, clitics, endings and broken plurals taken off."""

import re
from collections.abc import Iterator
from functools import cache

# All patterns see folded letters: no harakat, alef without seat, ta marbuta as ha, alef maqsura and hamza on ya as ya.
_SHORTEST = 3
_CONJUNCTIONS = ("و", "ف")
_PREPOSITIONS = ("ب", "ك", "ل")
_ARTICLE = "ال"
# Attached pronouns; not -ي, which in news makes adjectives (عراقي) that are words of their own.
_PRONOUNS = ("هما", "كما", "ها", "هم", "هن", "كم", "نا", "ه", "ك")
# The endings of duals, sound plurals and the feminine, with what they leave of the word.
_ENDINGS = (
    ("تين", ("ه",)), ("تان", ("ه",)), ("يتين", ("ي",)), ("يين", ("ي", "ا")), ("يون", ("ي",)), ("يات", ("ي", "يه")),
    ("ات", ("", "ه", "ا")), ("ون", ("",)), ("ين", ("", "ي")), ("ان", ("",)), ("يه", ("ي",)), ("ه", ("",)), ("ا", ("",)),
    ("اوات", ("اء",)), ("وات", ("ا", "اه")), ("تي", ("ه",)), ("تا", ("ه",)),
)  # fmt: skip
_C = "[بتثجحخدذرزسشصضطظعغفقكلمنهءي]"
_W = "[بتثجحخدذرزسشصضطظعغفقكلمنهويء]"
# Broken plurals whose shape gives the singular away; \1.. are the root letters.
_BROKEN = tuple(
    (re.compile(pattern), singulars)
    for pattern, singulars in (
        (f"ا({_W})({_W})ا({_W})", (r"\1\2\3",)),
        (f"({_W})وا({_W})({_W})", (r"\1ا\2\3", r"\1ا\2\3ه")),
        (f"م({_W})ا({_W})({_C})", (r"م\1\2\3", r"م\1\2\3ه")),
        (f"([متا])({_W})ا({_W})ي({_W})", (r"\1\2\3و\4", r"\1\2\3ا\4", r"\1\2\3ي\4")),
        (f"({_W})({_W})اي({_C})", (r"\1\2ي\3ه", r"\1\2ا\3ه", r"\1\2ي\3")),
        (f"({_W})({_W})({_W})اء", (r"\1\2ي\3", r"\1ا\2\3")),
        (f"ا({_C})({_W})({_W})اء", (r"\1\2ي\3",)),
        (f"ا({_C})({_W})اء", (r"\1\2ي\2",)),
        (f"({_C})وا({_W})ي({_W})", (r"\1ا\2و\3", r"\1ا\2ي\3")),
        (f"({_C})({_C})ا({_C})ي({_W})", (r"\1\2\3و\4", r"\1\2\3ي\4", r"\1\2\3ا\4")),
        (f"({_W})({_W})و({_W})", (r"\1\2\3",)),
        (f"({_W})({_W})ا({_W})", (r"\1ا\2\3",)),
        (f"({_W})({_W})({_W})", (r"\1\2ي\3ه",)),
        (f"ا({_W})({_W})({_W})ه", (r"\1\2ا\3",)),
    )
)


def token_keys(word: str) -> frozenset[str]:
    """Every dictionary word that the written (folded) word may be a form of."""
    keys: set[str] = {word}
    for stem in _bare(word):
        keys.add(stem)
        for base in _endless(stem):
            keys.add(base)
            keys.update(_singulars(base))
        keys.update(_singulars(stem))
    return frozenset(key for key in keys if len(key) >= _SHORTEST) | {word}


@cache
def term_keys(word: str) -> frozenset[str]:
    """The dictionary word that somebody who wrote this as a keyword means: without the article, otherwise itself."""
    if word.startswith(_ARTICLE) and len(word) >= len(_ARTICLE) + _SHORTEST:
        return frozenset({word[len(_ARTICLE) :]})
    return frozenset({word})


def without_clitics(word: str) -> tuple[str, ...]:
    """The word and what stays of it without conjunction, preposition and article."""
    return tuple(dict.fromkeys((word, *_bare(word))))


def _bare(word: str) -> Iterator[str]:
    """The word, and what stays of it when conjunction, preposition and article are taken for clitics."""
    rests = [word]
    if word.startswith(_CONJUNCTIONS):
        rests.append(word[1:])
    for rest in rests:
        yield from _without_preposition(rest)


def _without_preposition(word: str) -> Iterator[str]:
    yield from _long_enough(word)
    if word.startswith("لل"):
        yield from _long_enough(word[2:])
        yield from _long_enough(word[1:])
    for rest in (word, word[1:] if word.startswith(_PREPOSITIONS) else ""):
        if rest is not word:
            yield from _long_enough(rest)
        if rest.startswith(_ARTICLE):
            yield from _long_enough(rest[2:])


def _long_enough(word: str) -> Iterator[str]:
    if len(word) >= _SHORTEST:
        yield word


def _endless(stem: str) -> Iterator[str]:
    """The stem without attached pronoun, dual, plural or feminine ending, as it would stand alone."""
    for pronoun in _PRONOUNS:
        if stem.endswith(pronoun) and len(stem) - len(pronoun) >= _SHORTEST:
            yield from _restored(stem[: -len(pronoun)])
    for ending, replacements in _ENDINGS:
        if stem.endswith(ending) and len(stem) - len(ending) >= 2:
            for replacement in replacements:
                yield from _long_enough(stem[: -len(ending)] + replacement)


def _restored(base: str) -> Iterator[str]:
    """A noun as it is without its pronoun: ta marbuta, final alef and hamza come back, plural endings go."""
    yield base
    if base.endswith("ت"):
        yield base[:-1] + "ه"
    if base.endswith("ا"):
        yield base[:-1] + "ي"
    if base.endswith(("اي", "او")):
        yield base[:-1] + "ء"
    if base.endswith("ات"):
        yield from _long_enough(base[:-2])
        yield base[:-2] + "ه"


def _singulars(stem: str) -> Iterator[str]:
    for pattern, singulars in _BROKEN:
        match = pattern.fullmatch(stem)
        if match:
            yield from (match.expand(singular) for singular in singulars)
