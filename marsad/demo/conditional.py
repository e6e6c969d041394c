"""Conditional requests: validators of a body, and whether a client has it already (RFC 9110, section 13)."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime


def validators_of(body: bytes, *, changed_at: datetime, now: datetime) -> dict[str, str]:
    """ETag, and Last-Modified when it is safe to give.

    A change within the running second may be followed by another that has the same date, so Last-Modified is
    given only once that second is over (RFC 9110, 8.8.2.1).
    """
    validators = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    second = changed_at.replace(microsecond=0)
    if now - second >= timedelta(seconds=1):
        validators["Last-Modified"] = format_datetime(second.astimezone(UTC), usegmt=True)
    return validators


def is_unchanged(headers: Mapping[str, str], validators: Mapping[str, str]) -> bool:
    """Whether to answer 304; If-None-Match decides alone when it is there (RFC 9110, 13.2.2)."""
    wanted = headers.get("If-None-Match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return "*" in tags or validators["ETag"] in tags
    since, modified = headers.get("If-Modified-Since"), validators.get("Last-Modified")
    return since is not None and modified is not None and _not_after(modified, since)


def _not_after(modified: str, since: str) -> bool:
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (
        ValueError,
        TypeError,
    ):  # 13.1.3: a date that cannot be read is ignored; TypeError: one without zone
        return False
