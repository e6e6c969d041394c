"""Telling of incidents: one message per recipient for all that opened or is over, and none for what only flickers."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from alerts.problems import ChannelError
from scheduler.queue import Queue, Wake
from scheduler.ruleset import PRIORITY, Target, targets_of
from storage.channels import StoredChannel, list_channels
from storage.database import Conn, Database
from storage.deliveries import owe_together
from storage.telling import (
    Raised,
    Untold,
    begin_telling,
    database_time,
    raise_openings,
    raise_recoveries,
    settle,
    take_over,
    told_within,
    untold_incidents,
)

log = structlog.get_logger()

TELL_EVERY = timedelta(seconds=30)  # the clock's tick: what opens together is told together
TELL_PAUSE = timedelta(minutes=5)  # between two tellings, as Alertmanager's group_interval
FLAPPING = timedelta(hours=1)
MOST_REOPENINGS = 3  # within FLAPPING; what opens more often is told once in that time


class Telling(StrEnum):
    """What becomes of an incident that people do not know the last of."""

    TELL = "tell"
    HOLD = "hold"  # to be looked at again at the next tick
    TAKE_OVER = "take over"  # people have been told of its like, and not yet that this was over
    SETTLE = "settle"  # over before anybody was told


def decide(one: Untold, now: datetime) -> Telling:
    """Decide whether people are to be told of it now, later or never."""
    if one.is_open:
        return _decide_opening(one, now)
    if not one.was_told:
        return Telling.SETTLE
    if one.back or (_flaps(one, now) and _told_lately(one, now)):
        return Telling.HOLD
    return Telling.TELL


def _decide_opening(one: Untold, now: datetime) -> Telling:
    """That it flaps is said at once, and then hourly; what people believe in anyway is not said again."""
    if not _flaps(one, now):
        return Telling.TAKE_OVER if one.believed else Telling.TELL
    if _told_lately(one, now) and one.last_told_at is not None and _flaps(one, one.last_told_at):
        return Telling.HOLD
    return Telling.TELL


def _flaps(one: Untold, at: datetime) -> bool:
    """Whether this trouble had opened too often in the hour before `at`."""
    return sum(at - FLAPPING < opened <= at for opened in one.opened) > MOST_REOPENINGS + 1


def _told_lately(one: Untold, now: datetime) -> bool:
    return one.last_told_at is not None and one.last_told_at > now - FLAPPING


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listener:
    """Somebody who is told of incidents, by a message of this tick."""

    target: Target
    message_id: str

    def hears_of(self, subject: str) -> bool:
        """A channel that is itself in trouble is not the way to say so."""
        return subject != f"channel:{self.target.channel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Audience:
    """Those who asked to be told of incidents, and everybody else: silence is worse than telling the wrong people."""

    asked: Sequence[_Listener]
    others: Sequence[_Listener]

    def of(self, subject: str) -> list[_Listener]:
        """Who is told of trouble with the subject: the others only where nobody who asked can be."""
        asked = [who for who in self.asked if who.hears_of(subject)]
        return asked or [who for who in self.others if who.hears_of(subject)]


async def tell_incidents(db: Database, queue: Queue, *, pause: timedelta = timedelta(0)) -> int:
    """Owe one message to everybody who is to hear of what opened or is over; return how many incidents it tells.

    Nothing within `pause` of the last telling: it gathers. Several processes may tick at once; one of them tells.
    """
    async with db.transaction() as conn:
        if not await begin_telling(conn) or await told_within(conn, pause):
            return 0
        ways = await _sort(conn)
        await settle(conn, _ids(ways[Telling.SETTLE]))
        await take_over(conn, _ids(ways[Telling.TAKE_OVER]))
        return await _tell(conn, queue, ways[Telling.TELL]) if ways[Telling.TELL] else 0


async def _sort(conn: Conn) -> Mapping[Telling, list[Untold]]:
    now = await database_time(conn)
    ways: dict[Telling, list[Untold]] = {way: [] for way in Telling}
    for one in await untold_incidents(conn):
        ways[decide(one, now)].append(one)
    return ways


async def _tell(conn: Conn, queue: Queue, incidents: Sequence[Untold]) -> int:
    audience = await _audience(conn)
    heard = [one for one in incidents if audience.of(one.subject)]
    if len(heard) < len(incidents):
        log.error(
            "incidents_untold", incidents=len(incidents) - len(heard), reason="there is no channel for it"
        )
    opened = [one for one in heard if one.is_open]
    over = [one for one in heard if not one.is_open]
    raised = [*await raise_openings(conn, _ids(opened)), *await raise_recoveries(conn, _ids(over))]
    messages = await _owe(conn, raised, {one.id: one.subject for one in heard}, audience)
    await queue.wake(conn, [Wake(message_id=message, priority=PRIORITY["high"]) for message in messages])
    if raised:
        log.info("incidents_told", opened=len(opened), over=len(over), messages=len(messages))
    return len(raised)


async def _owe(
    conn: Conn, raised: Sequence[Raised], subjects: Mapping[int, str], audience: _Audience
) -> list[str]:
    """Owe every alert to all who hear of its subject; all that one recipient hears of is one message."""
    heard: dict[_Listener, list[int]] = {}
    for alert in raised:
        for who in audience.of(subjects[alert.incident_id]):
            heard.setdefault(who, []).append(alert.alert_id)
    for who, alert_ids in heard.items():
        await owe_together(
            conn,
            alert_ids=alert_ids,
            channel_id=who.target.channel_id,
            recipient=who.target.recipient,
            message_id=who.message_id,
        )
    return [who.message_id for who in heard]


async def _audience(conn: Conn) -> _Audience:
    channels = [channel for channel in await list_channels(conn) if channel.disabled_reason is None]
    return _Audience(
        asked=_listeners(channel for channel in channels if channel.incidents),
        others=_listeners(channel for channel in channels if not channel.incidents),
    )


def _listeners(channels: Iterable[StoredChannel]) -> list[_Listener]:
    found: dict[tuple[str, str], Target] = {}
    for channel in channels:
        for target in _targets(channel):
            found.setdefault(_ear(channel, target), target)
    return [_Listener(target=target, message_id=uuid.uuid4().hex) for target in found.values()]


def _ear(channel: StoredChannel, target: Target) -> tuple[str, str]:
    """Who hears: a mailbox is one, in however many channels it stands; else each channel is one."""
    return ("email", target.recipient) if channel.kind == "email" else (channel.name, target.recipient)


def _targets(channel: StoredChannel) -> list[Target]:
    try:
        return targets_of(channel)
    except ChannelError as error:
        log.error("channel_left_out", channel=channel.name, reason=str(error))
        return []


def _ids(incidents: Collection[Untold]) -> list[int]:
    return [one.id for one in incidents]
