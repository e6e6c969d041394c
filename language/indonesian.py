"""Indonesian and Malay: which root and which nouns a written word may come from, affixes taken off.

What makes nouns of a root (peN-an, ke-an, per-an, -an) and what leans on a word (-nya, -lah) always leads back to it.
Verbs lead back where the lexicon says that the root names an event (tembak: menembak, tertembak, ditembaki); of acts of
daily life only the two voices do (baca: membaca, dibaca); verbs made of things and qualities say something else (guna,
menggunakan) and stay apart. A strip is believed when it leaves a root
of the lexicon; only a word that no root explains is stripped by rule alone, for new words and names.
"""

from collections.abc import Callable, Iterator
from functools import cache

from language.indonesian_lexicon import Kind, lexicon

_SHORTEST = 3
_SHORTEST_UNKNOWN = 4
_LONG = 7
_NEVER = 99
_PARTICLES = ("lah", "kah", "tah", "pun")
_POSSESSIVES = ("nya", "ku", "mu")
_VOWELS = "aeiou"
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
# meN- in front of each first letter of a root; a letter in the second place is swallowed.
_NASALS = (
    ("ng", "aeioughx", ""),
    ("ng", "k", "k"),
    ("ny", "s", "s"),
    ("m", "p", "p"),
    ("m", "bfv", ""),
    ("n", "t", "t"),
    ("n", "cdjz", ""),
)


def token_keys(word: str) -> frozenset[str]:
    """Every dictionary word that the written word may be a form of, and the word itself."""
    fixed = lexicon().fixed
    known = fixed.get(word)
    if known is not None:
        return known
    guesses: set[str] = set()
    for bare in _bares(word):
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
            explained = rest in lexicon().fixed or any(_roots(bare)[0] for bare in _bares(rest))
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


def _bares(word: str) -> Iterator[str]:
    """The word, and the word without what leans on it, one layer or two (rumahnyalah), shortest cut first."""
    yield word
    if word[-1] == "2" and word[:-1].isalpha():
        yield word[:-1]
    for possessive in _POSSESSIVES:
        if word.endswith(possessive) and len(word) - len(possessive) >= _SHORTEST:
            yield word[: -len(possessive)]
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= _SHORTEST:
            rest = word[: -len(particle)]
            yield rest
            for possessive in _POSSESSIVES:
                if rest.endswith(possessive) and len(rest) - len(possessive) >= _SHORTEST:
                    yield rest[: -len(possessive)]


def _roots(word: str) -> tuple[bool, set[str]]:
    """Whether roots of the lexicon explain the word, and then those it is a form of; else what rules alone guess."""
    roots = lexicon().roots
    known: set[str] = set()
    guesses: set[str] = set()
    explained = False
    for prefix, rest in _prefixes(word):
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


def _prefixes(word: str) -> Iterator[tuple[str, str]]:
    """Each way to begin the word with a prefix (or none), and what is left."""
    yield "", word
    head = word[:2]
    if head in ("di", "ke", "ku", "se"):
        yield head, word[2:]
    if head in _MORE_PREFIXES:
        yield from _MORE_PREFIXES[head](word)


def _after_me(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("memper"):
        yield "memper", word[6:]
    yield from (("me", rest) for rest in _unnasal(word[2:]))


def _after_pe(word: str) -> Iterator[tuple[str, str]]:
    if word[2:3] == "r":
        yield "per", word[3:]
    if word.startswith("pember"):
        yield "pember", word[6:]
    if word[2:3] not in ("m", "n"):  # their roots come below
        yield "pe", word[2:]
    yield from (("pe", rest) for rest in _unnasal(word[2:]))


def _after_di(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("diper"):
        yield "memper", word[5:]


def _after_ke(word: str) -> Iterator[tuple[str, str]]:
    for prefix in ("keber", "keter", "ketidak"):
        if word.startswith(prefix):
            yield prefix, word[len(prefix) :]
    if word.startswith("kepe"):
        yield from (("kepe", rest) for rest in _unnasal(word[4:]))


def _after_ka(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("kau"):
        yield "ku", word[3:]


def _after_ber_and_ter(word: str) -> Iterator[tuple[str, str]]:
    """ber- and ter- lose their r before another r, and before -er- in the first syllable (berambut, bekerja)."""
    prefix = word[:2] + "r"
    if word[2:3] == "r":
        yield prefix, word[3:]
        yield prefix, word[2:]
    elif word[3:5] == "er":
        yield prefix, word[2:]


_MORE_PREFIXES: dict[str, Callable[[str], Iterator[tuple[str, str]]]] = {
    "be": _after_ber_and_ter,
    "di": _after_di,
    "ka": _after_ka,
    "ke": _after_ke,
    "me": _after_me,
    "pe": _after_pe,
    "te": _after_ber_and_ter,
}


def _unnasal(rest: str) -> Iterator[str]:
    """The roots that stand behind meN- or peN-, given what follows the `me` or `pe`."""
    first, second = rest[:1], rest[1:2]
    if first == "n" and second == "g":
        tail = rest[2:]
        yield tail
        if tail[:1] in _VOWELS:
            yield "k" + tail
        if tail[:1] == "e":
            yield tail[1:]
    elif first == "n" and second == "y":
        yield "s" + rest[2:]
        yield rest
    elif first == "m":
        yield rest[1:] if second in "bfvp" else "p" + rest[1:]
        yield rest
    elif first == "n":
        yield rest[1:] if second in "cdjszt" else "t" + rest[1:]
        yield rest
    elif first and first in "lrwy":
        yield rest


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
            yield _nasal(stem)


def _stems_of_verb(word: str, prefix: str) -> list[str]:
    """What the verb says without its voice, -kan and -i kept: of those that a known root explains, else of all."""
    roots = lexicon().roots
    stems = [rest for found, rest in _prefixes(word) if found == prefix]
    known = [
        stem
        for stem in stems
        if any(stem.endswith(end) and stem[: len(stem) - len(end)] in roots for end in ("", *_SUFFIXES))
    ]
    return known or [stem for stem in stems if len(stem) >= _SHORTEST_UNKNOWN]


def _nasal(stem: str) -> str:
    """The active voice of a verb stem."""
    for nasal, letters, swallowed in _NASALS:
        if stem[:1] in letters:
            return f"me{nasal}{stem.removeprefix(swallowed)}"
    return f"me{stem}"
