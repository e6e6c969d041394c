"""Figures: what an alert about volume says, as it stood when it was raised."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from alerts.notice import Bar, LanguageShare, Volume, VolumeKind, VolumeStory
from rules.volume import DAY, LEAST_COVERED
from rules.volumespec import Absence, Count, Spike, VolumeSpec
from scheduler.weighing import Case, Outcome, windows_of
from storage.coverage import blind_sources
from storage.volumes import languages_of, top_stories

MOST_STORIES = 5
BARS, SHORT_BARS = 15, 24  # of days and longer; of shorter windows
VOLUME = TypeAdapter(Volume)
_KINDS: dict[type[VolumeSpec], VolumeKind] = {Spike: "spike", Count: "count", Absence: "absence"}


def kind_of(spec: VolumeSpec) -> VolumeKind:
    """What the rule is called in watch files, alerts and messages."""
    return _KINDS[type(spec)]


def packed(volume: Volume) -> dict[str, Any]:
    """The figures as they are stored."""
    return VOLUME.dump_python(volume, mode="json")


def unpacked(figures: dict[str, Any]) -> Volume:
    """The figures as they were stored."""
    return VOLUME.validate_python(figures)


async def figures_of(case: Case, spec: VolumeSpec, outcome: Outcome) -> Volume:
    """Gather what a message shows: the numbers, the past, the stories that most outlets carry, who did not answer."""
    conn, rule_id, usual = case.conn, case.route.rule_id, outcome.verdict.usual
    silent = isinstance(spec, Absence)
    shares = await languages_of(conn, rule_id, since=outcome.since, until=case.now, part=outcome.part)
    stories = await top_stories(
        conn, rule_id, since=outcome.since, until=case.now, part=outcome.part, limit=MOST_STORIES
    )
    blind = await blind_sources(conn, langs=case.langs_of(outcome.part))
    span = spec.silence if silent else spec.window
    return Volume(
        rule=case.route.rule,
        severity=case.route.severity,
        kind=kind_of(spec),
        query=spec.query,
        lang=outcome.part or None,
        since=outcome.since,
        until=case.now,
        count=outcome.count,
        threshold=None if silent else round(outcome.verdict.threshold),
        span=span,
        usual=round(usual.overall, 2) if usual else None,
        same_time=round(usual.same_time, 2) if usual and usual.same_time is not None else None,
        told=outcome.episode.told if outcome.episode else None,
        languages=() if silent else tuple(LanguageShare(lang=one.lang, count=one.stories) for one in shares),
        stories=()
        if silent
        else tuple(
            VolumeStory(
                title=one.title,
                url=one.url,
                lang=one.lang,
                source=one.source,
                first_seen=one.first_seen,
                outlets=one.outlets,
            )
            for one in stories
        ),
        bars=await _bars(case, outcome.part, span),
        blind=blind.names,
        blind_total=blind.blind,
        sources=blind.sources,
    )


async def _bars(case: Case, part: str, span: timedelta) -> tuple[Bar, ...]:
    """The last windows, the oldest first; what was not watched has no number, what was before the rule no bar."""
    number = BARS if span >= DAY else SHORT_BARS
    counts = (await windows_of(case, span, number, by_language=bool(part))).get(part, [0] * number)
    starts = [case.now - (ago + 1) * span for ago in range(number)]
    watched = await case.watched(part, starts[-1])
    known = _known(starts, case.standing.since, span)
    bars = [
        Bar(
            start=start, count=count if watched.share(start, start + span) >= LEAST_COVERED or count else None
        )
        for start, count in zip(starts[:known], counts, strict=False)
    ]
    return tuple(reversed(bars))


def _known(starts: Sequence[datetime], since: datetime, span: timedelta) -> int:
    return max(1, sum(start + span / 2 >= since for start in starts))
