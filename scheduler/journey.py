"""Step 5 of the way, `keep`: one visit becomes one transaction, and what we owe for it is part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from scheduler.alerting import Debts, Manner, Matched, manner_of, raise_alerts
from scheduler.pace import Pace
from scheduler.queue import Queue
from scheduler.reading import EntryRead, PageRead, SourceRead
from scheduler.ruleset import Ruleset
from spiders.fetching import Fetched
from storage.articles import (
    KeptArticle,
    KnownArticle,
    LeasedPage,
    NewArticle,
    PageOutcome,
    PageText,
    finish_page,
    keep_article,
    keep_articles,
    keep_page,
    known_keys,
    text_hash,
    url_key,
)
from storage.captures import StoredCapture, record_capture
from storage.crashpoint import crashpoint
from storage.database import Conn, Database, DatabaseError, is_transient
from storage.sources import LeasedSource, Source, VisitOutcome, finish_visit
from storage.stories import Telling, join_or_start, join_or_start_all

log = structlog.get_logger()

STORY_WINDOW = timedelta(days=3)  # a headline that returns later tells something new


class LeaseLostError(Exception):
    """Another worker took this work over while we did it; everything of ours is rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What a source brought, by our visit or by a hub's push: captured and read, before anything is kept."""

    source: Source
    fetched: Fetched
    stored: StoredCapture
    read: SourceRead
    now: datetime

    @property
    def first_look(self) -> bool:
        return self.source.last_new_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Harvest):
    """All that one visit to a source brought."""

    source: LeasedSource
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a kept visit or page came to."""

    new: int
    matches: int
    alerts: int
    short: str | None = None  # why there may be more than was kept


async def keep_visit(db: Database, queue: Queue, ruleset: Ruleset, visit: Visit, pace_for: "PaceFor") -> Kept:
    """Keep capture, articles, stories, matches, alerts, deliveries, ETag and due time: all of them or none."""
    debts = Debts()
    async with db.transaction() as conn:
        capture_id = await _record_capture(conn, visit.fetched, visit.stored, visit.now)
        new, refused = await keep_harvest(conn, ruleset, debts, visit, capture_id=capture_id)
        outcome = _visit_outcome(visit, pace_for(new), capture_id=capture_id, new=new, refused=refused)
        if not await finish_visit(conn, visit.source, outcome):
            raise LeaseLostError(visit.source.name)
        await queue.wake(conn, list(debts.wakes.values()))
        crashpoint("cp10")
    crashpoint("cp08")
    return Kept(new=new, matches=debts.matches, alerts=debts.alerts, short=_short(visit, refused))


async def keep_harvest(
    conn: Conn, ruleset: Ruleset, debts: Debts, harvest: Harvest, *, capture_id: int
) -> tuple[int, int]:
    """Keep the entries that are new with their stories, matches and alerts; how many were new, and refused."""
    unseen = await _unseen(conn, harvest.read.entries)
    kept, refused = await _keep_entries(conn, [_arrival(harvest, entry, capture_id) for entry in unseen])
    crashpoint("cp07")
    await _tell_of(conn, ruleset, debts, kept)
    return sum(article.is_new for _, article in kept), refused


async def _unseen(conn: Conn, entries: Sequence[EntryRead]) -> list[EntryRead]:
    """Leave out what we have with the very same words, and what the same visit brings twice."""
    known = await known_keys(conn, [url_key(e.address) for e in entries])
    first = {e.address: e for e in reversed(entries)}
    return [e for e in first.values() if not _same_words(known.get(url_key(e.address)), e)]


def _same_words(known: KnownArticle | None, read: EntryRead) -> bool:
    entry = read.entry
    words = text_hash(title=entry.title, summary=entry.summary, text=entry.content)
    return known is not None and known.entry_hash == words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """One entry on its way into the store."""

    read: EntryRead
    manner: Manner
    article: NewArticle


def _arrival(visit: Harvest, read: EntryRead, capture_id: int) -> _Arrival:
    entry, source = read.entry, visit.source
    manner = manner_of(first_look=visit.first_look, published=entry.published, now=visit.now)
    article = NewArticle(
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
        lexemes=read.lexemes,
        fresh=manner is Manner.STORY,
        page_wanted=source.pages and entry.url is not None and manner is Manner.STORY,
    )
    return _Arrival(read=read, manner=manner, article=article)


async def _keep_entries(
    conn: Conn, arrivals: Sequence[_Arrival]
) -> tuple[list[tuple[_Arrival, KeptArticle]], int]:
    """Keep all entries in one go; if one is refused, each in a savepoint of its own: it takes no other along."""
    try:
        async with conn.transaction():
            kept = await keep_articles(conn, [arrival.article for arrival in arrivals])
            return list(zip(arrivals, kept, strict=True)), 0
    except DatabaseError as error:
        if is_transient(error):
            raise
    single: list[tuple[_Arrival, KeptArticle]] = []
    for arrival in arrivals:
        try:
            async with conn.transaction():
                single.append((arrival, await keep_article(conn, arrival.article)))
        except DatabaseError as error:
            if is_transient(error):
                raise
            log.error("entry_refused", url=arrival.article.url, reason=str(error).strip())
    return single, len(arrivals) - len(single)


async def _tell_of(
    conn: Conn, ruleset: Ruleset, debts: Debts, kept: Sequence[tuple[_Arrival, KeptArticle]]
) -> None:
    """Join the stories and raise the alerts of the kept entries; one with no new words has nothing to tell."""
    telling = [(arrival, article) for arrival, article in kept if article.version_id is not None]
    if not telling:
        return
    joined = await join_or_start_all(
        conn,
        [
            Telling(
                article_id=article.id,
                key=bytes.fromhex(arrival.read.story_key),
                title=arrival.article.title,
                lang=arrival.article.lang,
            )
            for arrival, article in telling
        ],
        window=STORY_WINDOW,
    )
    matched = [
        Matched(
            article_id=article.id,
            version_id=article.version_id,
            story_id=join.story_id,
            hits=arrival.read.hits,
            manner=arrival.manner,
        )
        for (arrival, article), join in zip(telling, joined, strict=True)
    ]
    await raise_alerts(conn, ruleset, debts, matched)


async def _record_capture(conn: Conn, fetched: Fetched, stored: StoredCapture, now: datetime) -> int:
    return await record_capture(
        conn,
        stored=stored,
        url=fetched.url,
        final_url=fetched.final_url,
        status=fetched.status,
        headers=fetched.headers,
        address=fetched.address,
        fetched_at=now,
    )


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
        capture_id = await _record_capture(conn, visit.fetched, visit.stored, visit.now)
        version_id = await keep_page(conn, leased, _page_text(visit, capture_id))
        joined = await join_or_start(
            conn,
            article_id=leased.article_id,
            key=bytes.fromhex(visit.read.story_key),
            title=leased.title or page.title,
            lang=visit.read.lang,
            window=STORY_WINDOW,
        )
        matched = Matched(
            article_id=leased.article_id,
            version_id=version_id,
            story_id=joined.story_id,
            hits=visit.read.hits,
            manner=Manner.STORY,
        )
        await raise_alerts(conn, ruleset, debts, [matched])
        if not await finish_page(conn, leased, PageOutcome(state="read", retry_in=None, error=None)):
            raise LeaseLostError(leased.url)
        await queue.wake(conn, list(debts.wakes.values()))
    return Kept(new=0, matches=debts.matches, alerts=debts.alerts)


def _page_text(visit: PageVisit, capture_id: int) -> PageText:
    page, leased = visit.read.page, visit.leased
    return PageText(
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


class PaceFor(Protocol):
    """The pace of the visited source, once it is known how much was new."""

    def __call__(self, new_entries: int) -> Pace: ...


def _short(visit: Visit, refused: int) -> str | None:
    """Why this visit may not have brought all there was, in one line; None when it did."""
    if visit.fetched.truncated:
        size = len(visit.fetched.body) >> 10
        return f"only the first {size} KiB came, by the size limit, the time limit or a broken connection; read so far"
    if refused:
        return f"{refused} entries could not be stored; see the log"
    return visit.read.error


def _visit_outcome(visit: Visit, pace: Pace, *, capture_id: int, new: int, refused: int) -> VisitOutcome:
    read, fetched = visit.read, visit.fetched
    short = _short(visit, refused)
    whole = short is None
    return VisitOutcome(
        started_at=visit.started_at,
        outcome="new" if new else "unchanged" if read.entries else "empty",
        status=fetched.status,
        bytes=len(fetched.body),
        entries=len(read.entries),
        new_entries=new,
        capture_id=capture_id,
        error=short,
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
