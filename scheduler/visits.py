"""Steps 1 to 4 of the way: lease a due source, fetch it, put its bytes on disk, have a child read them."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from scheduler.journey import Kept, LeaseLostError, Visit, keep_visit
from scheduler.pace import Pace, after_failure, after_visit
from scheduler.queue import Queue
from scheduler.reading import SOURCE_JOB, SOURCE_READ, About, SourceJob, SourceRead
from scheduler.ruleset import Rulebook, Ruleset
from spiders.children import ChildFailed, Children
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest, FetchResult, NotModified
from storage.captures import CaptureStore, StoredCapture
from storage.crashpoint import crashpoint
from storage.database import Database, DatabaseError
from storage.leases import extend_source_leases
from storage.sources import (
    LeasedSource,
    Source,
    VisitOutcome,
    claim_due_sources,
    finish_visit,
    release_source,
)

log = structlog.get_logger()

LEASE = timedelta(
    seconds=30
)  # renewed while the work is under way; a killed worker's work is free after this long


class Fetcher(Protocol):
    """Whatever fetches through the one gate."""

    async def fetch(self, request: FetchRequest) -> FetchResult: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What visits work with, handed down by the daemon."""

    db: Database
    queue: Queue
    fetcher: Fetcher
    captures: CaptureStore
    children: Children
    rulebook: Rulebook
    per_host: int = 2
    lease: timedelta = LEASE


async def claim_visits(means: Means, *, room: int) -> list[LeasedSource]:
    """Lease as many due sources as there is room for."""
    async with means.db.connection() as conn:  # one statement: all of it or nothing
        claimed = await claim_due_sources(conn, limit=room, lease=means.lease, per_host=means.per_host)
    if claimed:
        crashpoint("cp01")
    return claimed


async def stay_at_visits(means: Means, leased: Sequence[LeasedSource]) -> None:
    """Keep the leases of the visits under way."""
    async with means.db.connection() as conn:
        await extend_source_leases(conn, leased, means.lease)


async def visit(means: Means, source: LeasedSource) -> None:
    """Take one leased source all the way to the ledger; whatever happens is recorded and logged once."""
    started, clock = datetime.now(UTC), time.monotonic()
    try:
        line = await _visit(means, source, started)
    except asyncio.CancelledError:
        async with means.db.connection() as conn:
            await release_source(conn, source)
        raise
    except LeaseLostError:
        log.warning("visit_taken_over", source=source.name)
    except DatabaseError as error:
        # The lease runs out by itself and the source is visited again: nothing of this visit was kept.
        log.error("visit_not_kept", source=source.name, reason=str(error).strip())
    else:
        log.info("visited", source=source.name, seconds=round(time.monotonic() - clock, 3), **line)


async def _visit(means: Means, source: LeasedSource, started: datetime) -> dict[str, object]:
    request = FetchRequest(url=source.url, etag=source.etag, last_modified=source.last_modified)
    result = await means.fetcher.fetch(request)
    match result:
        case FetchFailed():
            return await _record_failure(means, source, started, result)
        case NotModified():
            return await _record_unchanged(means, source, started, status=304)
        case Fetched():
            return await _read_and_keep(means, source, started, result)


async def _read_and_keep(
    means: Means, source: LeasedSource, started: datetime, fetched: Fetched
) -> dict[str, object]:
    crashpoint("cp03")
    now = datetime.now(UTC)
    stored = await asyncio.to_thread(means.captures.put, fetched.body)
    crashpoint("cp05")
    if stored.sha256 == source.body_hash:
        return await _record_unchanged(means, source, started, status=fetched.status, fetched=fetched)
    try:
        read, ruleset = await read_source_capture(means, source, fetched, stored)
    except ChildFailed as error:
        reason = f"reading was stopped ({error}); the raw bytes are kept as {stored.sha256.hex()[:12]}"
        failed = FetchFailed(url=source.url, kind=FailureKind.PROTOCOL, reason=reason, status=fetched.status)
        return await _record_failure(means, source, started, failed)
    crashpoint("cp06")
    harvest = Visit(source=source, fetched=fetched, stored=stored, read=read, started_at=started, now=now)
    kept = await keep_visit(means.db, means.queue, ruleset, harvest, partial(_pace, source, read))
    return {"status": fetched.status, "entries": len(read.entries), **_counts(kept), **_why(kept.short)}


async def read_source_capture(
    means: Means, source: Source, fetched: Fetched, stored: StoredCapture
) -> tuple[SourceRead, Ruleset]:
    """Read with the rules as they stand; if they changed meanwhile, read again, so that no rule misses an article."""
    job = SourceJob(
        path=str(stored.path),
        url=fetched.final_url,
        content_type=fetched.content_type,
        kind=source.kind,
        about=About(source=source.name, country=source.country or "", lang=source.lang, tags=source.tags),
    )
    while True:
        ruleset = means.rulebook.current
        read = SOURCE_READ.validate_json(
            await means.children.run("source", SOURCE_JOB.dump_json(job).decode())
        )
        if means.rulebook.current.version == ruleset.version:
            return read, ruleset


def _pace(source: LeasedSource, read: SourceRead, new_entries: int) -> Pace:
    if read.entries:
        return after_visit(every=source.every, interval=source.pace, new_entries=new_entries)
    failed = FetchFailed(url=source.url, kind=FailureKind.HTTP, reason=read.error or "no entries")
    return after_failure(
        every=source.every, interval=source.pace, failures=source.failures, failed=failed
    )  # "200 OK, zero entries" is not success (D8)


async def _record_unchanged(
    means: Means, source: LeasedSource, started: datetime, *, status: int, fetched: Fetched | None = None
) -> dict[str, object]:
    pace = after_visit(every=source.every, interval=source.pace, new_entries=0)
    outcome = VisitOutcome(
        started_at=started,
        outcome="unchanged",
        status=status,
        bytes=len(fetched.body) if fetched else 0,
        entries=0,
        new_entries=0,
        capture_id=None,
        error=None,
        etag=fetched.etag if fetched else None,
        last_modified=fetched.last_modified if fetched else None,
        body_hash=source.body_hash,
        kind=source.kind,
        pace=pace.interval,
        due_in=pace.due_in,
        failures=0.0,
        keep_validators=fetched is None,
    )
    await _finish(means, source, outcome)
    return {"status": status, "new": 0}


async def _record_failure(
    means: Means, source: LeasedSource, started: datetime, failed: FetchFailed
) -> dict[str, object]:
    pace = after_failure(every=source.every, interval=source.pace, failures=source.failures, failed=failed)
    outcome = VisitOutcome(
        started_at=started,
        outcome="failed",
        status=failed.status,
        bytes=0,
        entries=0,
        new_entries=0,
        capture_id=None,
        error=failed.reason,
        etag=None,
        last_modified=None,
        body_hash=None,
        kind=source.kind,
        pace=pace.interval,
        due_in=pace.due_in,
        failures=pace.failures,
        keep_validators=True,
    )
    await _finish(means, source, outcome)
    retry_in = round(pace.due_in.total_seconds())
    return {"failed": failed.kind.value, "reason": failed.reason, "again_in_seconds": retry_in}


async def _finish(means: Means, source: LeasedSource, outcome: VisitOutcome) -> None:
    async with means.db.connection() as conn:  # one statement, which writes nothing when the lease is lost
        if not await finish_visit(conn, source, outcome):
            raise LeaseLostError(source.name)


def _counts(kept: Kept) -> dict[str, object]:
    return {"new": kept.new, "matches": kept.matches, "alerts": kept.alerts}


def _why(error: str | None) -> dict[str, object]:
    return {"reason": error} if error else {}
