"""Telling: which incidents and recoveries people have not been told of, and that they were."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Conn
from storage.rows import count_rows, fetch_all, fetch_value

# Any fixed number of ours, as migrations.py has one: who tells holds it until its transaction ends.
TELLING_LOCK = 7_305_114_269_113
HISTORY = timedelta(hours=2)  # how far back `Untold` looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """An incident of which something is still to be told: that it opened, or that what was told of is over.

    The rest is about its kind of trouble with its subject: when it `opened` within the last two hours, when people
    were last told of it, whether they still `believe` in an earlier one that is over, and whether it came `back`.
    """

    id: int
    kind: str
    subject: str
    is_open: bool
    was_told: bool
    opened: list[datetime]
    last_told_at: datetime | None
    believed: bool
    back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alert that was raised of an incident."""

    alert_id: int
    incident_id: int


async def begin_telling(conn: Conn) -> bool:
    """Take the telling for this transaction. False while another process is at it: one message, not two halves."""
    return await fetch_value(conn, "SELECT pg_try_advisory_xact_lock(%(lock)s)", {"lock": TELLING_LOCK})


async def told_within(conn: Conn, span: timedelta) -> bool:
    """Say whether people were told of any incident or recovery so lately."""
    return await fetch_value(
        conn,
        """
        SELECT EXISTS (
            SELECT FROM alert
            WHERE incident_id IS NOT NULL AND created_at > statement_timestamp() - %(span)s::interval)
        """,
        {"span": span},
    )


async def database_time(conn: Conn) -> datetime:
    """Return the time as the database has it, by which incidents open and close."""
    return await fetch_value(conn, "SELECT statement_timestamp()")


async def untold_incidents(conn: Conn) -> list[Untold]:
    """Return, and hold until the end of the transaction, what is still to be told; the oldest first.

    What a visit is writing at this moment is left for the next time.
    """
    return await fetch_all(
        conn,
        Untold,
        """
        SELECT i.id, i.kind, i.subject, i.closed_at IS NULL AS is_open, i.told_at IS NOT NULL AS was_told,
               ARRAY(SELECT o.opened_at FROM incident o
                     WHERE o.kind = i.kind AND o.subject = i.subject
                       AND o.opened_at > statement_timestamp() - %(history)s::interval
                     ORDER BY o.opened_at) AS opened,
               (SELECT max(o.told_at) FROM incident o
                WHERE o.kind = i.kind AND o.subject = i.subject
                  AND o.told_at > statement_timestamp() - %(history)s::interval) AS last_told_at,
               EXISTS (SELECT FROM incident o
                       WHERE o.kind = i.kind AND o.subject = i.subject AND o.id < i.id
                         AND o.settled_at IS NULL AND o.told_at IS NOT NULL) AS believed,
               EXISTS (SELECT FROM incident o
                       WHERE o.kind = i.kind AND o.subject = i.subject AND o.id > i.id
                         AND o.closed_at IS NULL) AS back
        FROM incident i
        WHERE i.settled_at IS NULL AND (i.closed_at IS NOT NULL OR i.told_at IS NULL)
        ORDER BY i.id
        FOR UPDATE OF i SKIP LOCKED
        """,
        {"history": HISTORY},
    )


async def raise_openings(conn: Conn, ids: Collection[int]) -> list[Raised]:
    """Raise the alerts that these incidents opened, once each; what was to be told of earlier ones is moot by it."""
    raised = await _raise(conn, ids, "incident")
    await conn.execute(
        "UPDATE incident SET told_at = clock_timestamp() WHERE id = ANY(%(ids)s::bigint[])",
        {"ids": list(ids)},
    )
    await _settle_earlier(conn, ids)
    return raised


async def raise_recoveries(conn: Conn, ids: Collection[int]) -> list[Raised]:
    """Raise the alerts that these incidents are over, once each."""
    raised = await _raise(conn, ids, "recovery")
    await settle(conn, ids)
    return raised


async def take_over(conn: Conn, ids: Collection[int]) -> int:
    """Let these incidents stand for the earlier ones of their kind and subject, of which people have been told."""
    taken = await count_rows(
        conn,
        """
        UPDATE incident i SET told_at = (
            SELECT max(o.told_at) FROM incident o
            WHERE o.kind = i.kind AND o.subject = i.subject AND o.id < i.id)
        WHERE i.id = ANY(%(ids)s::bigint[])
        """,
        {"ids": list(ids)},
    )
    await _settle_earlier(conn, ids)
    return taken


async def settle(conn: Conn, ids: Collection[int]) -> None:
    """Note that nothing more is to be told of these incidents."""
    await conn.execute(
        "UPDATE incident SET settled_at = clock_timestamp() WHERE id = ANY(%(ids)s::bigint[])",
        {"ids": list(ids)},
    )


async def _raise(conn: Conn, ids: Collection[int], kind: str) -> list[Raised]:
    return await fetch_all(
        conn,
        Raised,
        """
        INSERT INTO alert (incident_id, kind)
        SELECT id, %(kind)s FROM unnest(%(ids)s::bigint[]) AS id ORDER BY id
        ON CONFLICT (incident_id, kind) DO NOTHING
        RETURNING id AS alert_id, incident_id
        """,
        {"ids": list(ids), "kind": kind},
    )


async def _settle_earlier(conn: Conn, ids: Collection[int]) -> None:
    await conn.execute(
        """
        UPDATE incident earlier SET settled_at = clock_timestamp()
        FROM incident i
        WHERE i.id = ANY(%(ids)s::bigint[]) AND earlier.kind = i.kind AND earlier.subject = i.subject
          AND earlier.id < i.id AND earlier.settled_at IS NULL
        """,
        {"ids": list(ids)},
    )
