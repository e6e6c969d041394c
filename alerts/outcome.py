"""How an attempt to deliver can end: values that carry their reason, one line for people, free of secrets."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Pace(StrEnum):
    """Which timetable the next attempts follow; see `alerts.retry`."""

    BACKOFF = "backoff"  # ever longer waits
    MAIL = "mail"  # a mail server that says "later": RFC 5321 4.5.4.1, and quick for greylisting


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The other side took it."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLater:
    """Not taken now; the same message may be taken later. `retry_after` is what the other side asked for."""

    reason: str
    retry_after: timedelta | None = None
    pace: Pace = Pace.BACKOFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Never to be taken: a dead letter, which a human sees."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The line broke after the message had gone out: it may have arrived. Retried under the same id."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelGone:
    """The other side says that it is gone for good: disable the channel and tell a human by another."""

    reason: str


Outcome = Delivered | TryLater | Refused | Unknown | ChannelGone
