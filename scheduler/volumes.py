"""Rules about volume: looked at again and again, told when there is a spike, too many stories, or none at all.

For each rule one transaction: its counts, the decision, the episode, the alert and what is owed for it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from language.languages import admits, normal
from rules.volume import Act
from rules.volumespec import Spike, VolumeSpec
from scheduler.queue import Queue, Wake
from scheduler.ruleset import Route, Rulebook
from scheduler.volumefigures import figures_of, kind_of, packed
from scheduler.weighing import Case, Outcome, weigh
from storage.coverage import SLOT, note_coverage, source_languages, watched_slots
from storage.crashpoint import crashpoint
from storage.database import Conn, Database
from storage.deliveries import owe_together
from storage.episodes import (
    Telling,
    begin_episode,
    end_episode,
    keep_above,
    open_episodes,
    raise_telling,
    tell_again,
)
from storage.telling import database_time
from storage.volumes import Standing, begin_anew, last_heard, leave_volume, take_volume

log = structlog.get_logger()

WEIGH_EVERY = timedelta(minutes=1)
OFF_FOR = timedelta(hours=6)  # so long watched, and this rule not looked at: it was switched off
_BY_LOUDNESS = (Act.OPEN, Act.RAISE, Act.HOLD, Act.CLOSE, Act.REST, Act.LEARN)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What all rules are looked at by: the time, and the languages that sources write."""

    now: datetime
    written: Sequence[str]


async def weigh_volumes(
    db: Database, queue: Queue, rulebook: Rulebook, *, now: datetime | None = None
) -> int:
    """Note what is watched, look at each rule about volume, and return how many alerts that raised.

    `now` is the database's time, by which articles are first seen, unless it is given. Several processes may tick at
    once: a rule that one of them looks at is passed over by the others.
    """
    async with db.transaction() as conn:
        moment = _Moment(now=now or await database_time(conn), written=await source_languages(conn))
        await note_coverage(conn, moment.now)
    routes = [route for route in rulebook.current.routes.values() if route.volume is not None]
    return sum([await _weigh_apart(db, queue, route, moment) for route in routes])


async def _weigh_apart(db: Database, queue: Queue, route: Route, moment: _Moment) -> int:
    """Look at one rule so that its failure stays its own."""
    try:
        async with db.transaction() as conn:
            raised = await _weigh_one(conn, queue, route, moment)
    except Exception:  # the border of this rule: the others must be looked at
        log.exception("volume_not_weighed", rule=route.rule)
        return 0
    if raised:
        crashpoint("cp16")
    return raised


async def _weigh_one(conn: Conn, queue: Queue, route: Route, moment: _Moment) -> int:
    spec = route.volume
    assert spec is not None  # such routes alone come here
    case = await _case(conn, route, spec, moment)
    if case is None:
        return 0
    episodes = {episode.part: episode for episode in await open_episodes(conn, route.rule_id)}
    outcomes = await weigh(case, spec, episodes)
    alerts = [await _follow(case, spec, outcome) for outcome in outcomes]
    raised = [alert for alert in alerts if alert is not None]
    loudest = min((one.verdict for one in outcomes), key=lambda verdict: _BY_LOUDNESS.index(verdict.act))
    await leave_volume(
        conn,
        route.rule_id,
        now=case.now,
        heard_at=case.heard_at,
        state=loudest.act.value,
        detail=loudest.reason,
    )
    await _owe(conn, queue, route, raised)
    return len(raised)


async def _case(conn: Conn, route: Route, spec: VolumeSpec, moment: _Moment) -> Case | None:
    """Take the rule for this transaction; None while another process is at it. What it asks anew it learns anew."""
    now, asks = moment.now, _asks(route, spec)
    standing = await take_volume(conn, route.rule_id, asks=asks, now=now)
    if standing is None:
        return None
    allowed = frozenset(normal(code) for code in route.languages)
    langs = [one for one in moment.written if admits(allowed, one)] if allowed else None
    if standing.asks != asks or await _was_off(conn, standing, now):
        standing = await begin_anew(conn, route.rule_id, asks=asks, now=now)
    heard = await last_heard(conn, route.rule_id, after=standing.looked_at, until=now)
    heard_at = max((at for at in (standing.heard_at, heard) if at is not None), default=None)
    return Case(conn=conn, route=route, standing=standing, langs=langs, heard_at=heard_at, now=now)


def _asks(route: Route, spec: VolumeSpec) -> str:
    per = " per language" if isinstance(spec, Spike) and spec.by_language else ""
    return f"{kind_of(spec)}{per} of {', '.join(sorted(route.languages)) or 'all'}: {spec.query}"


async def _was_off(conn: Conn, standing: Standing, now: datetime) -> bool:
    """Whether others were watching for long while this rule was not looked at: then its matches were not written."""
    if now - standing.looked_at < OFF_FOR:
        return False
    slots = await watched_slots(conn, langs=None, since=standing.looked_at, until=now)
    return len(slots) * SLOT > OFF_FOR


async def _follow(case: Case, spec: VolumeSpec, outcome: Outcome) -> int | None:
    """Do as was decided: begin, go on with or end the episode; the id of the alert, where there is one."""
    conn, verdict, episode = case.conn, outcome.verdict, outcome.episode
    match verdict.act, episode:
        case Act.OPEN, None:
            episode_id = await begin_episode(
                conn,
                case.route.rule_id,
                part=outcome.part,
                kind=kind_of(spec),
                now=case.now,
                told=outcome.count,
            )
            return None if episode_id is None else await _tell(case, spec, outcome, episode_id, 1)
        case Act.RAISE, episode if episode is not None:
            number = await tell_again(conn, episode.id, told=outcome.count)
            await keep_above(conn, episode.id, now=case.now)
            return await _tell(case, spec, outcome, episode.id, number)
        case Act.HOLD, episode if episode is not None and outcome.count >= verdict.threshold:
            await keep_above(conn, episode.id, now=case.now)
        case Act.CLOSE, episode if episode is not None:
            await end_episode(conn, episode.id, now=case.now)
            log.info("volume_over", rule=case.route.rule, kind=episode.kind, reason=verdict.reason)
        case _:
            pass
    return None


async def _tell(case: Case, spec: VolumeSpec, outcome: Outcome, episode_id: int, number: int) -> int | None:
    """Raise the alert, with all that its messages will say; None where it was raised before."""
    figures = await figures_of(case, spec, outcome)
    reason = f"{outcome.part}: {outcome.verdict.reason}" if outcome.part else outcome.verdict.reason
    telling = Telling(kind=figures.kind, number=number, figures=packed(figures), detail=reason)
    log.info("volume_raised", rule=case.route.rule, kind=figures.kind, reason=reason)
    return await raise_telling(case.conn, case.route.rule_id, episode_id, telling)


async def _owe(conn: Conn, queue: Queue, route: Route, alert_ids: Sequence[int]) -> None:
    """Owe each recipient one message for all that the rule has to say at this moment."""
    if not alert_ids:
        return
    messages = [(target, uuid.uuid4().hex) for target in route.targets]
    for target, message_id in messages:
        await owe_together(
            conn,
            alert_ids=alert_ids,
            channel_id=target.channel_id,
            recipient=target.recipient,
            message_id=message_id,
        )
    await queue.wake(conn, [Wake(message_id=one, priority=route.priority) for _, one in messages])
    crashpoint("cp15")
