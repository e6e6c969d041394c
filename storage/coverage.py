"""Coverage: which times were watched at all, by how many of the sources of a language could be seen then."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Conn
from storage.rows import fetch_one

SLOT = timedelta(minutes=10)
KEPT = timedelta(days=100)  # longer than the longest baseline
ENOUGH = 0.5  # of the sources: a slot in which fewer could be seen was not watched
MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSources:
    """Of `sources`, how many do not answer now, and the first of their names."""

    sources: int
    blind: int
    names: tuple[str, ...]


async def note_coverage(conn: Conn, now: datetime) -> None:
    """Note how many sources are seen now: those that answered well when they were last due, and are not overdue."""
    await conn.execute(
        """
        INSERT INTO coverage AS c (slot, lang, sources, seeing)
        SELECT date_bin(%(slot)s, %(now)s, '2000-01-01T00:00:00Z'), coalesce(lang, ''), count(*),
               count(*) FILTER (
                   WHERE last_status IN ('new', 'unchanged')
                     AND due_at > statement_timestamp() - greatest(interval '5 minutes', 3 * every))
        FROM source WHERE enabled GROUP BY coalesce(lang, '')
        ON CONFLICT (slot, lang) DO UPDATE SET
            sources = EXCLUDED.sources, seeing = greatest(c.seeing, EXCLUDED.seeing)
        """,
        {"slot": SLOT, "now": now},
    )
    await conn.execute("DELETE FROM coverage WHERE slot < %(until)s", {"until": now - KEPT})


async def source_languages(conn: Conn) -> list[str]:
    """Return the languages that sources are declared to write."""
    async with conn.cursor() as cursor:
        await cursor.execute(
            "SELECT DISTINCT lang FROM source WHERE enabled AND lang IS NOT NULL ORDER BY lang"
        )
        return [row[0] for row in await cursor.fetchall()]


async def watched_slots(
    conn: Conn, *, langs: Collection[str] | None, since: datetime, until: datetime
) -> list[datetime]:
    """Return the beginnings of the slots in which enough sources could be seen, in order.

    With `langs` only the sources of these languages count, and those of which no language is known.
    """
    async with conn.cursor() as cursor:
        await cursor.execute(
            """
            SELECT slot FROM coverage
            WHERE slot > %(since)s::timestamptz - %(slot)s::interval AND slot <= %(until)s
              AND (%(langs)s::text[] IS NULL OR lang = '' OR lang = ANY(%(langs)s))
            GROUP BY slot HAVING sum(seeing) > 0 AND sum(seeing) >= %(enough)s * sum(sources) ORDER BY slot
            """,
            {
                "since": since,
                "until": until,
                "slot": SLOT,
                "enough": ENOUGH,
                "langs": None if langs is None else list(langs),
            },
        )
        return [row[0] for row in await cursor.fetchall()]


async def blind_sources(conn: Conn, *, langs: Collection[str] | None) -> BlindSources:
    """Say how many sources (of these languages, and of none known) do not answer now."""
    found = await fetch_one(
        conn,
        BlindSources,
        """
        WITH asked AS (
            SELECT name, coalesce(last_status IN ('new', 'unchanged')
                AND due_at > statement_timestamp() - greatest(interval '5 minutes', 3 * every), false) AS sees
            FROM source
            WHERE enabled AND (%(langs)s::text[] IS NULL OR lang IS NULL OR lang = ANY(%(langs)s))
        )
        SELECT count(*) AS sources, count(*) FILTER (WHERE NOT sees) AS blind,
               ARRAY(SELECT name FROM asked WHERE NOT sees ORDER BY name LIMIT %(most)s) AS names
        FROM asked
        """,
        {"langs": None if langs is None else list(langs), "most": MOST_NAMED},
    )
    assert found is not None  # a SELECT of aggregates has one row
    return found
