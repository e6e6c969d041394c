"""Dates in queries: date:2026-11, date:>=2026-11-01, date:2026-11-01..2026-11-05, all in UTC."""

import re
from datetime import UTC, datetime, timedelta

from rules.query import Dates, QueryError

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_REMEDY = "write date:2026-11-05, date:2026-11, date:>=2026-11-01 or date:2026-11-01..2026-11-05"


def parse_dates(text: str, column: int) -> Dates:
    """The time that a date: value spans; both ends of a..b count. Raises QueryError."""
    comparison = re.match(r"(>=|<=|>|<)", text)
    if comparison:
        sign = comparison.group()
        first, after = _span(text[len(sign) :], column)
        return {
            ">=": Dates(first, None, text),
            ">": Dates(after, None, text),
            "<": Dates(None, first, text),
            "<=": Dates(None, after, text),
        }[sign]
    start, dots, end = text.partition("..")
    if not dots:
        first, after = _span(text, column)
        return Dates(first, after, text)
    if not start and not end:
        raise QueryError("a date range needs at least one end", column, _REMEDY)
    first = _span(start, column)[0] if start else None
    before = _span(end, column)[1] if end else None
    if first and before and first >= before:
        raise QueryError("the date range ends before it begins", column, _REMEDY)
    return Dates(first, before, text)


def _span(text: str, column: int) -> tuple[datetime, datetime]:
    """First moment of the day, month or year, and of the next one."""
    match = _DAY.fullmatch(text)
    if match is None:
        raise QueryError(f"{text!r} is no date", column, _REMEDY)
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = datetime(year or 1, month or 1, day or 1, tzinfo=UTC)
        return first, _next(first, month, day)
    except (ValueError, OverflowError) as error:
        raise QueryError(f"{text!r} is no date", column, _REMEDY) from error


def _next(first: datetime, month: int | None, day: int | None) -> datetime:
    if day:
        return first + timedelta(days=1)
    if month:
        return first.replace(year=first.year + month // 12, month=month % 12 + 1)
    return first.replace(year=first.year + 1)
