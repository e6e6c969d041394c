"""What is to be told: one message for one recipient, whole and ready to be worded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a rule met: `surface` stands at [start, end) of the item's `field`, in code points."""

    term: str
    concept: str | None
    field: str  # title: Item.title; lead: Item.summary; body: Item.text; others are named, not shown in place
    start: int
    end: int
    surface: str
    lang: str = "und"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One rule that met one article. All text is as strangers wrote it; `lang` is BCP 47."""

    rule: str
    severity: str
    story_title: str
    article_url: str
    title: str
    summary: str
    text: str
    lang: str
    source: str
    country: str | None
    tier: int | None
    published: datetime | None
    first_seen: datetime
    reasons: tuple[Reason, ...]
    score: float
    outlets: int = 1  # that carry the story, this one included
    story: str = (
        ""  # a stable id of the story, so that mail programs thread its messages; the title stands in
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message owed to one recipient. `id` stays the same over all its attempts."""

    id: str
    kind: Literal["story", "summary"]
    items: tuple[Item, ...]
    owed_at: datetime
    attempt: int = 1
    total: int | None = None  # how many there are, when `items` holds only the first of them

    @property
    def count(self) -> int:
        return max(self.total or 0, len(self.items))
