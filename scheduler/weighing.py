"""Weighing: one rule about volume at one moment, its figures read and its parts judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from language.languages import normal
from rules.volume import Act, Hush, Surge, Verdict, Window, decide_count, decide_silence, decide_spike
from rules.volumespec import Absence, Count, Spike, VolumeSpec
from rules.watched import Watched
from scheduler.ruleset import Route
from storage.coverage import SLOT, watched_slots
from storage.database import Conn
from storage.episodes import Episode
from storage.volumes import Standing, count_stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One rule at one moment: `langs` are those of the sources that it may hear from, None for all."""

    conn: Conn
    route: Route
    standing: Standing
    langs: Sequence[str] | None
    heard_at: datetime | None
    now: datetime

    def langs_of(self, part: str) -> Sequence[str] | None:
        """The sources of one language; those of the rule where none is declared to write it."""
        own = [lang for lang in self.langs or () if part and normal(lang) == normal(part)]
        return own or self.langs

    async def watched(self, part: str, since: datetime) -> Watched:
        """What was watched since then, as far as the rule was counted at all."""
        starts = await watched_slots(
            self.conn, langs=self.langs_of(part), since=max(since, self.standing.since), until=self.now
        )
        return Watched(starts=starts, length=SLOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one part of a rule: all of it (''), or one language."""

    part: str
    count: int
    since: datetime
    verdict: Verdict
    episode: Episode | None


async def weigh(case: Case, spec: VolumeSpec, episodes: Mapping[str, Episode]) -> list[Outcome]:
    """Judge every part of the rule that may have reason to speak, at least one."""
    match spec:
        case Spike():
            return await _spikes(case, spec, episodes)
        case Count():
            [counted] = (await windows_of(case, spec.window, 1)).values()
            verdict = decide_count(spec, surge_of(episodes.get("")), counted[0], now=case.now)
            return [_outcome(case, "", counted[0], spec.window, verdict, episodes)]
        case Absence():
            return [await _silence(case, spec, episodes.get(""))]


async def windows_of(
    case: Case, window: timedelta, number: int, *, by_language: bool = False
) -> dict[str, list[int]]:
    """The stories of so many windows that end now, the latest first, by part; by language only those with any."""
    parts: dict[str, list[int]] = {} if by_language else {"": [0] * number}
    for counted in await count_stories(
        case.conn,
        case.route.rule_id,
        now=case.now,
        window=window,
        windows=number,
        by_language=by_language,
    ):
        parts.setdefault(counted.part, [0] * number)[min(counted.ago, number - 1)] = counted.stories
    return parts


def surge_of(episode: Episode | None) -> Surge | None:
    """What a decision needs to know of an episode that goes on."""
    if episode is None:
        return None
    return Surge(told=episode.told, tellings=episode.tellings, above_at=episode.above_at)


async def _spikes(case: Case, spec: Spike, episodes: Mapping[str, Episode]) -> list[Outcome]:
    """Few rules are near a spike: the long past is read for those alone, and while it is still learned."""
    latest = await windows_of(case, spec.window, 1, by_language=spec.by_language)
    counts = {part: counted[0] for part, counted in latest.items()} or {"": 0}
    close = sorted({part for part, count in counts.items() if count >= spec.fewest} | set(episodes))
    if not close:
        part = max(counts, key=lambda one: counts[one])
        if case.standing.state != Act.LEARN:
            reason = f"{counts[part]} in the window; looks closer from {spec.fewest}"
            return [
                _outcome(
                    case, part, counts[part], spec.window, Verdict(act=Act.REST, reason=reason), episodes
                )
            ]
        close = [part]
    past = await windows_of(case, spec.window, spec.windows + 1, by_language=spec.by_language)
    return [await _spike(case, spec, part, past.get(part), episodes) for part in close]


async def _spike(
    case: Case, spec: Spike, part: str, counted: Sequence[int] | None, episodes: Mapping[str, Episode]
) -> Outcome:
    counts = counted or [0] * (spec.windows + 1)
    watched = await case.watched(part, case.now - (spec.windows + 1) * spec.window)
    ends = [case.now - ago * spec.window for ago in range(len(counts))]
    windows = [
        Window(count=count, covered=watched.share(end - spec.window, end))
        for count, end in zip(counts, ends, strict=True)
    ]
    backlog = watched.blind_before(case.now - spec.window, since=case.standing.since)
    verdict = decide_spike(spec, surge_of(episodes.get(part)), windows, now=case.now, backlog=backlog)
    return _outcome(case, part, counts[0], spec.window, verdict, episodes)


async def _silence(case: Case, spec: Absence, episode: Episode | None) -> Outcome:
    """While something came lately, or people know of the silence, nothing needs to be read."""
    since = max(case.heard_at or case.standing.since, case.standing.since)
    watched = unbroken = case.now - since
    if episode is None and watched >= spec.silence:
        seen = await case.watched("", since)
        watched, unbroken = seen.within(since, case.now), seen.unbroken(case.now)
    hush = Hush(
        since=since,
        watched=watched,
        unbroken=unbroken,
        is_open=episode is not None,
        came=episode is not None and since > episode.opened_at,
    )
    return Outcome(part="", count=0, since=since, verdict=decide_silence(spec, hush), episode=episode)


def _outcome(
    case: Case, part: str, count: int, window: timedelta, verdict: Verdict, episodes: Mapping[str, Episode]
) -> Outcome:
    return Outcome(
        part=part, count=count, since=case.now - window, verdict=verdict, episode=episodes.get(part)
    )
