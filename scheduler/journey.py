"""Step 5 of the way, `keep`: one visit becomes one transaction, and what we owe for it is part of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.alerting import Debts, Manner, Matched, raise_alerts
from scheduler.arrivals import STORY_WINDOW, Brought, Gathered, Harvest, Part, keep_harvest
from scheduler.checkup import Signs, check_up
from scheduler.health import SLOW_SECONDS
from scheduler.hubs import note_hubs
from scheduler.pace import Pace, rhythm_after, rhythm_of
from scheduler.queue import Queue
from scheduler.reading import PageRead
from scheduler.rulehealth import tell_slow
from scheduler.ruleset import Ruleset
from scheduler.whereabouts import stored_places
from spiders.fetching import Fetched
from storage.articles import LeasedPage, PageOutcome, PageText, finish_page, keep_page
from storage.captures import StoredCapture, record_capture
from storage.crashpoint import crashpoint
from storage.database import Conn, Database
from storage.health import note_page
from storage.places import PlacesOf, keep_page_places
from storage.sources import LeasedSource, VisitOutcome, finish_visit
from storage.stories import join_or_start
from storage.visits import Look

LIVE_AGAIN = timedelta(minutes=10)  # a live blog that goes on is looked at again
LIVE_AT_MOST = timedelta(days=2)
FEWEST_CHARS = 80  # of a page's text; breaking news may have no more than a sentence


class LeaseLostError(Exception):
    """Another worker took this work over while we did it; everything of ours is rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Harvest):
    """All that one visit to a source brought; `older` are documents read besides, to close a gap."""

    source: LeasedSource
    started_at: datetime
    older: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a kept visit or page came to."""

    new: int
    matches: int
    alerts: int
    short: str | None = None  # why there may be more than was kept
    troubles: tuple[str, ...] = ()  # the kinds of incidents that the source has open


async def keep_visit(
    db: Database,
    queue: Queue,
    ruleset: Ruleset,
    visit: Visit,
    pace_for: "PaceFor",
    *,
    slow_seconds: float = SLOW_SECONDS,
) -> Kept:
    """Keep captures, articles, stories, matches, alerts, deliveries, ETag, incidents and due time: all or none."""
    debts = Debts()
    async with db.transaction() as conn:
        parts = [(await _capture(conn, part, visit.now), part) for part in (visit, *visit.older)]
        brought = [
            Brought(read=e, capture_id=capture_id) for capture_id, part in parts for e in part.read.entries
        ]
        gathered = await keep_harvest(conn, ruleset, debts, visit, brought)
        short = _short(visit, gathered.refused)
        look = _look(visit, gathered, short)
        signs = Signs(look=look, moved_to=visit.fetched.moved_to, issuer=visit.fetched.issuer)
        troubles = await check_up(conn, ruleset, visit.source, signs, slow_seconds=slow_seconds)
        outcome = _outcome(visit, look, pace_for(gathered.new), parts[0][0], refused=gathered.refused)
        if not await finish_visit(conn, visit.source, replace(outcome, troubles=troubles)):
            raise LeaseLostError(visit.source.name)
        await note_hubs(conn, visit, gathered)
        await queue.wake(conn, list(debts.wakes.values()))
        crashpoint("cp10")
    crashpoint("cp08")
    await tell_slow(db, {rule for one in brought for rule in one.read.slow})
    return Kept(new=gathered.new, matches=debts.matches, alerts=debts.alerts, short=short, troubles=troubles)


async def _capture(conn: Conn, part: Part, now: datetime) -> int:
    return await keep_capture(conn, part.fetched, part.stored, now)


async def keep_capture(conn: Conn, fetched: Fetched, stored: StoredCapture, now: datetime) -> int:
    """Put the answer on record: what came, from where, when; its bytes are on disk already."""
    return await record_capture(
        conn,
        stored=stored,
        url=fetched.url,
        final_url=fetched.final_url,
        status=fetched.status,
        headers=fetched.headers,
        address=fetched.address,
        fetched_at=now,
        robots=fetched.robots,
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
        capture_id = await keep_capture(conn, visit.fetched, visit.stored, visit.now)
        version_id = await keep_page(conn, leased, _page_text(visit, capture_id))
        named = PlacesOf(article_id=leased.article_id, places=stored_places(visit.read.places))
        await keep_page_places(conn, named)
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
        await note_page(conn, leased.source_id, read_well=_is_read_well(visit))
        if not await finish_page(conn, leased, _page_outcome(visit)):
            raise LeaseLostError(leased.url)
        await queue.wake(conn, list(debts.wakes.values()))
    await tell_slow(db, visit.read.slow)
    return Kept(new=0, matches=debts.matches, alerts=debts.alerts)


def _is_read_well(visit: PageVisit) -> bool:
    """Not when the words are second best, nor when they are fewer than any article has: "Please enable JavaScript"."""
    page, promised = visit.read.page, len(visit.leased.summary) // 2
    return page.degraded is None and len(page.text) >= max(FEWEST_CHARS, promised)


def _page_outcome(visit: PageVisit) -> PageOutcome:
    """A live blog is looked at again while it goes on: each look that finds new words adds a version."""
    if visit.read.page.live and visit.now - visit.leased.first_seen < LIVE_AT_MOST:
        return PageOutcome(state="retry", retry_in=LIVE_AGAIN, error=None, attempts=0)
    return PageOutcome(state="read", retry_in=None, error=None)


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
        forms_version=visit.read.forms_version,
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


def _look(visit: Visit, gathered: Gathered, short: str | None) -> Look:
    read, fetched = visit.read, visit.fetched
    return Look(
        started_at=visit.started_at,
        outcome="new" if gathered.new else "unchanged" if read.entries or gathered.known else "empty",
        status=fetched.status,
        entries=len(read.entries),
        new_entries=gathered.new,
        error=short,
        seconds=fetched.seconds,
        known=gathered.known,
        garbled=read.garbled,
    )


def _outcome(visit: Visit, look: Look, pace: Pace, capture_id: int, *, refused: int) -> VisitOutcome:
    fetched, source = visit.fetched, visit.source
    # Validators are kept only with all the articles they vouch for: else a 304 would hide the rest for good (D2).
    whole = look.error is None
    # The same bytes read again would be as short again, and a bomb costs seconds each time.
    read_out = whole or (look.entries > 0 and not refused)
    since = visit.now - source.last_visited_at if source.last_visited_at else None
    if visit.first_look:
        rhythm = rhythm_of([e.entry.published for e in visit.read.entries if e.entry.published], visit.now)
    else:
        rhythm = rhythm_after(source.rhythm, new_entries=look.new_entries, since=since, now=visit.now)
    return VisitOutcome(
        started_at=look.started_at,
        outcome=look.outcome,
        status=look.status,
        bytes=len(fetched.body),
        entries=look.entries,
        new_entries=look.new_entries,
        capture_id=capture_id,
        error=look.error,
        etag=fetched.etag if whole else None,
        last_modified=fetched.last_modified if whole else None,
        body_hash=visit.stored.sha256 if read_out else None,
        kind=visit.read.kind,
        pace=pace.interval,
        due_in=pace.due_in,
        failures=pace.failures,
        rhythm=rhythm,
        certificate=fetched.certificate,
        issuer=fetched.issuer,
        moved_to=fetched.moved_to,
        seconds=look.seconds,
        known=look.known,
        garbled=look.garbled,
        robots=fetched.robots,
    )
