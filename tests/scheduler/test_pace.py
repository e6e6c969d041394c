"""The pace of a source: floors, ceilings, back-off and Retry-After."""

import random
from datetime import timedelta

import pytest

from scheduler.pace import CEILING, JITTER, LONGEST_BACKOFF, after_failure, after_visit
from spiders.fetching import FailureKind, FetchFailed

FIVE = timedelta(minutes=5)


def _failed(kind: FailureKind = FailureKind.HTTP, retry_after: timedelta | None = None) -> FetchFailed:
    return FetchFailed(url="https://paper.example/", kind=kind, reason="down", retry_after=retry_after)


def test_news_quickens_a_source_down_to_its_floor() -> None:
    pace = after_visit(every=FIVE, interval=FIVE * 4, new_entries=3)

    assert FIVE <= pace.interval < FIVE * 4
    assert after_visit(every=FIVE, interval=FIVE, new_entries=3).interval == FIVE


def test_silence_slackens_a_source_up_to_an_hour_and_no_further() -> None:
    interval = FIVE
    for _ in range(100):
        interval = after_visit(every=FIVE, interval=interval, new_entries=0).interval

    assert interval == CEILING


def test_a_floor_above_the_ceiling_stands() -> None:
    daily = timedelta(days=1)

    assert after_visit(every=daily, interval=daily, new_entries=0).interval == daily


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_kind_of_failure_backs_off_and_is_never_the_end(kind: FailureKind) -> None:
    failures, waits = 0.0, []
    for _ in range(60):
        pace = after_failure(every=FIVE, interval=FIVE, failures=failures, failed=_failed(kind))
        failures = pace.failures
        waits.append(pace.due_in)

    assert waits[-1] > waits[0]
    assert max(waits) <= LONGEST_BACKOFF * (1 + JITTER)


def test_a_good_visit_forgets_the_failures() -> None:
    assert after_visit(every=FIVE, interval=FIVE, new_entries=0).failures == 0


def test_retry_after_is_obeyed_but_not_for_ever() -> None:
    hour = after_failure(
        every=FIVE, interval=FIVE, failures=0, failed=_failed(retry_after=timedelta(hours=1))
    )
    year = after_failure(
        every=FIVE, interval=FIVE, failures=0, failed=_failed(retry_after=timedelta(days=365))
    )

    assert hour.due_in >= timedelta(hours=1) * (1 - JITTER)
    assert year.due_in <= LONGEST_BACKOFF * (1 + JITTER)


def test_sources_added_together_are_spread() -> None:
    rng = random.Random(7)

    waits = {after_visit(every=FIVE, interval=FIVE, new_entries=0, rng=rng).due_in for _ in range(20)}

    assert len(waits) == 20
