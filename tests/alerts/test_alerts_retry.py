import random
from datetime import UTC, datetime, timedelta

import pytest

from alerts.outcome import ChannelGone, Delivered, Outcome, Pace, Refused, TryLater, Unknown
from alerts.retry import next_attempt

OWED = datetime(2026, 11, 1, tzinfo=UTC)


def waits(outcome: Outcome, seed: int = 1) -> list[timedelta]:
    """Every wait of a delivery that always ends so."""
    rng, now, all_waits = random.Random(seed), OWED, []
    while (
        wait := next_attempt(len(all_waits) + 1, outcome=outcome, first_owed_at=OWED, now=now, rng=rng)
    ) is not None:
        all_waits.append(wait)
        now += wait
        assert len(all_waits) < 500
    return all_waits


def once(attempt: int, outcome: Outcome, *, after: timedelta = timedelta(0)) -> timedelta | None:
    return next_attempt(
        attempt, outcome=outcome, first_owed_at=OWED, now=OWED + after, rng=random.Random(attempt)
    )


@pytest.mark.parametrize("seed", range(20))
def test_twelve_attempts_are_spread_over_about_five_days(seed):
    tried = waits(TryLater(reason="503"), seed)

    assert len(tried) + 1 == 12
    assert timedelta(days=4) < sum(tried, timedelta(0)) < timedelta(days=5, hours=12)
    assert tried[0] < timedelta(seconds=6)
    assert max(tried) <= timedelta(hours=26, minutes=24)


def test_a_mail_server_that_says_later_is_asked_after_1_5_15_30_minutes_then_hourly_for_five_days():
    tried = waits(TryLater(reason="451 greylisted", pace=Pace.MAIL))

    minutes = [wait / timedelta(minutes=1) for wait in tried]
    assert minutes[:6] == pytest.approx([1, 5, 15, 30, 60, 60], rel=0.1)
    assert minutes[4:] == pytest.approx([60] * len(minutes[4:]), rel=0.1)
    assert timedelta(days=5) <= sum(tried, timedelta(0)) < timedelta(days=5, hours=2)


@pytest.mark.parametrize("asked", [60, 600, 7200, 86_000])
def test_a_retry_after_is_obeyed_within_a_tenth_and_never_early(asked):
    wait = once(1, TryLater(reason="429", retry_after=timedelta(seconds=asked)))

    assert wait is not None
    assert timedelta(seconds=asked) <= wait <= min(timedelta(seconds=asked * 1.1), timedelta(days=1))


def test_a_huge_retry_after_waits_a_day_and_a_negative_one_is_no_wish():
    assert once(1, TryLater(reason="429", retry_after=timedelta(days=30_000))) == timedelta(days=1)
    assert once(1, TryLater(reason="429", retry_after=timedelta(seconds=-5))) < timedelta(seconds=6)
    assert once(1, TryLater(reason="429", retry_after=timedelta(0))) < timedelta(seconds=6)


def test_a_short_retry_after_cannot_use_up_the_days_of_trying():
    tried = waits(TryLater(reason="429", retry_after=timedelta(seconds=1)))

    assert sum(tried, timedelta(0)) > timedelta(days=3)


def test_waits_differ_so_that_a_crowd_does_not_come_back_at_once():
    assert len({waits(TryLater(reason="503"), seed)[3] for seed in range(20)}) == 20


@pytest.mark.parametrize("final", [Delivered(detail="ok"), Refused(reason="550"), ChannelGone(reason="410")])
def test_what_is_final_is_not_tried_again(final):
    assert once(1, final) is None


def test_what_may_have_arrived_is_tried_again_but_not_within_seconds():
    first = once(1, Unknown(reason="lost after DATA"))

    assert first is not None
    assert first > timedelta(seconds=50)
    assert len(waits(Unknown(reason="lost"))) + 1 == 12


def test_a_message_found_late_still_gets_a_fair_number_of_tries():
    week = timedelta(days=7)

    assert once(1, TryLater(reason="503"), after=week) is not None
    assert once(4, TryLater(reason="451", pace=Pace.MAIL), after=week) is not None
    assert once(5, TryLater(reason="451", pace=Pace.MAIL), after=week) is None
