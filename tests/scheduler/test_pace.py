"""The pace of a source: floors, ceilings, back-off and Retry-After."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.pace import (
    CEILING,
    JITTER,
    LONGEST_BACKOFF,
    after_failure,
    after_visit,
    expected_between,
    rhythm_after,
    rhythm_of,
)
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


NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_first_failure_is_looked_at_again_at_the_floor_and_a_second_backs_off() -> None:
    first = after_failure(every=FIVE, interval=FIVE * 6, failures=0, failed=_failed(FailureKind.BLOCKED))
    third = after_failure(every=FIVE, interval=FIVE * 6, failures=2, failed=_failed(FailureKind.BLOCKED))

    assert first.due_in <= FIVE * (1 + JITTER)
    assert third.due_in >= FIVE * 4 * (1 - JITTER)


def test_an_hour_of_server_errors_costs_at_most_six_requests() -> None:
    waited, failures, requests = timedelta(0), 0.0, 0
    rng = random.Random(1)
    while waited < timedelta(hours=1):
        requests += 1
        pace = after_failure(every=FIVE, interval=FIVE, failures=failures, failed=_failed(), rng=rng)
        waited, failures = waited + pace.due_in, pace.failures

    assert requests <= 6


def test_a_source_is_asked_more_often_at_the_hours_when_it_publishes() -> None:
    rhythm = [0.0] * 24
    rhythm[12] = 6.0

    noon = after_visit(every=FIVE, interval=CEILING, new_entries=0, rhythm=rhythm, now=NOON)
    before = after_visit(
        every=FIVE, interval=CEILING, new_entries=0, rhythm=rhythm, now=NOON - timedelta(hours=1)
    )
    night = after_visit(
        every=FIVE, interval=FIVE, new_entries=0, rhythm=rhythm, now=NOON + timedelta(hours=9)
    )

    assert noon.interval == FIVE  # 6 an hour want a look every 5 minutes
    assert before.interval == FIVE  # and nobody sleeps into the hour
    assert night.interval == FIVE * 1.1  # slackening goes step by step


def test_the_rhythm_learns_the_hour_in_which_news_comes_and_forgets_slowly() -> None:
    rhythm = [0.0] * 24
    for day in range(5):
        for quarter in range(4):
            now = NOON + timedelta(days=day, minutes=15 * quarter)
            rhythm = rhythm_after(rhythm, new_entries=2, since=timedelta(minutes=15), now=now)

    assert rhythm[12] > 4
    assert rhythm[3] == 0
    silent = rhythm_after(rhythm, new_entries=0, since=timedelta(minutes=15), now=NOON)
    assert rhythm[12] * 0.9 < silent[12] < rhythm[12]


def test_the_first_look_gives_a_first_rhythm_from_the_times_of_its_entries() -> None:
    published = [NOON - timedelta(hours=h) for h in range(10)]

    assert rhythm_of(published, NOON)[0] == pytest.approx(10 / 9)
    assert rhythm_of([NOON + timedelta(days=3650)] * 5, NOON) == []


def test_what_a_rhythm_promises_is_counted_over_days_and_parts_of_hours() -> None:
    rhythm = [0.0] * 24
    rhythm[12], rhythm[13] = 4.0, 2.0

    assert expected_between(rhythm, NOON, NOON + timedelta(minutes=90)) == pytest.approx(5)
    assert expected_between(rhythm, NOON, NOON + timedelta(days=2)) == pytest.approx(12)
    assert expected_between([], NOON, NOON + timedelta(days=2)) == 0
