"""The pace of each source: when to look again, from its own rhythm and from what the last visit brought."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from spiders.fetching import FailureKind, FetchFailed

CEILING = timedelta(hours=1)  # Miniflux's slowest default; a silent source is still asked once an hour
LONGEST_BACKOFF = timedelta(hours=24)
QUICKEN, SLACKEN = 0.6, 1.1
JITTER = 0.1  # spreads sources that were added together
HOURS = 24
EXPECTED = 0.5  # entries that a visit should find: asked twice as often as something comes
MEMORY = timedelta(hours=5)  # of one hour of the day: what was new at noon today counts for a fifth tomorrow
WIDEST_LOOK_BACK = timedelta(days=30)

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
    *,
    every: timedelta,
    interval: timedelta,
    new_entries: int,
    rhythm: Sequence[float] = (),
    now: datetime | None = None,
    rng: random.Random | None = None,
) -> Pace:
    """Quicken at once when news came or is due at this time of day, slacken step by step when none is.

    Between the source's floor `every` and an hour. `rhythm` is entries per hour for each hour of the day (UTC).
    """
    interval = interval or every
    wanted = _wanted(rhythm, now)
    aim = min(interval * QUICKEN, wanted) if new_entries else min(interval * SLACKEN, max(wanted, every))
    interval = min(max(aim, every), max(CEILING, every))
    return Pace(interval=interval, due_in=_jittered(interval, rng), failures=0.0)


def after_failure(
    *,
    every: timedelta,
    interval: timedelta,
    failures: float,
    failed: FetchFailed,
    rng: random.Random | None = None,
) -> Pace:
    """Ask once more soon, to be sure, then back off doubling with the weight of the failures; never switched off.

    Retry-After is obeyed up to a day.
    """
    failures = failures + WEIGHT[failed.kind]
    backoff = min(LONGEST_BACKOFF, every * 2 ** min(max(failures - 1, 0.0), 10.0))
    due_in = max(backoff, min(failed.retry_after or timedelta(0), LONGEST_BACKOFF))
    return Pace(interval=interval or every, due_in=_jittered(due_in, rng), failures=failures)


def rhythm_of(published: Sequence[datetime], now: datetime) -> list[float]:
    """A first guess from the times that a first look's entries carry: their rate, the same for every hour."""
    told = sorted(time for time in published if now - WIDEST_LOOK_BACK <= time <= now)
    if len(told) < 2:
        return []
    hours = max((now - told[0]) / timedelta(hours=1), 1.0)
    return [len(told) / hours] * HOURS


def rhythm_after(
    rhythm: Sequence[float], *, new_entries: int, since: timedelta | None, now: datetime
) -> list[float]:
    """The rhythm with one more visit in it; `since` is the time that has passed since the visit before.

    Each hour of the day is an exponential mean of its own, so that nights, mornings and bursts stay apart.
    """
    if since is None or since <= timedelta(0):
        return list(rhythm)
    passed = since / timedelta(hours=1)
    seen = new_entries / passed
    if len(rhythm) != HOURS:
        return [seen] * HOURS if new_entries else []
    weight = 1 - math.exp(-min(passed, 1.0) / (MEMORY / timedelta(hours=1)))
    touched = {(now - timedelta(hours=back)).hour for back in range(min(HOURS, math.ceil(passed)))}
    return [rate + weight * (seen - rate) if hour in touched else rate for hour, rate in enumerate(rhythm)]


def expected_between(rhythm: Sequence[float], start: datetime, end: datetime) -> float:
    """How many entries the rhythm makes one expect from `start` to `end`; 0 when it is not known."""
    if len(rhythm) != HOURS or end <= start:
        return 0.0
    days, rest = divmod(end - start, timedelta(days=1))
    total, at = days * sum(rhythm), end - rest
    while at < end:
        step = min(end, at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        total += rhythm[at.hour] * ((step - at) / timedelta(hours=1))
        at = step
    return total


def _wanted(rhythm: Sequence[float], now: datetime | None) -> timedelta:
    """The interval that finds half an entry a visit, in this hour or the next: no sleeping into the morning."""
    if len(rhythm) != HOURS or now is None:
        return CEILING
    rate = max(rhythm[now.hour], rhythm[(now.hour + 1) % HOURS])
    return CEILING if rate <= 0 else min(CEILING, timedelta(hours=1) * (EXPECTED / rate))


def _jittered(interval: timedelta, rng: random.Random | None) -> timedelta:
    spread = (rng or random).uniform(1 - JITTER, 1 + JITTER)
    return interval * spread
