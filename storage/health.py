"""Health: what the rows say about sources, pages, channels and the ledger as a whole, for who watches over them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Conn
from storage.rows import count_rows, fetch_all

PAGE_WEIGHT = 0.25  # of the latest page in the mean: five bad ones bring it from 1 below 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSource:
    """A source that has brought nothing new for a while; `longest_gap` is its longest pause in four weeks before.

    `per_hour` is how many entries it brought in those weeks on average, its first look left out.
    """

    id: int
    last_new_at: datetime
    first_visited_at: datetime
    rhythm: list[float]
    every: timedelta
    longest_gap: timedelta | None
    per_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LateSource:
    """A source whose turn is over and that nobody visits."""

    id: int
    due_at: datetime
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTrouble:
    """A source and how many of its article pages could be read lately."""

    id: int
    page_health: float
    pages_seen: int
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTrouble:
    """A channel that is off or does not get its messages through."""

    name: str
    disabled_reason: str | None
    waiting: int
    dead: int
    since: datetime | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machinery:
    """The parts of the installation in figures; the counts are of the last `window`."""

    visits: int
    sources: int
    hosts: int
    unreachable_hosts: int
    stopped_readings: int
    stopped_sources: int
    overlooked: int
    overlooked_since: datetime | None


async def note_page(conn: Conn, source_id: int, *, read_well: bool) -> None:
    """Take one more page of the source into its mean."""
    await conn.execute(
        """
        UPDATE source SET pages_seen = pages_seen + 1,
            page_health = coalesce(page_health, 1) * (1 - %(weight)s) + %(weight)s * %(good)s
        WHERE id = %(id)s
        """,
        {"id": source_id, "weight": PAGE_WEIGHT, "good": float(read_well)},
    )


async def quiet_sources(conn: Conn, *, quiet_for: timedelta) -> list[QuietSource]:
    """Return the enabled sources that answered since, but brought nothing new for `quiet_for` or longer."""
    return await fetch_all(
        conn,
        QuietSource,
        """
        SELECT s.id, s.last_new_at, s.first_visited_at, s.rhythm, s.every, past.longest_gap, past.per_hour
        FROM source s CROSS JOIN LATERAL (
            SELECT max(gap) AS longest_gap,
                coalesce(sum(new_entries) FILTER (WHERE known > 0) / greatest(
                    extract(epoch FROM statement_timestamp() - min(finished_at)) / 3600, 1), 0)::float8 AS per_hour
            FROM (
                SELECT v.new_entries, v.known, v.finished_at,
                       v.finished_at - lag(v.finished_at) OVER (ORDER BY v.id) AS gap
                FROM visit v
                WHERE v.source_id = s.id AND v.outcome = 'new'
                  AND v.finished_at > s.last_new_at - interval '28 days') AS found
        ) AS past
        WHERE s.enabled AND s.last_new_at < statement_timestamp() - %(quiet_for)s
          AND s.last_status IN ('new', 'unchanged') AND s.first_visited_at IS NOT NULL
          AND cardinality(s.rhythm) > 0
        """,
        {"quiet_for": quiet_for},
    )


async def late_sources(conn: Conn, *, late_by: timedelta) -> list[LateSource]:
    """Return the sources that are due for longer than `late_by` and three times their floor; not where a host rests."""
    return await fetch_all(
        conn,
        LateSource,
        """
        SELECT s.id, s.due_at, s.every FROM source s LEFT JOIN host h ON h.host = s.host
        WHERE s.enabled AND s.due_at < statement_timestamp() - greatest(%(late_by)s::interval, 3 * s.every)
          AND (s.leased_until IS NULL OR s.leased_until < statement_timestamp())
          AND (h.next_at IS NULL OR h.next_at < statement_timestamp())
        """,
        {"late_by": late_by},
    )


async def ill_pages(conn: Conn, *, below: float, at_least: int) -> list[PageTrouble]:
    """Return the sources of whose last pages fewer than `below` could be read, once `at_least` were looked at."""
    return await fetch_all(
        conn,
        PageTrouble,
        """
        SELECT s.id, s.page_health, s.pages_seen, (
            SELECT coalesce(p.error, a.degraded) FROM article a JOIN page p ON p.article_id = a.id
            WHERE a.source_id = s.id AND coalesce(p.error, a.degraded) IS NOT NULL
            ORDER BY a.id DESC LIMIT 1) AS last_error
        FROM source s
        WHERE s.enabled AND s.page_health < %(below)s AND s.pages_seen >= %(at_least)s
        """,
        {"below": below, "at_least": at_least},
    )


async def channel_troubles(conn: Conn, *, stuck_for: timedelta, window: timedelta) -> list[ChannelTrouble]:
    """Return the channels that are off, gave up messages within `window`, or have one waiting in vain since long."""
    return await fetch_all(
        conn,
        ChannelTrouble,
        """
        SELECT c.name, c.disabled_reason, coalesce(m.waiting, 0) AS waiting, coalesce(m.dead, 0) AS dead, m.since,
               m.detail
        FROM channel c LEFT JOIN (
            SELECT channel_id, count(*) FILTER (WHERE state IN ('due', 'leased')) AS waiting,
                   count(*) FILTER (WHERE state = 'dead') AS dead, min(owed_at) AS since,
                   (array_agg(detail ORDER BY owed_at DESC))[1] AS detail
            FROM message
            WHERE (state IN ('due', 'leased') AND attempts > 0 AND owed_at < statement_timestamp() - %(stuck_for)s)
               OR (state = 'dead' AND finished_at > statement_timestamp() - %(window)s)
            GROUP BY channel_id
        ) AS m ON m.channel_id = c.id
        WHERE c.removed_at IS NULL AND (c.disabled_reason IS NOT NULL OR m.channel_id IS NOT NULL)
        ORDER BY c.name
        """,
        {"stuck_for": stuck_for, "window": window},
    )


async def machinery(conn: Conn, *, window: timedelta, overlooked_for: timedelta) -> Machinery:
    """Count what the visits of the last `window` met, and the messages that are due and that nobody takes up."""
    rows = await fetch_all(
        conn,
        Machinery,
        """
        WITH latest AS (
            SELECT DISTINCT ON (v.source_id) v.source_id, s.host, v.outcome, v.failure FROM visit v
            JOIN source s ON s.id = v.source_id
            WHERE v.id > (SELECT coalesce(max(id), 0) FROM visit) - 20000
              AND v.finished_at > statement_timestamp() - %(window)s
            ORDER BY v.source_id, v.id DESC
        ), hosts AS (
            SELECT host, bool_and(outcome = 'failed' AND failure IN ('dns', 'connect', 'timeout')) AS lost
            FROM latest GROUP BY host
        ), stopped AS (
            SELECT v.source_id FROM visit v
            WHERE v.id > (SELECT coalesce(max(id), 0) FROM visit) - 20000
              AND v.finished_at > statement_timestamp() - %(window)s AND v.failure = 'reading'
        ), overlooked AS (
            SELECT due_at FROM message
            WHERE state = 'due' AND due_at < statement_timestamp() - %(overlooked_for)s
        )
        SELECT (SELECT count(*) FROM latest) AS visits, (SELECT count(DISTINCT source_id) FROM latest) AS sources,
               (SELECT count(*) FROM hosts) AS hosts,
               (SELECT count(*) FROM hosts WHERE lost) AS unreachable_hosts,
               (SELECT count(*) FROM stopped) AS stopped_readings,
               (SELECT count(DISTINCT source_id) FROM stopped) AS stopped_sources,
               (SELECT count(*) FROM overlooked) AS overlooked,
               (SELECT min(due_at) FROM overlooked) AS overlooked_since
        """,
        {"window": window, "overlooked_for": overlooked_for},
    )
    return rows[0]


async def settle_troubles(conn: Conn) -> int:
    """Close what is open for sources nobody visits any more, and note on each source which kinds it has open.

    Visits note them too, from what they saw when they began; this makes it right. The number of sources changed.
    """
    await conn.execute(
        """
        UPDATE incident i SET closed_at = clock_timestamp() FROM source s
        WHERE i.closed_at IS NULL AND s.id = i.source_id AND NOT s.enabled
        """
    )
    return await count_rows(
        conn,
        """
        UPDATE source s SET troubles = t.kinds FROM (
            SELECT s.id, coalesce(array_agg(i.kind ORDER BY i.kind) FILTER (WHERE i.id IS NOT NULL), '{}')
                   || array(SELECT k FROM unnest(s.troubles) AS k WHERE k LIKE '?%') AS kinds
            FROM source s LEFT JOIN incident i ON i.source_id = s.id AND i.closed_at IS NULL
            WHERE s.troubles <> '{}' OR i.id IS NOT NULL GROUP BY s.id
        ) AS t
        WHERE t.id = s.id AND s.troubles IS DISTINCT FROM t.kinds
        """,
    )
