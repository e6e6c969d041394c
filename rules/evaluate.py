"""Evaluation: whether a plan holds for a document, and which words make it hold."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import NamedTuple, cast

from language.languages import admits, normal
from rules.plan import (
    AllOf,
    AnyOf,
    Close,
    Fact,
    Idea,
    Located,
    OneWord,
    Pattern,
    Period,
    Plan,
    Term,
    Trigger,
    Within,
    Without,
    Words,
)
from rules.query import TEXT_FIELDS
from rules.reading import Place, Reading
from rules.regexes import BUDGET_SECONDS, Spans

# What one node keeps at most per document: a word that stands a thousand times proves no more than one that
# stands two hundred times, and pairs of such words grow with the product.
MOST_FOUND = 200


class Mark(NamedTuple):
    """One place that one term met."""

    term: Term
    field: str
    place: Place


class Found(NamedTuple):
    """One way in which a plan holds: the words from `first` to `last` of a field, and the marks in them."""

    field: str
    first: int
    last: int
    marks: tuple[Mark, ...]

    @property
    def start(self) -> int:
        return min(mark.place.start for mark in self.marks)

    @property
    def end(self) -> int:
        return max(mark.place.end for mark in self.marks)


# None: the plan does not hold. A list: it holds, for these places (none where it is a NOT).
Result = list[Found] | None


class Evaluation:
    """Holds plans against one reading; concepts are answered once for all rules that name them.

    `present` are the triggers that the document has at all: what needs others is not looked at. `is_short` says
    that the time for a rule's expressions was used up before the text was: it may have more places than were found.
    """

    def __init__(self, reading: Reading, present: set[Trigger]) -> None:
        self._reading = reading
        self._present = present
        self._ideas: dict[tuple[str, tuple[str, ...]], Result] = {}
        self._spans: dict[tuple[int, str], Spans] = {}
        self._seconds = BUDGET_SECONDS
        self.is_short = False

    def begin_rule(self) -> None:
        """Give the next rule its own time for expressions; `is_short` will say that it was too short."""
        self._seconds = BUDGET_SECONDS
        self.is_short = False

    def holds(self, plan: Plan, fields: tuple[str, ...] = TEXT_FIELDS) -> Result:
        """The places where the plan holds in these fields, at most MOST_FOUND of them; None when it does not."""
        found = self._holds(plan, fields)
        return found if found is None else found[:MOST_FOUND]

    def _holds(self, plan: Plan, fields: tuple[str, ...]) -> Result:
        match plan:
            case OneWord():
                return self._one_word(plan, fields) or None
            case Words():
                return self._words(plan, fields) or None if self.may_hold(plan) else None
            case Idea():
                return self._idea(plan, fields) if self.may_hold(plan) else None
            case AllOf(parts):
                return self._all(parts, fields)
            case AnyOf(parts):
                return self._any(parts, fields)
            case Without(part):
                return [] if self._holds(part, fields) is None else None
            case Within():
                return self.holds(plan.part, plan.fields)
            case Close():
                return self._close(plan, fields) or None
            case Located():
                return self._located(plan, fields) or None
            case Pattern():
                return self._pattern(plan, fields) or None if self.may_hold(plan) else None
            case Period():
                return self._period(plan)
            case Fact():
                return self._fact(plan)

    def may_hold(self, plan: Plan) -> bool:
        """Whether the document has the words that the plan needs, wherever they stand: a look that costs little."""
        kind = type(
            plan
        )  # most plans are one word: asked thousands of times a second, a match statement is slow
        if kind is OneWord:
            return not self._present.isdisjoint(cast("OneWord", plan).numbers)
        if kind is AnyOf:
            return any(map(self.may_hold, cast("AnyOf", plan).parts))
        match plan:
            case Words(places):
                return not any(map(self._present.isdisjoint, places))
            case AllOf(parts):
                return all(map(self.may_hold, parts))
            case Idea(always=always):
                return bool(always) or plan.trigger in self._present
            case Close(left=left, right=right):
                return self.may_hold(left) and self.may_hold(right)
            case Within(part=part):
                return self.may_hold(part)
            case _:
                return True

    def _all(self, parts: tuple[Plan, ...], fields: tuple[str, ...]) -> Result:
        every: list[Found] = []
        for part in parts:
            found = self.holds(part, fields)
            if found is None:
                return None
            every.extend(found)
        return every

    def _any(self, parts: Iterable[Plan], fields: tuple[str, ...]) -> Result:
        possible = filter(self.may_hold, parts)
        results = [found for part in possible if (found := self.holds(part, fields)) is not None]
        return [one for found in results for one in found] if results else None

    def _one_word(self, plan: OneWord, fields: tuple[str, ...]) -> list[Found]:
        return [
            Found(name, place.position, place.last, (Mark(plan.term, name, place),))
            for name in fields
            for place in self._places(name, plan.numbers)
        ]

    def _places(self, name: str, numbers: tuple[int, ...]) -> list[Place]:
        """The places of any of these words, in order."""
        places = self._reading.field(name).places
        if len(numbers) == 1:
            return places(numbers[0])
        return sorted({place for number in numbers for place in places(number)})

    def _words(self, plan: Words, fields: tuple[str, ...]) -> list[Found]:
        found: list[Found] = []
        for name in fields:
            rows = [self._places(name, numbers) for numbers in plan.places]
            if not all(rows):
                continue
            matches = _scattered(rows, plan.slop) if plan.slop else _in_a_row(rows)
            for row in matches:
                whole = Place(
                    min(p.position for p in row),
                    max(p.last for p in row),
                    min(p.start for p in row),
                    max(p.end for p in row),
                )
                found.append(Found(name, whole.position, whole.last, (Mark(plan.term, name, whole),)))
        return found

    def _idea(self, plan: Idea, fields: tuple[str, ...]) -> Result:
        key = (plan.name, fields)
        if key not in self._ideas:
            self._ideas[key] = self._without_excluded(plan, fields)
        return self._ideas[key]

    def _without_excluded(self, plan: Idea, fields: tuple[str, ...]) -> Result:
        met = self._present & plan.wakes.keys()
        awake = sorted({*plan.always, *(at for trigger in met for at in plan.wakes[trigger])})
        found = self._any((plan.wanted[at] for at in awake), fields)
        if not found or plan.excluded is None:
            return found
        out = self._holds(plan.excluded, fields) or []
        kept = [
            one
            for one in found
            if not any(o.field == one.field and o.start <= one.start and one.end <= o.end for o in out)
        ]
        return kept or None

    def _located(self, plan: Located, fields: tuple[str, ...]) -> list[Found]:
        found: list[Found] = []
        for placed, keys in self._reading.places:
            if placed.field in fields and not plan.keys.isdisjoint(keys):
                place = self._reading.field(placed.field).place_of(placed.start, placed.end)
                found.append(
                    Found(placed.field, place.position, place.last, (Mark(plan.term, placed.field, place),))
                )
        return found

    def _close(self, plan: Close, fields: tuple[str, ...]) -> list[Found]:
        left, right = self.holds(plan.left, fields), self.holds(plan.right, fields)
        if not left or not right:
            return []
        right = sorted(right, key=lambda one: (one.field, one.first))
        starts = [(one.field, one.first) for one in right]
        widest = max(one.last - one.first for one in right)
        found: list[Found] = []
        for one in left:
            low = bisect_left(starts, (one.field, one.first - plan.distance - widest - 1))
            high = bisect_left(starts, (one.field, one.last + plan.distance + 2))
            for other in right[low:high]:
                if _are_close(one, other, plan):
                    first, last = min(one.first, other.first), max(one.last, other.last)
                    found.append(Found(one.field, first, last, (*one.marks, *other.marks)))
            if len(found) >= MOST_FOUND:
                break
        return found

    def _pattern(self, plan: Pattern, fields: tuple[str, ...]) -> list[Found]:
        found: list[Found] = []
        for name in fields:
            reading = self._reading.field(name)
            for start, end in self._spans_of(plan, name).spans:
                place = reading.place_of(start, end)
                found.append(Found(name, place.position, place.last, (Mark(plan.term, name, place),)))
        return found

    def _spans_of(self, plan: Pattern, name: str) -> Spans:
        """Where an expression matches a field: once for all rules that ask, but at the cost of each that runs short."""
        known = self._spans.get((plan.number, name))
        if known is None or known.exhausted:
            subject = self._reading.field(name).subject
            known = plan.expression.spans(subject, self._seconds)
            self._spans[plan.number, name] = known
            self._seconds -= known.seconds
        self.is_short |= known.exhausted
        return known

    def _period(self, plan: Period) -> Result:
        date = self._reading.document.date
        if date is None:
            return None
        moment = date if date.tzinfo else date.replace(tzinfo=UTC)
        if (plan.first and moment < plan.first) or (plan.before and moment >= plan.before):
            return None
        return []

    def _fact(self, plan: Fact) -> Result:
        if plan.field == "lang":
            known = self._reading.lang != "und" or plan.value == "und"
            return [] if known and admits(frozenset({normal(plan.value)}), self._reading.lang) else None
        return [] if self._reading.document.country.lower() == plan.value else None


def _in_a_row(rows: list[list[Place]]) -> Iterator[tuple[Place, ...]]:
    """One place of each row, each right behind the one before."""
    chains: list[tuple[Place, ...]] = [(place,) for place in rows[0]]
    for row in rows[1:]:
        by_position: dict[int, list[Place]] = {}
        for place in row:
            by_position.setdefault(place.position, []).append(place)
        chains = [(*chain, place) for chain in chains for place in by_position.get(chain[-1].last + 1, ())]
    return iter(chains)


def _scattered(rows: list[list[Place]], slop: int) -> Iterator[tuple[Place, ...]]:
    """One place of each row, in any order, with at most `slop` other words between the first and the last."""
    for begin in sorted({place for row in rows for place in row}):
        room = begin.position + len(rows) + slop
        chosen: list[Place] = []
        taken: set[int] = set()
        for row in sorted(rows, key=len):
            at = bisect_left(row, begin)
            fit = next((p for p in row[at:] if p.last < room and p.position not in taken), None)
            if fit is None:
                break
            chosen.append(fit)
            taken.add(fit.position)
        if len(chosen) == len(rows) and begin in chosen:
            yield tuple(chosen)


def _are_close(one: Found, other: Found, plan: Close) -> bool:
    if one.last < other.first:
        return other.first - one.last - 1 <= plan.distance
    return not plan.ordered and other.last < one.first and one.first - other.last - 1 <= plan.distance
