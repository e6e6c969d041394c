"""Step 6 of the way, `tell`: lease one message, decide, build, send, record. The ledger is the truth."""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from alerts.channels import Means, parse_settings, send
from alerts.notice import Extent, Item, Notice, Reason, State, Tally, Trouble
from alerts.outcome import ChannelGone, Delivered, Outcome, Refused, TryLater, Unknown
from alerts.problems import ChannelError
from alerts.retry import next_attempt
from scheduler.volumefigures import unpacked
from scheduler.whereabouts import told_places
from storage.channels import disable_channel
from storage.contents import AlertItem, IncidentContents, IncidentItem
from storage.crashpoint import crashpoint
from storage.database import Database, DatabaseError
from storage.deliveries import (
    LeasedMessage,
    lease_message,
    record_attempt,
    release_message,
)
from storage.leases import extend_message_lease

log = structlog.get_logger()

LEASE = timedelta(seconds=30)  # renewed while sending; a killed worker's message is free after this long
PATIENCE = 300.0  # seconds for one sending: RFC 5321 4.5.3.2 lets a mail server think for minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the ledger shall say of one attempt, and why."""

    outcome: str
    detail: str
    retry_in: timedelta | None = None


class Courier:
    """Delivers leased messages through the channels."""

    def __init__(
        self, db: Database, means: Means, *, lease: timedelta = LEASE, rng: random.Random | None = None
    ) -> None:
        self._db, self._means, self._lease = db, means, lease
        self._rng = rng or random.Random()  # noqa: S311 (jitter, not a secret)

    async def deliver(self, message_id: str) -> None:
        """Deliver one message if it is due and nobody else is at it; otherwise do nothing."""
        async with self._db.transaction() as conn:
            leased = await lease_message(conn, message_id, lease=self._lease)
        if leased is None:
            return
        crashpoint("cp11")
        started = datetime.now(UTC)
        try:
            async with self._staying(leased):
                outcome = await self._send(leased)
        except asyncio.CancelledError:
            async with self._db.transaction() as conn:
                await release_message(conn, leased)
            raise
        crashpoint("cp13")
        await self._record(leased, outcome, started)
        crashpoint("cp14")

    @asynccontextmanager
    async def _staying(self, leased: LeasedMessage) -> AsyncGenerator[None]:
        """Keep the lease for as long as the sending takes."""

        async def stay() -> None:
            while True:
                await asyncio.sleep(self._lease.total_seconds() / 3)
                with contextlib.suppress(
                    DatabaseError
                ):  # the record at the end is fenced, whatever happens here
                    async with self._db.connection() as conn:
                        await extend_message_lease(conn, leased, self._lease)

        staying = asyncio.create_task(stay())
        try:
            yield
        finally:
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)

    async def _send(self, leased: LeasedMessage) -> Outcome:
        if leased.channel.disabled_reason is not None:
            return Refused(reason=f"channel {leased.channel.name} is off: {leased.channel.disabled_reason}")
        try:
            settings = parse_settings(leased.channel.kind, leased.channel.settings, name=leased.channel.name)
            async with asyncio.timeout(PATIENCE):
                return await send(
                    notice_of(leased),
                    settings=settings,
                    recipient=leased.recipient,
                    means=self._means,
                    now=datetime.now(UTC),
                )
        except TimeoutError:
            return Unknown(reason=f"no end of it within {PATIENCE:.0f} s")
        except ChannelError as error:
            return TryLater(reason=str(error), retry_after=None)
        except (
            Exception
        ) as error:  # the job's border: a message that cannot be built must not be lost in silence
            log.exception("sending_crashed", message=leased.message_id, channel=leased.channel.name)
            return TryLater(reason=f"{type(error).__name__}: {error}", retry_after=None)

    async def _record(self, leased: LeasedMessage, outcome: Outcome, started: datetime) -> None:
        verdict = judge(
            outcome,
            attempt=leased.attempts,
            first_owed_at=leased.first_owed_at,
            now=datetime.now(UTC),
            rng=self._rng,
        )
        async with self._db.transaction() as conn:
            recorded = await record_attempt(
                conn,
                leased,
                outcome=verdict.outcome,
                detail=verdict.detail,
                started_at=started,
                retry_in=verdict.retry_in,
            )
            if isinstance(outcome, ChannelGone):
                await disable_channel(conn, leased.channel.id, outcome.reason)
        _tell_log(leased, verdict, recorded=recorded)


def judge(
    outcome: Outcome, *, attempt: int, first_owed_at: datetime, now: datetime, rng: random.Random
) -> Verdict:
    """Decide what an attempt means: done, again later under the same id, or a dead letter; always with the reason."""
    match outcome:
        case Delivered(detail=detail):
            return Verdict(outcome="delivered", detail=detail)
        case Refused(reason=reason) | ChannelGone(reason=reason):
            return Verdict(outcome="dead", detail=reason)
        case TryLater(reason=reason) | Unknown(reason=reason):
            retry_in = next_attempt(attempt, outcome=outcome, first_owed_at=first_owed_at, now=now, rng=rng)
            if retry_in is None:
                return Verdict(outcome="dead", detail=f"given up after {attempt} attempts: {reason}")
            again = "unknown" if isinstance(outcome, Unknown) else "retry"
            return Verdict(outcome=again, detail=reason, retry_in=retry_in)


def _tell_log(leased: LeasedMessage, verdict: Verdict, *, recorded: bool) -> None:
    line: dict[str, object] = {
        "message": leased.message_id,
        "channel": leased.channel.name,
        "attempt": leased.attempts,
        "alerts": leased.incidents.count if leased.incidents else len(leased.items) + len(leased.volumes),
    }
    if verdict.retry_in is not None:
        line["again_in_seconds"] = round(verdict.retry_in.total_seconds())
    if verdict.outcome != "delivered":
        line["reason"] = verdict.detail
    if not recorded:
        log.warning("result_not_recorded", why="another worker took the message over", **line)
    elif verdict.outcome == "dead":
        log.error("dead_letter", remedy="marsad alert replay", **line)
    else:
        log.info(verdict.outcome, **line)


def notice_of(leased: LeasedMessage) -> Notice:
    """Turn a leased message into what the channels are shown; its id stays the same over all attempts."""
    if leased.incidents is not None:
        return _notice_of_incidents(leased, leased.incidents)
    if leased.volumes:
        return Notice(
            id=leased.message_id,
            kind="volume",
            items=(),
            owed_at=leased.first_owed_at,
            attempt=leased.attempts,
            volumes=tuple(unpacked(item.figures) for item in leased.volumes),
        )
    return Notice(
        id=leased.message_id,
        kind="summary" if any(item.kind == "summary" for item in leased.items) else "story",
        items=tuple(_item(item) for item in leased.items),
        owed_at=leased.first_owed_at,
        attempt=leased.attempts,
    )


def _notice_of_incidents(leased: LeasedMessage, incidents: IncidentContents) -> Notice:
    return Notice(
        id=leased.message_id,
        kind="incident",
        items=(),
        owed_at=leased.first_owed_at,
        attempt=leased.attempts,
        troubles=tuple(_trouble(item) for item in incidents.items),
        extent=Extent(
            tallies=tuple(
                Tally(kind=tally.kind, state=_state(tally.state), count=tally.count)
                for tally in incidents.tallies
            ),
            sources=incidents.sources,
            parts=incidents.parts,
            blind=incidents.blind,
            blind_total=incidents.blind_total,
        ),
    )


def _trouble(item: IncidentItem) -> Trouble:
    state = _state(item.state)
    return Trouble(
        kind=item.kind,
        state=state,
        subject=item.subject,
        source=item.source,
        url=item.url,
        since=item.since,
        until=item.closed_at if state == "closed" else None,
        detail=item.detail,
        remedy=item.remedy,
        rules=item.rules,
        rules_total=item.rules_total,
        times=item.times,
    )


def _state(kind: str) -> State:
    return "closed" if kind == "recovery" else "opened"


def _item(item: AlertItem) -> Item:
    return Item(
        rule=item.rule,
        severity=item.severity,
        story_title=item.story_title,
        article_url=item.article_url,
        title=item.title,
        summary=item.summary,
        text=item.text,
        lang=item.lang,
        source=item.source,
        country=item.country,
        tier=item.tier,
        published=item.published,
        first_seen=item.first_seen,
        reasons=tuple(Reason(**reason) for reason in item.reasons),
        score=item.score,
        outlets=item.outlets,
        story=str(item.story_id),
        places=told_places(item.places),
    )
