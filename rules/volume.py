"""Volume: whether the stories that a rule counts are a spike, are many, or are missing; each answer with its reason.

Pure: what is counted, and when, is given. A window is as long as the rule says and ends now; those before it, of the
same length, are its past.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, sqrt
from statistics import NormalDist, fmean, median

from rules.durations import spell
from rules.volumespec import FEWEST_WINDOWS, Absence, Count, Spike

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
LEAST_COVERED = 0.5  # a window of which less was watched says nothing
LEARNING = timedelta(days=7)  # one of each weekday; half of the baseline where that is shorter
NEIGHBOURS_UP_TO = timedelta(hours=6)  # of such short windows the ones beside them are alike, too
FALSE_ALARMS_A_MONTH = 0.2  # by chance: what the factor alone would let through where numbers are small
GLANCES = 3  # a window that slides is about so many independent looks
MOST_DISPERSED = 10.0  # news comes in clumps: up to so many times the variance of chance (Poisson)
LARGE = 300.0  # from here on the normal curve is near enough
QUIET_DAYS = (
    0.7  # of the overall mean: no weekday, nor hour, is expected to be quieter; rhythms shift, as in Ramadan
)
DOUBLED = 2  # the second and last alert of a surge
ENDS_BELOW = 0.5  # of the threshold: else a count that sways around it would be a surge each time
GRACE = timedelta(minutes=30)  # after a time of blindness: until the sources have been visited again


class Act(StrEnum):
    """What is to be done about a rule now."""

    LEARN = "learn"  # too little was seen to say what is usual
    REST = "rest"
    OPEN = "open"  # something begins: tell
    RAISE = "raise"  # it has doubled: tell once more
    HOLD = "hold"  # it goes on
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How many stories a window had, and which share of it was watched."""

    count: int
    covered: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What a window usually has: of all, of those at this time of the week, and what is expected of this one."""

    overall: float
    same_time: float | None
    expected: float
    dispersion: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """A surge that people were told of: at which count last, how often, and when it was last above the threshold."""

    told: int
    tellings: int
    above_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush:
    """How a rule about absence stands: since when nothing came, and how long of that was watched, to the end."""

    since: datetime
    watched: timedelta
    unbroken: timedelta  # how long it has been watched without a break, up to now
    is_open: bool = False
    came: bool = False  # something, after the silence had begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do, and why; with the figures that it was decided by."""

    act: Act
    reason: str
    threshold: float = 0.0
    usual: Usual | None = None


def decide_spike(
    spec: Spike,
    surge: Surge | None,
    windows: Sequence[Window],
    *,
    now: datetime,
    backlog: timedelta = timedelta(0),
) -> Verdict:
    """Decide about the first of `windows`, which ends now, by those before it, the latest first.

    `backlog` is the time without sight just before the window, whose news came within it. The method: at least the
    fewest, the factor times what this time of the week has (shrunk to the overall mean, as two Mondays are few), and
    more than chance brings with this mean and scatter (negative binomial, as clumped counts are).
    """
    count, past = windows[0].count, windows[1:]
    watched = sum((min(one.covered, 1.0) for one in past), 0.0) * spec.window
    usual = usual_of(spec, past)
    if usual is None or watched < min(LEARNING, spec.baseline / 2):
        return _learning(spec, surge, watched, now)
    expected = usual.expected * (1 + backlog / spec.window)
    chance = by_chance(expected, usual.dispersion, FALSE_ALARMS_A_MONTH / GLANCES * (spec.window / MONTH))
    threshold = float(ceil(max(spec.fewest, spec.factor * expected, chance)))
    reason = f"{_stories(count)} in {spell(spec.window)}, usually {usual.overall:.3g}"
    if usual.same_time is not None:
        reason += f" (at this time of the week {usual.same_time:.3g})"
    return _judged(
        count, threshold, surge, spec.window, now, reason=f"{reason}; alerts at {threshold:g}", usual=usual
    )


def decide_count(spec: Count, surge: Surge | None, count: int, *, now: datetime) -> Verdict:
    """Decide about the count of the window that ends now."""
    reason = f"{_stories(count)} in {spell(spec.window)}; alerts at {spec.at_least}"
    return _judged(count, float(spec.at_least), surge, spec.window, now, reason=reason)


def decide_silence(spec: Absence, hush: Hush) -> Verdict:
    """Decide whether a silence begins or is over. Time without sight is not silence, nor the minutes after it."""
    since = f"nothing since {hush.since:%Y-%m-%d %H:%M} UTC"
    if hush.is_open:
        return (
            Verdict(act=Act.CLOSE, reason="something came")
            if hush.came
            else Verdict(act=Act.HOLD, reason=since)
        )
    if hush.watched < spec.silence:
        seen = timedelta(minutes=hush.watched // timedelta(minutes=1))
        return Verdict(act=Act.REST, reason=f"{since}, watched for {spell(seen)} of {spell(spec.silence)}")
    if hush.unbroken < min(GRACE, spec.silence):
        return Verdict(act=Act.REST, reason=f"{since}; waits until the sources have been visited again")
    return Verdict(act=Act.OPEN, reason=f"{since}: for {spell(spec.silence)} and longer")


def usual_of(spec: Spike, past: Sequence[Window]) -> Usual | None:
    """What is usual by the past windows, the latest first; None when too few of them were watched.

    Earlier surges count as no more than a bad day: each window is capped at three times the median and three.
    """
    seen = {ago: one.count / one.covered for ago, one in enumerate(past, 1) if one.covered >= LEAST_COVERED}
    if len(seen) < FEWEST_WINDOWS:
        return None
    cap = 3 * median(seen.values()) + 3
    rates = {ago: min(rate, cap) for ago, rate in seen.items()}
    overall = expected = fmean(rates.values())
    if spec.window < DAY:
        expected = _shrunk(_alike(rates, spec.window, DAY), expected)
    weekly = _alike(rates, spec.window, WEEK) if spec.window <= WEEK / 2 else []
    floor = overall if spec.window < DAY else QUIET_DAYS * overall
    return Usual(
        overall=overall,
        same_time=fmean(weekly) if weekly else None,
        expected=max(floor, _shrunk(weekly, expected)),
        dispersion=_dispersion(rates, spec.window, overall),
    )


def by_chance(mean: float, dispersion: float, share: float) -> float:
    """The count that a window of this mean reaches by chance in no more than this share of all windows."""
    if mean <= 0:
        return 0.0
    if mean > LARGE:
        return mean + NormalDist().inv_cdf(1 - share) * sqrt(dispersion * mean)
    spread = max(dispersion, 1.001)  # at 1 the negative binomial is Poisson's, and has no parameters
    size = mean / (spread - 1)
    likely = spread**-size  # of none at all
    count, tail = 0, 1 - likely
    while tail > share and likely > 0:
        likely *= (count + size) / (count + 1) * (1 - 1 / spread)
        count, tail = count + 1, tail - likely
    return count + 1.0


def _alike(rates: Mapping[int, float], window: timedelta, every: timedelta) -> list[float]:
    """The windows at the same time of the day or week, with those beside them where windows are short."""
    steps = range(1, max(rates) * window // every + 2)
    beside = (-1, 0, 1) if window <= NEIGHBOURS_UP_TO else (0,)
    places = {round(step * every / window) + aside for step in steps for aside in beside}
    return [rates[ago] for ago in sorted(places) if ago in rates]


def _shrunk(alike: Sequence[float], level: float) -> float:
    """Their mean, with the general level as one more of them: few windows prove little."""
    return (sum(alike) + level) / (len(alike) + 1)


def _dispersion(rates: Mapping[int, float], window: timedelta, mean: float) -> float:
    """How many times the variance of chance the windows have, at least once.

    Each is held against those a day (of short windows) or a week before and after it: a rhythm is no scatter.
    """
    apart = max(round((DAY if window < DAY else WEEK) / window), 1)
    squares = [
        (rate - _shrunk([rates[at] for at in (ago - apart, ago + apart) if at in rates], mean)) ** 2
        for ago, rate in rates.items()
    ]
    return min(max(fmean(squares) / mean, 1.0), MOST_DISPERSED) if mean > 0 else 1.0


def _judged(
    count: int,
    threshold: float,
    surge: Surge | None,
    window: timedelta,
    now: datetime,
    *,
    reason: str,
    usual: Usual | None = None,
) -> Verdict:
    """One alert when a surge begins, one more when it doubles; it ends below half the threshold, or by a window."""
    if surge is None:
        act = Act.OPEN if count >= threshold else Act.REST
    elif count >= threshold:
        act = Act.RAISE if surge.tellings == 1 and count >= DOUBLED * surge.told else Act.HOLD
    elif count < ENDS_BELOW * threshold or now - surge.above_at > window:
        act = Act.CLOSE
    else:
        act = Act.HOLD
    return Verdict(act=act, reason=reason, threshold=threshold, usual=usual)


def _learning(spec: Spike, surge: Surge | None, watched: timedelta, now: datetime) -> Verdict:
    needed = min(LEARNING, spec.baseline / 2)
    reason = f"learning what is usual: watched for {_days(watched)} of {_days(needed)} days"
    if surge is None:
        return Verdict(act=Act.LEARN, reason=reason)
    over = now - surge.above_at > spec.window
    return Verdict(act=Act.CLOSE if over else Act.HOLD, reason=reason)


def _days(span: timedelta) -> str:
    return f"{span / DAY:.1f}"


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"
