"""Means: what visits and pages work with, and the reading of one captured document."""

from dataclasses import dataclass
from datetime import timedelta

from scheduler.politeness import Politeness
from scheduler.health import SLOW_SECONDS
from scheduler.queue import Queue
from scheduler.reading import SOURCE_JOB, SOURCE_READ, About, SourceJob, SourceRead
from scheduler.ruleset import Rulebook, Ruleset
from spiders.children import Children
from spiders.fetching import Fetched
from storage.captures import CaptureStore, StoredCapture
from storage.database import Database
from storage.sources import Source

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
        read = SOURCE_READ.validate_json(
            await means.children.run("source", SOURCE_JOB.dump_json(job).decode())
        )
        if means.rulebook.current.version == ruleset.version:
            return read, ruleset
