"""Steps 1 to 4 of the way: lease a due source, fetch it, put its bytes on disk, have a child read them."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import structlog

from scheduler.arrivals import Part
from scheduler.catching_up import catch_up
from scheduler.checkup import Signs, check_up
from scheduler.health import READING_STOPPED, is_quiet
from scheduler.journey import Kept, LeaseLostError, Visit, keep_visit
from scheduler.leave import NotYet
from scheduler.means import Means, read_source_capture
from scheduler.pace import Pace, after_failure, after_visit, rhythm_after
from scheduler.reading import SourceRead
from scheduler.ruleset import Ruleset
from spiders.access import AccessError, headers_for
from spiders.children import ChildFailed
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest, NotModified
from spiders.readers.salvage import SALVAGED
from storage.captures import StoredCapture
from storage.crashpoint import crashpoint
from storage.database import DatabaseError
from storage.leases import extend_source_leases
from storage.sources import LeasedSource, VisitOutcome, claim_due_sources, finish_visit, release_source
from storage.visits import Look

log = structlog.get_logger()

BLOCKED_PAGE = "blocked:"  # how a reading begins that found a challenge or refusal in place of the source


async def claim_visits(means: Means, *, room: int) -> list[LeasedSource]:
    """Lease as many due sources as there is room for."""
    async with means.db.connection() as conn:  # one statement: all of it or nothing
        claimed = await claim_due_sources(
            conn, limit=room, lease=means.lease, per_host=means.per_host, pause=means.polite.pause
        )
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
        if isinstance(line, NotYet):
            log.debug("visit_postponed", source=source.name, reason=line.reason)
            return
        log.info("visited", source=source.name, seconds=round(time.monotonic() - clock, 3), **line)


async def _visit(means: Means, source: LeasedSource, started: datetime) -> dict[str, object] | NotYet:
    try:
        headers = headers_for(source.secret_file)
    except AccessError as error:
        failed = FetchFailed(url=source.url, kind=FailureKind.REFUSED, reason=str(error))
        return await _record_failure(means, source, started, failed)
    request = FetchRequest(
        url=source.url,
        etag=source.etag,
        last_modified=source.last_modified,
        headers=headers,
        proxy=source.proxy,
        browser=source.browser,
    )
    result = await means.polite.fetch(request, robots=source.robots)
    match result:
        case NotYet():
            async with means.db.connection() as conn:
                await release_source(conn, source)
            return result
        case FetchFailed():
            return await _record_failure(means, source, started, result)
        case NotModified():
            return await _record_unchanged(means, source, started, result, status=304)
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
        return await _record_unchanged(means, source, started, fetched, status=fetched.status)
    try:
        main, older, ruleset = await _read(means, source, fetched, stored)
    except ChildFailed as error:
        reason = f"reading was stopped ({error}); the raw bytes are kept as {stored.sha256.hex()[:12]}"
        failed = FetchFailed(url=source.url, kind=FailureKind.PROTOCOL, reason=reason, status=fetched.status)
        return await _record_failure(means, source, started, failed, failure=READING_STOPPED)
    if (refusal := main.read.error or "").startswith(BLOCKED_PAGE) and not main.read.entries:
        failed = FetchFailed(
            url=source.url,
            kind=FailureKind.BLOCKED,
            reason=refusal,
            status=fetched.status,
            seconds=fetched.seconds,
        )
        return await _record_failure(means, source, started, failed)
    crashpoint("cp06")
    visit = Visit(
        source=source,
        fetched=fetched,
        stored=stored,
        read=main.read,
        started_at=started,
        now=now,
        older=older,
    )
    kept = await keep_visit(
        means.db,
        means.queue,
        ruleset,
        visit,
        partial(_pace, source, main.read, now),
        slow_seconds=means.slow_seconds,
    )
    return {"status": fetched.status, "entries": len(main.read.entries), **_counts(kept), **_why(kept.short)}


async def _read(
    means: Means, source: LeasedSource, fetched: Fetched, stored: StoredCapture
) -> tuple[Part, tuple[Part, ...], Ruleset]:
    """Read what came, and what closes a gap to the visit before; all of it with the same rules."""
    while True:
        read, ruleset = await read_source_capture(means, source, fetched, stored)
        main = Part(fetched=fetched, stored=stored, read=read)
        older = await catch_up(means, source, main)
        if means.rulebook.current.version == ruleset.version:
            return main, older, ruleset


def _pace(source: LeasedSource, read: SourceRead, now: datetime, new_entries: int) -> Pace:
    dear = (read.error or "").startswith(SALVAGED)  # each look costs all the time that a reading may take
    if new_entries or (read.entries and not dear):
        return after_visit(
            every=source.every,
            interval=source.pace,
            new_entries=new_entries,
            rhythm=source.rhythm,
            now=now,
        )
    failed = FetchFailed(url=source.url, kind=FailureKind.HTTP, reason=read.error or "no entries")
    return after_failure(
        every=source.every, interval=source.pace, failures=source.failures, failed=failed
    )  # "200 OK, zero entries" is not success (D8)


async def _record_unchanged(
    means: Means, source: LeasedSource, started: datetime, answer: Fetched | NotModified, *, status: int
) -> dict[str, object]:
    fetched = answer if isinstance(answer, Fetched) else None
    since = started - source.last_visited_at if source.last_visited_at else None
    rhythm = rhythm_after(source.rhythm, new_entries=0, since=since, now=started)
    pace = after_visit(every=source.every, interval=source.pace, new_entries=0, rhythm=rhythm, now=started)
    outcome = VisitOutcome(
        started_at=started,
        outcome="unchanged",
        status=status,
        bytes=len(fetched.body) if fetched else 0,
        etag=fetched.etag if fetched else None,
        last_modified=fetched.last_modified if fetched else None,
        body_hash=source.body_hash,
        kind=source.kind,
        pace=pace.interval,
        due_in=pace.due_in,
        keep_validators=fetched is None or fetched.truncated,  # a 304 must not hide what was cut off (D2)
        rhythm=rhythm,
        certificate=answer.certificate,
        issuer=answer.issuer,
        moved_to=answer.moved_to,
        seconds=answer.seconds,
        robots=answer.robots,
    )
    await _finish(means, source, outcome)
    return {"status": status, "new": 0}


async def _record_failure(
    means: Means,
    source: LeasedSource,
    started: datetime,
    failed: FetchFailed,
    *,
    failure: str | None = None,
) -> dict[str, object]:
    pace = after_failure(every=source.every, interval=source.pace, failures=source.failures, failed=failed)
    outcome = VisitOutcome(
        started_at=started,
        outcome="failed",
        status=failed.status,
        error=failed.reason,
        failure=failure or failed.kind.value,
        kind=source.kind,
        pace=pace.interval,
        due_in=pace.due_in,
        failures=pace.failures,
        keep_validators=True,
        moved_to=source.moved_to,
        seconds=failed.seconds,
        robots=failed.robots,
    )
    await _finish(means, source, outcome)
    retry_in = round(pace.due_in.total_seconds())
    return {"failed": failed.kind.value, "reason": failed.reason, "again_in_seconds": retry_in}


async def _finish(means: Means, source: LeasedSource, outcome: VisitOutcome) -> None:
    """Record the visit, with the incidents that it opens or closes; most visits find all well: one statement."""
    look = look_of(outcome)
    if is_quiet(
        look,
        before=source.last_status,
        troubles=source.troubles,
        moved_to=outcome.moved_to,
        slow_seconds=means.slow_seconds,
    ):
        async with means.db.connection() as conn:
            if not await finish_visit(conn, source, outcome):
                raise LeaseLostError(source.name)
        return
    async with means.db.transaction() as conn:
        signs = Signs(look=look, moved_to=outcome.moved_to, issuer=outcome.issuer)
        troubles = await check_up(
            conn, means.rulebook.current, source, signs, slow_seconds=means.slow_seconds
        )
        if not await finish_visit(conn, source, replace(outcome, troubles=troubles)):
            raise LeaseLostError(source.name)


def look_of(outcome: VisitOutcome) -> Look:
    """What a visit that read nothing saw."""
    return Look(
        started_at=outcome.started_at,
        outcome=outcome.outcome,
        status=outcome.status,
        error=outcome.error,
        failure=outcome.failure,
        seconds=outcome.seconds,
    )


def _counts(kept: Kept) -> dict[str, object]:
    counts: dict[str, object] = {"new": kept.new, "matches": kept.matches, "alerts": kept.alerts}
    return counts | ({"troubles": list(kept.troubles)} if kept.troubles else {})


def _why(error: str | None) -> dict[str, object]:
    return {"reason": error} if error else {}
