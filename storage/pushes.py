"""Pushes: what hubs brought, kept before it is acknowledged, read by whoever claims it first; and who hears them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.captures import StoredCapture, record_capture
from storage.clean import clean_optional, clean_span, clean_text
from storage.database import Conn
from storage.rows import count_rows, fetch_all, fetch_value
from storage.subscriptions import Callback

RECEIVED = 200  # the status of a capture that was not asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedPush:
    """A push that is ours to read until the lease ends; the token proves it. `attempts` counts this one too."""

    id: int
    subscription_id: int
    source_id: int
    source: str
    hub: str
    base_url: str
    capture_id: int
    sha256: bytes
    size_bytes: int
    headers: Mapping[str, str]
    attempts: int
    lease_token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOutcome:
    """What a push came to; `error` says why it is short. Without entries the source is visited instead, at once."""

    entries: int = 0
    new_entries: int = 0
    error: str | None = None


async def keep_push(
    conn: Conn,
    callback: Callback,
    *,
    stored: StoredCapture,
    headers: Mapping[str, str],
    address: str | None,
    received_at: datetime,
) -> int:
    """Owe the reading of what a hub brought, whose bytes are on disk; the caller acknowledges after the commit."""
    base_url = await fetch_value(
        conn,
        """
        UPDATE subscription SET pushes = pushes + 1 WHERE id = %(id)s RETURNING base_url
        """,
        {"id": callback.id},
    )
    capture_id = await record_capture(
        conn,
        stored=stored,
        url=callback.topic,
        final_url=base_url,
        status=RECEIVED,
        headers={**headers, "x-marsad-pushed-by": callback.hub},
        address=address,
        fetched_at=received_at,
    )
    return await fetch_value(
        conn,
        """
        INSERT INTO push (subscription_id, source_id, capture_id)
        VALUES (%(subscription_id)s, %(source_id)s, %(capture_id)s) RETURNING id
        """,
        {"subscription_id": callback.id, "source_id": callback.source_id, "capture_id": capture_id},
    )


async def count_forged(conn: Conn, subscription_id: int) -> None:
    """Note that something came to a callback of ours without the right signature."""
    await conn.execute(
        "UPDATE subscription SET forged = forged + 1 WHERE id = %(id)s", {"id": subscription_id}
    )


async def claim_pushes(conn: Conn, *, limit: int, lease: timedelta) -> list[LeasedPush]:
    """Lease the pushes that wait longest."""
    return await fetch_all(
        conn,
        LeasedPush,
        """
        WITH mine AS (
            SELECT id FROM push WHERE state IN ('due', 'leased') AND due_at <= statement_timestamp()
            ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        ), leased AS (
            UPDATE push p SET state = 'leased', due_at = statement_timestamp() + %(lease)s,
                attempts = p.attempts + 1, lease_token = p.lease_token + 1
            FROM mine WHERE p.id = mine.id
            RETURNING p.id, p.subscription_id, p.source_id, p.capture_id, p.attempts, p.lease_token
        )
        SELECT l.id, l.subscription_id, l.source_id, s.name AS source, b.hub, b.base_url, l.capture_id, c.sha256,
               c.size_bytes, c.headers, l.attempts, l.lease_token
        FROM leased l JOIN subscription b ON b.id = l.subscription_id JOIN capture c ON c.id = l.capture_id
             JOIN source s ON s.id = l.source_id
        ORDER BY l.id
        """,
        {"limit": limit, "lease": lease},
    )


async def extend_push_leases(conn: Conn, leased: Sequence[LeasedPush], lease: timedelta) -> int:
    """Keep these pushes ours for `lease` from now; the number that still were."""
    return await count_rows(
        conn,
        """
        UPDATE push p SET due_at = statement_timestamp() + %(lease)s
        FROM unnest(%(ids)s::bigint[], %(tokens)s::bigint[]) AS mine (id, token)
        WHERE p.id = mine.id AND p.lease_token = mine.token AND p.state = 'leased'
        """,
        {"lease": lease, "ids": [p.id for p in leased], "tokens": [p.lease_token for p in leased]},
    )


async def release_push(conn: Conn, leased: LeasedPush) -> None:
    """Hand the push back unread, due now; nothing happens when the lease is somebody else's by now."""
    await conn.execute(
        """
        UPDATE push SET state = 'due', due_at = statement_timestamp(), attempts = attempts - 1
        WHERE id = %(id)s AND lease_token = %(lease_token)s AND state = 'leased'
        """,
        {"id": leased.id, "lease_token": leased.lease_token},
    )


async def finish_push(conn: Conn, leased: LeasedPush, outcome: PushOutcome) -> bool:
    """Record what the push came to. False when the lease is somebody else's by now: then roll back.

    Pushed entries prove that the hub works, and the source is not silent. What polling knows (ETag, due time) is not
    touched, but for a push that brought nothing to read: then the source itself is asked what is new.
    """
    return await fetch_value(
        conn,
        """
        WITH done AS (
            UPDATE push SET state = CASE WHEN %(entries)s > 0 THEN 'kept' ELSE 'failed' END,
                entries = %(entries)s, new_entries = %(new)s, error = %(error)s, finished_at = statement_timestamp()
            WHERE id = %(id)s AND lease_token = %(lease_token)s AND state = 'leased'
            RETURNING subscription_id, source_id
        ), proved AS (
            UPDATE subscription b SET proofs = b.proofs + 1, last_push_at = statement_timestamp()
            FROM done WHERE b.id = done.subscription_id AND %(entries)s > 0
        ), told AS (
            UPDATE source s SET
                last_new_at = CASE WHEN %(new)s > 0 THEN statement_timestamp() ELSE s.last_new_at END,
                due_at = CASE WHEN %(entries)s > 0 THEN s.due_at ELSE least(s.due_at, statement_timestamp()) END
            FROM done WHERE s.id = done.source_id AND (%(new)s > 0 OR %(entries)s = 0)
        )
        SELECT count(*) = 1 FROM done
        """,
        {
            "id": leased.id,
            "lease_token": leased.lease_token,
            "entries": outcome.entries,
            "new": outcome.new_entries,
            "error": clean_optional(outcome.error, max_chars=2000),
        },
    )


async def pace_polls(conn: Conn, *, ceiling: timedelta, trust_after: int) -> int:
    """Let polling rest up to `ceiling` where a hub has proved itself, and no longer where it has not; the changes.

    Hubs fail silently, so polling never stops. What somebody wants visited now, and what fails, is left alone.
    """
    relaxed = await count_rows(
        conn,
        """
        WITH proved AS (
            SELECT s.id, p.id AS subscription_id, l.later
            FROM source s JOIN subscription p ON p.source_id = s.id
            CROSS JOIN LATERAL (
                SELECT s.last_visited_at + greatest(s.every, %(ceiling)s) * (0.9 + (s.id %% 100) / 1000.0) AS later
            ) AS l
            WHERE p.state = 'active' AND p.ends_at > statement_timestamp() AND p.proofs >= %(trust_after)s
              AND s.enabled AND s.failures = 0 AND s.leased_until IS NULL
              AND s.last_status IN ('new', 'unchanged')
              AND s.due_at > statement_timestamp() + interval '1 second' AND s.due_at < l.later
            FOR UPDATE OF s, p SKIP LOCKED
        ), marked AS (
            UPDATE subscription p SET relaxed = true FROM proved
            WHERE p.id = proved.subscription_id AND NOT p.relaxed
        )
        UPDATE source s SET due_at = proved.later FROM proved WHERE s.id = proved.id
        """,
        {"ceiling": clean_span(ceiling), "trust_after": trust_after},
    )
    resumed = await count_rows(
        conn,
        """
        WITH doubted AS (
            UPDATE subscription SET relaxed = false
            WHERE relaxed
              AND NOT (state = 'active' AND ends_at > statement_timestamp() AND proofs >= %(trust_after)s)
            RETURNING source_id
        )
        UPDATE source s SET due_at = greatest(least(s.due_at, s.last_visited_at + s.pace), statement_timestamp())
        FROM doubted WHERE s.id = doubted.source_id AND s.due_at > statement_timestamp()
        """,
        {"trust_after": trust_after},
    )
    return relaxed + resumed


async def hear(conn: Conn, *, callback: str, deaf_after: timedelta) -> int:
    """Say that a listener of this address hears. If none did for `deaf_after`, visit what may have been told meanwhile.

    Returns how many sources that are; hubs give up sooner or later on who does not answer.
    """
    was_deaf: bool = await fetch_value(
        conn,
        """
        WITH before AS (SELECT heard_at FROM push_listener)
        INSERT INTO push_listener (callback, heard_at) VALUES (%(callback)s, clock_timestamp())
        ON CONFLICT (only_row) DO UPDATE SET callback = EXCLUDED.callback, heard_at = EXCLUDED.heard_at
        RETURNING coalesce((SELECT heard_at < statement_timestamp() - %(deaf_after)s FROM before), false)
        """,
        {"callback": clean_text(callback), "deaf_after": deaf_after},
    )
    if not was_deaf:
        return 0
    return await count_rows(
        conn,
        """
        UPDATE source s SET due_at = statement_timestamp() FROM subscription p
        WHERE p.source_id = s.id AND p.state = 'active' AND s.enabled AND s.due_at > statement_timestamp()
        """,
    )


async def is_heard(conn: Conn, *, within: timedelta) -> bool:
    """Whether some process of this installation has listened to hubs lately."""
    return await fetch_value(
        conn,
        "SELECT EXISTS (SELECT FROM push_listener WHERE heard_at > statement_timestamp() - %(within)s)",
        {"within": within},
    )
