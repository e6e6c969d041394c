"""Words: where they stand in a text, and the readings that hyphens, apostrophes and hashtags allow."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from language.disguise import readings
from language.scripts import fold_word, script_of


class Token(NamedTuple):
    """A reading of text[start:end) as one word: a tuple, for an article has hundreds.

    `position` counts words; `last` differs from it where several words are also read as one (al-Sadr, alsadr).
    """

    start: int
    end: int
    surface: str
    folded: str
    position: int
    last: int


class Part(NamedTuple):
    """A reading of one word of a run: offsets from the run's start, positions from its first word."""

    start: int
    end: int
    folded: str
    position: int
    last: int


def _ranges(categories: frozenset[str]) -> str:
    """The characters of the categories in the first plane (and the tag characters) for a regex class."""
    points = [c for c in map(chr, range(0xAD, 0x10000)) if unicodedata.category(c) in categories]
    return re.escape("".join(points)) + "\U000e0020-\U000e007f\U000e0100-\U000e01ef"


_MARKS = _ranges(frozenset({"Mn", "Mc", "Me"}))
_INNER = _ranges(frozenset({"Mn", "Mc", "Me", "Cf"}))
# Letters in circles, squares and brackets, which are symbols to Unicode.
_ENCLOSED = re.compile(
    "[\u249c-\u24e9\U0001f110-\U0001f129\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]"
)
_APOSTROPHES = "'’‘ʼʻ`´＇"
_HYPHENS = "\\-‐‑‒–_−"
_WORD = rf"[^\W_]+(?:[{_INNER}]+[^\W_]+)*[{_MARKS}]*"
# A chunk is words held together without a space: al-Sadr, Iraq's, #ساحة_التحرير, צה"ל.
_CHUNK = re.compile(rf"#?{_WORD}(?:(?:[{_APOSTROPHES}{_HYPHENS}]|(?<=[א-ת])[\"״](?=[א-ת])){_WORD})*")
_PIECE = re.compile(rf"{_WORD}(?:(?:[{_APOSTROPHES}]|(?<=[א-ת])[\"״](?=[א-ת])){_WORD})*")
# Nine runs in ten: one word of Latin or Arabic letters with nothing inside it, perhaps between marks.
_PUNCTUATION = r"[.,;:!?\"'()\[\]…«»“”‘’،؛؟–—-]*"
_PLAIN = re.compile(
    rf"{_PUNCTUATION}([A-Za-zÀ-ÖØ-öø-ɏ]+|[\u0621-\u063a\u0641-\u064a\u0671-\u06d3\u06d5]+){_PUNCTUATION}"
)
_APOSTROPHE = re.compile(rf"[{_APOSTROPHES}\"״]")
_LOWER = "".join(c for c in map(chr, range(0x61, 0x250)) if c.islower())
_UPPER = "".join(c for c in map(chr, range(0x41, 0x250)) if c.isupper())
# Where a word of a hashtag begins: #IraqProtests, #FreeIRAQ, #IRAQProtests, #Basra2019.
_CAMEL = re.compile(
    rf"(?<=[{_LOWER}])(?=[{_UPPER}])|(?<=[{_UPPER}])(?=[{_UPPER}][{_LOWER}])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"
)
# Persian writes compounds with a half-space, a space or neither (شبه‌نظامی); endings stand behind half-spaces, too.
_HALF_SPACE = "\u200c"
_BEHIND_HALF_SPACE = re.compile("(?:ها|تر|كان|ه?ا[يمشتن]|ا?يم|ا?يد|ا?ند|[شمت]ان|گان|را|ي).*")
_SHORTEST_SECOND = 4
# Scripts written without spaces: each character is a word, and a term of several is a phrase.
_UNSPACED = re.compile(
    "[぀-ヿ㐀-鿿豈-﫿ｦ-ﾟ\U00020000-\U000323af"
    "]|[฀-\u0eff\u1000-\u109f\u1780-\u17ff][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd"
    "\u102b-\u103e\u17b4-\u17d3]*"
)
# French, Italian and Catalan articles that lean on the next word: l'Irak, d'Irak, dell'Iraq.
_ELISIONS = frozenset({
    "l", "d", "j", "n", "m", "t", "s", "c", "qu", "lorsqu", "puisqu", "jusqu",
    "quoiqu", "dell", "all", "nell", "sull", "dall", "coll", "un", "quest",
})  # fmt: skip
_SHORTEST_BASE = 3
_LONGEST_JOIN = 5
# Single letters in a row, always the same between them: m i l i t i a, m·i·l·i·t·i·a, م.ي.ل.ي.ش.ي.ا
_FEWEST_SPELLED = 5
# The first and the last of them may have a bracket or a full stop beside them.
_FEWEST_ALONE = _FEWEST_SPELLED - 2
_ALONE = b"\1" * _FEWEST_ALONE
_LONGEST_SPELLED = 200
_SPELLED = re.compile(
    rf"(?<![^\W_])[^\W_]([\W_]{{1,3}})[^\W_](?:\1[^\W_]){{{_FEWEST_SPELLED - 2},}}(?![^\W_])"
)
# Longer runs are addresses and noise that do not come again.
_LONGEST_REMEMBERED = 60


def runs(text: str) -> list[str]:
    """The pieces between white space, in order: what `parts` reads, and what may be remembered from text to text."""
    pieces = text.split()
    try:
        sizes = bytes(map(len, pieces))
    except ValueError:  # a piece of 256 letters and more
        sizes = bytes(min(len(piece), 255) for piece in pieces)
    if _ALONE not in sizes:
        return pieces
    return _with_spelled(text, pieces)


def _with_spelled(text: str, pieces: list[str]) -> list[str]:
    """The runs, letters that stand one by one in a row (m i l i t i a) put together again into one run."""
    found: list[str] = []
    begun: list[int] = starts(text, pieces)
    at = 0
    while at < len(pieces):
        end = at + 1
        if _letters(pieces[at]) == 1:
            while end < len(pieces) and _letters(pieces[end]) == 1:
                end += 1
        last = end - 1
        if end - at >= _FEWEST_SPELLED:
            found.append(text[begun[at] : begun[last] + len(pieces[last])])
        else:
            found.extend(pieces[at:end])
        at = end
    return found


def _letters(piece: str) -> int:
    """How many letters or digits the piece has, 2 standing for more."""
    return sum(map(str.isalnum, piece)) if len(piece) < _FEWEST_SPELLED else 2


def starts(text: str, pieces: Sequence[str]) -> list[int]:
    """Where each of the text's runs begins, in code points."""
    found: list[int] = []
    at = 0
    for piece in pieces:
        at = text.index(piece, at)
        found.append(at)
        at += len(piece)
    return found


def tokens(text: str) -> list[Token]:
    """The words of the text in order, every reading of them; spans are code points of the original."""
    found: list[Token] = []
    position = 0
    pieces = runs(text)
    for begin, piece in zip(starts(text, pieces), pieces, strict=True):
        read = parts(piece)
        for start, end, folded, first, last in read:
            found.append(
                Token(begin + start, begin + end, piece[start:end], folded, position + first, position + last)
            )
        position += words_in(read)
    return found


def parts(run: str) -> tuple[Part, ...]:
    """Every reading of the words of one run, in order; none where it holds no letter or digit."""
    return _remembered(run) if len(run) <= _LONGEST_REMEMBERED else _read(run)


def words_in(read: tuple[Part, ...]) -> int:
    """How many words the readings of a run are."""
    return read[-1].last + 1 if read else 0


def _read(run: str) -> tuple[Part, ...]:
    plain = _PLAIN.fullmatch(run)
    if plain:
        start, end = plain.span(1)
        return (Part(start, end, fold_word(plain[1]), 0, 0),)
    found: list[Part] = []
    position = 0
    if not run.isascii() and _ENCLOSED.search(run):
        run = _ENCLOSED.sub(_opened, run)
    for match in _CHUNK.finditer(run):
        begin = match.start()
        read = _parts(match.group())
        found.extend(
            Part(begin + s, begin + e, folded, position + p, position + q) for s, e, folded, p, q in read
        )
        position += words_in(read)
    if len(found) >= _FEWEST_SPELLED and len(run) <= _LONGEST_SPELLED:
        return _with_whole(run, found)
    return tuple(found)


def _opened(enclosed: re.Match[str]) -> str:
    """The letter in a circle, square or bracket: one character for one, so that all stay where they are."""
    return next(c for c in fold_word(enclosed[0]) if c.isalpha())


def _with_whole(run: str, found: list[Part]) -> tuple[Part, ...]:
    """The readings, and the words that single letters of the run spell."""
    for match in _SPELLED.finditer(run):
        letters = [part for part in found if match.start() <= part.start and part.end <= match.end()]
        word = fold_word(match.group().replace(match[1], ""))
        if letters and not word.isdigit():
            found.append(Part(match.start(), match.end(), word, letters[0].position, letters[-1].last))
    return tuple(sorted(found, key=lambda part: part.last))


_remembered = lru_cache(maxsize=16_384)(_read)


def _parts(chunk: str) -> tuple[Part, ...]:
    """The readings of one chunk; the last one ends at the chunk's last word."""
    if chunk.isascii() and chunk.isalnum():
        folded = chunk.lower()
        return tuple(Part(0, len(chunk), one, 0, 0) for one in (folded, *readings(folded)))
    pieces = [span for match in _PIECE.finditer(chunk) for span in _split(chunk, match.start(), match.end())]
    parts: list[Part] = []
    plainest: list[tuple[int, int, str]] = []
    for position, (start, end) in enumerate(pieces):
        found = _readings(chunk, start, end)
        plainest.append(found[0])
        parts.extend(Part(s, e, f, position, position) for s, e, f in found if f)
    if parts and 1 < len(pieces) <= _LONGEST_JOIN and not _UNSPACED.search(chunk):
        joined = "".join(folded for _, _, folded in plainest)
        parts.append(Part(plainest[0][0], plainest[-1][1], joined, 0, len(pieces) - 1))
    return tuple(sorted(parts, key=lambda part: part.last))


def _split(chunk: str, start: int, end: int) -> list[tuple[int, int]]:
    """A piece into the words that capitals of a hashtag or an unspaced script hide in it."""
    piece = chunk[start:end]
    if _UNSPACED.search(piece):
        cuts = sorted({0, len(piece), *(at for m in _UNSPACED.finditer(piece) for at in m.span())})
    elif chunk.startswith("#") and _CAMEL.search(piece):
        cuts = [0, *(m.start() for m in _CAMEL.finditer(piece)), len(piece)]
    elif _HALF_SPACE in piece and (cut := _half_space(piece)):
        return [(start, start + cut - len(_HALF_SPACE)), (start + cut, end)]
    else:
        return [(start, end)]
    return [(start + a, start + b) for a, b in pairwise(cuts)]


def _half_space(piece: str) -> int:
    """Where the second word of a compound begins; 0 where half-spaces only set off endings, or are Kurdish."""
    words, at = [], 0
    for part in piece.split(_HALF_SPACE):
        at += len(part) + 1
        if not words or not _BEHIND_HALF_SPACE.fullmatch(fold_word(part)):
            words.append((len(part), at - len(part) - 1))
    if len(words) != 2 or words[0][0] < _SHORTEST_BASE or words[1][0] < _SHORTEST_SECOND:
        return 0
    return words[1][1]


def _joined(piece: str) -> str:
    return fold_word(_APOSTROPHE.sub("", piece))


def _readings(chunk: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """One word with apostrophes, each way it can be read: Iraq's as iraq, l'Irak as irak, Irak'ta both ways."""
    piece = chunk[start:end]
    match = _APOSTROPHE.search(piece)
    if match is None:
        folded = fold_word(piece)
        return [(start, end, one) for one in (folded, *readings(folded))]
    head, tail = piece[: match.start()], piece[match.end() :]
    if fold_word(tail) == "s":
        return [(start, start + len(head), fold_word(head))]
    if fold_word(head) in _ELISIONS and len(tail) >= _SHORTEST_BASE:
        return [(start + match.end(), end, _joined(tail))]
    whole = [(start, end, _joined(piece))]
    if len(head) >= _SHORTEST_BASE and script_of(head) == "Latn":
        whole.append((start, start + len(head), fold_word(head)))
    return whole
