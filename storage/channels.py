"""Channels: the ways people are told."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from storage.clean import clean_json, clean_text
from storage.database import Conn
from storage.rows import count_rows, fetch_all, fetch_one, fetch_value


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """A channel as people describe it; `settings` belong to its kind."""

    name: str
    kind: str
    settings: dict[str, Any]
    incidents: bool = False  # also told of incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChannel(ChannelSpec):
    """A channel on record; `disabled_reason` says why nothing is sent through it, None when all is well."""

    id: int
    origin: str
    disabled_reason: str | None


async def put_channel(conn: Conn, spec: ChannelSpec, *, origin: str) -> int:
    """Make the channel of this name be as described and return its id; write nothing when it is already.

    Other settings open a disabled channel again; the same settings do not, however often they are applied.
    """
    return await fetch_value(
        conn,
        """
        WITH put AS (
            INSERT INTO channel AS c (name, origin, kind, settings, incidents)
            VALUES (%(name)s, %(origin)s, %(kind)s, %(settings)s, %(incidents)s)
            ON CONFLICT (name) DO UPDATE SET
                origin = EXCLUDED.origin, kind = EXCLUDED.kind, settings = EXCLUDED.settings,
                incidents = EXCLUDED.incidents, removed_at = NULL,
                disabled_reason = CASE WHEN (c.kind, c.settings) = (EXCLUDED.kind, EXCLUDED.settings)
                    THEN c.disabled_reason END
            WHERE (c.origin, c.kind, c.settings, c.incidents)
                IS DISTINCT FROM (EXCLUDED.origin, EXCLUDED.kind, EXCLUDED.settings, EXCLUDED.incidents)
                OR c.removed_at IS NOT NULL
            RETURNING id
        )
        SELECT id FROM put UNION ALL SELECT id FROM channel WHERE name = %(name)s LIMIT 1
        """,
        {
            "name": clean_text(spec.name),
            "origin": clean_text(origin),
            "kind": clean_text(spec.kind),
            "settings": Jsonb(clean_json(spec.settings)),
            "incidents": spec.incidents,
        },
    )


async def remove_channel(conn: Conn, name: str) -> bool:
    """Stop offering the channel; what is owed through it stays owed. False when there was none."""
    removed = await count_rows(
        conn,
        "UPDATE channel SET removed_at = statement_timestamp() WHERE name = %(name)s AND removed_at IS NULL",
        {"name": clean_text(name)},
    )
    return removed > 0


async def list_channels(conn: Conn, *, origin: str | None = None) -> list[StoredChannel]:
    """Return the channels by name, also the disabled ones; those of one origin if it is given."""
    return await fetch_all(
        conn,
        StoredChannel,
        """
        SELECT id, origin, name, kind, settings, incidents, disabled_reason FROM channel
        WHERE removed_at IS NULL AND (%(origin)s::text IS NULL OR origin = %(origin)s)
        ORDER BY name
        """,
        {"origin": origin},
    )


async def get_channel(conn: Conn, channel_id: int) -> StoredChannel | None:
    """Return the channel, also a removed one: deliveries still name it."""
    return await fetch_one(
        conn,
        StoredChannel,
        "SELECT id, origin, name, kind, settings, incidents, disabled_reason FROM channel WHERE id = %(id)s",
        {"id": channel_id},
    )


async def disable_channel(conn: Conn, channel_id: int, reason: str) -> bool:
    """Send nothing more through the channel, and say why. False when it was disabled: its reason stays."""
    disabled = await count_rows(
        conn,
        "UPDATE channel SET disabled_reason = %(reason)s WHERE id = %(id)s AND disabled_reason IS NULL",
        {"id": channel_id, "reason": clean_text(reason, max_chars=2000) or "disabled"},
    )
    return disabled > 0


async def enable_channel(conn: Conn, channel_id: int) -> bool:
    """Let the channel be used again. False when it was not disabled."""
    enabled = await count_rows(
        conn,
        "UPDATE channel SET disabled_reason = NULL WHERE id = %(id)s AND disabled_reason IS NOT NULL",
        {"id": channel_id},
    )
    return enabled > 0
