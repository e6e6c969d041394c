"""Backtest: what a rule would have found, counted in bounded memory, with samples spread over time and terms."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from rules.document import Document, Hit, Reason
from rules.highlight import Piece, snippet

MOST_POOLED = 400  # samples to choose from
MOST_MEASURED = 1_000  # hits on which it is measured what each term carries
MOST_CARRIERS = 24  # terms of which that is measured
TOO_MANY_A_DAY = 50  # alerts that nobody reads any more
PASSAGE = 160

T = TypeVar("T")


class Carrier(NamedTuple):
    """A term as reasons name it: its words, and the concept that lists them."""

    concept: str | None
    term: str

    def __str__(self) -> str:
        return f"@{self.concept}: {self.term}" if self.concept else self.term


def carriers_of(hit: Hit) -> list[Carrier]:
    """The terms that the hit names, each once, in order."""
    return list(dict.fromkeys(Carrier(reason.concept, reason.term) for reason in hit.reasons))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An article that the rule meets. `fresh` is false for what a new source brought along from its archive."""

    article_id: int
    story_id: int | None
    when: datetime
    lang: str
    source: str
    fresh: bool
    document: Document
    hit: Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A hit to be shown: the passage that met, marked, and the first of its terms."""

    article_id: int
    when: datetime
    lang: str
    source: str
    title: str
    url: str
    carrier: Carrier | None
    passage: tuple[Piece, ...]


def sample_of(seen: Seen) -> Sample:
    """The hit as it is shown: what met in the body, else in the lead, else in the title."""
    carriers = carriers_of(seen.hit)
    return Sample(
        article_id=seen.article_id,
        when=seen.when,
        lang=seen.lang,
        source=seen.source,
        title=seen.document.title,
        url=seen.document.url,
        carrier=carriers[0] if carriers else None,
        passage=_passage(seen.document, seen.hit.reasons),
    )


def _passage(document: Document, reasons: Sequence[Reason]) -> tuple[Piece, ...]:
    for name, text in (("body", document.body), ("lead", document.lead), ("title", document.title)):
        if any(reason.field == name for reason in reasons):
            return tuple(snippet(text, reasons, field=name, width=PASSAGE))
    return tuple(snippet(document.body or document.lead, (), width=PASSAGE))


@dataclass(slots=True)
class Thinned(Generic[T]):
    """Some of what was added, evenly spread over all of it: at least half of `most`, once there is so much."""

    most: int
    kept: list[T] = field(default_factory=list[T])
    _every: int = 1
    _added: int = 0

    def add(self, make: Callable[[], T]) -> None:
        """Keep every first, second, fourth ... of them; only what is kept is made."""
        if self._added % self._every == 0:
            self.kept.append(make())
            if len(self.kept) > self.most:
                del self.kept[1::2]
                self._every *= 2
        self._added += 1

    def __iter__(self) -> Iterator[T]:
        return iter(self.kept)


@dataclass(slots=True)
class Tally:
    """Counts hits as they come, the oldest first."""

    hits: int = 0
    hits_by_day: Counter[date] = field(default_factory=Counter[date])
    stories_by_day: Counter[date] = field(default_factory=Counter[date])
    alerts_by_day: Counter[date] = field(default_factory=Counter[date])
    languages: Counter[str] = field(default_factory=Counter[str])
    sources: Counter[str] = field(default_factory=Counter[str])
    carriers: Counter[Carrier] = field(default_factory=Counter[Carrier])
    measured: Thinned[int] = field(default_factory=lambda: Thinned[int](MOST_MEASURED))
    _stories: set[int] = field(default_factory=set[int])
    _pool: Thinned[Sample] = field(default_factory=lambda: Thinned[Sample](MOST_POOLED))
    _firsts: dict[Carrier, Sample] = field(default_factory=dict[Carrier, Sample])

    def add(self, seen: Seen) -> None:
        """Count one hit; its story counts on the day when it first meets, as it would alert once."""
        day = seen.when.date()
        self.hits += 1
        self.hits_by_day[day] += 1
        self.languages[seen.lang] += 1
        self.sources[seen.source] += 1
        self.carriers.update(carriers_of(seen.hit))
        self.measured.add(lambda: seen.article_id)
        self._pool_sample(seen)
        if seen.story_id is None or seen.story_id not in self._stories:
            self.stories_by_day[day] += 1
            self.alerts_by_day[day] += seen.fresh
        if seen.story_id is not None:
            self._stories.add(seen.story_id)

    def _pool_sample(self, seen: Seen) -> None:
        """One more to choose from; a term that met for the first time is sure to be among them."""
        carrier = next(iter(carriers_of(seen.hit)), None)
        if carrier is not None and carrier not in self._firsts and len(self._firsts) < MOST_POOLED:
            self._firsts[carrier] = sample_of(seen)
        else:
            self._pool.add(lambda: sample_of(seen))

    @property
    def stories(self) -> int:
        return self.stories_by_day.total()

    @property
    def alerts(self) -> int:
        return self.alerts_by_day.total()

    def samples(self, number: int) -> list[Sample]:
        """So many hits, as far apart in time and of as many terms as there are; the oldest first."""
        return spread([*self._firsts.values(), *self._pool], number, self.carriers)


def spread(pool: Sequence[Sample], number: int, weights: Counter[Carrier]) -> list[Sample]:
    """Choose samples: those of the commonest terms first, each as far in time from the others as can be."""
    left = sorted({sample.article_id: sample for sample in pool}.values(), key=lambda one: one.when)
    chosen: list[Sample] = []
    while left and len(chosen) < number:
        used = {sample.carrier for sample in chosen}
        times = [sample.when for sample in chosen]
        best = max(
            left,
            key=lambda one: (
                one.carrier not in used,
                weights[one.carrier] if one.carrier and one.carrier not in used else 0,
                _distance(one.when, times),
            ),
        )
        chosen.append(best)
        left.remove(best)
    return sorted(chosen, key=lambda one: one.when)


def _distance(when: datetime, times: Sequence[datetime]) -> timedelta:
    return min((abs(when - other) for other in times), default=timedelta.max)


def alerts_a_day(tally: Tally, covered: timedelta) -> float:
    """How many alerts a day would have come over the time from which articles are stored; of less than a day, all."""
    return tally.alerts / max(covered / timedelta(days=1), 1.0)


def warnings_of(tally: Tally, covered: timedelta) -> list[str]:
    """What speaks against the rule as it is, with what to do."""
    rate = alerts_a_day(tally, covered)
    if rate > TOO_MANY_A_DAY:
        return [f"this would have sent about {rate:.0f} alerts a day: narrow it"]
    if tally.alerts_by_day:
        day, most = max(tally.alerts_by_day.items(), key=lambda item: item[1])
        if most > TOO_MANY_A_DAY:
            return [
                f"on {day} this would have sent {most} alerts: narrow it, or expect that on days like that one"
            ]
    return []
