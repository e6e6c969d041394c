"""Article pages: the full text of an entry, fetched after its feed was read and matched again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from scheduler.journey import Kept, LeaseLostError, PageVisit, keep_article_page
from scheduler.leave import NotYet, is_forbidden
from scheduler.means import Means
from scheduler.reading import PAGE_JOB, PAGE_READ, About, PageJob, PageRead
from scheduler.ruleset import Ruleset
from spiders.access import AccessError, headers_for
from spiders.canonical import same_origin
from spiders.children import ChildFailed, Children
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest, NotModified
from storage.articles import LeasedPage, PageOutcome, claim_due_pages, finish_page, release_page
from storage.captures import StoredCapture
from storage.database import Database, DatabaseError
from storage.health import note_page
from storage.leases import extend_page_leases

log = structlog.get_logger()

RETRIES = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=2))
FINAL = {FailureKind.GONE, FailureKind.REFUSED}  # asking again would bring the same answer


async def claim_pages(means: Means, *, room: int) -> list[LeasedPage]:
    """Lease as many wanted pages as there is room for."""
    async with means.db.connection() as conn:  # one statement, as for sources
        return await claim_due_pages(
            conn, limit=room, lease=means.lease, per_host=means.per_host, pause=means.polite.pause
        )


async def stay_at_pages(means: Means, leased: Sequence[LeasedPage]) -> None:
    """Keep the leases of the pages under way."""
    async with means.db.connection() as conn:
        await extend_page_leases(conn, leased, means.lease)


async def look_at(means: Means, leased: LeasedPage) -> None:
    """Take one leased page to its new version and its alerts; whatever happens is recorded and logged once."""
    try:
        line = await _look_at(means, leased)
    except asyncio.CancelledError:
        async with means.db.connection() as conn:
            await release_page(conn, leased)
        raise
    except LeaseLostError:
        log.warning("page_taken_over", url=leased.url)
    except DatabaseError as error:
        log.error("page_not_kept", url=leased.url, reason=str(error).strip())
    else:
        if isinstance(line, NotYet):
            log.debug("page_postponed", url=leased.url, reason=line.reason)
            return
        log.info("page", source=leased.source_name, url=leased.url, **line)


async def _look_at(means: Means, leased: LeasedPage) -> dict[str, object] | NotYet:
    try:
        headers = headers_for(leased.secret_file) if same_origin(leased.url, leased.source_url) else {}
    except AccessError as error:
        failed = FetchFailed(url=leased.url, kind=FailureKind.CONNECT, reason=str(error))
        return await _give_up_or_retry(means, leased, failed)
    request = FetchRequest(url=leased.url, headers=headers, proxy=leased.proxy, browser=leased.browser)
    result = await means.polite.fetch(request, robots=leased.robots)
    if isinstance(result, NotYet):
        async with means.db.connection() as conn:
            await release_page(conn, leased)
        return result
    if isinstance(result, NotModified):  # nothing was asked conditionally: a server that answers so is broken
        result = FetchFailed(
            url=leased.url, kind=FailureKind.PROTOCOL, reason="304 to an unconditional request"
        )
    if isinstance(result, FetchFailed):
        return await _give_up_or_retry(means, leased, result)
    stored = await asyncio.to_thread(means.captures.put, result.body)
    try:
        read, ruleset = await _read(means, leased, result, stored)
    except ChildFailed as error:
        reason = f"reading was stopped ({error}); the raw bytes are kept as {stored.sha256.hex()[:12]}"
        failed = FetchFailed(url=leased.url, kind=FailureKind.PROTOCOL, reason=reason)
        return await _give_up_or_retry(means, leased, failed)
    if read.page.kind != "article":
        failed = FetchFailed(url=leased.url, kind=FailureKind.BLOCKED, reason=f"the page is {read.page.kind}")
        return await _give_up_or_retry(means, leased, failed)
    now = datetime.now(UTC)
    kept: Kept = await keep_article_page(
        means.db,
        means.queue,
        ruleset,
        PageVisit(leased=leased, fetched=result, stored=stored, read=read, now=now),
    )
    return {"matches": kept.matches, "alerts": kept.alerts}


async def _read(
    means: Means, leased: LeasedPage, fetched: Fetched, stored: StoredCapture
) -> tuple[PageRead, Ruleset]:
    job = PageJob(
        path=str(stored.path),
        url=fetched.final_url,
        content_type=fetched.content_type,
        kind=leased.source_kind,
        title=leased.title,
        summary=leased.summary,
        about=About(
            source=leased.source_name, country=leased.country or "", lang=leased.lang, tags=leased.source_tags
        ),
    )
    while True:
        ruleset = means.rulebook.current
        read = await read_or_strip(means.children, job)
        if means.rulebook.current.version == ruleset.version:
            return read, ruleset


async def read_or_strip(children: Children, job: PageJob) -> PageRead:
    """Read a page in a child; if that was stopped, take the bare text: degraded, but no rule is blind to it."""
    text = PAGE_JOB.dump_json(job).decode()
    try:
        return PAGE_READ.validate_json(await children.run("page", text))
    except ChildFailed as error:
        log.warning("page_stripped", url=job.url, reason=str(error))
        return PAGE_READ.validate_json(await children.run("strip", text))


async def _give_up_or_retry(means: Means, leased: LeasedPage, failed: FetchFailed) -> dict[str, object]:
    """The entry is stored and matched already; only its full text is missing, and that is said."""
    tried = leased.attempts
    if failed.kind in FINAL or is_forbidden(failed) or tried > len(RETRIES):
        await _give_up(means.db, leased, failed)
        return {"failed": failed.kind.value, "reason": failed.reason}
    retry_in = max(RETRIES[tried - 1], failed.retry_after or timedelta(0))
    await _finish(means.db, leased, PageOutcome(state="retry", retry_in=retry_in, error=failed.reason))
    return {
        "failed": failed.kind.value,
        "reason": failed.reason,
        "again_in_seconds": round(retry_in.total_seconds()),
    }


async def _give_up(db: Database, leased: LeasedPage, failed: FetchFailed) -> None:
    """Its words stay unread. One page that is gone says nothing of its source, unlike one that we cannot read."""
    async with db.transaction() as conn:
        if failed.kind is not FailureKind.GONE:
            await note_page(conn, leased.source_id, read_well=False)
        if not await finish_page(conn, leased, PageOutcome(state="failed", error=failed.reason)):
            raise LeaseLostError(leased.url)


async def _finish(db: Database, leased: LeasedPage, outcome: PageOutcome) -> None:
    async with db.transaction() as conn:
        if not await finish_page(conn, leased, outcome):
            raise LeaseLostError(leased.url)
