"""Queries: the tree that a rule's text means, before it meets concepts and documents."""

from dataclasses import dataclass, field
from datetime import datetime

TEXT_FIELDS = ("title", "lead", "body")
# Fields that hold names and addresses: their words match as written.
NAME_FIELDS = ("url", "author", "source", "tag")
CODE_FIELDS = ("country", "lang")
FIELDS = (*TEXT_FIELDS, *NAME_FIELDS, *CODE_FIELDS, "place", "date")


class QueryError(ValueError):
    """The query cannot be understood at `column` (1-based); `remedy` says what to write instead."""

    def __init__(self, message: str, column: int, remedy: str) -> None:
        super().__init__(f"column {column}: {message}; {remedy}")
        self.message = message
        self.column = column
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any of its written forms."""

    text: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A word with `*` (any letters) or `?` (one letter)."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word with up to `distance` letters wrong, missing, added or swapped."""

    text: str
    distance: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A word or phrase only as written; capitals matter when it has any."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after the other; with `slop` in any order with that many others between."""

    words: "tuple[Word | Wildcard, ...]"
    text: str
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Regex:
    """A linear-time regular expression over the text."""

    pattern: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class ConceptRef:
    """Any term of a named concept."""

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Dates:
    """Documents from `first` on and before `before`."""

    first: datetime | None
    before: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Documents whose language or country is this."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class InField:
    """The part, looked for in one field only."""

    field: str
    part: "Node"


@dataclass(frozen=True, slots=True)
class Near:
    """Both sides in one field with at most `distance` words between; `ordered` keeps their order."""

    left: "Node"
    right: "Node"
    distance: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class And:
    """All parts."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Any part."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"


Node = (
    Word
    | Wildcard
    | Fuzzy
    | Literal
    | Phrase
    | Regex
    | ConceptRef
    | Dates
    | Code
    | InField
    | Near
    | And
    | Or
    | Not
)
