"""Triggers: what of a plan must occur in a document at all, so that nothing else need be looked at."""

from collections.abc import Iterable, Mapping

from rules.plan import (
    AllOf,
    AnyOf,
    Close,
    Cost,
    Idea,
    Located,
    OneWord,
    Pattern,
    Plan,
    Trigger,
    Triggers,
    Within,
    Words,
)


def necessary(plan: Plan, cost: Cost) -> tuple[Triggers, ...]:
    """Rows of triggers, of each of which one at least must occur for the plan to hold; none where it needs none.

    Where a part has a choice, the row that costs the least counts: it wakes for nothing least often.
    """
    match plan:
        case OneWord(numbers):
            return (numbers,)
        case Words(places):
            return places
        case AllOf(parts):
            return tuple(one for part in parts for one in necessary(part, cost))
        case AnyOf(parts):
            return any_of(parts, cost)
        case Idea(always=always):
            return () if always else ((plan.trigger,),)
        case Within(part=part):
            return necessary(part, cost)
        case Close(left=left, right=right):
            return (*necessary(left, cost), *necessary(right, cost))
        case Located(keys):
            return (tuple(f"place:{key}" for key in keys),)
        case Pattern():
            return ((plan.trigger,),)
        case _:
            return ()


def any_of(parts: Iterable[Plan], cost: Cost) -> tuple[Triggers, ...]:
    """The one row of triggers, of which one must occur for any of the parts to hold; none when a part needs none."""
    found: list[Trigger] = []
    for part in parts:
        needed = cheapest(necessary(part, cost), cost)
        if needed is None:
            return ()
        found += needed
    return (tuple(found),)


def cheapest(rows: tuple[Triggers, ...], cost: Cost) -> Triggers | None:
    """The row that wakes a plan least often for nothing."""
    if len(rows) < 2:
        return rows[0] if rows else None
    return min(rows, key=lambda row: sum(map(cost, row)))


def waking(parts: tuple[Plan, ...], cost: Cost) -> tuple[Mapping[Trigger, tuple[int, ...]], tuple[int, ...]]:
    """Each trigger with the parts that it can make hold, and the parts that need none."""
    wakes: dict[Trigger, tuple[int, ...]] = {}
    always: list[int] = []
    for at, part in enumerate(parts):
        needed = cheapest(necessary(part, cost), cost)
        if needed is None:
            always.append(at)
        for trigger in needed or ():
            wakes[trigger] = (*wakes.get(trigger, ()), at)
    return wakes, tuple(always)
