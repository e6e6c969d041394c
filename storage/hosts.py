"""Hosts: whose turn it is, among all workers, and among sources and pages together."""

import re
from datetime import timedelta
from typing import LiteralString

from storage.clean import clean_span, clean_text
from storage.database import Conn

# Between requests to this machine itself no pause is made: nobody's server is spared by it.
_NEAR = r"^(127(\.[0-9]{1,3}){3}|localhost|::1)(:|$)"

# The middle of a claim, the same for sources and pages. It asks nothing of a host that is resting or full, and what
# it leaves out is not leased, so that no worker waits for a turn (head-of-line blocking). `turns` counts leases, so
# that a killed worker's turn ends with its lease.
TURNS: LiteralString = """
    turns AS MATERIALIZED (
        SELECT jsonb_object_agg(host, taken) AS taken FROM (
            SELECT host, count(*) AS taken FROM (
                SELECT host FROM source WHERE leased_until > statement_timestamp()
                UNION ALL
                SELECT host FROM page WHERE state = 'leased' AND due_at > statement_timestamp()
            ) AS lease GROUP BY host
        ) AS per_host
    )
"""

# Of a waiting row `w`: how long its host rests after a request, and how many may be asked of it now.
ROOM: LiteralString = """
    LEFT JOIN host h ON h.host = w.host
    CROSS JOIN LATERAL (
        SELECT greatest(coalesce(h.delay, '0'), CASE WHEN w.host ~ %(near)s THEN '0' ELSE %(pause)s END) AS gap
    ) AS g
    CROSS JOIN LATERAL (
        SELECT coalesce(((SELECT taken FROM turns) ->> w.host)::integer, 0) AS taken
    ) AS t
    CROSS JOIN LATERAL (
        SELECT CASE WHEN h.next_at > statement_timestamp() THEN 0
                    WHEN h.delay > '0' THEN 1 - t.taken
                    WHEN g.gap > '0' THEN least(1, %(per_host)s - t.taken)
                    ELSE %(per_host)s - t.taken END AS room
    ) AS r
"""

# From `waiting` (id, host, due_at, claims, gap, room) to the hosts that are now ours to ask. Turns were counted by the
# statement's snapshot: a host that another is just claiming at is locked, and one that another claimed at since has
# another count of claims. Both are left for the next time.
OPENED: LiteralString = """
    wanted AS MATERIALIZED (
        SELECT id, host, claims, gap FROM (
            SELECT *, row_number() OVER (PARTITION BY host ORDER BY due_at, id) AS place FROM waiting
        ) AS placed
        WHERE place <= room ORDER BY due_at LIMIT %(limit)s
    ), asked AS MATERIALIZED (
        SELECT DISTINCT host, claims, gap FROM wanted
    ), opened AS (
        INSERT INTO host AS h (host, next_at, claims)
        SELECT host, statement_timestamp() + gap, claims + 1 FROM asked
        WHERE pg_try_advisory_xact_lock(hashtextextended(host, 0))
        ORDER BY host
        ON CONFLICT (host) DO UPDATE SET next_at = EXCLUDED.next_at, claims = EXCLUDED.claims
        WHERE h.claims = EXCLUDED.claims - 1 AND h.next_at <= statement_timestamp()
        RETURNING h.host
    )
"""


def claim_params(
    *, limit: int, candidates: int, lease: timedelta, per_host: int, pause: timedelta
) -> dict[str, object]:
    """What the pieces above ask for."""
    return {
        "limit": limit,
        "candidates": candidates,
        "lease": lease,
        "per_host": per_host,
        "pause": clean_span(pause),
        "near": _NEAR,
    }


def gap_after(host: str, *, pause: timedelta, delay: timedelta = timedelta(0)) -> timedelta:
    """How long a host rests after a request: as it asks for, at least our own pause; none on this machine."""
    return max(delay, timedelta(0) if re.match(_NEAR, host) else pause)


async def rest_host(conn: Conn, host: str, wait: timedelta) -> None:
    """Ask nothing of the host for so long from now, whichever source or page is due there."""
    await conn.execute(
        """
        INSERT INTO host AS h (host, next_at) VALUES (%(host)s, statement_timestamp() + %(wait)s)
        ON CONFLICT (host) DO UPDATE SET next_at = greatest(h.next_at, EXCLUDED.next_at)
        """,
        {"host": clean_text(host), "wait": clean_span(wait)},
    )
