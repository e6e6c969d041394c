"""Disguise: what a word may be whose letters were swapped for others that look alike.

Only extra readings are made here, and only of words that are suspicious: Latin mixed with Cyrillic or Greek, a word all
of look-alikes where the text is written in the other script, digits inside a word, Arabic without its dots.
"""

import re
from collections.abc import Iterator
from itertools import islice, product

from language.languages import scripts
from language.scripts import script_of

# Each letter with the Latin ones that it passes for. A capital may pass for another one than its small letter.
_AS_LATIN = {
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ғ": "f", "һ": "h", "н": "h", "і": "i", "ј": "j", "к": "k",
    "ӏ": "l", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "я": "r", "ѕ": "s", "т": "t", "ц": "u",
    "ѵ": "v", "ԝ": "w", "х": "x", "у": "y", "ь": "b", "ш": "w", "ү": "y", "ө": "o", "ԍ": "g",
    "α": "a", "β": "b", "ε": "e", "η": "hn", "ι": "i", "κ": "k", "μ": "mu", "ν": "vn", "ο": "o", "ρ": "p", "τ": "t",
    "υ": "uy", "χ": "x", "ω": "w", "γ": "y", "ζ": "z", "σ": "o", "δ": "d",
    "օ": "o", "ո": "n", "ս": "u", "հ": "h", "յ": "j", "ց": "g", "զ": "q",
}  # fmt: skip
# The letters that are the same in both scripts, for a word that is all of them.
_TWINS = dict(zip("асеһікморѕтхувнј", "acehikmopstxybhj", strict=True))
_AS_CYRILLIC = {latin: cyrillic for cyrillic, latin in _TWINS.items()} | {
    "n": "п",
    "r": "г",
    "u": "и",
    "e": "е",
}
# Each digit with the letters that it passes for.
# Letters around the digits, or one digit before four letters; two digits in a row only between letters (b00m).
_LEET = re.compile(r"\d?[a-z]+(?:\d{1,2}[a-z]+)+|\d[a-z]{4,}|\d?[a-z]+(?:\d{1,2}[a-z]+)+\d")
_AS_LETTERS = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}
# Latin letters beside Greek, Cyrillic or Armenian ones.
_MIXED = re.compile("[a-z].*[\u0370-\u058f]|[\u0370-\u058f].*[a-z]")
_MOST_READINGS = 4
_SHORTEST = 4
_FEWEST_LETTERS = 3
# Arabic as it was written before it had dots. The word itself must hold a letter that nobody types but to hide.
_UNDOTTED = frozenset("ٮڡٯں")
_RASM = str.maketrans(
    {
        **dict.fromkeys("بپتثٹنںيٮ", "ٮ"), **dict.fromkeys("جچحخ", "ح"), **dict.fromkeys("دذڈ", "د"),
        **dict.fromkeys("رزژڑ", "ر"), **dict.fromkeys("سش", "س"), **dict.fromkeys("صض", "ص"),
        **dict.fromkeys("طظ", "ط"), **dict.fromkeys("عغ", "ع"), **dict.fromkeys("فقڤڡٯ", "ڡ"), "گ": "ك",
    }
)  # fmt: skip
_ARTICLE = "ال"
# Urdu writes one of them in half its plurals.
_WITH_NUN_GHUNNA = frozenset({"ur", "ks", "skr"})


def readings(folded: str) -> Iterator[str]:
    """What else a folded word may be that mixes scripts, or letters and digits; nothing for a word without disguise."""
    if folded.isascii():
        if not folded.isalpha():
            yield from _from_digits(folded)
    elif _MIXED.search(folded):
        yield from _swapped(folded, _AS_LATIN)
        yield from _swapped(folded, _AS_CYRILLIC)


def twins(folded: str, lang: str) -> Iterator[str]:
    """What a word is that consists of look-alikes alone, where texts of `lang` are written in the other script."""
    written = scripts().get(lang, ())
    if folded.isascii():
        if "Cyrl" in written and "Latn" not in written and folded.isalpha():
            yield from _swapped(folded, _AS_CYRILLIC)
    elif "Latn" in written and "Cyrl" not in written and script_of(folded) == "Cyrl":
        yield from _swapped(folded, _TWINS)


def rasm(folded: str) -> frozenset[str]:
    """The key by which an Arabic keyword meets a word that is written without dots."""
    bare = folded.removeprefix(_ARTICLE) if len(folded) > len(_ARTICLE) + _SHORTEST else folded
    return frozenset({_key(folded), _key(bare)})


def rasm_of_undotted(folded: str, lang: str, keys: frozenset[str]) -> frozenset[str]:
    """The same key of a written word and of what it may be a form of; none for a word with its dots."""
    if _UNDOTTED.isdisjoint(folded) or lang in _WITH_NUN_GHUNNA:
        return frozenset()
    return frozenset(_key(key) for key in keys if len(key) >= _SHORTEST)


def _key(word: str) -> str:
    return "~" + word.translate(_RASM)


def _swapped(word: str, twins: dict[str, str]) -> Iterator[str]:
    """The word with each foreign letter as the other script has it; nothing where one of them has no twin there."""
    foreign_is_ascii = twins is _AS_CYRILLIC
    choices = [twins.get(c, "") if c.isascii() == foreign_is_ascii else c for c in word]
    if all(choices):
        yield from ("".join(letters) for letters in islice(product(*choices), _MOST_READINGS))


def _from_digits(word: str) -> Iterator[str]:
    """A word with digits for letters (m1litia, pr0test): not a number with a unit, not a name like covid19."""
    if not _LEET.fullmatch(word) or len(word) < _SHORTEST or sum(map(str.isalpha, word)) < _FEWEST_LETTERS:
        return
    choices = [_AS_LETTERS.get(c, "") if c.isdigit() else c for c in word]
    if all(choices):
        yield from ("".join(one) for one in islice(product(*choices), _MOST_READINGS))
