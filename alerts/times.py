"""Times as the reader's clock shows them; a clock that cannot show one never costs an alert."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken to be in it."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, as some feeds have it
        return moment.replace(tzinfo=UTC)


def local(moment: datetime, zone: str) -> datetime:
    """The moment by the clock of the zone; in UTC where the zone is not known here."""
    moment = in_utc(moment)
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OverflowError, OSError):
        return moment


def shown(moment: datetime, zone: str) -> str:
    """As in "2026-11-22 19:03 +03"; in UTC where the zone is not known here."""
    at = local(moment, zone)
    return f"{at:%Y-%m-%d %H:%M} {at.tzname() or 'UTC'}"


def clock(moment: datetime, zone: str, *, today: datetime) -> str:
    """As in "19:03" on the day of `today`, and "2026-11-20" on another: for a line that has little room."""
    day, time = shown(moment, zone).split(" ")[:2]
    return time if shown(today, zone).startswith(day) else day


def age(moment: datetime, now: datetime) -> str:
    """As in "4 min ago", for a screen."""
    gone = max(in_utc(now) - in_utc(moment), timedelta(0))
    if gone < timedelta(minutes=1):
        return "just now"
    if gone < timedelta(hours=1):
        return f"{gone // timedelta(minutes=1)} min ago"
    if gone < timedelta(days=2):
        return f"{gone // timedelta(hours=1)} h ago"
    return f"{gone.days} days ago"
