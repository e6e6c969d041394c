"""The one choke point for what strangers write and PostgreSQL refuses: NUL, lone surrogates, NaN."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

# C0 without tab and line feeds, DEL and C1 except NEL, lone surrogates, and the 66 noncharacters of Unicode.
_PLANES = "".join(f"{chr(plane << 16 | 0xFFFE)}-{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef" + _PLANES + "]"
)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")

MAX_DEPTH = 64
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)


def clean_text(text: str, *, max_chars: int | None = None) -> str:
    """Return the text as PostgreSQL and JSON can keep it; surrogate pairs are joined, lone ones go."""
    if _REFUSED.search(text):
        text = _PAIR.sub(_join_pair, text)
        text = _REFUSED.sub("", text)
    return text if max_chars is None else text[:max_chars]


def clean_optional(text: str | None, *, max_chars: int | None = None) -> str | None:
    """Clean a text that may be missing; one that is empty afterwards counts as missing."""
    return None if text is None else clean_text(text, max_chars=max_chars) or None


def clean_texts(texts: tuple[str, ...] | list[str], *, max_items: int, max_chars: int) -> list[str]:
    """Clean a list of short texts, leaving out the empty ones and those beyond `max_items`."""
    cleaned = (clean_text(text, max_chars=max_chars).strip() for text in texts[:max_items])
    return [text for text in cleaned if text]


def clean_json(value: Any, *, depth: int = 0) -> Any:
    """Return the value as jsonb can keep it: clean texts and keys, no NaN, no bottomless nesting."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if depth >= MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {clean_text(str(k)): clean_json(v, depth=depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean_json(item, depth=depth + 1) for item in value]
    return clean_text(str(value))


def clean_time(moment: datetime | None) -> datetime | None:
    """Return the moment in UTC, or None when it is missing or outside the years that can be read back.

    A moment without a time zone is taken as UTC.
    """
    if moment is None:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    try:
        in_utc = aware.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return in_utc if EARLIEST <= in_utc <= LATEST else None


def clean_span(span: timedelta, *, most: timedelta = timedelta(days=366)) -> timedelta:
    """Return the span between nothing and `most`, so that no due time can leave the calendar."""
    return min(max(span, timedelta(0)), most)


def _join_pair(match: re.Match[str]) -> str:
    high, low = match.group()
    return chr(0x10000 + ((ord(high) - 0xD800) << 10) + (ord(low) - 0xDC00))
