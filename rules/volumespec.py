"""What a rule about volume asks: a spike against its own baseline, a count within a time, or an absence."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules.durations import parse_duration, spell

FEWEST_WINDOWS = 3  # a baseline of fewer has nothing to compare with
SHORTEST_WINDOW, LONGEST_WINDOW = timedelta(hours=1), timedelta(days=7)
LONGEST_BASELINE = timedelta(days=90)
SHORTEST_WITHIN, LONGEST_WITHIN = timedelta(minutes=1), timedelta(days=30)
# Coverage is noted in tens of minutes: a shorter silence could not be told from a pause of our own.
SHORTEST_SILENCE, LONGEST_SILENCE = timedelta(minutes=20), timedelta(days=90)

Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """At least `fewest` stories within `window`, and `factor` times as many as the baseline has in such a window."""

    query: str
    window: timedelta
    baseline: timedelta
    factor: float
    fewest: int
    by_language: bool = False

    @property
    def windows(self) -> int:
        """How many whole windows the baseline has."""
        return self.baseline // self.window


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """At least `at_least` stories within `window`."""

    query: str
    window: timedelta
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """No story for so long."""

    query: str
    silence: timedelta


VolumeSpec = Spike | Count | Absence


class _VolumeTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    query: Annotated[str, Field(min_length=1)]


class SpikeTable(_VolumeTable):
    """spike = { query, window = "1d", baseline = "14d", factor = 3, min = 1, per = "lang" }."""

    window: Duration = timedelta(days=1)
    baseline: Duration = timedelta(days=14)
    factor: float = Field(default=3, gt=1, le=1000, allow_inf_nan=False)
    min: int = Field(default=1, ge=1)
    per: Literal["lang"] | None = None

    @model_validator(mode="after")
    def _can_be_compared(self) -> Self:
        _within("window", self.window, SHORTEST_WINDOW, LONGEST_WINDOW)
        _within("baseline", self.baseline, FEWEST_WINDOWS * SHORTEST_WINDOW, LONGEST_BASELINE)
        if self.baseline < FEWEST_WINDOWS * self.window:
            raise ValueError(
                f"baseline {spell(self.baseline)} holds fewer than {FEWEST_WINDOWS} windows of {spell(self.window)}; "
                f"make it {spell(FEWEST_WINDOWS * self.window)} or longer, or the window shorter"
            )
        return self

    def spec(self) -> Spike:
        return Spike(
            query=self.query,
            window=self.window,
            baseline=self.baseline,
            factor=self.factor,
            fewest=self.min,
            by_language=self.per is not None,
        )


class CountTable(_VolumeTable):
    """count = { query, at_least = 5, within = "1h" }."""

    at_least: int = Field(default=5, ge=2)  # for one there is the plain rule, which alerts on each story
    within: Duration = timedelta(hours=1)

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        _within("within", self.within, SHORTEST_WITHIN, LONGEST_WITHIN)
        return self

    def spec(self) -> Count:
        return Count(query=self.query, window=self.within, at_least=self.at_least)


class AbsenceTable(_VolumeTable):
    """absence = { query, for = "6h" }."""

    silence: Duration = Field(default=timedelta(hours=6), alias="for")

    @model_validator(mode="after")
    def _can_be_noticed(self) -> Self:
        _within("for", self.silence, SHORTEST_SILENCE, LONGEST_SILENCE)
        return self

    def spec(self) -> Absence:
        return Absence(query=self.query, silence=self.silence)


def _within(name: str, span: timedelta, shortest: timedelta, longest: timedelta) -> None:
    if not shortest <= span <= longest:
        raise ValueError(
            f"{name} {spell(span)} is too {'short' if span < shortest else 'long'}; "
            f"it may be {spell(shortest)} to {spell(longest)}"
        )
