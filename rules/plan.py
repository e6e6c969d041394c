"""Plans: queries with concepts and words resolved, ready to be held against documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from rules.regexes import Expression


@dataclass(frozen=True, slots=True)
class Term:
    """What a reason will say about a leaf: the words as written, their concept and language."""

    text: str
    concept: str | None
    lang: str | None


@dataclass(frozen=True, slots=True)
class OneWord:
    """Any of the numbered words."""

    numbers: tuple[int, ...]
    term: Term


@dataclass(frozen=True, slots=True)
class Words:
    """One of the numbered words at each place, next to each other, or within `slop` others in any order."""

    places: tuple[tuple[int, ...], ...]
    slop: int
    term: Term


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression; `number` is what the first look at a text knows it by."""

    expression: Expression
    number: int
    term: Term

    @property
    def trigger(self) -> str:
        """What stands for the expression where triggers are counted: no word's number."""
        return expression_trigger(self.number)


@dataclass(frozen=True, slots=True)
class Period:
    """The document's date lies in [first, before)."""

    first: datetime | None
    before: datetime | None
    term: Term


@dataclass(frozen=True, slots=True)
class Fact:
    """The document's language or country is `value`."""

    field: str
    value: str
    term: Term


@dataclass(frozen=True, slots=True)
class Located:
    """The article is about one of these places, or one that lies in them."""

    keys: frozenset[str]
    term: Term


@dataclass(frozen=True, slots=True)
class Within:
    """The part, in these fields only."""

    fields: tuple[str, ...]
    part: "Plan"


@dataclass(frozen=True, slots=True)
class Close:
    """Both parts with at most `distance` words between."""

    left: "Plan"
    right: "Plan"
    distance: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts."""

    parts: "tuple[Plan, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part."""

    parts: "tuple[Plan, ...]"


@dataclass(frozen=True, slots=True)
class Without:
    """Not the part."""

    part: "Plan"


@dataclass(frozen=True, slots=True)
class Idea:
    """A concept, shared by every rule that names it; what lies inside an `excluded` phrase does not count.

    `wakes`: each word, or other concept, with the parts of `wanted` that can hold when it occurs; `always` are
    parts that can hold without any.
    """

    name: str
    wanted: "tuple[Plan, ...]"
    excluded: "AnyOf | None"
    wakes: "Mapping[Trigger, tuple[int, ...]]"
    always: tuple[int, ...]

    @property
    def trigger(self) -> str:
        """What stands for the concept where triggers are counted: no word's number."""
        return f"@{self.name}"


# What must occur in a document for a part of a plan to be able to hold: a word by its number, a concept by
# its "@name", a place by "place:key", an expression by "re:number".
Trigger = int | str
Triggers = tuple[Trigger, ...]
Cost = Callable[[Trigger], int]
Plan = OneWord | Words | Pattern | Period | Fact | Located | Within | Close | AllOf | AnyOf | Without | Idea


def expression_trigger(number: int) -> str:
    """The trigger of the expression of this number."""
    return f"re:{number}"
