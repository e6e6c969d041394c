"""Malay or Indonesian: two languages of one grammar, told apart by their words, their spelling and their figures."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

# Log-odds of the bands in data/malay_indonesian.toml, as a logistic regression over sentences of both weighs them.
_BANDS = {"certain": 3.0, "likely": 1.2, "slight": 0.3}
_SIDES = {"indonesian": 1.0, "malay": -1.0}
# A form that is only derived from a listed word, and the letter groups of a word, count less than the word itself.
_MOST_OF_A_FORM = 1.0
_LEAST_OF_A_ROOT = 1.0
_MOST_OF_A_WORD = 5.0
_LETTERS_WEIGHT = 0.3
_GROUP = 5
_SHORTEST_ROOT = 4

_VOWELS = frozenset("aeiou")
_SUFFIXES = ("kannya", "annya", "inya", "kanlah", "kan", "nya", "an", "i", "lah", "kah")
# Prefixes that keep the root whole, longest first.
_PLAIN_PREFIXES = (
    "memper", "diper", "member", "pember", "keber", "berke", "seper", "menge", "penge", "kese", "ber", "ter", "per",
    "be", "di", "ke", "se", "te",
)  # fmt: skip
_BEFORE_ME = frozenset("lrwymnsk")
_BEFORE_MEM = frozenset("bfvp")
_BEFORE_MEN = frozenset("dcjtsz")
# Loans: Malay took them from English (kualiti, televisyen), Indonesian from Dutch (kualitas, statistika). The first
# ending that fits decides; those of weight 0 are native words that only end alike (meneliti, menyakiti).
_ENDINGS = (
    ("teliti", 0.0), ("sakiti", 0.0), ("kuliti", 0.0), ("iti", -3.0), ("itas", 3.0), ("isyen", -2.0), ("esen", -2.0),
    ("istika", 1.5), ("matika", 1.5), ("nika", 1.5), ("iz", -1.0),
)  # fmt: skip
# Indonesian writes 1.600 and 0,5 as the Dutch do, Malay 1,600 and 0.5 as the English do. Times (10.30) are left aside.
_FIGURES = (
    (re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])"), -2.4),
    (re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?![\d.])"), 2.4),
    (re.compile(r"(?<![\d.,])\d+\.\d{1,2}(?![\d.]|\s*(?:WIB|WITA|WIT|am|pm|pagi|malam|siang|sore)\b)"), -1.1),
    (re.compile(r"(?<![\d.,])\d+,\d{1,2}(?![\d,])"), 2.4),
)
_MOST_FIGURES = 2
# "You" has a capital letter in Indonesian and none in Malay; at the start of a sentence it tells nothing.
_YOU = re.compile(r"(?<![.?!:\"“”'«] )(?<!^)\b[Aa]nda\b")
_YOU_WEIGHT = 2.5
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What speaks for Indonesian (above 0) or for Malay (below)."""

    words: Mapping[str, float]
    phrases: Mapping[str, float]
    letters: Mapping[str, float]


def lean(text: str) -> float:
    """Log-odds that a text in one of the two is Indonesian: above 0 Indonesian, below 0 Malay, near 0 no one knows."""
    words = _WORD.findall(text.lower())
    return sum(map(_weight, words)) + _of_phrases(words) + _of_figures(text) + _of_address(text)


@cache
def words_of_one(lang: str) -> frozenset[str]:
    """The words that Indonesian ("id") or Malay ("ms") writes and the other hardly does."""
    sign = 1 if lang == "id" else -1
    return frozenset(word for word, weight in _signs().words.items() if weight * sign >= _BANDS["certain"])


def _of_phrases(words: Sequence[str]) -> float:
    phrases = _signs().phrases
    return sum(phrases.get(f"{first} {second}", 0.0) for first, second in pairwise(words))


def _of_figures(text: str) -> float:
    return sum(weight * min(len(figures.findall(text)), _MOST_FIGURES) for figures, weight in _FIGURES)


def _of_address(text: str) -> float:
    if text.isupper():
        return 0.0
    return sum(_YOU_WEIGHT if you[0] == "A" else -_YOU_WEIGHT for you in _YOU.findall(text))


@lru_cache(maxsize=32768)
def _weight(word: str) -> float:
    parts = word.split("-")
    weight = _of_word(word, parts) + _LETTERS_WEIGHT * sum(map(_of_letters, parts))
    return max(-_MOST_OF_A_WORD, min(_MOST_OF_A_WORD, weight))


def _of_word(word: str, parts: Sequence[str]) -> float:
    """The listed word, the word that is doubled, the root of the form, or else what its ending says."""
    words = _signs().words
    if word in words:
        return words[word]
    if len(parts) > 1:
        return next((weight for part in parts if (weight := _of_word(part, (part,)))), 0.0)
    if word.endswith("nya") and word[:-3] in words:
        return words[word[:-3]]
    found = {weight for root in _roots(word) if abs(weight := words.get(root, 0.0)) > _LEAST_OF_A_ROOT}
    if found:
        return _agreed(found)
    return next(
        (weight for ending, weight in _ENDINGS if word.endswith(ending) and len(word) > len(ending) + 2), 0.0
    )


def _agreed(found: set[float]) -> float:
    """What possible roots say together: nothing when they contradict each other."""
    if min(found) < 0 < max(found):
        return 0.0
    return max(-_MOST_OF_A_FORM, min(_MOST_OF_A_FORM, max(found, key=abs)))


def _of_letters(word: str) -> float:
    letters = _signs().letters
    if len(word) <= _GROUP:
        return letters.get(word, 0.0)
    return sum(letters.get(word[i : i + _GROUP], 0.0) for i in range(len(word) - _GROUP + 1))


def _roots(word: str) -> Iterator[str]:
    """Every shorter word that the word may be an affixed form of."""
    stems = [word, *(word[: -len(s)] for s in _SUFFIXES if word.endswith(s) and len(word) - len(s) > 2)]
    for stem in stems:
        for root in (stem, *_without_plain_prefix(stem), *_without_nasal_prefix(stem)):
            if len(root) >= _SHORTEST_ROOT and root != word:
                yield root


def _without_plain_prefix(word: str) -> Iterator[str]:
    for prefix in _PLAIN_PREFIXES:
        if word.startswith(prefix):
            yield word[len(prefix) :]


def _without_nasal_prefix(word: str) -> Iterator[str]:
    """The roots under me-, mem-, men-, meng-, meny- (and pe-), the swallowed first letter put back."""
    if not word.startswith(("me", "pe")):
        return
    rest, third = word[3:], word[2:3]
    first = rest[:1]
    if third == "m":
        if first in _VOWELS:
            yield f"p{rest}"
        elif first in _BEFORE_MEM:
            yield rest
    elif third == "n":
        yield from _after_men(rest, first)
    if third in _BEFORE_ME or word.startswith("pe"):
        yield word[2:]


def _after_men(rest: str, first: str) -> Iterator[str]:
    if first in _VOWELS:
        yield f"t{rest}"
    elif first == "g":
        yield rest[1:]
        yield rest
        if rest[1:2] in _VOWELS:
            yield f"k{rest[1:]}"
    elif first == "y":
        yield f"s{rest[1:]}"
    elif first in _BEFORE_MEN:
        yield rest


@cache
def _signs() -> _Signs:
    folder = files("language") / "data"
    table = tomllib.loads((folder / "malay_indonesian.toml").read_text(encoding="utf-8"))
    words: dict[str, float] = dict.fromkeys(table["neutral"].split(), 0.0)
    for side, sign in _SIDES.items():
        for band, weight in _BANDS.items():
            words |= dict.fromkeys(table[side][band].split(), sign * weight)
    phrases = {word.replace("_", " "): weight for word, weight in words.items() if "_" in word}
    letters = _letters((folder / "malay_indonesian_letters.txt").read_text(encoding="utf-8"))
    return _Signs(words=words, phrases=phrases, letters=letters)


def _letters(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            weight, *groups = line.split()
            found |= dict.fromkeys(groups, float(weight))
    return found
