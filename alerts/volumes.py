"""What templates show of rules about volume: what was counted, what is usual, the past as bars, the top stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.notice import Bar, Notice, Volume, VolumeStory
from alerts.safe import direction, one_line, shorten, web_link
from alerts.times import local, shown
from alerts.view import COLOURS, OTHER_COLOURS, Colours
from alerts.volumewords import VolumeWording, volume_wording
from alerts.wording import Lang, wording

LONGEST_SUBJECT = 200
LONGEST_BAR = 30
MOST_STORIES = 5
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_SPARKS = "▁▂▃▄▅▆▇█"
_GAP = "·"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One story that was counted."""

    title: str
    dir: str
    lang: str
    source: str
    outlets: str
    first_seen: str
    url: str
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarLine:
    """One span of the past: its name, its number, and a bar; `percent` of the largest."""

    label: str
    number: str
    bar: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeBlock:
    """One rule, or one language of it, as the reader sees it."""

    severity_label: str
    label: str
    colours: Colours
    rule: str
    headline: str
    notes: tuple[str, ...]
    languages: str
    spark: str
    history: str
    bars: tuple[BarLine, ...]
    stories: tuple[StoryLine, ...]
    blind: str
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumePage:
    """A whole message about volume."""

    subject: str
    blocks: tuple[VolumeBlock, ...]


def volume_page(notice: Notice, *, lang: Lang, zone: str) -> VolumePage:
    """The notice ready to be shown."""
    blocks = tuple(_block(volume, lang=lang, zone=zone) for volume in notice.volumes)
    if not blocks:
        return VolumePage(subject=wording(lang).brand, blocks=())
    first = blocks[0]
    more = f" (+{len(blocks) - 1})" if len(blocks) > 1 else ""
    subject = f"[{first.severity_label}] {first.rule}: {first.headline}{more}"
    return VolumePage(subject=shorten(subject, LONGEST_SUBJECT), blocks=blocks)


def headline_of(volume: Volume, *, lang: Lang, zone: str) -> str:
    """What was counted in a line, as in "24 stories in 24 h, usually 3 (Mondays 4)"."""
    words = volume_wording(lang)
    if volume.kind == "absence":
        gone = _whole(volume.until - volume.since)
        return words.silent.format(span_words(gone, words), shown(volume.since, zone))
    said = words.within.format(words.stories.of(volume.count), span_words(volume.span, words))
    if volume.usual is None:
        return said
    said = words.usually.format(said, _number(volume.usual))
    if volume.same_time is None:
        return said
    day = words.weekdays[local(volume.until, zone).weekday()]
    return f"{said} ({day if volume.span >= DAY else words.this_time} {_number(volume.same_time)})"


def span_words(span: timedelta, words: VolumeWording) -> str:
    """The span in the reader's language: minutes, hours up to two days, then days."""
    if span % DAY == timedelta(0) and span > DAY:
        return words.days.of(span // DAY)
    if span % HOUR == timedelta(0):
        return words.hours.of(span // HOUR)
    return words.minutes.of(span // MINUTE)


def sparkline(bars: Sequence[Bar]) -> str:
    """The numbers as a row of blocks, a dot where there is none to tell."""
    most = max((bar.count or 0 for bar in bars), default=0) or 1
    return "".join(
        _GAP if bar.count is None else _SPARKS[bar.count * (len(_SPARKS) - 1) // most] for bar in bars
    )


def _block(volume: Volume, *, lang: Lang, zone: str) -> VolumeBlock:
    words, common = volume_wording(lang), wording(lang)
    rule = one_line(volume.rule, 120)
    return VolumeBlock(
        severity_label=common.severities.get(volume.severity, one_line(volume.severity, 20)),
        label=words.kinds[volume.kind],
        colours=COLOURS.get(volume.severity, OTHER_COLOURS),
        rule=words.in_language.format(rule, one_line(volume.lang, 20)) if volume.lang else rule,
        headline=headline_of(volume, lang=lang, zone=zone),
        notes=_notes(volume, words),
        languages=common.comma.join(f"{one_line(one.lang, 20)} {one.count}" for one in volume.languages),
        spark=sparkline(volume.bars),
        history=words.history.format(span_words(volume.span, words)),
        bars=_bars(volume, words, zone),
        stories=tuple(_story(story, words, zone) for story in volume.stories[:MOST_STORIES]),
        blind=_blind(volume, words, common.comma),
        query=one_line(volume.query, 1000),
    )


def _notes(volume: Volume, words: VolumeWording) -> tuple[str, ...]:
    notes: list[str] = []
    if volume.told is not None:
        notes.append(words.doubled.format(words.stories.of(volume.told)))
    if volume.threshold is not None:
        notes.append(words.alerts_at.format(words.stories.of(volume.threshold)))
    return tuple(notes)


def _bars(volume: Volume, words: VolumeWording, zone: str) -> tuple[BarLine, ...]:
    most = max((bar.count or 0 for bar in volume.bars), default=0) or 1
    return tuple(
        BarLine(
            label=_label(bar.start + volume.span, volume.span, words, zone),
            number=words.not_watched if bar.count is None else str(bar.count),
            bar="█" * -(-(bar.count or 0) * LONGEST_BAR // most),
            percent=(bar.count or 0) * 100 // most,
        )
        for bar in volume.bars
    )


def _label(end: datetime, span: timedelta, words: VolumeWording, zone: str) -> str:
    """A window by its end: the day, and the hour where windows are shorter."""
    at = local(end, zone)
    day = f"{words.days_short[at.weekday()]} {at:%m-%d}"
    return day if span >= DAY else f"{day} {at:%H:%M}"


def _story(story: VolumeStory, words: VolumeWording, zone: str) -> StoryLine:
    title = one_line(story.title or story.url, 300)
    known = story.lang.replace("-", "").isalnum() and story.lang.isascii()
    return StoryLine(
        title=title,
        dir=direction(title),
        lang=story.lang if known else "und",
        source=one_line(story.source, 120),
        outlets=words.outlets.of(story.outlets),
        first_seen=words.first_seen.format(shown(story.first_seen, zone)),
        url=one_line(story.url, 2000),
        href=web_link(story.url.strip()),
    )


def _blind(volume: Volume, words: VolumeWording, comma: str) -> str:
    """Who did not answer; empty where all do: a silence may be theirs, and a count may be too low."""
    if not volume.blind_total:
        return ""
    names = comma.join(one_line(name, 80) for name in volume.blind)
    if left := volume.blind_total - len(volume.blind):
        names += f" {words.blind_more.format(left)}"
    return words.blind.format(volume.blind_total, volume.sources, names)


def _whole(span: timedelta) -> timedelta:
    """As people say it: whole hours from two on, else whole minutes."""
    unit = HOUR if span >= 2 * HOUR else MINUTE
    return span // unit * unit


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
