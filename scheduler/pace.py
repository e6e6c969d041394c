"""The pace of each source: when to look again, from what the last visit brought."""

import random
from dataclasses import dataclass
from datetime import timedelta

from spiders.fetching import FailureKind, FetchFailed

CEILING = timedelta(hours=1)  # Miniflux's slowest default; a silent source is still asked once an hour
LONGEST_BACKOFF = timedelta(hours=24)
QUICKEN, SLACKEN = 0.6, 1.1
JITTER = 0.1  # spreads sources that were added together

# Weights as in Media Cloud's rss-fetcher: an outage of theirs counts for less than an answer that says "no".
WEIGHT = {
    FailureKind.DNS: 0.5,
    FailureKind.CONNECT: 0.5,
    FailureKind.TIMEOUT: 0.5,
    FailureKind.HTTP: 0.5,
    FailureKind.GONE: 1.0,
    FailureKind.BLOCKED: 1.0,
    FailureKind.TLS: 1.0,
    FailureKind.REDIRECT: 1.0,
    FailureKind.TOO_LARGE: 1.0,
    FailureKind.PROTOCOL: 1.0,
    FailureKind.REFUSED: 1.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often to look, when next, and how much trouble the source has given since its last good visit."""

    interval: timedelta
    due_in: timedelta
    failures: float


def after_visit(
    *, every: timedelta, interval: timedelta, new_entries: int, rng: random.Random | None = None
) -> Pace:
    """Quicken when news came, slacken when none did, between the source's floor and an hour."""
    wanted = (interval or every) * (QUICKEN if new_entries else SLACKEN)
    interval = min(max(wanted, every), max(CEILING, every))
    return Pace(interval=interval, due_in=_jittered(interval, rng), failures=0.0)


def after_failure(
    *,
    every: timedelta,
    interval: timedelta,
    failures: float,
    failed: FetchFailed,
    rng: random.Random | None = None,
) -> Pace:
    """Back off doubling with the weight of the failures; Retry-After is obeyed; never switched off."""
    failures = failures + WEIGHT[failed.kind]
    backoff = min(LONGEST_BACKOFF, every * 2 ** min(failures, 10.0))
    due_in = max(backoff, min(failed.retry_after or timedelta(0), LONGEST_BACKOFF))
    return Pace(interval=interval or every, due_in=_jittered(due_in, rng), failures=failures)


def _jittered(interval: timedelta, rng: random.Random | None) -> timedelta:
    spread = (rng or random).uniform(1 - JITTER, 1 + JITTER)
    return interval * spread
