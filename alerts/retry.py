"""When to try again: twelve attempts over five days; hourly where a mail server asks for patience."""

import random
from datetime import datetime, timedelta

from alerts.outcome import Outcome, Pace, TryLater, Unknown

PATIENCE = timedelta(days=5)  # RFC 5321 4.5.4.1: give up after 4 to 5 days
LONGEST_WAIT = timedelta(hours=24)  # whatever a Retry-After says
LEAST_ATTEMPTS = 5  # a message found late, after our own outage, still gets a fair number of tries
OBEYED_AS_GIVEN = 6  # a short Retry-After may use up the first tries, never those for the long wait
JITTER = 0.1

# The waits of BACKOFF add up to 4 days and 20 hours.
BACKOFF = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 1800, 7200, 18_000, 43_200, 86_400, 86_400, 86_400, 86_400)
)
MAIL = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))  # the last one repeats
UNKNOWN = (timedelta(minutes=1), *BACKOFF[1:])  # each try may be a second copy: not within seconds


def next_attempt(
    attempt: int, *, outcome: Outcome, first_owed_at: datetime, now: datetime, rng: random.Random
) -> timedelta | None:
    """How long to wait after attempt number `attempt` (from 1) ended so; None when it was the last."""
    if not isinstance(outcome, TryLater | Unknown):
        return None
    too_late = now - first_owed_at >= PATIENCE
    if too_late and attempt >= LEAST_ATTEMPTS:
        return None
    wait = _planned(attempt, outcome)
    if wait is None:
        return None
    asked = outcome.retry_after if isinstance(outcome, TryLater) else None
    if asked is not None and asked > timedelta(0):
        return _obeyed(asked, attempt=attempt, planned=wait, rng=rng)
    return wait * rng.uniform(1 - JITTER, 1 + JITTER)


def _planned(attempt: int, outcome: TryLater | Unknown) -> timedelta | None:
    step = max(attempt, 1) - 1
    match outcome:
        case TryLater(pace=Pace.MAIL):
            return MAIL[min(step, len(MAIL) - 1)]
        case TryLater():
            return BACKOFF[step] if step < len(BACKOFF) else None
        case Unknown():
            return UNKNOWN[step] if step < len(UNKNOWN) else None


def _obeyed(asked: timedelta, *, attempt: int, planned: timedelta, rng: random.Random) -> timedelta:
    """Never sooner than asked, except that nobody makes us wait longer than a day."""
    least = asked if attempt <= OBEYED_AS_GIVEN else max(asked, planned)
    return min(least * rng.uniform(1, 1 + JITTER), LONGEST_WAIT)
