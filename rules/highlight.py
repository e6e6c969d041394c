"""Highlighting: the passage of a text that shows its matches best, cut into marked and plain pieces."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules.document import Reason

WIDTH = 240
_ELLIPSIS = "…"
_JOINERS = "\u200d\u200c"
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text; `marked` where a rule met it."""

    text: str
    marked: bool = False


def snippet(
    text: str, reasons: Iterable[Reason | tuple[int, int]], *, field: str | None = None, width: int = WIDTH
) -> list[Piece]:
    """The best `width` characters of the text: cut at words, marks whole and merged, … where something is left out.

    Reasons of other fields than `field` (when given) are left out, and so are spans outside the text.
    """
    spans = _merged(text, reasons, field)
    start, end = _window(text, spans, width)
    inside = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]
    pieces: list[Piece] = [Piece(text=_ELLIPSIS)] if start > 0 else []
    at = start
    for a, b in inside:
        pieces.extend((Piece(text=text[at:a]), Piece(text=text[a:b], marked=True)))
        at = b
    pieces.append(Piece(text=text[at:end]))
    if end < len(text):
        pieces.append(Piece(text=_ELLIPSIS))
    return [piece for piece in pieces if piece.text]


def plain(pieces: Iterable[Piece]) -> str:
    """The pieces as one text, marks between asterisks."""
    return "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in pieces)


def _merged(
    text: str, reasons: Iterable[Reason | tuple[int, int]], field: str | None
) -> list[tuple[int, int]]:
    """The spans in order, widened to whole characters with their marks, overlapping ones made one."""
    spans = [
        (reason.start, reason.end) if isinstance(reason, Reason) else reason
        for reason in reasons
        if not isinstance(reason, Reason) or field is None or reason.field == field
    ]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_whole(text, a, b) for a, b in spans if 0 <= a < b <= len(text)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and _leans(text[start]):
        start -= 1
    while end < len(text) and _leans(text[end]):
        end += 1
    return start, end


def _leans(character: str) -> bool:
    """Whether the character belongs to the one before it."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me") or character in _JOINERS


def _window(text: str, spans: Sequence[tuple[int, int]], width: int) -> tuple[int, int]:
    """The part of the text, about `width` long, that holds the most marks; the earliest of equals."""
    if len(text) <= width:
        return 0, len(text)
    if not spans:
        return 0, _cut(text, width)
    held = [sum(1 for a, b in spans if a >= begin and b <= begin + width) for begin, _ in spans]
    first = held.index(max(held))
    begin, reach = spans[first]
    last = max((b for a, b in spans if a >= begin and b <= begin + width), default=reach)
    room = max(width - (last - begin), 0)
    start = max(0, min(begin - room // 2, len(text) - width))
    start = _forward(text, start, begin)
    return start, max(_cut(text, min(len(text), start + width)), last)


def _forward(text: str, at: int, most: int) -> int:
    """The beginning of the next word, but not behind `most`."""
    if at == 0 or text[at - 1].isspace():
        return at
    for place in range(at, min(most, at + _LONGEST_WORD)):
        if text[place].isspace():
            return place + 1
    return min(at, most)


def _cut(text: str, at: int) -> int:
    """The end of the last whole word before `at`; inside a very long word, a whole character."""
    if at >= len(text) or text[at].isspace():
        return min(at, len(text))
    for place in range(at - 1, max(at - _LONGEST_WORD, 0), -1):
        if text[place].isspace():
            return place
    while at > 0 and _leans(text[at]):
        at -= 1
    return at
