"""Subjects: a text as regular expressions search it, encoded and folded once for all of them."""

import re
import unicodedata
from bisect import bisect_right
from functools import cache, cached_property, lru_cache
from itertools import accumulate

from language.scripts import Folded, fold, fold_word, is_loose

_PIECE = 4096  # code points that are folded at a time, so that a place is found again without folding all
# Stands where a word begins or ends, for expressions with \\b in their middle, which RE2 cannot see.
BOUNDARY = "\x01"
MOST_BOUNDED = 100_000  # code points whose boundaries are marked, which takes 20 ms and more
# Bytes that begin no code point of the text: those that continue one in UTF-8, and the marks of boundaries.
_CONTINUING = bytes(range(0x80, 0xC0))
_NOT_COUNTED = _CONTINUING + BOUNDARY.encode()


class Encoded:
    """A text in UTF-8, with the way back from bytes to code points. `bounded` marks where words begin and end."""

    def __init__(self, text: str, *, bounded: bool = False) -> None:
        plain = text.replace(BOUNDARY, " ")
        written = _word_run().sub(rf"{BOUNDARY}\g<0>{BOUNDARY}", plain) if bounded else plain
        self.data = written.encode("utf-8", "surrogatepass")
        self._is_ascii = len(self.data) == len(text)
        self._byte = self._place = 0

    def place(self, byte: int) -> int:
        """The code point that begins at this byte; places asked for from left to right cost one pass together."""
        if self._is_ascii:
            return byte
        if byte < self._byte:
            self._byte = self._place = 0
        self._place += len(self.data[self._byte : byte].translate(None, _NOT_COUNTED))
        self._byte = byte
        return self._place


class Subject:
    """A text, and the same in one spelling; `folded` is None where the two are the same but for capitals."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = Encoded(text)

    @cached_property
    def folded(self) -> Encoded | None:
        """The text in one spelling."""
        if self.text.isascii():
            return None
        folded = "".join(self._folded)
        return None if folded == self.text.lower() else Encoded(folded)

    @cached_property
    def bounded(self) -> Encoded:
        """The first MOST_BOUNDED of the text as written, with its words' boundaries."""
        return Encoded(self.text[:MOST_BOUNDED], bounded=True)

    @cached_property
    def folded_bounded(self) -> Encoded:
        """The first MOST_BOUNDED of the text in one spelling, with its words' boundaries."""
        return Encoded("".join(self._folded)[:MOST_BOUNDED], bounded=True) if self.folded else self.bounded

    @cached_property
    def _pieces(self) -> list[str]:
        """The text cut where no mark is torn from its letter."""
        text, pieces, at = self.text, list[str](), 0
        while at < len(text):
            end = at + _PIECE
            while end < len(text) and is_loose(text[end]):
                end += 1
            pieces.append(text[at:end])
            at = end
        return pieces

    @cached_property
    def _folded(self) -> list[str]:
        return [fold_word.__wrapped__(piece) for piece in self._pieces]

    @cached_property
    def _begins(self) -> list[tuple[int, int]]:
        """Where each piece begins, in the folded text and in the original."""
        folded = accumulate(map(len, self._folded), initial=0)
        return list(zip(folded, accumulate(map(len, self._pieces), initial=0), strict=True))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span in the text of the span [start, end) of the folded text."""
        if self.folded is None:
            return start, end
        first, last = self._place(start), self._place(end)
        return (first, max(first, last)) if end > start else (first, first)

    def _place(self, folded: int) -> int:
        at = bisect_right(self._begins, folded, key=_in_folded) - 1
        if at == len(self._pieces):
            return len(self.text)
        begins, original = self._begins[at]
        return original + _fold_piece(self._pieces[at]).offsets[folded - begins]


@cache
def _word_run() -> re.Pattern[str]:
    """Letters, digits and underscores with the marks on them, which Python's own \\w leaves out."""
    marks = "".join(c for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c)[0] == "M")
    return re.compile(f"[\\w{re.escape(marks)}]+")


@lru_cache(maxsize=16)
def _fold_piece(piece: str) -> Folded:
    return fold(piece)


def _in_folded(begins: tuple[int, int]) -> int:
    return begins[0]
