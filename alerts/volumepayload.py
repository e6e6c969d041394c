"""What a webhook receives of a rule about volume: a part of version 1 of our JSON."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from alerts.notice import Volume, VolumeKind, VolumeStory
from alerts.safe import one_line
from alerts.times import in_utc


class StoryV1(BaseModel):
    """A story that was counted, by its first article."""

    model_config = ConfigDict(extra="forbid")

    title: str
    url: str = Field(description="As the publisher gave it: check it before you open it.")
    lang: str
    source: str
    outlets: int = Field(description="How many outlets carry the story.")
    first_seen: datetime


class LanguageV1(BaseModel):
    """How many of the stories were told in a language."""

    model_config = ConfigDict(extra="forbid")

    lang: str
    count: int


class SpanV1(BaseModel):
    """How many stories a window had."""

    model_config = ConfigDict(extra="forbid")

    start: datetime
    count: int | None = Field(description="Null where too little of the window was watched.")


class VolumeV1(BaseModel):
    """What a rule about volume counted when it had reason to speak."""

    model_config = ConfigDict(extra="forbid")

    rule: str
    severity: str
    kind: VolumeKind
    query: str
    lang: str | None = Field(description="Where the rule counts each language for itself.")
    since: datetime = Field(description="When the window, or the silence, began, UTC.")
    until: datetime = Field(description="When it was counted, UTC.")
    seconds: int = Field(description="The length of the window, or the silence that the rule asks for.")
    count: int = Field(description="Stories, copies counted once.")
    threshold: int | None = Field(description="From how many on the rule alerts now; null for an absence.")
    usual: float | None = Field(description="How many such a window usually has; only of a spike.")
    usual_at_this_time: float | None = Field(description="The same, of those at this time of the week.")
    told_before: int | None = Field(description="The count of the first alert, when it has doubled since.")
    languages: list[LanguageV1]
    stories: list[StoryV1] = Field(description="Up to five, those that most outlets carry first.")
    history: list[SpanV1] = Field(description="The windows before, the oldest first; the last one is this.")
    blind_sources: list[str] = Field(description="The first ten of the sources that did not answer.")
    blind_total: int
    sources_total: int


def volume_v1(volume: Volume) -> VolumeV1:
    """What was counted, every text free of control and direction characters."""
    return VolumeV1(
        rule=one_line(volume.rule),
        severity=one_line(volume.severity, 40),
        kind=volume.kind,
        query=one_line(volume.query, 2000),
        lang=None if volume.lang is None else one_line(volume.lang, 40),
        since=in_utc(volume.since),
        until=in_utc(volume.until),
        seconds=round(volume.span.total_seconds()),
        count=volume.count,
        threshold=volume.threshold,
        usual=volume.usual,
        usual_at_this_time=volume.same_time,
        told_before=volume.told,
        languages=[LanguageV1(lang=one_line(one.lang, 40), count=one.count) for one in volume.languages],
        stories=[_story(story) for story in volume.stories],
        history=[SpanV1(start=in_utc(bar.start), count=bar.count) for bar in volume.bars],
        blind_sources=[one_line(name, 200) for name in volume.blind],
        blind_total=volume.blind_total,
        sources_total=volume.sources,
    )


def _story(story: VolumeStory) -> StoryV1:
    return StoryV1(
        title=one_line(story.title),
        url=one_line(story.url, 8000),
        lang=one_line(story.lang, 40),
        source=one_line(story.source),
        outlets=story.outlets,
        first_seen=in_utc(story.first_seen),
    )
