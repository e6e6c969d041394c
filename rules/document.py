"""What a rule is held against, and what it answers."""

from dataclasses import dataclass
from datetime import datetime

from language.passages import Passage
from language.places import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article as rules see it. `lang` is BCP 47, "und" when not known; `passages` are those of the body.

    `places` is None where nobody has looked for them yet.
    """

    title: str
    lead: str = ""
    body: str = ""
    lang: str = "und"
    url: str = ""
    author: str = ""
    source: str = ""
    country: str = ""
    tags: tuple[str, ...] = ()
    date: datetime | None = None
    places: tuple[Placed, ...] | None = None
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a rule met: `surface` stands at [start, end) of the document's `field`, in code points."""

    term: str
    concept: str | None
    field: str
    start: int
    end: int
    surface: str
    lang: str = "und"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One rule that a document meets."""

    rule: str
    lang: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The rules that a document meets, and the names of those whose expressions took too long to see all of it."""

    hits: tuple[Hit, ...]
    slow: tuple[str, ...] = ()
