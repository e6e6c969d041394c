"""Search: stored articles by their written forms, and in order, for people and for backtests."""

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.clean import clean_time
from storage.database import Conn
from storage.keeping import Article
from storage.rows import fetch_all, fetch_value, record

AT_ONCE = 20_000  # ids in one go


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """A query of the index, in PostgreSQL's own syntax and built from `tsquery_term`, and which forms its words are.

    An article whose lexemes were made by other forms meets every Narrowing: the index cannot tell.
    """

    tsquery: str
    forms_version: int


async def search_articles(
    conn: Conn,
    *,
    narrowing: Narrowing | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    lang: str | None = None,
    source: int | None = None,
    limit: int = 50,
    before_id: int | None = None,
    places: Collection[str] | None = None,
) -> list[Article]:
    """Return the newest articles that meet everything given; `before_id` goes on from the last one seen.

    Times are of first sight. With `places`, articles that name any of them.
    """
    async with conn.cursor(row_factory=record(Article)) as cursor:
        await cursor.execute(
            """
            WITH found AS MATERIALIZED (
                SELECT id FROM article
                WHERE (%(tsquery)s::text IS NULL OR lexemes @@ %(tsquery)s::tsquery
                       OR forms_version < %(forms_version)s OR forms_version > %(forms_version)s)
                  AND (%(since)s::timestamptz IS NULL OR first_seen >= %(since)s)
                  AND (%(until)s::timestamptz IS NULL OR first_seen < %(until)s)
                  AND (%(lang)s::text IS NULL OR lang = %(lang)s)
                  AND (%(source)s::bigint IS NULL OR source_id = %(source)s)
                  AND (%(before_id)s::bigint IS NULL OR id < %(before_id)s)
                  AND (%(places)s::text[] IS NULL OR id IN (
                      SELECT article_id FROM article_place WHERE place = ANY(%(places)s)))
                ORDER BY id DESC LIMIT %(limit)s
            )
            SELECT a.id, a.source_id, s.name AS source_name, s.country, a.url, a.canonical_url, a.title,
                   a.summary, a.text, a.authors, a.tags, s.tags AS source_tags, a.lang, a.published, a.updated,
                   a.first_seen, sa.story_id, a.version, a.fresh, a.degraded, a.capture_id
            FROM found JOIN article a USING (id) JOIN source s ON s.id = a.source_id
                 LEFT JOIN story_article sa ON sa.article_id = a.id
            ORDER BY a.id DESC
            """,
            {
                **_index_params(narrowing),
                "since": clean_time(since),
                "until": clean_time(until),
                "lang": lang,
                "source": source,
                "limit": limit,
                "before_id": before_id,
                "places": None if places is None else list(places),
            },
            prepare=False,  # planned for these very values: which filters are given decides the index
        )
        return await cursor.fetchall()


async def recent_articles(conn: Conn, *, after_id: int = 0, limit: int = 500) -> list[Article]:
    """Return the articles after this id as they came: call again with the last id to walk them all."""
    async with conn.cursor(row_factory=record(Article)) as cursor:
        await cursor.execute(
            """
            SELECT a.id, a.source_id, s.name AS source_name, s.country, a.url, a.canonical_url, a.title,
                   a.summary, a.text, a.authors, a.tags, s.tags AS source_tags, a.lang, a.published, a.updated,
                   a.first_seen, sa.story_id, a.version, a.fresh, a.degraded, a.capture_id
            FROM article a JOIN source s ON s.id = a.source_id
            LEFT JOIN story_article sa ON sa.article_id = a.id
            WHERE a.id > %(after_id)s ORDER BY a.id LIMIT %(limit)s
            """,
            {"after_id": after_id, "limit": limit},
        )
        return await cursor.fetchall()


async def candidate_ids(
    conn: Conn, *, narrowing: Narrowing | None, since: datetime | None = None, after_id: int = 0
) -> "array[int]":
    """Return the ids of all articles that meet the narrowing (None: of all), in order, eight bytes for each.

    What is held against each of them afterwards may take minutes: no statement and no transaction lasts that long.
    """
    ids = array("q")
    async with conn.transaction(), conn.cursor(name="candidates") as cursor:
        await conn.execute("SET LOCAL statement_timeout = '10min'")
        await conn.execute("SET LOCAL cursor_tuple_fraction = 1")  # every row is wanted, not the first ones
        await cursor.execute(
            """
            SELECT id FROM article
            WHERE (%(tsquery)s::text IS NULL OR lexemes @@ %(tsquery)s::tsquery
                   OR forms_version < %(forms_version)s OR forms_version > %(forms_version)s)
              AND (%(since)s::timestamptz IS NULL OR first_seen >= %(since)s) AND id > %(after_id)s
            ORDER BY id
            """,
            {**_index_params(narrowing), "since": clean_time(since), "after_id": after_id},
        )
        while rows := await cursor.fetchmany(AT_ONCE):
            ids.extend(row[0] for row in rows)
    return ids


def _index_params(narrowing: Narrowing | None) -> dict[str, Any]:
    if narrowing is None:
        return {"tsquery": None, "forms_version": None}
    return {"tsquery": narrowing.tsquery, "forms_version": narrowing.forms_version}


async def articles_of(conn: Conn, ids: Sequence[int]) -> list[Article]:
    """Return the articles with these ids, in the order of the ids."""
    return await fetch_all(
        conn,
        Article,
        """
        SELECT a.id, a.source_id, s.name AS source_name, s.country, a.url, a.canonical_url, a.title,
               a.summary, a.text, a.authors, a.tags, s.tags AS source_tags, a.lang, a.published, a.updated,
               a.first_seen, sa.story_id, a.version, a.fresh, a.degraded, a.capture_id
        FROM article a JOIN source s ON s.id = a.source_id
        LEFT JOIN story_article sa ON sa.article_id = a.id
        WHERE a.id = ANY(%(ids)s::bigint[]) ORDER BY a.id
        """,
        {"ids": list(ids)},
    )


async def oldest_since(conn: Conn, since: datetime | None = None) -> datetime | None:
    """Return when the first article, or the first since then, was first seen; None when there is none."""
    return await fetch_value(
        conn,
        "SELECT min(first_seen) FROM article WHERE %(since)s::timestamptz IS NULL OR first_seen >= %(since)s",
        {"since": clean_time(since)},
    )
