"""The first look: which of many expressions a text can meet at all, found in one pass for the letters they need."""

from collections.abc import Sequence
from typing import Any

import re2

from rules.regexes import Expression
from rules.subject import Subject

# Every text ends with it: when it is not found, the search itself gave up, and all expressions count as possible.
_ALWAYS = "\x1f marsad always \x1f"
_MOST_TOGETHER = 2000  # RE2 cannot search for the letters of 10,000 at once


class Expressions:
    """Numbers expressions, and tells which of them a text can meet: perhaps one too many, never one too few."""

    def __init__(self) -> None:
        self._expressions: list[Expression] = []
        self._numbers: dict[str, int] = {}
        self._filters: list[tuple[range, Any]] = []
        self._filed = 0

    def __len__(self) -> int:
        return len(self._expressions)

    def number(self, expression: Expression) -> int:
        """The number of this expression, which is added when it is new."""
        known = self._numbers.get(expression.source)
        if known is None:
            known = self._numbers[expression.source] = len(self._expressions)
            self._expressions.append(expression)
        return known

    def candidates(self, subject: Subject) -> set[int]:
        """The numbers of those that can match."""
        if self._filed < len(self._expressions):
            self._file()
        found: set[int] = set()
        if not subject.text:
            return found
        data = (subject.folded or subject.plain).data + _ALWAYS.encode()
        for numbers, one in self._filters:
            met = one.Match(data, potential=True) or ()
            if len(numbers) in met:
                found.update(numbers[at] for at in met if at < len(numbers))
            else:
                found.update(numbers)
        return found

    def _file(self) -> None:
        """Those that came since the last text, in filters of their own."""
        for start in range(self._filed, len(self._expressions), _MOST_TOGETHER):
            self._add(range(start, min(start + _MOST_TOGETHER, len(self._expressions))))
        self._filed = len(self._expressions)

    def _add(self, numbers: range) -> None:
        one = _filter([self._expressions[number].hints for number in numbers])
        if one is None and len(numbers) > 1:
            middle = len(numbers) // 2
            self._add(numbers[:middle])
            self._add(numbers[middle:])
        else:
            self._filters.append((numbers, one or _filter([])))


def _filter(hints: Sequence[str]) -> Any:
    """RE2's filter for these, the last being what every text has; None when it cannot hold them all."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.never_capture = True
    one = re2.Filter()
    try:
        for hint in (*hints, _ALWAYS):
            one.Add(hint, options)
        one.Compile()
    except re2.error:
        return None
    return one
