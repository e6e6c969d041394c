"""Visits: what each look at a source brought, on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Conn
from storage.rows import count_rows, fetch_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one visit saw, as far as it tells how the source is. No entries: nothing had to be read."""

    started_at: datetime
    outcome: str
    status: int | None = None
    entries: int = 0
    new_entries: int = 0
    error: str | None = None
    failure: str | None = None
    seconds: float = 0.0
    known: int = 0
    garbled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Look):
    """One look at a source, as it is on record."""

    id: int
    source_id: int
    finished_at: datetime
    capture_id: int | None
    robots: str | None  # what robots.txt said
    bytes: int


async def list_visits(conn: Conn, source_id: int, *, limit: int = 100) -> list[Visit]:
    """Return the latest visits to a source, newest first."""
    return await fetch_all(
        conn,
        Visit,
        """
        SELECT id, source_id, started_at, finished_at, outcome, status, bytes, entries, new_entries,
               capture_id, error, failure, seconds, known, garbled, robots
        FROM visit WHERE source_id = %(source_id)s ORDER BY id DESC LIMIT %(limit)s
        """,
        {"source_id": source_id, "limit": limit},
    )


async def prune_visits(conn: Conn, *, older_than: timedelta, limit: int = 10_000) -> int:
    """Forget up to `limit` old visits, oldest first, and return how many went; call again until none do."""
    return await count_rows(
        conn,
        """
        DELETE FROM visit WHERE id IN (
            SELECT id FROM visit ORDER BY id LIMIT %(limit)s
        ) AND finished_at < statement_timestamp() - %(older_than)s
        """,
        {"older_than": older_than, "limit": limit},
    )


async def recent_looks(conn: Conn, source_id: int, *, limit: int) -> list[Look]:
    """Return what the latest visits to a source saw, newest first."""
    return await fetch_all(
        conn,
        Look,
        """
        SELECT started_at, outcome, status, entries, new_entries, error, failure, seconds, known, garbled
        FROM visit WHERE source_id = %(source_id)s ORDER BY id DESC LIMIT %(limit)s
        """,
        {"source_id": source_id, "limit": limit},
    )
