"""Subjects: a text as regular expressions search it, encoded and folded once for all of them."""

from bisect import bisect_right
from functools import cached_property, lru_cache
from itertools import accumulate

from language.scripts import Folded, fold, fold_word, is_loose

_PIECE = 4096  # code points that are folded at a time, so that a place is found again without folding all
_CONTINUING = bytes(range(0x80, 0xC0))  # of UTF-8: each other byte begins a code point


class Encoded:
    """A text in UTF-8, with the way back from bytes to code points."""

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8", "surrogatepass")
        self._is_ascii = len(self.data) == len(text)
        self._byte = self._place = 0

    def place(self, byte: int) -> int:
        """The code point that begins at this byte; places asked for from left to right cost one pass together."""
        if self._is_ascii:
            return byte
        if byte < self._byte:
            self._byte = self._place = 0
        self._place += len(self.data[self._byte : byte].translate(None, _CONTINUING))
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


@lru_cache(maxsize=16)
def _fold_piece(piece: str) -> Folded:
    return fold(piece)


def _in_folded(begins: tuple[int, int]) -> int:
    return begins[0]
