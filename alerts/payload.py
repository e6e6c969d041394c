"""What a webhook receives: version 1 of our JSON, described in docs/webhook.md and webhook-v1.schema.json."""

import math
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from alerts.notice import (
    Extent,
    Item,
    Notice,
    Reason,
    State,
    Tally,
    Trouble,
)
from alerts.safe import clean, one_line
from alerts.snippet import passages
from alerts.times import in_utc
from alerts.troubles import extent_of, name_of
from alerts.volumepayload import VolumeV1, volume_v1
from alerts.whereabouts import Where

VERSION = 1
MOST_ITEMS = 200
MOST_REASONS = 50
MOST_RULES = 50
MOST_PLACES = 50


class ReasonV1(BaseModel):
    """Why a rule met, in code points of the field as Marsad stores it."""

    model_config = ConfigDict(extra="forbid")

    term: str = Field(description="The term as the rule has it.")
    concept: str | None = Field(description="The concept the term belongs to, without the @.")
    field: str = Field(description="Where it was met: title, lead, body, url, author, source ...")
    start: int
    end: int
    surface: str = Field(description="The written form that was met, as it stands in the article.")
    lang: str = Field(description="BCP 47; und when not known.")


class PlaceV1(BaseModel):
    """A place of Iraq that the article names."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(description="As marsad place list has it; rules find the article by place:key.")
    name: str = Field(description="In English.")
    lat: float | None = Field(
        description="Degrees north, WGS 84; of what the place lies in where its own are not known."
    )
    lon: float | None = Field(description="Degrees east.")
    reason: str = Field(description="Why this place is meant.")


class ItemV1(BaseModel):
    """One rule that met one article."""

    model_config = ConfigDict(extra="forbid")

    rule: str
    severity: str
    score: float
    story: str = Field(description="An id that copies of one story share; empty when there is none.")
    story_title: str
    title: str
    summary: str
    snippets: list[str] = Field(description="Passages around the words that were met, plain text.")
    url: str = Field(description="As the publisher gave it: check it before you open it.")
    lang: str
    source: str
    country: str | None
    tier: int | None
    published: datetime | None = Field(description="What the publisher says, UTC.")
    first_seen: datetime = Field(description="When Marsad first saw the article, UTC.")
    outlets: int = Field(description="How many outlets carry the story, this one included.")
    reasons: list[ReasonV1]
    places: list[PlaceV1] = Field(
        description="The first 50 places that the article names, the most telling first."
    )


class IncidentV1(BaseModel):
    """Trouble of one kind with a source, or with a part of the installation, that opened or is over."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description="dead, blocked, empty ... as docs/operating.md lists them; more may come.")
    state: State
    subject: str = Field(description="A stable id of the source or part: opening and end share it.")
    name: str
    source: bool = Field(description="False when the installation itself is in trouble.")
    url: str | None = Field(description="The source's address: check it before you open it.")
    since: datetime = Field(description="Since when the rules are blind, UTC.")
    until: datetime | None = Field(description="When it was over, UTC.")
    detail: str = Field(description="What was seen.")
    remedy: str = Field(description="What to do about it.")
    blind_rules: list[str] = Field(description="The first 50 of the rules that are blind meanwhile.")
    blind_total: int = Field(description="How many rules are blind.")
    times: int = Field(description="How often this opened within an hour, this time included.")


class TallyV1(BaseModel):
    """How many incidents of one kind a message tells."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    state: State
    count: int


class TroubleV1(BaseModel):
    """How much trouble a message tells in all."""

    model_config = ConfigDict(extra="forbid")

    tallies: list[TallyV1]
    sources: int = Field(description="Sources in trouble, or well again where nothing opened.")
    parts: int = Field(description="The same of parts of the installation.")
    blind_rules: list[str] = Field(description="The first 50 of all rules that are blind, by name.")
    blind_total: int = Field(description="How many rules are blind in all.")


def _is_missing(value: object) -> bool:
    return value is None


class PayloadV1(BaseModel):
    """One message: an alert, the summary of a first visit, incidents, or volume. The same over all attempts."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    type: Literal["alert.story", "alert.summary", "alert.incident", "alert.volume"]
    id: str = Field(description="The same as the header webhook-id: a message seen twice is one message.")
    timestamp: datetime = Field(description="When the message became due, UTC.")
    total: int = Field(description="How many items, incidents or volumes there are; the first 200 are here.")
    items: list[ItemV1] = Field(description="Empty in alert.incident and alert.volume.")
    incidents: list[IncidentV1] | None = Field(
        default=None, exclude_if=_is_missing, description="Only in alert.incident."
    )
    trouble: TroubleV1 | None = Field(
        default=None, exclude_if=_is_missing, description="Only in alert.incident."
    )
    volumes: list[VolumeV1] | None = Field(
        default=None, exclude_if=_is_missing, description="Only in alert.volume."
    )


def payload(notice: Notice) -> PayloadV1:
    """The message as version 1 of our JSON, every text free of control and direction characters."""
    if notice.kind == "incident":
        return _incidents(notice)
    if notice.kind == "volume":
        return _volumes(notice)
    return PayloadV1(
        version=VERSION,
        type="alert.story" if notice.kind == "story" else "alert.summary",
        id=webhook_id(notice.id),
        timestamp=in_utc(notice.owed_at),
        total=notice.count,
        items=[_item(item) for item in notice.items[:MOST_ITEMS]],
    )


def _incidents(notice: Notice) -> PayloadV1:
    extent = extent_of(notice)
    return PayloadV1(
        version=VERSION,
        type="alert.incident",
        id=webhook_id(notice.id),
        timestamp=in_utc(notice.owed_at),
        total=sum(tally.count for tally in extent.tallies),
        items=[],
        incidents=[_incident(trouble) for trouble in notice.troubles[:MOST_ITEMS]],
        trouble=_trouble(extent),
    )


def _volumes(notice: Notice) -> PayloadV1:
    return PayloadV1(
        version=VERSION,
        type="alert.volume",
        id=webhook_id(notice.id),
        timestamp=in_utc(notice.owed_at),
        total=len(notice.volumes),
        items=[],
        volumes=[volume_v1(volume) for volume in notice.volumes[:MOST_ITEMS]],
    )


def _incident(trouble: Trouble) -> IncidentV1:
    return IncidentV1(
        kind=one_line(trouble.kind, 40),
        state=trouble.state,
        subject=one_line(trouble.subject),
        name=name_of(trouble),
        source=trouble.source is not None,
        url=None if trouble.url is None else one_line(trouble.url, 8000),
        since=in_utc(trouble.since),
        until=None if trouble.until is None else in_utc(trouble.until),
        detail=one_line(trouble.detail, 2000),
        remedy=one_line(trouble.remedy, 1000),
        blind_rules=_rules(trouble.rules),
        blind_total=trouble.blind,
        times=trouble.times,
    )


def _trouble(extent: Extent) -> TroubleV1:
    return TroubleV1(
        tallies=[_tally(tally) for tally in extent.tallies],
        sources=extent.sources,
        parts=extent.parts,
        blind_rules=_rules(extent.blind),
        blind_total=extent.blind_total,
    )


def _tally(tally: Tally) -> TallyV1:
    return TallyV1(kind=one_line(tally.kind, 40), state=tally.state, count=tally.count)


def _rules(names: tuple[str, ...]) -> list[str]:
    return [one_line(name, 200) for name in names[:MOST_RULES]]


def webhook_id(notice_id: str) -> str:
    """The id without full stops, which the signature uses as its separator (Standard Webhooks)."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in notice_id)


def _item(item: Item) -> ItemV1:
    found = passages(item, item.reasons)
    return ItemV1(
        rule=one_line(item.rule),
        severity=one_line(item.severity, 40),
        score=item.score if math.isfinite(item.score) else 0.0,
        story=one_line(item.story),
        story_title=one_line(item.story_title),
        title=one_line(item.title),
        summary=one_line(item.summary, 2000),
        snippets=["".join(piece.text for piece in passage).strip() for passage in found],
        url=one_line(item.article_url, 8000),
        lang=one_line(item.lang, 40),
        source=one_line(item.source),
        country=None if item.country is None else one_line(item.country, 100),
        tier=item.tier,
        published=None if item.published is None else in_utc(item.published),
        first_seen=in_utc(item.first_seen),
        outlets=item.outlets,
        reasons=[_reason(reason) for reason in item.reasons[:MOST_REASONS]],
        places=[_place(place) for place in item.places[:MOST_PLACES]],
    )


def _place(place: Where) -> PlaceV1:
    return PlaceV1(
        key=place.key, name=place.name, lat=place.lat, lon=place.lon, reason=one_line(place.reason, 200)
    )


def _reason(reason: Reason) -> ReasonV1:
    return ReasonV1(
        term=one_line(reason.term),
        concept=None if reason.concept is None else one_line(reason.concept.removeprefix("@")),
        field=one_line(reason.field, 40),
        start=reason.start,
        end=reason.end,
        surface=clean(reason.surface)[:500],
        lang=one_line(reason.lang, 40),
    )
