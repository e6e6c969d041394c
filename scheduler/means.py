"""Means: what visits and pages work with, and the reading of one captured document."""

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from scheduler.health import SLOW_SECONDS
from scheduler.politeness import Politeness
from scheduler.queue import Queue
from scheduler.reading import SOURCE_JOB, SOURCE_READ, About, SourceJob, SourceRead
from scheduler.ruleset import Rulebook, Ruleset
from spiders.children import ChildFailed, Children
from spiders.fetching import Fetched
from spiders.readers.salvage import SALVAGED
from storage.captures import CaptureStore, StoredCapture
from storage.database import Database
from storage.sources import Source

log = structlog.get_logger()

LEASE = timedelta(
    seconds=30
)  # renewed while the work is under way; a killed worker's work is free after this long


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What visits work with, handed down by the daemon."""

    db: Database
    queue: Queue
    polite: Politeness  # the way to the gate: nothing of a visit goes beside it
    captures: CaptureStore
    children: Children
    rulebook: Rulebook
    per_host: int = 2
    lease: timedelta = LEASE
    slow_seconds: float = SLOW_SECONDS  # an answer that takes longer, twice, is an incident


async def read_source_capture(
    means: Means, source: Source, fetched: Fetched, stored: StoredCapture
) -> tuple[SourceRead, Ruleset]:
    """Read with the rules as they stand; if they changed meanwhile, read again, so that no rule misses an article."""
    job = SourceJob(
        path=str(stored.path),
        url=fetched.final_url,
        content_type=fetched.content_type,
        kind=source.kind,
        listing=source.listing,
        about=About(source=source.name, country=source.country or "", lang=source.lang, tags=source.tags),
    )
    while True:
        ruleset = means.rulebook.current
        read = await read_or_salvage(means.children, job)
        if means.rulebook.current.version == ruleset.version:
            return read, ruleset


async def read_or_salvage(children: Children, job: SourceJob) -> SourceRead:
    """Read a source in a child; if that was stopped, take what looks like its entries, flagged by `error` (D5).

    Raises ChildFailed, of the reading, when nothing could be salvaged.
    """
    text = SOURCE_JOB.dump_json(job).decode()
    try:
        return SOURCE_READ.validate_json(await children.run("source", text))
    except ChildFailed as error:
        read = await _salvaged(children, text)
        entries = 0 if read is None else len(read.entries)
        log.warning("source_salvaged", url=job.url, entries=entries, reason=str(error))
        if read is None or not entries:
            raise
        return replace(read, kind=job.kind or read.kind, error=f"{SALVAGED} {error}")


async def _salvaged(children: Children, job: str) -> SourceRead | None:
    try:
        return SOURCE_READ.validate_json(await children.run("salvage", job))
    except ChildFailed:
        return None
