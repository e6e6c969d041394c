"""Scripts: one spelling for every way of writing a letter."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

# Combining marks that only colour a letter. Marks of Indic and other scripts carry vowels and stay.
_LOOSE_MARKS = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06ED), (0x0711, 0x0711), (0x0730, 0x074A), (0x08D3, 0x08FF), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF),
    (0x20D0, 0x20F0), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF),
)  # fmt: skip
_TATWEEL = "ـ"
# One letter, many keyboards: Persian, Urdu and Kurdish shapes of Arabic letters, and the Latin letters that
# Unicode does not decompose.
_LETTERS = {
    "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ۍ": "ي", "ێ": "ي", "ئ": "ي", "ؤ": "و", "ۆ": "و", "ۇ": "و", "ۈ": "و",
    "ۋ": "و", "ۊ": "و", "ک": "ك", "ڪ": "ك", "ة": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه", "ۃ": "ه", "ۀ": "ه", "ڕ": "ر",
    "ڵ": "ل", "ٱ": "ا", "أ": "ا", "إ": "ا", "آ": "ا", "ٲ": "ا", "ٳ": "ا", "ı": "i", "ø": "o", "ł": "l", "đ": "d",
    "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ə": "e", "ŋ": "n", "ё": "е", "ɑ": "a", "ɡ": "g", "ʼ": "",
    # Arabic letters that look alike and are typed for one another, by accident or to hide a word.
    "ػ": "ك", "ؼ": "ك", "ګ": "ك", "ڬ": "ك", "ڭ": "ك", "ڮ": "ك", "ۅ": "و", "ۉ": "و", "ۏ": "و", "ؠ": "ي", "ۑ": "ي",
    "ڻ": "ن", "ڼ": "ن", "ڽ": "ن", "ړ": "ر", "ڒ": "ر", "ڔ": "ر", "ڗ": "ر", "ۿ": "ه", "ڸ": "ل", "ڷ": "ل", "ڶ": "ل",
    # Small capitals, which Unicode keeps apart from small letters.
    "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i", "ᴊ": "j", "ᴋ": "k",
    "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ʀ": "r", "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w",
    "ʏ": "y", "ᴢ": "z",
    # Letters that nobody sees.
    "\u115f": "", "\u1160": "", "\u3164": "",
}  # fmt: skip
# Letters on dark discs and squares, which Unicode does not decompose: the first of each 26.
_DARK_LETTERS = (0x1F150, 0x1F170)
# A letter of its own in Russian (война, воина), not и with a mark.
_SHORT_I = "й"
_SHORT_I_WRITTEN = "йЙ"
_BREVE = "\u0306"
_SHORT_I_APART = re.compile(f"[иИ]{_BREVE}")

# First code point of each block, in order: enough of ISO 15924 to know which language a word can be in.
_BLOCKS = (
    (0x0041, "Latn"), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"), (0x0590, "Hebr"), (0x0600, "Arab"),
    (0x0700, "Syrc"), (0x0750, "Arab"), (0x0780, "Thaa"), (0x08A0, "Arab"), (0x0900, "Deva"), (0x0980, "Beng"),
    (0x0A00, "Indc"), (0x0E00, "Thai"), (0x0E80, "Laoo"), (0x0F00, "Tibt"), (0x1000, "Mymr"), (0x10A0, "Geor"),
    (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, "Zyyy"), (0x1780, "Khmr"), (0x1800, "Zyyy"), (0x1E00, "Latn"),
    (0x1F00, "Grek"), (0x2000, "Zyyy"), (0x2C60, "Latn"), (0x2C80, "Zyyy"), (0x3040, "Hani"), (0xAC00, "Hang"),
    (0xD7B0, "Zyyy"), (0xF900, "Hani"), (0xFB00, "Latn"), (0xFB1D, "Hebr"), (0xFB50, "Arab"), (0xFE00, "Zyyy"),
    (0xFE70, "Arab"), (0xFF00, "Latn"), (0xFF66, "Hani"), (0xFFA0, "Zyyy"), (0x20000, "Hani"), (0x323B0, "Zyyy"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `offsets[i]` is where its i-th character stands in the original (one more for the end)."""

    text: str
    offsets: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original text of the folded span [start, end), marks that followed it included."""
        first = self.offsets[start]
        return (first, first) if end <= start else (first, max(self.offsets[end], first))


def _fold_character(character: str) -> str:
    if character == _TATWEEL or unicodedata.category(character) == "Cf":
        return ""
    if character in _SHORT_I_WRITTEN:
        return _SHORT_I
    for first in _DARK_LETTERS:
        if first <= ord(character) < first + 26:
            return chr(ord("a") + ord(character) - first)
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not is_loose(c) and c != _TATWEEL)
    plain = unicodedata.normalize("NFKC", plain).casefold()
    plain = "".join(_LETTERS.get(c, c) for c in plain if unicodedata.category(c) != "Cf")
    return "".join(c for c in plain if not is_loose(c))


class _Folding(dict[int, str]):
    """A table for `str.translate` that learns each character when it is first seen (about 2 us each)."""

    def __missing__(self, codepoint: int) -> str:
        folded = self[codepoint] = _fold_character(chr(codepoint))
        return folded


_FOLDING = _Folding()


def is_loose(character: str) -> bool:
    """Whether the character is a mark that matching ignores (harakat, accents, variation selectors)."""
    point = ord(character)
    return any(first <= point <= last for first, last in _LOOSE_MARKS)


def fold(text: str) -> Folded:
    """One spelling for all: case, width, diacritics, Arabic letter shapes, digits, invisible characters."""
    if text.isascii():
        return Folded(text.lower(), range(len(text) + 1))
    pieces: list[str] = []
    offsets: list[int] = []
    for place, character in enumerate(text):
        folded = _FOLDING[ord(character)]
        if character == _BREVE and place and text[place - 1] in "иИ":
            pieces[-1] = _SHORT_I
        pieces.append(folded)
        offsets.extend([place] * len(folded))
    offsets.append(len(text))
    return Folded("".join(pieces), offsets)


@lru_cache(maxsize=16_384)
def fold_word(word: str) -> str:
    """`fold(word).text`, remembered."""
    if word.isascii():
        return word.lower()
    if _BREVE in word:
        word = _SHORT_I_APART.sub(_SHORT_I, word)
    return word.translate(_FOLDING)


@lru_cache(maxsize=4096)
def plain_surface(word: str) -> str:
    """The word as written, without what a reader cannot see: tatweel, harakat, invisible characters."""
    composed = unicodedata.normalize("NFC", word)
    return "".join(
        c for c in composed if c != _TATWEEL and unicodedata.category(c) != "Cf" and not _is_haraka(c)
    )


def _is_haraka(character: str) -> bool:
    return "ً" <= character <= "ٟ" or character == "ٰ"


def script_of(word: str) -> str:
    """ISO 15924 code of the word's first letter; "Zyyy" where it has none."""
    for character in word:
        if character.isalpha():
            return _script_of_letter(character)
    return "Zyyy"


@cache
def _script_of_letter(letter: str) -> str:
    script, point = "Zyyy", ord(letter)
    for first, name in _BLOCKS:
        if point < first:
            break
        script = name
    return script
