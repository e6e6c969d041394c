"""What a webhook receives: version 1 of our JSON, described in docs/webhook.md and webhook-v1.schema.json."""

import math
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from alerts.notice import Item, Notice, Reason
from alerts.safe import clean, one_line
from alerts.snippet import passages
from alerts.times import in_utc

VERSION = 1
MOST_ITEMS = 200
MOST_REASONS = 50


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


class PayloadV1(BaseModel):
    """One message: an alert, or the summary of a first visit. The same over all attempts."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    type: Literal["alert.story", "alert.summary"]
    id: str = Field(description="The same as the header webhook-id: a message seen twice is one message.")
    timestamp: datetime = Field(description="When the message became due, UTC.")
    total: int = Field(description="How many items there are; items holds the first 200.")
    items: list[ItemV1]


def payload(notice: Notice) -> PayloadV1:
    """The message as version 1 of our JSON, every text free of control and direction characters."""
    return PayloadV1(
        version=VERSION,
        type="alert.story" if notice.kind == "story" else "alert.summary",
        id=webhook_id(notice.id),
        timestamp=in_utc(notice.owed_at),
        total=notice.count,
        items=[_item(item) for item in notice.items[:MOST_ITEMS]],
    )


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
