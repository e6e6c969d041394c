"""Volume, decided: a noisy rhythm is no spike, a surge is one soon, and time without sight says nothing."""

import math
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.durations import parse_duration, spell
from rules.rule import RuleError, compile_rule
from rules.volume import (
    DAY,
    Act,
    Hush,
    Surge,
    Window,
    by_chance,
    decide_count,
    decide_silence,
    decide_spike,
    usual_of,
)
from rules.volumespec import Absence, Count, Spike
from rules.watched import Watched

HOUR, SLOT = timedelta(hours=1), timedelta(minutes=10)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
START = datetime(2026, 1, 5, tzinfo=UTC)
COUNT = Count(query="a", window=HOUR, at_least=5)
ABSENCE = Absence(query="a", silence=6 * HOUR)


def spike(**changes: Any) -> Spike:
    values: dict[str, Any] = {"window": DAY, "baseline": 14 * DAY, "factor": 3, "fewest": 8, **changes}
    return Spike(query="a", **values)


def past(*counts: float, now: int = 0) -> list[Window]:
    return [Window(count=now), *(Window(count=round(one)) for one in counts)]


def act(now: int, *, surge: Surge | None = None, windows: Sequence[float] = (3,) * 14, **more: Any) -> Act:
    return decide_spike(spike(), surge, past(*windows, now=now), now=NOW, **more).act


def test_a_spike_begins_at_the_factor_and_the_fewest_whichever_is_more() -> None:
    threshold = decide_spike(spike(), None, past(*(5,) * 14), now=NOW).threshold

    assert threshold == 15
    assert decide_spike(spike(), None, past(*(0,) * 14), now=NOW).threshold == 8
    assert (act(14, windows=(5,) * 14), act(15, windows=(5,) * 14)) == (Act.REST, Act.OPEN)


def test_the_reason_says_how_many_how_many_usually_and_from_when_on() -> None:
    verdict = decide_spike(spike(), None, past(*(3, 3, 3, 3, 3, 3, 4) * 2, now=24), now=NOW)

    assert verdict.reason == "24 stories in 1d, usually 3.14 (at this time of the week 4); alerts at 12"


def test_small_numbers_must_be_more_than_chance_brings() -> None:
    verdict = decide_spike(spike(factor=1.2, fewest=2), None, past(*(2,) * 14), now=NOW)

    assert verdict.threshold >= 7
    assert by_chance(2.0, 1.0, 0.001) == 9  # Poisson: P(X >= 8) = 0.0011, P(X >= 9) = 0.0002
    assert by_chance(1000.0, 1.0, 0.001) == pytest.approx(1098, abs=2)
    assert by_chance(0.0, 1.0, 0.001) == 0


def test_a_weekday_is_compared_with_its_like() -> None:
    quiet = past(*(40, 40, 40, 40, 40, 5, 5) * 2, now=80)  # back from now: the seventh is this weekday
    busy = past(*(5, 5, 40, 40, 40, 40, 40) * 2, now=80)

    assert usual_of(spike(), quiet[1:]).same_time == 5  # type: ignore[union-attr]
    assert decide_spike(spike(), None, quiet, now=NOW).act is Act.OPEN
    assert usual_of(spike(), busy[1:]).same_time == 40  # type: ignore[union-attr]
    assert decide_spike(spike(), None, busy, now=NOW).act is Act.REST


def test_the_quiet_hours_of_before_are_no_measure_when_the_day_has_shifted() -> None:
    night = [0] * 9 + [6] * 15  # back from now: nothing at these hours of each day, much at the others
    hourly = spike(window=HOUR, baseline=14 * DAY, factor=3, fewest=2)

    verdict = decide_spike(hourly, None, past(*(night[::-1] * 14), now=9), now=NOW)
    assert verdict.usual is not None
    assert verdict.usual.same_time is not None
    assert verdict.usual.same_time < verdict.usual.overall / 2
    assert verdict.usual.expected == verdict.usual.overall
    assert verdict.act is Act.REST


def test_an_earlier_surge_does_not_hide_the_next() -> None:
    assert act(20, windows=(3, 3, 90, 80, *(3,) * 10)) is Act.OPEN


def test_what_was_not_watched_is_not_nothing() -> None:
    blind = [Window(count=0, covered=0.1)] * 6
    seen = [Window(count=5)] * 8

    assert decide_spike(spike(), None, [Window(count=13), *seen, *blind], now=NOW).act is Act.REST
    half = usual_of(spike(), [Window(count=2, covered=0.5)] * 14)
    assert half is not None
    assert half.overall == 4
    assert usual_of(spike(), [Window(count=5)] * 2 + blind * 2) is None


def test_news_that_waited_while_nobody_looked_is_no_spike() -> None:
    assert act(12, windows=(3,) * 14) is Act.OPEN
    assert act(12, windows=(3,) * 14, backlog=DAY) is Act.REST


def test_it_learns_for_a_week_or_half_a_shorter_baseline() -> None:
    six, eight = [Window(count=9), *[Window(count=0)] * 6], [Window(count=9), *[Window(count=0)] * 8]
    unseen = [Window(count=0, covered=0.0)] * 8

    verdict = decide_spike(spike(), None, [*six, *unseen], now=NOW)
    assert (verdict.act, verdict.reason) == (Act.LEARN, "learning what is usual: watched for 6.0 of 7.0 days")
    assert decide_spike(spike(), None, [*eight, *unseen[2:]], now=NOW).act is Act.OPEN
    short = spike(window=HOUR, baseline=DAY)
    assert decide_spike(short, None, [*six, *six, Window(count=1)], now=NOW).act is not Act.LEARN


def test_a_surge_is_told_once_and_once_more_when_it_doubles() -> None:
    told = Surge(told=12, tellings=1, above_at=NOW)
    twice = Surge(told=24, tellings=2, above_at=NOW)

    assert [act(n, surge=told) for n in (12, 23, 24)] == [Act.HOLD, Act.HOLD, Act.RAISE]
    assert act(90, surge=twice) is Act.HOLD


def test_a_surge_ends_below_half_or_after_a_window_below_its_threshold() -> None:
    fresh, stale = (Surge(told=12, tellings=1, above_at=NOW - span) for span in (HOUR, DAY + HOUR))

    assert act(5, surge=fresh) is Act.HOLD
    assert act(4, surge=fresh) is Act.CLOSE
    assert act(5, surge=stale) is Act.CLOSE
    assert act(13, surge=stale) is Act.HOLD


def test_a_count_is_told_from_its_number_on() -> None:
    surge = Surge(told=5, tellings=1, above_at=NOW)

    assert [decide_count(COUNT, None, n, now=NOW).act for n in (4, 5)] == [Act.REST, Act.OPEN]
    assert [decide_count(COUNT, surge, n, now=NOW).act for n in (2, 3, 9, 10)] == [
        Act.CLOSE,
        Act.HOLD,
        Act.HOLD,
        Act.RAISE,
    ]


def hush(watched: float, unbroken: float = 24, **more: bool) -> Act:
    state = Hush(since=NOW - DAY, watched=watched * HOUR, unbroken=unbroken * HOUR, **more)
    return decide_silence(ABSENCE, state).act


def test_a_silence_begins_when_it_was_watched_for_long_enough_without_a_break_at_its_end() -> None:
    assert (hush(5.9), hush(6), hush(6, 0.4), hush(6, 0.5)) == (Act.REST, Act.OPEN, Act.REST, Act.OPEN)
    assert hush(20, is_open=True) is Act.HOLD
    assert hush(0, is_open=True, came=True) is Act.CLOSE


def test_watched_time_is_what_lies_in_slots() -> None:
    starts = [NOW + n * SLOT for n in (0, 1, 2, 6, 7)]
    watched = Watched(starts=starts, length=SLOT)

    assert watched.within(NOW, NOW + 2 * HOUR) == 5 * SLOT
    assert watched.within(NOW + SLOT / 2, NOW + 2 * SLOT + SLOT / 2) == 2 * SLOT
    assert watched.share(NOW, NOW + HOUR) == 0.5
    assert watched.unbroken(NOW + 8 * SLOT) == 2 * SLOT
    assert watched.unbroken(NOW + 12 * SLOT) == timedelta(0)
    assert watched.blind_before(NOW + 6 * SLOT - timedelta(seconds=1), since=NOW) > 2 * SLOT
    assert watched.blind_before(NOW + 2 * SLOT, since=NOW) == timedelta(0)
    assert Watched(starts=[], length=SLOT).unbroken(NOW) == timedelta(0)


@pytest.mark.parametrize("text", ["90s", "5m", "36h", "1d", "14d", "0s"])
def test_a_duration_is_spelled_as_it_is_read(text: str) -> None:
    read = parse_duration(text)

    assert isinstance(read, timedelta)
    assert parse_duration(spell(read)) == read


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (
            {"spike": {"query": "a", "window": "1d", "baseline": "2d"}},
            "baseline 2d holds fewer than 3 windows of 1d",
        ),
        ({"spike": {"query": "a", "window": "10m"}}, "window 10m is too short; it may be 1h to 7d"),
        ({"spike": {"query": "a", "baseline": "100d"}}, "baseline 100d is too long"),
        ({"spike": {"query": "a", "factor": 1}}, "spike.factor"),
        ({"spike": {"query": "a", "window": "a day"}}, "spike.window: 'a day' is not a duration"),
        ({"spike": {"query": "a", "per": "country"}}, "spike.per"),
        ({"spike": {"query": "a", "facter": 2}}, "spike.facter: unknown key; known here: query, window"),
        ({"count": {"query": "a", "at_least": 1}}, "count.at_least"),
        ({"count": {"query": "a", "within": "90d"}}, "within 90d is too long"),
        ({"count": {"query": "(a"}}, "count.query: column 1"),
        ({"absence": {"query": "a", "for": "5m"}}, "for 5m is too short; it may be 20m to 90d"),
        ({"absence": {"query": "a", "silence": "6h"}}, "known here: query, for"),
        ({"count": {"query": "a"}, "absence": {"query": "a"}}, "count: stands beside another"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_its_place(definition: Mapping[str, Any], said: str) -> None:
    with pytest.raises(RuleError) as error:
        compile_rule(name="my rule", definition=definition)

    assert said in str(error.value)


def test_a_rule_that_counts_has_no_query_beside() -> None:
    with pytest.raises(RuleError, match="make it a rule of its own"):
        compile_rule(name="r", query="a", definition={"count": {"query": "b"}})


# --- Simulated months -------------------------------------------------------------------------------------------------

BY_HOUR = (
    *(0.2, 0.1, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6, 1.8, 1.8, 1.7, 1.6),
    *(1.5, 1.5, 1.5, 1.4, 1.4, 1.3, 1.2, 1.1, 0.9, 0.7, 0.5, 0.3),
)


def rate(at: datetime, per_day: float, ramadan: range) -> float:
    """Stories an hour: a day's rhythm, quiet Fridays and Saturdays, and weeks in which the night is the day."""
    fasting = (at - START).days in ramadan
    hour = (at.hour - 6) % 24 if fasting else at.hour
    weekday = 0.4 if at.weekday() in (4, 5) else 1.2
    return per_day * BY_HOUR[hour] / sum(BY_HOUR) * weekday * (1.3 if fasting else 1.0)


def poisson(rng: random.Random, mean: float) -> int:
    level, number, product = math.exp(-mean), 0, rng.random()
    while product > level:
        number += 1
        product *= rng.random()
    return number


def months(rng: random.Random, per_day: float, days: int) -> list[float]:
    """Seconds at which stories come: the rate, days that are loud or quiet for no reason, and stories in twos."""
    found: list[float] = []
    for day in range(days):
        mood = math.exp(rng.gauss(0, 0.35) - 0.06)
        for hour in range(24):
            at = START + day * DAY + hour * HOUR
            for _ in range(poisson(rng, rate(at, per_day, range(40, 70)) * mood / 1.3)):
                moment = (day * 24 + hour + rng.random()) * 3600
                found += [moment, moment + 2400 * rng.random()] if rng.random() < 0.3 else [moment]
    return sorted(found)


@dataclass
class Replay:
    """The minutes of some months, each with its decision, as the clock would make them."""

    spec: Spike
    stories: list[float]

    def alarms(self, first: float, last: float, *, every: float = 1200) -> list[float]:
        surge, found, at = None, list[float](), first
        while at < last:
            windows = self._windows(at)
            now = START + timedelta(seconds=at)
            if surge or windows[0].count >= self.spec.fewest:
                verdict = decide_spike(self.spec, surge, windows, now=now)
                if verdict.act is Act.OPEN:
                    surge = Surge(told=windows[0].count, tellings=1, above_at=now)
                    found.append(at)
                elif verdict.act is Act.CLOSE:
                    surge = None
                elif surge and windows[0].count >= verdict.threshold:
                    surge = Surge(told=surge.told, tellings=surge.tellings, above_at=now)
            at += every
        return found

    def _windows(self, at: float) -> list[Window]:
        length = self.spec.window.total_seconds()
        ends = [bisect_right(self.stories, at - n * length) for n in range(self.spec.windows + 2)]
        shares = [min(1.0, max(0.0, (at - n * length) / length)) for n in range(self.spec.windows + 1)]
        return [
            Window(count=newer - older, covered=share)
            for newer, older, share in zip(ends, ends[1:], shares, strict=False)
        ]


SPECS = {
    "a day": spike(),
    "a day, twice the usual": spike(baseline=28 * DAY, factor=2),
    "six hours": spike(window=6 * HOUR),
    "an hour": spike(window=HOUR, factor=4, fewest=5),
}
DAYS = 75


@pytest.mark.parametrize("name", [pytest.param(name) for name in ("a day", "six hours")])
def test_a_noisy_rhythm_raises_no_more_than_one_false_alarm_in_a_month(name: str) -> None:
    raised = [_false_alarms(SPECS[name], per_day, seed=1) for per_day in (3, 12)]

    assert sum(raised) <= 2 * (DAYS - 7) / 30, raised


@pytest.mark.parametrize("name", ["a day", "six hours", "an hour"])
def test_a_real_surge_is_told_within_its_first_window(name: str) -> None:
    for per_day in (3, 12):
        delay = _delay(SPECS[name], per_day, seed=1)
        assert delay is not None
        assert delay <= SPECS[name].window.total_seconds()


@pytest.mark.campaign
@pytest.mark.parametrize("per_day", [1, 3, 12, 60])
@pytest.mark.parametrize("name", SPECS)
def test_months_of_every_kind_of_rule_are_quiet_and_each_surge_is_told(name: str, per_day: float) -> None:
    seeds = range(1, 4)
    raised = [_false_alarms(SPECS[name], per_day, seed=seed) for seed in seeds]
    delays = [_delay(SPECS[name], per_day, seed=seed) for seed in seeds]

    assert sum(raised) <= len(seeds) * (DAYS - 7) / 30, raised
    assert None not in delays
    hours = sorted(delay / 3600 for delay in delays if delay is not None)
    print(
        f"{name}, {per_day} a day: {sum(raised)} false in {len(seeds) * DAYS / 30:.1f} months, delays h {hours}"
    )


def _false_alarms(spec: Spike, per_day: float, *, seed: int) -> int:
    stories = months(random.Random(seed), per_day, DAYS)
    return len(Replay(spec, stories).alarms(0, DAYS * 86400))


def _delay(spec: Spike, per_day: float, *, seed: int) -> float | None:
    """Seconds from the beginning of a surge on top of the rhythm until it is told; None when it never is.

    It brings the factor and three more times what such a window had at its busiest time of the last days, and no less
    than three times the fewest.
    """
    rng = random.Random(seed)
    stories = months(rng, per_day, DAYS)
    begins = (70 + seed % 4) * 86400.0 + 13 * 3600
    window = spec.window.total_seconds()
    length = min(spec.window, 12 * HOUR).total_seconds()
    days = [bisect_right(stories, begins - n * 86400) for n in range(8)]
    usual = (days[0] - days[7]) / 7 * (window / 86400) * (1.8 if spec.window < DAY else 1.2)
    extra = max(3 * spec.fewest, round((spec.factor + 3) * usual))
    surge = [begins + length * rng.random() for _ in range(extra)]
    told = Replay(spec, sorted(stories + surge)).alarms(begins, begins + 86400, every=300)
    return told[0] - begins if told else None
