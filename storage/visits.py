"""Visits: what each look at a source brought, on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Conn
from storage.rows import count_rows, fetch_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One look at a source, as it is on record."""

    id: int
    source_id: int
    started_at: datetime
    finished_at: datetime
    outcome: str
    status: int | None
    bytes: int
    entries: int
    new_entries: int
    capture_id: int | None
    error: str | None


async def list_visits(conn: Conn, source_id: int, *, limit: int = 100) -> list[Visit]:
    """Return the latest visits to a source, newest first."""
    return await fetch_all(
        conn,
        Visit,
        """
        SELECT id, source_id, started_at, finished_at, outcome, status, bytes, entries, new_entries,
        capture_id, error
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
