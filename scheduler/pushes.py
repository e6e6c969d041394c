"""Pushes: what hubs bring is safe before it is acknowledged, and then goes the way of a visit (WebSub)."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from scheduler.alerting import Debts
from scheduler.arrivals import Brought, Gathered, Harvest, keep_harvest
from scheduler.journey import LeaseLostError
from scheduler.means import Means, read_source_capture
from scheduler.ruleset import Ruleset
from scheduler.subscribing import Terms
from spiders.children import ChildFailed
from spiders.fetching import Fetched
from spiders.listener import Delivery, Taken
from spiders.websub import Intent, Mode, fault_of_signature, same_topic
from storage.captures import CaptureStore, StoredCapture
from storage.crashpoint import crashpoint
from storage.database import Database, DatabaseError
from storage.pushes import (
    LeasedPush,
    PushOutcome,
    claim_pushes,
    count_forged,
    extend_push_leases,
    finish_push,
    keep_push,
    release_push,
)
from storage.sources import get_source
from storage.subscriptions import Callback, confirm, confirm_end, deny, find_callback

log = structlog.get_logger()

LONGEST_LEASE = timedelta(days=14)  # a hub that died in silence is found out by renewing: not after a year
RENEW_FROM, RENEW_TO = 0.5, 0.7  # of the lease: time for many attempts before it ends
DENIED_FOR = timedelta(days=7)
MAX_ATTEMPTS = 5


class PushDesk:
    """Decides about what hubs ask and bring; `told` wakes those who read."""

    def __init__(self, db: Database, captures: CaptureStore, terms: Terms, wake: Callable[[], None]) -> None:
        self._db, self._captures, self._terms, self._wake = db, captures, terms, wake

    async def find(self, key: bytes) -> Callback | None:
        async with self._db.connection() as conn:
            return await find_callback(conn, key)

    async def answer(self, callback: Callback, intent: Intent) -> bool:
        """Yes to what we asked for ourselves, and to nothing else."""
        if not same_topic(intent.topic, callback.topic):
            return False
        match intent.mode:
            case Mode.SUBSCRIBE:
                return await self._confirm(callback, intent)
            case Mode.UNSUBSCRIBE:
                return await self._confirm_end(callback)
            case Mode.DENIED:
                return await self._denied(callback, intent.reason or "the hub gives no reason")

    async def take(self, callback: Callback, delivery: Delivery) -> Taken:
        """Put a well-signed push on disk and on record; a forged one is counted and forgotten, and nobody is told."""
        if not callback.listening:
            return Taken.GONE
        fault = await asyncio.to_thread(
            fault_of_signature, delivery.signature, secret=callback.secret, body=delivery.body
        )
        if fault is not None:
            async with self._db.connection() as conn:
                await count_forged(conn, callback.id)
            log.warning("push_discarded", source=callback.source, hub=callback.hub, reason=fault)
            return Taken.TAKEN
        now = datetime.now(UTC)
        stored = await asyncio.to_thread(self._captures.put, delivery.body)
        async with self._db.transaction() as conn:
            await keep_push(
                conn,
                callback,
                stored=stored,
                headers=delivery.headers,
                address=delivery.address,
                received_at=now,
            )
        crashpoint("cp21")
        return Taken.TAKEN

    def told(self) -> None:
        self._wake()

    async def _confirm(self, callback: Callback, intent: Intent) -> bool:
        granted = min(intent.lease or self._terms.lease, max(LONGEST_LEASE, self._terms.lease))
        renew_in = renewal(granted)
        async with self._db.connection() as conn:
            until = await confirm(conn, callback.id, granted=granted, renew_in=renew_in)
        if until is not None:
            log.info("push_subscribed", source=callback.source, hub=callback.hub, until=until.isoformat())
        return until is not None

    async def _confirm_end(self, callback: Callback) -> bool:
        async with self._db.connection() as conn:
            ended = await confirm_end(conn, callback.id)
        if ended:
            log.info("push_ended", source=callback.source, hub=callback.hub)
        return ended

    async def _denied(self, callback: Callback, reason: str) -> bool:
        async with self._db.connection() as conn:
            denied = await deny(conn, callback.id, reason=f"the hub denied it: {reason}", again_in=DENIED_FOR)
        if denied:
            log.warning("push_denied", source=callback.source, hub=callback.hub, reason=reason)
        return denied


def renewal(granted: timedelta, rng: random.Random | None = None) -> timedelta:
    """When to renew: well before the end, and not all at once."""
    return granted * (rng or random).uniform(RENEW_FROM, RENEW_TO)


async def claim_pushed(means: Means, *, room: int) -> list[LeasedPush]:
    """Lease as many pushes as there is room for."""
    async with means.db.connection() as conn:
        claimed = await claim_pushes(conn, limit=room, lease=means.lease)
    if claimed:
        crashpoint("cp22")
    return claimed


async def stay_at_pushed(means: Means, leased: Sequence[LeasedPush]) -> None:
    """Keep the leases of the pushes under way."""
    async with means.db.connection() as conn:
        await extend_push_leases(conn, leased, means.lease)


async def keep_pushed(means: Means, leased: LeasedPush) -> None:
    """Take one push all the way to the ledger; whatever happens is recorded and logged once."""
    clock = time.monotonic()
    try:
        line = await _keep(means, leased)
    except asyncio.CancelledError:
        async with means.db.connection() as conn:
            await release_push(conn, leased)
        raise
    except LeaseLostError:
        log.warning("push_taken_over", source=leased.source)
    except DatabaseError as error:
        # The lease runs out by itself and the push is read again: nothing of it was kept.
        log.error("push_not_kept", source=leased.source, reason=str(error).strip())
    else:
        seconds = round(time.monotonic() - clock, 3)
        log.info("pushed", source=leased.source, hub=leased.hub, seconds=seconds, **line)


async def _keep(means: Means, leased: LeasedPush) -> dict[str, object]:
    async with means.db.connection() as conn:
        source = await get_source(conn, leased.source_id)
    if source is None or not source.enabled:
        return await _give_up(means, leased, "the source is not watched now")
    if leased.attempts > MAX_ATTEMPTS:
        return await _give_up(means, leased, f"it could not be kept {MAX_ATTEMPTS} times")
    path = means.captures.path(leased.sha256)
    stored = StoredCapture(sha256=leased.sha256, size=leased.size_bytes, path=path)
    fetched = Fetched(
        url=leased.base_url,
        final_url=leased.base_url,
        status=200,
        headers=leased.headers,
        body=b"",  # it is on disk
        address=None,
    )
    try:
        read, ruleset = await read_source_capture(means, source, fetched, stored)
    except ChildFailed as error:
        return await _give_up(means, leased, f"reading was stopped ({error})")
    if not read.entries:
        return await _give_up(means, leased, read.error or "there is no entry in it")
    harvest = Harvest(source=source, fetched=fetched, stored=stored, read=read, now=datetime.now(UTC))
    gathered, debts = await _keep_harvest(means, ruleset, harvest, leased)
    return {
        "entries": len(read.entries),
        "new": gathered.new,
        "matches": debts.matches,
        "alerts": debts.alerts,
    }


async def _keep_harvest(
    means: Means, ruleset: Ruleset, harvest: Harvest, leased: LeasedPush
) -> tuple[Gathered, Debts]:
    """Keep articles, stories, matches, alerts, deliveries and the end of the push: all of them or none."""
    debts = Debts()
    brought = [Brought(read=entry, capture_id=leased.capture_id) for entry in harvest.read.entries]
    async with means.db.transaction() as conn:
        gathered = await keep_harvest(conn, ruleset, debts, harvest, brought)
        refused = f"{gathered.refused} entries could not be stored; see the log" if gathered.refused else None
        outcome = PushOutcome(
            entries=len(brought), new_entries=gathered.new, error=refused or harvest.read.error
        )
        if not await finish_push(conn, leased, outcome):
            raise LeaseLostError(leased.source)
        await means.queue.wake(conn, list(debts.wakes.values()))
        crashpoint("cp23")
    return gathered, debts


async def _give_up(means: Means, leased: LeasedPush, reason: str) -> dict[str, object]:
    """What a push does not tell, the source itself is asked for, at once."""
    async with means.db.connection() as conn:
        if not await finish_push(conn, leased, PushOutcome(error=reason)):
            raise LeaseLostError(leased.source)
    return {"entries": 0, "new": 0, "reason": reason}
