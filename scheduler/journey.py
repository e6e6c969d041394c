"""Step 5 of the way, `keep`: one visit becomes one transaction, and what we owe for it is part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from scheduler.alerting import Debts, Manner, Matched, manner_of, raise_alerts
from scheduler.pace import Pace
from scheduler.queue import Queue
from scheduler.reading import EntryRead, PageRead, SourceRead
from scheduler.ruleset import Ruleset
from spiders.fetching import Fetched
from storage.articles import (
    KnownArticle,
    LeasedPage,
    NewArticle,
    PageOutcome,
    finish_page,
    keep_article,
    keep_page,
    known_keys,
    text_hash,
    url_key,
)
from storage.captures import StoredCapture, record_capture
from storage.crashpoint import crashpoint
from storage.database import Conn, Database, DatabaseError, is_transient
from storage.sources import LeasedSource, VisitOutcome, finish_visit
from storage.stories import join_or_start

log = structlog.get_logger()


class LeaseLostError(Exception):
    """Another worker took this work over while we did it; everything of ours is rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """All that one visit to a source brought, fetched, captured and read, before anything is kept."""

    source: LeasedSource
    fetched: Fetched
    stored: StoredCapture
    read: SourceRead
    started_at: datetime
    now: datetime

    @property
    def first_look(self) -> bool:
        return self.source.last_new_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a kept visit or page came to."""

    new: int
    matches: int
    alerts: int
    refused: int = 0


async def keep_visit(db: Database, queue: Queue, ruleset: Ruleset, visit: Visit, pace_for: "PaceFor") -> Kept:
    """Keep capture, articles, stories, matches, alerts, deliveries, ETag and due time: all of them or none."""
    debts = Debts()
    async with db.transaction() as conn:
        capture_id = await record_capture(
            conn,
            stored=visit.stored,
            url=visit.fetched.url,
            final_url=visit.fetched.final_url,
            status=visit.fetched.status,
            headers=visit.fetched.headers,
            address=visit.fetched.address,
            fetched_at=visit.now,
        )
        new = refused = 0
        for entry in await _unseen(conn, visit.read.entries):
            try:
                async with conn.transaction():  # a savepoint: one poisoned entry takes no other with it
                    new += await _keep_entry(conn, ruleset, debts, visit, entry, capture_id=capture_id)
            except DatabaseError as error:
                if is_transient(error):
                    raise
                refused += 1
                log.error("entry_refused", source=visit.source.name, entry=entry.entry.id, reason=str(error).strip())
        crashpoint("cp07")
        outcome = _visit_outcome(visit, pace_for(new), capture_id=capture_id, new=new, refused=refused)
        if not await finish_visit(conn, visit.source, outcome):
            raise LeaseLostError(visit.source.name)
        await queue.wake(conn, list(debts.wakes.values()))
        crashpoint("cp10")
    crashpoint("cp08")
    return Kept(new=new, matches=debts.matches, alerts=debts.alerts, refused=refused)


async def _unseen(conn: Conn, entries: Sequence[EntryRead]) -> list[EntryRead]:
    """Leave out what we have with the very same text; the oldest comes first, so that stories start in order."""
    known = await known_keys(conn, [url_key(e.address) for e in entries])
    unseen = [e for e in entries if not _same_text(known.get(url_key(e.address)), e)]
    return sorted(unseen, key=lambda e: (e.entry.published is not None, e.entry.published or 0))


def _same_text(known: KnownArticle | None, read: EntryRead) -> bool:
    entry = read.entry
    return known is not None and known.entry_hash == text_hash(entry.title, entry.summary, entry.content)


async def _keep_entry(
    conn: Conn, ruleset: Ruleset, debts: Debts, visit: Visit, read: EntryRead, *, capture_id: int
) -> int:
    entry, source = read.entry, visit.source
    manner = manner_of(first_look=visit.first_look, published=entry.published, now=visit.now)
    kept = await keep_article(
        conn,
        NewArticle(
            source_id=source.id,
            url_key=url_key(read.address),
            url=entry.url or source.url,
            entry_id=entry.id,
            title=entry.title,
            summary=entry.summary,
            text=entry.content,
            authors=entry.authors,
            tags=entry.tags,
            lang=read.lang,
            published=entry.published,
            published_raw=entry.published_raw,
            updated=entry.updated,
            capture_id=capture_id,
            degraded=None,
            lexemes=read.lexemes,
            fresh=manner is Manner.STORY,
            page_wanted=source.pages and entry.url is not None and manner is Manner.STORY,
        ),
    )
    if kept.version_id is None:
        return 0
    story_id = kept.story_id or (
        await join_or_start(
            conn, article_id=kept.id, key=bytes.fromhex(read.story_key), title=entry.title, lang=read.lang
        )
    ).story_id
    matched = Matched(article_id=kept.id, version_id=kept.version_id, story_id=story_id)
    await raise_alerts(conn, ruleset, debts, matched=matched, hits=read.hits, manner=manner)
    return int(kept.is_new)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVisit:
    """What looking at one article's page brought."""

    leased: LeasedPage
    fetched: Fetched
    stored: StoredCapture
    read: PageRead
    now: datetime


async def keep_article_page(db: Database, queue: Queue, ruleset: Ruleset, visit: PageVisit) -> Kept:
    """Keep an article's page as a new version, with the matches that only its full text brought."""
    debts, page, leased = Debts(), visit.read.page, visit.leased
    async with db.transaction() as conn:
        capture_id = await record_capture(
            conn,
            stored=visit.stored,
            url=visit.fetched.url,
            final_url=visit.fetched.final_url,
            status=visit.fetched.status,
            headers=visit.fetched.headers,
            address=visit.fetched.address,
            fetched_at=visit.now,
        )
        version_id = await keep_page(
            conn,
            leased,
            title=leased.title or page.title,
            text=page.text,
            summary=leased.summary,
            authors=page.authors,
            published=page.published,
            modified=page.modified,
            lang=visit.read.lang,
            capture_id=capture_id,
            canonical_url=page.canonical_url,
            degraded=page.degraded,
            lexemes=visit.read.lexemes,
        )
        matched = Matched(article_id=leased.article_id, version_id=version_id, story_id=leased.story_id)
        await raise_alerts(conn, ruleset, debts, matched=matched, hits=visit.read.hits, manner=Manner.STORY)
        if not await finish_page(conn, leased, PageOutcome(state="read", retry_in=None, error=None)):
            raise LeaseLostError(leased.url)
        await queue.wake(conn, list(debts.wakes.values()))
    return Kept(new=0, matches=debts.matches, alerts=debts.alerts)


class PaceFor(Protocol):
    """The pace of the visited source, once it is known how much was new."""

    def __call__(self, new_entries: int) -> Pace: ...


def _visit_outcome(visit: Visit, pace: Pace, *, capture_id: int, new: int, refused: int) -> VisitOutcome:
    read, fetched = visit.read, visit.fetched
    whole = read.error is None and not refused and not fetched.truncated
    error = read.error or (f"{refused} entries could not be stored; see the log" if refused else None)
    return VisitOutcome(
        started_at=visit.started_at,
        outcome="new" if new else "unchanged" if read.entries else "empty",
        status=fetched.status,
        bytes=len(fetched.body),
        entries=len(read.entries),
        new_entries=new,
        capture_id=capture_id,
        error=error,
        # Validators are kept only with all the articles they vouch for: else a 304 would hide the rest for good (D2).
        etag=fetched.etag if whole else None,
        last_modified=fetched.last_modified if whole else None,
        body_hash=visit.stored.sha256 if whole else None,
        kind=read.kind,
        pace=pace.interval,
        due_in=pace.due_in,
        failures=pace.failures,
        keep_validators=False,
    )
