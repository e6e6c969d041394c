"""What is to be told: one message for one recipient, whole and ready to be worded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from alerts.whereabouts import Where


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
    places: tuple[Where, ...] = ()  # that the article names, the most telling first


State = Literal["opened", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An incident that opened, or is over. All text may hold what strangers wrote."""

    kind: str
    state: State
    subject: str  # a stable id: of the source, or of the part of the installation
    source: str | None  # its name; None when the installation itself is in trouble
    url: str | None
    since: datetime
    until: datetime | None  # when it was over
    detail: str
    remedy: str
    rules: tuple[str, ...]  # that are blind meanwhile: all of them, or the first
    rules_total: int = 0
    times: int = 1  # that this happened within an hour

    @property
    def blind(self) -> int:
        return max(self.rules_total, len(self.rules))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many incidents of one kind a message tells."""

    kind: str
    state: State
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much trouble there is in all, when a notice holds only the first of it."""

    tallies: tuple[Tally, ...]  # what opened before what is over, the many before the few
    sources: int  # that are in trouble, or are well again when nothing opened
    parts: int  # of the installation
    blind: tuple[str, ...]  # the first names
    blind_total: int


VolumeKind = Literal["spike", "count", "absence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeStory:
    """A story that was counted, by its first article. All text is as strangers wrote it."""

    title: str
    url: str
    lang: str
    source: str
    first_seen: datetime
    outlets: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many stories a span had; None where too little of it was watched to say."""

    start: datetime
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageShare:
    """How many of the stories were told in a language."""

    lang: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A rule that counts stories has reason to speak: a spike, a high count, or an absence.

    The figures are those of the moment it was decided, and stay so. `since` to `until` is the window, or the silence.
    """

    rule: str
    severity: str
    kind: VolumeKind
    query: str
    lang: str | None  # where each language is counted for itself
    since: datetime
    until: datetime
    count: int
    threshold: int | None
    span: timedelta  # the window, or the silence that the rule asks for
    usual: float | None = None  # in such a window
    same_time: float | None = None  # in those at this time of the week
    told: int | None = None  # the count that people were told before: it has doubled since
    languages: tuple[LanguageShare, ...] = ()
    stories: tuple[VolumeStory, ...] = ()  # those that most outlets carry
    bars: tuple[Bar, ...] = ()  # the windows, the oldest first, the last one ends at `until`
    blind: tuple[str, ...] = ()  # the first of the sources that did not answer
    blind_total: int = 0
    sources: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message owed to one recipient: about stories, by `items`, incidents, by `troubles`, or numbers, by `volumes`.

    `id` stays the same over all its attempts.
    """

    id: str
    kind: Literal["story", "summary", "incident", "volume"]
    items: tuple[Item, ...]
    owed_at: datetime
    attempt: int = 1
    total: int | None = None  # how many there are, when `items` holds only the first of them
    troubles: tuple[Trouble, ...] = ()
    extent: Extent | None = None
    volumes: tuple[Volume, ...] = ()

    @property
    def count(self) -> int:
        return max(self.total or 0, len(self.items))
