"""Leases kept alive: who is still at work says so every few seconds; who was killed falls silent and loses them."""

from collections.abc import Sequence
from datetime import timedelta

from storage.database import Conn
from storage.deliveries import LeasedMessage
from storage.pages import LeasedPage
from storage.rows import count_rows
from storage.sources import LeasedSource


async def extend_source_leases(conn: Conn, leased: Sequence[LeasedSource], lease: timedelta) -> int:
    """Keep these sources ours for `lease` from now; the number that still were."""
    return await count_rows(
        conn,
        """
        UPDATE source s SET leased_until = statement_timestamp() + %(lease)s
        FROM unnest(%(ids)s::bigint[], %(tokens)s::bigint[]) AS mine (id, token)
        WHERE s.id = mine.id AND s.lease_token = mine.token AND s.leased_until IS NOT NULL
        """,
        {"lease": lease, "ids": [s.id for s in leased], "tokens": [s.lease_token for s in leased]},
    )


async def extend_page_leases(conn: Conn, leased: Sequence[LeasedPage], lease: timedelta) -> int:
    """Keep these pages ours for `lease` from now; the number that still were."""
    return await count_rows(
        conn,
        """
        UPDATE page p SET due_at = statement_timestamp() + %(lease)s
        FROM unnest(%(ids)s::bigint[], %(tokens)s::bigint[]) AS mine (id, token)
        WHERE p.article_id = mine.id AND p.lease_token = mine.token AND p.state = 'leased'
        """,
        {"lease": lease, "ids": [p.article_id for p in leased], "tokens": [p.lease_token for p in leased]},
    )


async def extend_message_lease(conn: Conn, leased: LeasedMessage, lease: timedelta) -> bool:
    """Keep the message ours for `lease` from now; False when it is somebody else's by now."""
    extended = await count_rows(
        conn,
        """
        UPDATE message SET due_at = statement_timestamp() + %(lease)s
        WHERE message_id = %(message_id)s AND fence = %(fence)s AND state = 'leased'
        """,
        {"lease": lease, "message_id": leased.message_id, "fence": leased.fence},
    )
    return extended == 1
