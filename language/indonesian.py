"""Indonesian and Malay: which root and which nouns a written word may come from, affixes taken off.

What makes nouns of a root (peN-an, ke-an, per-an, -an) and what leans on a word (-nya, -lah) always leads back to it.
Verbs lead back where the lexicon says that the root names an event (tembak: menembak, tertembak, ditembaki); of acts of
daily life only the two voices do (baca: membaca, dibaca); verbs made of things and qualities say something else (guna,
menggunakan) and stay apart. A strip is believed when it leaves a root of the lexicon; only a word that no root explains
is stripped by rule alone, for new words and names.
"""

from collections.abc import Iterator
from functools import cache

from language.indonesian_affixes import bares, nasal, prefixes
from language.indonesian_lexicon import Kind, lexicon

_SHORTEST_UNKNOWN = 4
_LONG = 7
_NEVER = 99
_UNKNOWN = int(Kind.UNKNOWN)
_PLACES = int(Kind.PLACE)
_ROOTS = int(Kind.THING | Kind.QUALITY | Kind.NUMBER | Kind.ACT | Kind.EVENT | Kind.PLACE)
_ANY = _ROOTS | _UNKNOWN
_VERBS = int(Kind.ACT | Kind.EVENT)
_EVENTS = int(Kind.EVENT)
# Prefix -> suffix -> the kinds of roots with which they make forms of the root (di and ke with a place: the
# preposition, written together as many do).
_ALLOWED: dict[str, dict[str, int]] = {
    "": {"an": _ANY, "kan": _EVENTS, "i": _EVENTS},
    "pe": {"": _ANY, "an": _ANY},
    "per": {"": _VERBS | _UNKNOWN, "an": _ANY},
    "ke": {"": int(Kind.NUMBER) | _PLACES, "an": _ANY},
    "kepe": {"an": _ROOTS},
    "pember": {"an": _ROOTS},
    "keber": {"an": _ROOTS},
    "keter": {"an": _ROOTS},
    "ketidak": {"an": _ROOTS},
    "me": {"": _VERBS | _UNKNOWN, "kan": _EVENTS, "i": _EVENTS},
    "di": {"": _VERBS | _PLACES | _UNKNOWN, "kan": _EVENTS, "i": _EVENTS},
    "memper": {"": _EVENTS, "kan": _EVENTS, "i": _EVENTS},
    "ter": {"": _EVENTS | int(Kind.QUALITY) | _UNKNOWN, "kan": _EVENTS, "i": _EVENTS},
    "ber": {"": _EVENTS, "an": _EVENTS, "kan": _EVENTS},
    "se": {"": int(Kind.QUALITY), "an": int(Kind.THING) | _PLACES},
    "ku": {"": _VERBS, "kan": _EVENTS, "i": _EVENTS},
}
# Prefixes that a root outside the lexicon bears only when it is long: a short one is too often part of the word.
_LONG_ONLY = ("ber", "se")
_SUFFIXES = ("an", "kan", "i")
_FIRST_PARTS = ("anti", "antar", "eks", "kontra", "multi", "non", "pasca", "pra", "pro", "semi", "ultra")


def token_keys(word: str) -> frozenset[str]:
    """Every dictionary word that the written word may be a form of, and the word itself."""
    fixed = lexicon().fixed
    known = fixed.get(word)
    if known is not None:
        return known
    guesses: set[str] = set()
    for bare in bares(word):
        known = fixed.get(bare)
        if known is not None:
            return known | {word}
        explained, roots = _roots(bare)
        if explained:
            return frozenset({word, bare, *roots})
        guesses.add(bare)
        guesses.update(roots)
    return _of_compound(word) or frozenset(guesses)


def _of_compound(word: str) -> frozenset[str] | None:
    """The keys of what stands behind pasca-, anti- and their like (pascaperang: perang), if it is known."""
    for first in _FIRST_PARTS:
        rest = word[len(first) :]
        if word.startswith(first) and len(rest) >= _SHORTEST_UNKNOWN:
            explained = rest in lexicon().fixed or any(_roots(bare)[0] for bare in bares(rest))
            return token_keys(rest) | {word} if explained else None
    return None


@cache
def term_keys(word: str) -> frozenset[str]:
    """What a keyword means: the word itself, a verb in all its voices, both spellings of -itas and -iti."""
    found = {word, *_voices(word)}
    if word.endswith("itas"):
        found.add(word[:-2] + "i")
    elif word.endswith("iti") and len(word) > _LONG:
        found.add(word[:-1] + "as")
    return frozenset(found)


def only_grammar(word: str, before: str) -> bool:
    """Whether the word, written behind `before`, only holds the sentence together (dalam, but not in di dalam)."""
    known = lexicon()
    return word in known.silent and not (word in known.places and before in known.before_places)


def _roots(word: str) -> tuple[bool, set[str]]:
    """Whether roots of the lexicon explain the word, and then those it is a form of; else what rules alone guess."""
    roots = lexicon().roots
    known: set[str] = set()
    guesses: set[str] = set()
    explained = False
    for prefix, rest in prefixes(word):
        for suffix, allowed in _ALLOWED[prefix].items():
            if suffix and not rest.endswith(suffix):
                continue
            stem = rest[: len(rest) - len(suffix)]
            kind = roots.get(stem)
            if kind is None:
                if len(stem) >= _shortest_guess(prefix, allowed):
                    guesses.add(stem)
                continue
            explained = True
            if allowed & kind:
                known.update((stem, *_between(word, prefix, suffix, stem)))
    return (True, known) if explained else (False, guesses)


def _shortest_guess(prefix: str, allowed: int) -> int:
    """How long a stem outside the lexicon has to be to be believed."""
    if allowed & _UNKNOWN:
        return _SHORTEST_UNKNOWN
    return _LONG if prefix in _LONG_ONLY else _NEVER


def _between(word: str, prefix: str, suffix: str, stem: str) -> Iterator[str]:
    """The word between the root and the written one: penembak in penembakan, berhasil in keberhasilan."""
    if prefix in ("pe", "kepe") and suffix:
        yield word.removeprefix("ke")[: -len(suffix)]
    elif prefix in ("keber", "keter"):
        yield prefix.removeprefix("ke") + stem


def _voices(word: str) -> Iterator[str]:
    """The other voices of a keyword that is a verb: menyerang, diserang; mengungkapkan, diungkapkan, ungkapkan."""
    if word in lexicon().fixed:
        return
    if word.startswith("me"):
        for stem in _stems_of_verb(word, "me"):
            yield "di" + stem
            if stem.endswith(("kan", "i")):
                yield stem
    elif word.startswith("di"):
        for stem in _stems_of_verb(word, "di"):
            yield nasal(stem)


def _stems_of_verb(word: str, prefix: str) -> list[str]:
    """What the verb says without its voice, -kan and -i kept: of those that a known root explains, else of all."""
    roots = lexicon().roots
    stems = [rest for found, rest in prefixes(word) if found == prefix]
    known = [
        stem
        for stem in stems
        if any(stem.endswith(end) and stem[: len(stem) - len(end)] in roots for end in ("", *_SUFFIXES))
    ]
    return known or [stem for stem in stems if len(stem) >= _SHORTEST_UNKNOWN]
