"""Regular expressions of rules: linear, within a budget of time, at home in every script.

RE2 (Cox, "Regular Expression Matching in the Wild", 2010) never backtracks, but a large expression over a large text
is slow all the same; so a search goes through the text in windows and stops when its time is used up.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from time import thread_time
from typing import Any, NamedTuple

import re2

from rules.query import QueryError
from rules.regexsyntax import ExpressionError, Part, read_parts
from rules.subject import MOST_BOUNDED, Encoded, Subject

LONGEST_PATTERN = 1000
# Processor time that a rule may spend on its expressions for one article: with its last window, under 50 ms.
BUDGET_SECONDS = 0.03
MOST_SPANS = 200
# A match that begins in one window and ends in the next is found whole up to this length, or a quarter of it where
# the expression is so slow that its windows have to be small.
LONGEST_MATCH_BYTES = 4096
_SMALLEST_WINDOW, _LARGEST_WINDOW = 4096, 1 << 18
_TRIED = 1024
_FAST, _SLOW = 0.002, 0.005  # seconds for a window: the next one is larger, or smaller
_MOST_MEMORY = 8 << 20
# Instructions of a compiled expression; \w alone is 1,400. Above it, one window can take longer than the budget.
_LARGEST_PROGRAM = 50_000
# RE2 stops compiling where the program takes two thirds of its memory; an instruction takes 16 bytes.
_MEMORY_TO_CHECK = _LARGEST_PROGRAM * 16 * 3 // 2
_UNANCHORED: Any = re2._Anchor.UNANCHORED  # pyright: ignore[reportPrivateUsage] - it has no public name


class Spans(NamedTuple):
    """Where an expression matches, in code points, in order; `exhausted` when its time was up before the text was."""

    spans: list[tuple[int, int]]
    exhausted: bool
    seconds: float


class _Clock:
    """The processor time that one search has used: what others do meanwhile is not its fault."""

    def __init__(self, budget: float) -> None:
        self._begun = self._last = thread_time()
        self._until = self._begun + budget

    def lap(self) -> float:
        """Seconds since the last call."""
        now = thread_time()
        took, self._last = now - self._last, now
        return took

    @property
    def spent(self) -> float:
        return self._last - self._begun

    @property
    def left(self) -> float:
        return self._until - self._last


class Form:
    """One compiled part of an expression, whose matches may hold the characters around them."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._compiled = _compile(part.source, _MOST_MEMORY)

    def find(self, text: Encoded, clock: _Clock, most: int) -> tuple[list[tuple[int, int]], bool]:
        """The first `most` matches in bytes, window by window, and whether the time ran out."""
        found: list[tuple[int, int]] = []
        data, at, took = text.data, 0, 0.0
        size = border = self._first_size(data, clock)
        while at < len(data) and len(found) < most:
            end = min(border + (LONGEST_MATCH_BYTES if size > _TRIED else _TRIED), len(data))
            if clock.left < took:  # the next window will take about as long
                return found, True
            span = self._search(data, at, end)
            took = clock.lap()
            if span is not None and span[0] < border:
                start, end = self.part.inner(data, *span)
                if end > start:
                    found.append((start, end))
                at = max(end, span[0] + 1)
            else:
                at = max(at, border)
            if at >= border:
                size = _next_size(size, took)
                border = at + size
        return found, False

    def _first_size(self, data: bytes, clock: _Clock) -> int:
        """How large the first window may be, tried out where that could take too long."""
        if len(data) <= _SMALLEST_WINDOW:
            return len(data)
        self._search(data, 0, _TRIED)
        return _SMALLEST_WINDOW if clock.lap() < _SLOW else _TRIED

    def _search(self, data: bytes, start: int, end: int) -> tuple[int, int] | None:
        # The searcher itself: the module's own search makes a generator and a match object for each call.
        span: tuple[int, int] = self._compiled._regexp.Match(_UNANCHORED, data, start, end)[0]
        return None if span[0] < 0 else span


@dataclass(frozen=True)
class Expression:
    """A checked expression. `hints` is a simpler one that meets every folded text which this one can meet."""

    source: str
    parts: tuple[Part, ...]
    folded_parts: tuple[Part, ...]
    hints: str

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The parts, compiled when first asked for."""
        return tuple(map(Form, self.parts))

    @cached_property
    def _folded_forms(self) -> tuple[Form, ...]:
        return self.forms if self.parts == self.folded_parts else tuple(map(Form, self.folded_parts))

    def spans(
        self, subject: Subject, budget_seconds: float = BUDGET_SECONDS, most: int = MOST_SPANS
    ) -> Spans:
        """Where it matches the text as written or in one spelling: the first `most` of each; empty matches are none."""
        # What is done once for a text, or once for an expression, is nobody's time.
        if any(part.bounded for part in self.parts):
            _ = subject.bounded, subject.folded_bounded
        forms, folded_forms = self.forms, self._folded_forms
        clock = _Clock(budget_seconds)
        found = set[tuple[int, int]]()
        exhausted = len(subject.text) > MOST_BOUNDED and any(part.bounded for part in self.parts)
        for form in forms:
            text = subject.bounded if form.part.bounded else subject.plain
            spans, over = form.find(text, clock, most)
            found |= {(text.place(start), text.place(end)) for start, end in spans}
            exhausted |= over
        for form in folded_forms if subject.folded or self.parts != self.folded_parts else ():
            text = subject.folded_bounded if form.part.bounded else subject.folded or subject.plain
            spans, over = form.find(text, clock, most)
            found |= {subject.original(text.place(start), text.place(end)) for start, end in spans}
            exhausted |= over
        return Spans(sorted(span for span in found if span[0] < span[1]), exhausted, clock.spent)


def compile_expression(pattern: str, column: int) -> Expression:
    """The expression ready to search with, letter case ignored. Raises QueryError."""
    try:
        return _checked(pattern)
    except ExpressionError as error:
        raise QueryError(error.message, column, error.remedy) from error


@lru_cache(maxsize=4096)
def _checked(pattern: str) -> Expression:
    if len(pattern) > LONGEST_PATTERN:
        raise ExpressionError(
            f"this expression is longer than {LONGEST_PATTERN} characters", "use several, joined by OR"
        )
    syntax = read_parts(pattern)
    for part in (*syntax.parts, *syntax.folded):
        if _compile(part.source, _MEMORY_TO_CHECK).search("") is not None:
            raise ExpressionError("this expression matches nothing at all too", "make it ask for a letter")
    return Expression(pattern, syntax.parts, syntax.folded, syntax.hints)


def _compile(source: str, most_memory: int) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = most_memory
    options.log_errors = False
    options.never_capture = True
    try:
        return re2.compile(source, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        if "too large" in reason:
            raise ExpressionError(
                "this expression is too large",
                r"write smaller counts, like \w{9} for \w{99}, or [a-z] for \w",
            ) from error
        raise ExpressionError(
            f"this expression cannot be used: {reason}",
            "use RE2's syntax, without lookaround and back-references",
        ) from error


def _next_size(size: int, took: float) -> int:
    if took < _FAST:
        return min(size * 2, _LARGEST_WINDOW)
    return _TRIED if took > _SLOW else size
