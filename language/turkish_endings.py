"""Every chain of endings that a Turkish or Azeri noun can carry, and behind which stems each may stand.

A noun takes plural, owner and case in this order (ev-ler-imiz-de); vowels follow the vowel before them, d hardens
behind a voiceless consonant. The chains are made once, from each kind of stem, and kept in folded letters (no dots,
no cedillas): what is left of a written word is then looked up, not parsed.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

VOWELS = "aeiou"
_HARD = "fstkchp"
_SOFTENED = {"b": "p", "d": "t", "g": "k", "c": "c"}
# Each vowel as written, and its three traits: dark or light, round or not.
_WRITTEN = "aeıioöuü"
_DARK = "aıou"
_ROUND = "oöuü"
_FOLDED = str.maketrans("ıöü", "iou")
_OPEN, _VOICED, _VOICELESS = range(3)
# No owner "you": news does not say it, and it looks like the genitive. "My" behind a vowel is only an m: too little.
# Morphemes: A is a or e, I is ı i u ü, D is d or t; a letter in brackets stands between two vowels only.
_OWNERS = ("(s)I", "(I)mIz", "lArI")
_MY = "Im"
_CASES = ("(y)I", "(y)A", "DA", "DAn", "(n)In", "(y)lA")
_CASES_OF_OWNED = ("nI", "nA", "nDA", "nDAn", "nIn", "(y)lA", "ncA")
_THIRD = ("(s)I", "lArI")
# Past, hearsay, future, not; and what makes nouns of it, which take endings of their own.
_ENDINGS_OF_VERB = (
    "DI", "DIlAr", "mIs", "mIslAr", "(y)AcAk", "mAdI", "mAyAcAk", "mA", "(y)An", "DIk", "DIgI", "mAk",
)  # fmt: skip
# Azeri keeps d and has n for the accusative behind a vowel; Turkmen writes y for ı.
_AZERI_CASES = ("(n)I", "dA", "dAn")
_TURKMEN_CASES = ("(n)y", "(n)yn")


def kinds_of(folded: str) -> int:
    """The kinds that a stem in folded letters may be, as bits: how it ends, and which vowel comes last.

    A folded i, o or u may be either of two vowels.
    """
    last = folded[-1]
    if last in VOWELS:
        return _FOLDED_KINDS[_OPEN, last]
    end = _VOICELESS if last in _HARD else _VOICED
    for letter in reversed(folded):
        if letter in VOWELS:
            return _FOLDED_KINDS[end, letter]
    return 0


def kind_of(stem: str) -> int:
    """The kind of a stem in Turkish letters, as a bit."""
    return _bit(_end_of(stem), _last_vowel(stem))


def light_kind_of(stem: str) -> int:
    """The kind of a stem that takes light endings behind a dark vowel (saat: saatler)."""
    return _bit(_end_of(stem), "e")


def hardened(stem: str) -> str | None:
    """The stem before a vowel softened its last letter (kitab: kitap, reng: renk); None where none could."""
    last = _SOFTENED.get(stem[-1])
    return None if last is None or last == stem[-1] else stem[:-1] + last


@cache
def chains() -> dict[str, int]:
    """Each chain of endings in folded letters, and the kinds of stems that it may follow."""
    found: dict[str, int] = defaultdict(int)
    for end, last in ((_OPEN, ""), (_VOICED, "r"), (_VOICELESS, "t")):
        for vowel in _WRITTEN:
            stem = f"{vowel}{last}"
            for chain in _chains(stem):
                found[chain[len(stem) :].translate(_FOLDED)] |= _bit(end, vowel)
    found.pop("", None)
    return dict(found)


def forms_of_verb(stem: str) -> Iterator[str]:
    """The common forms of a verb of which only the folded stem is known, active and passive, in folded letters."""
    last = _last_vowel(stem)
    vowels = {"i": "ıi", "o": "oö", "u": "uü"}.get(last, last)
    for vowel in vowels:
        head, _, tail = stem.rpartition(last)
        spelled = f"{head}{vowel}{tail}"
        passive = _add(spelled, "n" if spelled[-1] in _WRITTEN else "In" if spelled.endswith("l") else "Il")
        for voice in (spelled, passive):
            yield from (_add(voice, ending).translate(_FOLDED) for ending in _ENDINGS_OF_VERB)
            yield (_add(voice.rstrip("ae"), "I") + "yor").translate(_FOLDED)


def _end_of(stem: str) -> int:
    last = stem[-1]
    if last in _WRITTEN:
        return _OPEN
    return _VOICELESS if last in _HARD or last in "çş" else _VOICED


def _last_vowel(stem: str) -> str:
    return next((letter for letter in reversed(stem) if letter in _WRITTEN), "")


def _bit(end: int, vowel: str) -> int:
    return 1 << (end * len(_WRITTEN) + _WRITTEN.index(vowel)) if vowel else 0


_FOLDED_KINDS = {
    (end, vowel): sum(_bit(end, written) for written in {"i": "ıi", "o": "oö", "u": "uü"}.get(vowel, vowel))
    for end in (_OPEN, _VOICED, _VOICELESS)
    for vowel in VOWELS
}


def _chains(stem: str) -> Iterator[str]:
    for number in (stem, _add(stem, "lAr")):
        yield from _with_cases(number, _CASES)
        yield from (_add(number, case) for case in _AZERI_CASES)
        yield from (_add(number, case) for case in _TURKMEN_CASES)
        if number[-1] not in _WRITTEN:
            yield from _with_cases(_add(number, _MY), _CASES)
        for owner in _OWNERS:
            yield from _with_cases(_add(number, owner), _CASES_OF_OWNED if owner in _THIRD else _CASES)


def _with_cases(noun: str, cases: tuple[str, ...]) -> Iterator[str]:
    """The noun bare, in each case, with -ki behind the place (Iraktaki, Iraktakilerin), and with -dir."""
    yield noun
    yield _add(noun, "DIr")
    for case in cases:
        cased = _add(noun, case)
        yield cased
        if case.endswith(("DA", "DAn")):
            yield _add(cased, "DIr")
        if case.endswith(("DA", "In")):
            yield cased + "ki"
            yield from (_add(cased + "ki", more) for more in _CASES_OF_OWNED)
            yield from (_add(cased + "kiler", more) for more in ("", *_CASES))


def _add(noun: str, morpheme: str) -> str:
    """The morpheme behind the noun, its vowels and its d in harmony with it."""
    if morpheme.startswith("("):
        bracketed, rest = morpheme[1], morpheme[3:]
        both_vowels = noun[-1] in _WRITTEN
        keeps = not both_vowels if bracketed == "I" else both_vowels
        morpheme = bracketed + rest if keeps else rest
    for letter in morpheme:
        noun += _sound(letter, noun)
    return noun


def _sound(letter: str, noun: str) -> str:
    if letter == "D":
        return "t" if _end_of(noun) == _VOICELESS else "d"
    if letter not in "AI":
        return letter
    last = _last_vowel(noun)
    dark, is_round = last in _DARK, last in _ROUND
    if letter == "A":
        return "a" if dark else "e"
    return ("u" if dark else "ü") if is_round else ("ı" if dark else "i")
