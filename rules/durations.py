"""Durations as people write them in watch files, and as they read them in a reason."""

import re
from datetime import timedelta

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LARGEST_FIRST = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


def parse_duration(value: object) -> object:
    """Read "90s", "5m", "2h" or "1d"; anything else is refused with an example."""
    if isinstance(value, str):
        found = re.fullmatch(r"(\d{1,9})\s*([smhd])", value.strip())
        if not found:
            raise ValueError(f"{value!r} is not a duration; write for example 5m, 90s, 2h or 1d")
        return timedelta(**{UNITS[found[2]]: int(found[1])})
    return value


def spell(span: timedelta) -> str:
    """The span as one would write it, in the largest unit that divides it: "1d", "36h", "90m"."""
    whole = timedelta(seconds=round(span.total_seconds()))
    for letter, unit in _LARGEST_FIRST.items():
        if whole % unit == timedelta(0):
            return f"{whole // unit}{letter}"
    raise AssertionError(whole)  # whole seconds divide
