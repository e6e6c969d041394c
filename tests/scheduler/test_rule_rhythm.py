"""When a rule is silent against its own rhythm, and when it floods."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest

from scheduler.rulerhythm import (
    DAY,
    HISTORY,
    HOUR,
    WEEK,
    Rhythm,
    Silence,
    chance_of_none,
    flood_of,
    silence_of,
)

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
LAST = MONDAY + 4 * WEEK
QUIET_DAYS = (4, 5)  # Friday and Saturday


def hours(first: datetime, last: datetime) -> Iterable[datetime]:
    while first < last:
        yield first
        first += HOUR


def articles(last: datetime, per_hour: int = 100, first: datetime = MONDAY) -> Mapping[datetime, int]:
    return dict.fromkeys(hours(first, last), per_hour)


def steady(every_hours: int = 3, *, begins: datetime = MONDAY, until: datetime = LAST) -> dict[datetime, int]:
    """A match every few hours, but none on its quiet days."""
    return {
        hour: 1
        for hour in hours(begins, until)
        if hour.hour % every_hours == 0 and hour.weekday() not in QUIET_DAYS
    }


def judged(
    matches: Mapping[datetime, int],
    now: datetime,
    *,
    begins: datetime = MONDAY,
    read: Mapping[datetime, int] | None = None,
) -> Silence | None:
    last = max(matches) + HOUR / 2
    rhythm = Rhythm(
        begins_at=max(begins, last - HISTORY),
        last_at=last,
        matches=matches,
        articles=articles(now) if read is None else read,
    )
    return silence_of(rhythm, now)


def test_a_rule_that_stops_is_silent_once_that_can_hardly_be_chance() -> None:
    matches = {hour: 1 for hour in hours(MONDAY, LAST) if hour.hour % 2 == 0}

    assert judged(matches, LAST + 12 * HOUR) is None
    silence = judged(matches, LAST + 24 * HOUR)

    assert silence is not None
    assert silence.since == max(matches) + HOUR / 2
    assert 10 < silence.expected < 13
    assert silence.chance < 1e-4
    assert silence.articles == 2500


def test_the_days_on_which_it_never_matches_are_no_silence() -> None:
    matches = steady(until=LAST - 3 * DAY)  # its last match is on a Thursday evening
    saturday_night = LAST - DAY - HOUR

    assert max(matches).weekday() == 3
    assert judged(matches, saturday_night) is None
    assert judged(matches, saturday_night + 4 * DAY) is not None


@pytest.mark.parametrize("weeks", [0.5, 1, 1.9])
def test_a_rule_is_not_judged_before_it_has_shown_two_weeks(weeks: float) -> None:
    begins = LAST - weeks * WEEK

    assert judged(dict.fromkeys(hours(begins, LAST), 3), LAST + 2 * DAY, begins=begins) is None


def test_a_rule_that_matches_seldom_is_not_judged() -> None:
    matches = {MONDAY + n * 1.5 * DAY: 1 for n in range(18)}

    assert judged(matches, LAST + 20 * DAY) is None


def test_while_nothing_is_collected_no_rule_is_silent() -> None:
    matches = dict.fromkeys(hours(MONDAY, LAST), 1)
    until_the_fall = articles(LAST)

    assert judged(matches, LAST + 3 * DAY, read=until_the_fall) is None
    assert judged(matches, LAST + 3 * DAY) is not None


def test_a_pause_as_it_took_before_is_no_silence() -> None:
    """It was away for six days once, from the Wednesday of its second week."""
    left = MONDAY + WEEK + 2 * DAY
    matches = {hour: 3 for hour in hours(MONDAY, LAST) if not left <= hour < left + 6 * DAY}

    assert judged(matches, LAST + 5 * DAY) is None
    assert judged(matches, LAST + 13 * DAY) is not None


def test_a_burst_that_is_over_is_no_silence() -> None:
    calm = {hour: 1 for hour in hours(MONDAY, LAST) if hour.hour == 6}
    burst = dict.fromkeys(hours(MONDAY + 10 * DAY, MONDAY + 12 * DAY), 40)

    assert judged({**calm, **burst}, LAST + 4 * DAY) is None


def test_a_story_that_fades_is_no_silence() -> None:
    """The last week counts as much as all four: what has become rare is not missed."""
    loud = dict.fromkeys(hours(MONDAY, MONDAY + 2 * WEEK), 5)
    fading = {hour: 1 for hour in hours(MONDAY + 2 * WEEK, LAST) if hour.hour == 9}

    assert judged({**loud, **fading}, LAST + 4 * DAY) is None


def test_the_more_its_days_differ_the_less_a_silence_means() -> None:
    assert chance_of_none(10, [10] * 28, 1) == pytest.approx(4.5e-5, rel=0.01)
    assert chance_of_none(10, [0, 20] * 14, 1) > 0.03
    assert chance_of_none(0, [0] * 28, 1) == 1


def test_false_alarms_are_rare_on_noisy_rhythms() -> None:
    """Sixteen weeks of bursty rules with quiet nights and weekends, asked every third hour: at most one alarm."""
    alarms = sum(_alarms(random.Random(seed), rate) for seed, rate in ((1, 2.0), (2, 6.0), (3, 20.0)))

    assert alarms <= 1


def _alarms(rng: random.Random, a_day: float) -> int:
    end = MONDAY + 9 * WEEK
    moments: list[datetime] = []
    level = 1.0
    for hour in hours(MONDAY, end):
        if hour.hour == 0:
            level = 0.6 * level + 0.4 * rng.gammavariate(0.7, 1 / 0.7)
        quiet = (0.3 if hour.weekday() in QUIET_DAYS else 1.3) * (0.2 if hour.hour < 6 else 1.3)
        rate = a_day / 24 * quiet * level
        while rng.random() < rate:
            moments.append(hour)
            rate -= 1
    read = articles(end)
    counted = Counter(moments)
    found = 0
    for now in list(hours(MONDAY + 3 * WEEK, end))[::3]:
        before = [moment for moment in moments if moment < now]
        last = before[-1] + HOUR / 2
        if now - last < 12 * HOUR:
            continue
        begins = max(MONDAY, last - HISTORY)
        matches = {hour: count for hour, count in counted.items() if begins <= hour < now}
        rhythm = Rhythm(begins_at=begins, last_at=last, matches=matches, articles=read)
        found += silence_of(rhythm, now) is not None
    return found


def test_a_rule_floods_when_a_day_is_far_louder_than_its_loudest() -> None:
    usual = [12, 20, 8, 15, 11, 9, 14] * 4

    assert flood_of([59, *usual], known_days=28, is_open=False) is None
    flood = flood_of([61, *usual], known_days=28, is_open=False)

    assert flood is not None
    assert (flood.count, flood.busiest) == (61, 20)


def test_fifty_alerts_a_day_can_be_read_however_unusual_they_are() -> None:
    assert flood_of([49, *[0] * 28], known_days=28, is_open=False) is None
    assert flood_of([51, *[0] * 28], known_days=28, is_open=False) is not None


def test_a_new_rule_has_no_usual_to_flood_against() -> None:
    assert flood_of([900, *[0] * 28], known_days=6, is_open=False) is None
    assert flood_of([900, *[0] * 28], known_days=7, is_open=False) is not None


def test_a_flood_is_over_only_when_the_day_is_calm_again() -> None:
    usual = [20] * 28

    assert flood_of([40, *usual], known_days=28, is_open=True) is not None
    assert flood_of([29, *usual], known_days=28, is_open=True) is None
