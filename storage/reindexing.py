"""Reindexing: the articles whose lexemes were made by older word forms, and the new lexemes that they get."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from storage.database import Conn
from storage.lexemes import clean_lexemes
from storage.rows import count_rows, fetch_all, fetch_value

# Any fixed number of ours: advisory locks share one space per database.
TURN_LOCK = 0x6D61_7273_6164_0008
MAX_EARLIER = 10  # texts of one article from before its edits, the newest; a live blog has hundreds


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """An article whose lexemes are of older forms; `mark` changes with the row, whoever changes it."""

    id: int
    mark: str
    lang: str
    title: str
    summary: str
    text: str
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reindexed:
    """The new lexemes of an article as it stood when its mark was read, the most wanted first."""

    id: int
    mark: str
    lexemes: Sequence[str]


async def take_turn(conn: Conn) -> bool:
    """Whether nobody else reindexes now; then nobody else will before the end of this transaction."""
    return await fetch_value(conn, "SELECT pg_try_advisory_xact_lock(%(key)s)", {"key": TURN_LOCK})


async def outdated_articles(
    conn: Conn,
    *,
    forms_version: int,
    limit: int,
    most_bytes: int,
    most_chars: int,
    without: Collection[int] = (),
) -> list[Outdated]:
    """Return the newest articles whose lexemes are older than these forms: so many, or as many as have so many bytes.

    The first comes whatever its size; of each text come no more than `most_chars`. Nothing is locked.
    """
    return await fetch_all(
        conn,
        Outdated,
        """
        WITH next AS (
            SELECT id, forms_version, octet_length(text) AS size FROM article
            WHERE forms_version < %(forms_version)s AND id <> ALL(%(without)s::bigint[])
            ORDER BY forms_version DESC, id DESC LIMIT %(limit)s
        ), counted AS (
            SELECT id, sum(size) OVER (ORDER BY forms_version DESC, id DESC) - size AS before FROM next
        )
        SELECT a.id, a.xmin::text AS mark, a.lang, a.title, a.summary, left(a.text, %(most_chars)s) AS text,
               ARRAY(
                   SELECT concat_ws(E'\n', v.title, v.summary, left(v.text, %(most_chars)s))
                   FROM article_version v WHERE a.version > 1 AND v.article_id = a.id
                   ORDER BY v.number DESC LIMIT %(earlier)s
               ) AS earlier
        FROM counted JOIN article a USING (id) WHERE counted.before < %(most_bytes)s
        ORDER BY a.forms_version DESC, a.id DESC
        """,
        {
            "forms_version": forms_version,
            "without": list(without),
            "limit": limit,
            "most_bytes": most_bytes,
            "most_chars": most_chars,
            "earlier": MAX_EARLIER,
        },
    )


async def keep_reindexed(conn: Conn, reindexed: Sequence[Reindexed], *, forms_version: int) -> int:
    """Keep these lexemes as made by these forms; how many were kept.

    Left out are articles that changed since their mark was read, and those that somebody is just changing: nobody is
    waited for, and what is left out is still outdated.
    """
    return await count_rows(
        conn,
        """
        WITH made AS (
            SELECT * FROM unnest(%(ids)s::bigint[], %(marks)s::text[], %(lexemes)s::text[])
                AS made (id, mark, lexemes)
        ), free AS (
            SELECT a.id, made.lexemes FROM article a JOIN made USING (id)
            WHERE a.xmin::text = made.mark AND a.forms_version < %(forms_version)s
            ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
        )
        UPDATE article a SET lexemes = array_to_tsvector(string_to_array(free.lexemes, chr(31))),
            forms_version = %(forms_version)s
        FROM free WHERE a.id = free.id
        """,
        {
            "ids": [one.id for one in reindexed],
            "marks": [one.mark for one in reindexed],
            "lexemes": [clean_lexemes(one.lexemes).joined for one in reindexed],
            "forms_version": forms_version,
        },
    )


async def count_outdated(conn: Conn, *, forms_version: int) -> int:
    """Count the articles whose lexemes are older than these forms."""
    return await fetch_value(
        conn,
        "SELECT count(*) FROM article WHERE forms_version < %(forms_version)s",
        {"forms_version": forms_version},
    )
