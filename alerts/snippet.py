"""The words around a match: which passages of a text to show, and what to mark in them."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.notice import Item, Reason
from alerts.safe import clean

CONTEXT = 110  # characters on each side of a match
MOST_PASSAGES = 3
LONGEST_PASSAGE = 600
OPENING = 280  # shown of a text in which nothing is to be marked
LONGEST_TITLE = 400

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of cleaned text; marked when it is what a rule met."""

    text: str
    marked: bool = False


Passage = tuple[Piece, ...]


def title_pieces(title: str, reasons: Iterable[Reason]) -> Passage:
    """The title with its matched words marked."""
    end = min(len(title), LONGEST_TITLE)
    passage = _cut(title, _spans(title, reasons, "title"), (0, end))
    return (*passage, Piece(text="…")) if end < len(title) else passage


def passages(item: Item, reasons: Iterable[Reason]) -> tuple[Passage, ...]:
    """Up to three passages around what was met in the body, else in the lead, else how the article begins."""
    reasons = tuple(reasons)
    for field, text in (("body", item.text), ("lead", item.summary)):
        spans = _spans(text, reasons, field)
        if spans:
            return tuple(_with_dots(text, spans, window) for window in _windows(text, spans))
    opening = item.summary if item.summary.strip() else item.text
    if not opening.strip():
        return ()
    return (_with_dots(opening, (), (0, _word_edge(opening, OPENING, forward=False))),)


def plain(passage: Passage) -> str:
    """The passage as plain text, matched words between asterisks."""
    return "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in passage)


def _spans(text: str, reasons: Iterable[Reason], field: str) -> tuple[Span, ...]:
    """Where to mark, in order, overlaps merged; a reason that does not fit the text is searched for in it."""
    found = sorted(span for reason in reasons if reason.field == field and (span := _place(text, reason)))
    merged: list[Span] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _place(text: str, reason: Reason) -> Span | None:
    if 0 <= reason.start < reason.end and text[reason.start : reason.end] == reason.surface:
        return reason.start, reason.end
    at = text.find(reason.surface) if reason.surface else -1
    return (at, at + len(reason.surface)) if at >= 0 else None


def _windows(text: str, spans: tuple[Span, ...]) -> list[Span]:
    windows: list[Span] = []
    for start, end in spans:
        first = _word_edge(text, max(0, start - CONTEXT), forward=True, stop=start)
        last = _word_edge(text, min(len(text), end + CONTEXT), forward=False, stop=end)
        last = min(last, first + LONGEST_PASSAGE)
        if windows and first <= windows[-1][1]:
            windows[-1] = (windows[-1][0], min(max(last, windows[-1][1]), windows[-1][0] + LONGEST_PASSAGE))
        elif len(windows) == MOST_PASSAGES:
            break
        else:
            windows.append((first, last))
    return windows


def _word_edge(text: str, at: int, *, forward: bool, stop: int | None = None) -> int:
    """The nearest gap between words, so that no word is cut; `at` itself in scripts without gaps."""
    if at <= 0 or at >= len(text):
        return min(max(at, 0), len(text))
    reach = 30
    if forward:
        limit = min(len(text) if stop is None else stop, at + reach)
        return next((i for i in range(at, limit) if text[i - 1].isspace()), at)
    limit = max(0 if stop is None else stop, at - reach)
    return next((i for i in range(at, limit, -1) if text[i].isspace()), at)


def _with_dots(text: str, spans: tuple[Span, ...], window: Span) -> Passage:
    first, last = window
    before = (Piece(text="… "),) if text[:first].strip() else ()
    after = (Piece(text=" …"),) if text[last:].strip() else ()
    return (*before, *_cut(text, spans, window), *after)


def _cut(text: str, spans: tuple[Span, ...], window: Span) -> Passage:
    first, last = window
    pieces: list[Piece] = []
    at = first
    inside = ((max(start, first), min(end, last)) for start, end in spans)
    for start, end in inside:
        if start < end:
            pieces += [Piece(text=clean(text[at:start])), Piece(text=clean(text[start:end]), marked=True)]
            at = end
    pieces.append(Piece(text=clean(text[at:last])))
    return tuple(piece for piece in pieces if piece.text)
