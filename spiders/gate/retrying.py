"""Retry-After: how long the other side asks us to stay away (RFC 9110 section 10.2.3)."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=24)
_SECONDS = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]*)?")


def retry_after(
    value: str | None, date: str | None = None, *, now: datetime | None = None
) -> timedelta | None:
    """Read seconds or an HTTP date; never negative, never over 24 hours, None when it says nothing.

    A date is measured against the server's own `Date` where there is one: its clock may be wrong.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return _within_bounds(timedelta(seconds=min(float(text), LONGEST.total_seconds())))
    until = _http_date(text)
    if until is None:
        return None
    return _within_bounds(until - (_http_date(date or "") or now or datetime.now(UTC)))


def _within_bounds(wait: timedelta) -> timedelta:
    return min(max(wait, timedelta(0)), LONGEST)


def _http_date(text: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
