"""Stories: the articles that tell the same thing, so that people hear of it once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.clean import clean_span, clean_text
from storage.database import Conn
from storage.rows import fetch_each, fetch_one, fetch_value

# A story may run longer; what comes after this is news again, and alerts again.
STORY_WINDOW = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryJoin:
    """The story an article belongs to, and whether the article is its first."""

    story_id: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story with how far it has spread; `outlets` counts distinct sources."""

    id: int
    title: str
    lang: str
    started_at: datetime
    last_at: datetime
    articles: int
    outlets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An article that tells a story; copies and retellings share the key."""

    article_id: int
    key: bytes
    title: str
    lang: str


async def join_or_start(
    conn: Conn, *, article_id: int, key: bytes, title: str, lang: str, window: timedelta = STORY_WINDOW
) -> StoryJoin:
    """Put one article into its story, as join_or_start_all does."""
    telling = Telling(article_id=article_id, key=key, title=title, lang=lang)
    return (await join_or_start_all(conn, [telling], window=window))[0]


async def join_or_start_all(
    conn: Conn, tellings: Sequence[Telling], *, window: timedelta = STORY_WINDOW
) -> list[StoryJoin]:
    """Put each article into the story with its key that started within `window`, or start that story with it.

    Call it in the transaction that keeps the articles. Two collectors with the same key go one after the other,
    so a story starts once; all keys are locked at once and in order, so that none waits for another in a circle.
    The window counts from the start: a headline that returns every day is a new story each time.
    """
    locks = sorted({_lock(telling.key) for telling in tellings})
    await conn.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", (locks,))
    joined = await fetch_each(
        conn,
        StoryJoin,
        """
        WITH known AS (
            SELECT story_id FROM story_article WHERE article_id = %(article_id)s
        ), running AS (
            SELECT id FROM story
            WHERE key = %(key)s AND started_at >= statement_timestamp() - %(window)s
              AND NOT EXISTS (SELECT FROM known)
            ORDER BY started_at DESC LIMIT 1
        ), started AS (
            INSERT INTO story (key, title, lang, articles) SELECT %(key)s, %(title)s, %(lang)s, 1
            WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM running)
            RETURNING id
        ), grown AS (
            UPDATE story SET articles = articles + 1, last_at = clock_timestamp()
            WHERE id = (SELECT id FROM running)
        ), joined AS (
            INSERT INTO story_article (article_id, story_id)
            SELECT %(article_id)s, id FROM (SELECT id FROM running UNION ALL SELECT id FROM started) AS story
        )
        SELECT story_id, false AS is_new FROM known
        UNION ALL SELECT id, false FROM running
        UNION ALL SELECT id, true FROM started
        """,
        [
            {
                "article_id": telling.article_id,
                "key": telling.key,
                "title": clean_text(telling.title, max_chars=2000),
                "lang": clean_text(telling.lang) or "und",
                "window": clean_span(window, most=timedelta(days=3660)),
            }
            for telling in tellings
        ],
    )
    return [_certain(join, telling) for join, telling in zip(joined, tellings, strict=True)]


def _lock(key: bytes) -> int:
    return int.from_bytes(key[:8].ljust(8, b"\0"), "big", signed=True)


def _certain(join: StoryJoin | None, telling: Telling) -> StoryJoin:
    if join is None:  # the statement always yields exactly one of its three rows
        raise LookupError(f"article {telling.article_id} found no story")
    return join


async def join_story(conn: Conn, *, article_id: int, story_id: int) -> bool:
    """Put the article into this story; False, and nothing done, when it is in a story already."""
    return await fetch_value(
        conn,
        """
        WITH joined AS (
            INSERT INTO story_article (article_id, story_id) VALUES (%(article_id)s, %(story_id)s)
            ON CONFLICT (article_id) DO NOTHING RETURNING story_id
        ), grown AS (
            UPDATE story SET articles = articles + 1, last_at = clock_timestamp()
            FROM joined WHERE story.id = joined.story_id
        )
        SELECT count(*) = 1 FROM joined
        """,
        {"article_id": article_id, "story_id": story_id},
    )


async def get_story(conn: Conn, story_id: int) -> Story | None:
    """Return the story, or None when there is none."""
    return await fetch_one(
        conn,
        Story,
        """
        SELECT s.id, s.title, s.lang, s.started_at, s.last_at, s.articles,
               (SELECT count(DISTINCT a.source_id)
               FROM story_article sa JOIN article a ON a.id = sa.article_id
                WHERE sa.story_id = s.id) AS outlets
        FROM story s WHERE s.id = %(id)s
        """,
        {"id": story_id},
    )
