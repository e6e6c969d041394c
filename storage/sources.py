"""Sources: where articles come from and when to look again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from storage.clean import clean_json, clean_optional, clean_span, clean_text, clean_texts, clean_time
from storage.database import Conn
from storage.hosts import OPENED, ROOM, TURNS, claim_params
from storage.keys import digest, host_of
from storage.rows import columns_of, count_rows, fetch_all, fetch_one, fetch_value

# So many times more candidates than wanted are looked at: some share a host that is full after the first.
CANDIDATES = 8

_COLUMNS = """
    s.id, s.key, s.name, s.url, s.kind, s.every, s.lang, s.country, s.tags, s.tier, s.pages, s.origin,
    s.enabled, s.etag, s.last_modified, s.body_hash, s.pace, s.failures, s.visits, s.first_visited_at,
    s.last_visited_at, s.last_new_at, s.due_at, s.last_error, s.last_status, s.listing, s.secret_file,
    s.proxy, s.browser, s.robots, s.rhythm, s.certificate, s.issuer, s.moved_to, s.troubles, s.page_health, s.pages_seen
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A source as people describe it. `kind` None means: find out, and remember what was found."""

    key: str
    name: str
    url: str
    kind: str | None = None
    every: timedelta
    lang: str | None = None
    country: str | None = None
    tags: tuple[str, ...] = ()
    tier: int | None = None
    pages: bool = True
    listing: dict[str, str] | None = None  # selectors of a listing page, over what is found without
    secret_file: str | None = None  # headers, cookies or a login, in a file of their own
    proxy: str | None = None
    browser: bool = False
    robots: str = "obey"  # or "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(SourceSpec):
    """A source with what the visits taught. `first_visited_at` is the first visit that could be read."""

    id: int
    origin: str
    enabled: bool
    etag: str | None
    last_modified: str | None
    body_hash: bytes | None
    pace: timedelta
    failures: float
    visits: int
    first_visited_at: datetime | None
    last_visited_at: datetime | None
    last_new_at: datetime | None
    due_at: datetime
    last_error: str | None
    last_status: str | None
    rhythm: list[float]  # how much was new in each hour of the day (UTC), lately; empty until something was
    certificate: str | None
    issuer: str | None  # of its certificate
    moved_to: str | None  # where the server says, for good, that the source now is; proposed, never followed
    troubles: tuple[str, ...]  # the kinds of its open incidents
    page_health: float | None  # how many of its pages could be read lately, 0 to 1
    pages_seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedSource(Source):
    """A source that is ours to visit until the lease ends; the token proves it."""

    lease_token: int
    leased_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOutcome:
    """What one visit brought, and when to come again.

    `outcome` is new, unchanged, failed or empty. `keep_validators` leaves ETag, Last-Modified and body hash as
    they are, so that what could not be read now is asked for in full the next time.
    """

    started_at: datetime
    outcome: str
    status: int | None = None
    entries: int = 0
    new_entries: int = 0
    capture_id: int | None = None
    error: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None
    bytes: int = 0  # after body_hash: from here on the name hides the type
    kind: str | None = None
    pace: timedelta
    due_in: timedelta
    failures: float = 0.0
    keep_validators: bool = False
    rhythm: list[float] | None = None  # None: as it was
    certificate: str | None = None
    issuer: str | None = None
    moved_to: str | None = None
    failure: str | None = None  # the kind of a failed visit
    seconds: float = 0.0  # on the wire
    known: int = 0  # entries that were known before
    garbled: int = 0  # entries that read as mojibake
    troubles: tuple[str, ...] | None = None  # None: as they were
    robots: str | None = None  # what robots.txt said


def source_key(url: str) -> str:
    """Return the key of the source at this URL: the SHA-256 of the URL, in hex."""
    return digest(url.strip()).hex()


async def put_source(conn: Conn, spec: SourceSpec, *, origin: str) -> int:
    """Make the source be as described and return its id; one that was removed comes back, due at once.

    What the visits taught stays, and so does a pause made by hand.
    """
    return await fetch_value(
        conn,
        """
        INSERT INTO source (key, origin, name, url, host, kind, every, lang, country, tags, tier, pages, pace,
                            listing, secret_file, proxy, browser, robots)
        VALUES (%(key)s, %(origin)s, %(name)s, %(url)s, %(host)s, %(kind)s, %(every)s, %(lang)s, %(country)s,
                %(tags)s::text[], %(tier)s, %(pages)s, %(every)s, %(listing)s, %(secret_file)s, %(proxy)s,
                %(browser)s, %(robots)s)
        ON CONFLICT (key) DO UPDATE SET
            origin = EXCLUDED.origin, name = EXCLUDED.name, url = EXCLUDED.url, host = EXCLUDED.host,
            kind = coalesce(EXCLUDED.kind, source.kind), every = EXCLUDED.every, lang = EXCLUDED.lang,
            country = EXCLUDED.country, tags = EXCLUDED.tags, tier = EXCLUDED.tier, pages = EXCLUDED.pages,
            pace = greatest(source.pace, EXCLUDED.every), listing = EXCLUDED.listing,
            secret_file = EXCLUDED.secret_file, proxy = EXCLUDED.proxy, browser = EXCLUDED.browser,
            robots = EXCLUDED.robots,
            enabled = source.enabled OR source.removed_at IS NOT NULL,
            due_at = CASE WHEN source.removed_at IS NULL THEN source.due_at ELSE statement_timestamp() END,
            removed_at = NULL
        RETURNING id
        """,
        {
            "key": spec.key,
            "origin": clean_text(origin),
            "name": clean_text(spec.name),
            "url": clean_text(spec.url),
            "host": clean_text(host_of(spec.url)),
            "kind": clean_optional(spec.kind),
            "every": clean_span(spec.every),
            "lang": clean_optional(spec.lang),
            "country": clean_optional(spec.country),
            "tags": clean_texts(spec.tags, max_items=100, max_chars=200),
            "tier": spec.tier,
            "pages": spec.pages,
            "listing": None if spec.listing is None else Jsonb(clean_json(spec.listing)),
            "secret_file": clean_optional(spec.secret_file),
            "proxy": clean_optional(spec.proxy),
            "browser": spec.browser,
            "robots": clean_text(spec.robots),
        },
    )


async def remove_source(conn: Conn, key: str) -> bool:
    """Stop visiting and showing the source; its articles stay. False when there was none."""
    removed = await count_rows(
        conn,
        """
        UPDATE source SET enabled = false, removed_at = statement_timestamp(), leased_until = NULL
        WHERE key = %(key)s AND removed_at IS NULL
        """,
        {"key": key},
    )
    return removed > 0


async def move_source(conn: Conn, source_id: int, url: str) -> bool:
    """Let the source live at another address under its own id, due now; a visit under way loses its lease.

    What the old server said of the old address (validators, hash, certificate) is forgotten. False when there is no
    such source, or when another has, or had, that address.
    """
    moved = await count_rows(
        conn,
        """
        UPDATE source SET key = %(key)s, url = %(url)s, host = %(host)s, etag = NULL, last_modified = NULL,
            body_hash = NULL, certificate = NULL, moved_to = NULL, failures = 0, leased_until = NULL,
            due_at = statement_timestamp()
        WHERE id = %(id)s AND removed_at IS NULL
          AND NOT EXISTS (SELECT FROM source AS other WHERE other.key = %(key)s AND other.id <> %(id)s)
        """,
        {
            "id": source_id,
            "key": source_key(url),
            "url": clean_text(url),
            "host": clean_text(host_of(url)),
        },
    )
    return moved > 0


async def enable_source(conn: Conn, source_id: int, *, enabled: bool) -> bool:
    """Pause the source or let it be visited again, at once. False when there is none."""
    changed = await count_rows(
        conn,
        """
        UPDATE source SET enabled = %(enabled)s, due_at = statement_timestamp()
        WHERE id = %(id)s AND removed_at IS NULL
        """,
        {"id": source_id, "enabled": enabled},
    )
    return changed > 0


async def list_sources(conn: Conn, *, origin: str | None = None) -> list[Source]:
    """Return the sources that were not removed, by name; those of one origin if it is given."""
    return await fetch_all(
        conn,
        Source,
        "SELECT"
        + _COLUMNS
        + """
        FROM source s
        WHERE s.removed_at IS NULL AND (%(origin)s::text IS NULL OR s.origin = %(origin)s)
        ORDER BY s.name, s.id
        """,
        {"origin": origin},
    )


async def get_source(conn: Conn, source_id: int) -> Source | None:
    """Return the source, also a removed one: its articles still name it."""
    return await fetch_one(
        conn, Source, "SELECT" + _COLUMNS + "FROM source s WHERE s.id = %(id)s", {"id": source_id}
    )


async def make_due(conn: Conn, source_id: int | None = None) -> int:
    """Let one source, or all of them, be visited as soon as possible; return how many."""
    return await count_rows(
        conn,
        """
        UPDATE source SET due_at = statement_timestamp()
        WHERE enabled AND (%(id)s::bigint IS NULL OR id = %(id)s) AND due_at > statement_timestamp()
        """,
        {"id": source_id},
    )


async def claim_due_sources(
    conn: Conn, *, limit: int, lease: timedelta, per_host: int, pause: timedelta = timedelta(0)
) -> list[LeasedSource]:
    """Lease the sources that wait longest, as far as their hosts may be asked now.

    Of one host never more than `per_host` are under way, pages included, and `pause` lies between two, among all
    workers. Hosts that rest or are full are passed over, so they hold nobody up. Many sources of one host may crowd out
    others in a single look: whoever gets some, but fewer than wanted, does well to look again.
    """
    leased = await fetch_all(
        conn,
        LeasedSource,
        "WITH"  # noqa: S608 - nothing but literals of ours
        + TURNS
        + """, waiting AS (
            SELECT w.id, w.host, w.due_at, coalesce(h.claims, 0) AS claims, g.gap, r.room
            FROM source w"""
        + ROOM
        + """
            WHERE w.enabled AND w.due_at <= statement_timestamp()
              AND (w.leased_until IS NULL OR w.leased_until <= statement_timestamp()) AND r.room > 0
            ORDER BY w.due_at LIMIT %(candidates)s
        ),"""
        + OPENED
        + """, mine AS (
            SELECT s.id FROM source s JOIN wanted USING (id) JOIN opened ON opened.host = wanted.host
            WHERE s.enabled AND s.due_at <= statement_timestamp()
              AND (s.leased_until IS NULL OR s.leased_until <= statement_timestamp())
            FOR UPDATE OF s SKIP LOCKED
        )
        UPDATE source s
        SET lease_token = s.lease_token + 1, leased_at = statement_timestamp(),
            leased_until = statement_timestamp() + %(lease)s
        FROM mine WHERE s.id = mine.id
        RETURNING s.id, s.key, s.name, s.url, s.kind, s.every, s.lang, s.country, s.tags, s.tier, s.pages,
            s.origin, s.enabled, s.etag, s.last_modified, s.body_hash, s.pace, s.failures, s.visits,
            s.first_visited_at, s.last_visited_at, s.last_new_at, s.due_at, s.last_error, s.last_status,
            s.listing, s.secret_file, s.proxy, s.browser, s.robots, s.rhythm, s.certificate, s.issuer, s.moved_to,
            s.troubles, s.page_health, s.pages_seen, s.lease_token, s.leased_at
        """,
        claim_params(limit=limit, candidates=limit * CANDIDATES, lease=lease, per_host=per_host, pause=pause),
    )
    return sorted(leased, key=lambda source: source.due_at)


async def finish_visit(conn: Conn, leased: LeasedSource, outcome: VisitOutcome) -> bool:
    """Record the visit and plan the next. False when the lease is somebody else's by now: then roll back."""
    return await fetch_value(
        conn,
        """
        WITH done AS (
            UPDATE source s SET
                leased_until = NULL, visits = s.visits + 1, last_visited_at = statement_timestamp(),
                first_visited_at = CASE WHEN %(outcome)s IN ('new', 'unchanged')
                    THEN coalesce(s.first_visited_at, statement_timestamp()) ELSE s.first_visited_at END,
                last_new_at = CASE WHEN %(new_entries)s > 0 THEN statement_timestamp() ELSE s.last_new_at END,
                last_status = %(outcome)s, last_error = %(error)s, failures = %(failures)s,
                kind = CASE WHEN s.kind LIKE 'site:%%' THEN s.kind ELSE coalesce(%(kind)s, s.kind) END,
                pace = %(pace)s,
                due_at = statement_timestamp() + %(due_in)s, rhythm = coalesce(%(rhythm)s::real[], s.rhythm),
                certificate = coalesce(%(certificate)s, s.certificate), issuer = coalesce(%(issuer)s, s.issuer),
                moved_to = %(moved_to)s,
                troubles = coalesce(%(troubles)s::text[], s.troubles),
                etag = CASE WHEN %(keep_validators)s THEN s.etag ELSE %(etag)s END,
                last_modified = CASE WHEN %(keep_validators)s THEN s.last_modified ELSE %(last_modified)s END,
                body_hash = CASE WHEN %(keep_validators)s THEN s.body_hash ELSE %(body_hash)s END
            WHERE s.id = %(source_id)s AND s.lease_token = %(lease_token)s AND s.leased_until IS NOT NULL
            RETURNING s.id
        ), noted AS (
            INSERT INTO visit (source_id, lease_token, started_at, outcome, status, bytes, entries,
                               new_entries, capture_id, error, failure, seconds, known, garbled,
                               robots)
            SELECT done.id, %(lease_token)s, coalesce(%(started_at)s::timestamptz, statement_timestamp()),
                   %(outcome)s, %(status)s::integer, %(bytes)s, %(entries)s, %(new_entries)s,
                   %(capture_id)s::bigint, %(error)s, %(failure)s, %(seconds)s, %(known)s, %(garbled)s,
                   %(robots)s
            FROM done
        )
        SELECT count(*) = 1 FROM done
        """,
        {
            **columns_of(outcome),
            "source_id": leased.id,
            "lease_token": leased.lease_token,
            "started_at": clean_time(outcome.started_at),
            "error": clean_optional(outcome.error, max_chars=2000),
            "etag": clean_optional(outcome.etag),
            "last_modified": clean_optional(outcome.last_modified),
            "kind": clean_optional(outcome.kind),
            "certificate": clean_optional(outcome.certificate),
            "issuer": clean_optional(outcome.issuer, max_chars=200),
            "moved_to": clean_optional(outcome.moved_to, max_chars=8000),
            "robots": clean_optional(outcome.robots, max_chars=2000),
            "troubles": None if outcome.troubles is None else list(outcome.troubles),
            "pace": clean_span(outcome.pace),
            "due_in": clean_span(outcome.due_in),
        },
    )


async def release_source(conn: Conn, leased: LeasedSource) -> None:
    """Hand the source back unvisited, due now; nothing happens when the lease is somebody else's by now."""
    await conn.execute(
        """
        UPDATE source SET leased_until = NULL, due_at = least(due_at, statement_timestamp())
        WHERE id = %(id)s AND lease_token = %(lease_token)s AND leased_until IS NOT NULL
        """,
        {"id": leased.id, "lease_token": leased.lease_token},
    )
