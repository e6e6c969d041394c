"""Sources: where articles come from and when to look again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.clean import clean_optional, clean_span, clean_text, clean_texts
from storage.database import Conn
from storage.keys import digest, host_of
from storage.rows import count_rows, fetch_all, fetch_one, fetch_value

_COLUMNS = """
    s.id, s.key, s.name, s.url, s.kind, s.every, s.lang, s.country, s.tags, s.tier, s.pages, s.origin, s.enabled,
    s.etag, s.last_modified, s.body_hash, s.pace, s.failures, s.visits, s.first_visited_at, s.last_visited_at,
    s.last_new_at, s.due_at, s.last_error, s.last_status
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedSource(Source):
    """A source that is ours to visit until the lease ends; the token proves it."""

    lease_token: int
    leased_at: datetime


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
        INSERT INTO source (key, origin, name, url, host, kind, every, lang, country, tags, tier, pages, pace)
        VALUES (%(key)s, %(origin)s, %(name)s, %(url)s, %(host)s, %(kind)s, %(every)s, %(lang)s, %(country)s,
                %(tags)s::text[], %(tier)s, %(pages)s, %(every)s)
        ON CONFLICT (key) DO UPDATE SET
            origin = EXCLUDED.origin, name = EXCLUDED.name, url = EXCLUDED.url, host = EXCLUDED.host,
            kind = coalesce(EXCLUDED.kind, source.kind), every = EXCLUDED.every, lang = EXCLUDED.lang,
            country = EXCLUDED.country, tags = EXCLUDED.tags, tier = EXCLUDED.tier, pages = EXCLUDED.pages,
            pace = greatest(source.pace, EXCLUDED.every),
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
