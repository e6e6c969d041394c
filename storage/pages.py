"""Pages: the article pages still to fetch, and the fuller text that they bring."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from storage.clean import clean_optional, clean_span, clean_text, clean_texts, clean_time
from storage.database import Conn
from storage.hosts import OPENED, ROOM, TURNS, claim_params
from storage.keeping import MAX_SUMMARY_CHARS, MAX_TEXT_CHARS, MAX_TITLE_CHARS, MAX_URL_CHARS, text_hash
from storage.lexemes import clean_lexemes
from storage.rows import fetch_all, fetch_value

CANDIDATES = 8
RETRY_AT_LEAST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedPage:
    """An article whose page is ours to fetch until the lease ends; the token proves it."""

    article_id: int
    url: str
    source_id: int
    source_name: str
    source_kind: str | None
    lang: str
    country: str | None
    title: str
    summary: str
    tier: int | None
    tags: tuple[str, ...]
    source_tags: tuple[str, ...]
    lease_token: int
    attempts: int
    published: datetime | None
    first_seen: datetime
    fresh: bool
    story_id: int | None
    robots: str = "obey"  # how its source is to be reached holds for its pages too
    proxy: str | None = None
    browser: bool = False
    secret_file: str | None = None
    source_url: str = ""  # whose secrets they are


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What an article's page said, to be kept as a version of the article."""

    title: str
    text: str
    summary: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    lang: str | None = None
    capture_id: int | None = None
    canonical_url: str | None = None
    degraded: str | None = None
    lexemes: tuple[str, ...] = ()
    forms_version: int = 0  # which word forms made them


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOutcome:
    """How the fetch ended: read, failed (for good), or retry after `retry_in`; `attempts` counts anew from there."""

    state: str
    retry_in: timedelta | None = None
    error: str | None = None
    attempts: int | None = None


async def claim_due_pages(
    conn: Conn, *, limit: int, lease: timedelta, per_host: int, pause: timedelta = timedelta(0)
) -> list[LeasedPage]:
    """Lease the pages that wait longest, as far as their hosts may be asked now: see `claim_due_sources`.

    At a host that rests between requests pages stand back for its sources: an article that is not found is worse than
    one without its full text. `attempts` counts this one too.
    """
    return await fetch_all(
        conn,
        LeasedPage,
        "WITH"  # noqa: S608 - nothing but literals of ours
        + TURNS
        + """, waiting AS (
            SELECT w.article_id AS id, w.host, w.due_at, coalesce(h.claims, 0) AS claims, g.gap, r.room
            FROM page w"""
        + ROOM
        + """
            WHERE w.state IN ('due', 'leased') AND w.due_at <= statement_timestamp() AND r.room > 0
              AND (g.gap = '0' OR NOT EXISTS (
                  SELECT FROM source s WHERE s.host = w.host AND s.enabled AND s.due_at <= statement_timestamp()
                  AND (s.leased_until IS NULL OR s.leased_until <= statement_timestamp())))
            ORDER BY w.due_at LIMIT %(candidates)s
        ),"""
        + OPENED
        + """, mine AS (
            SELECT p.article_id FROM page p JOIN wanted ON wanted.id = p.article_id
                 JOIN opened ON opened.host = wanted.host
            WHERE p.state IN ('due', 'leased') AND p.due_at <= statement_timestamp()
            FOR UPDATE OF p SKIP LOCKED
        ), leased AS (
            UPDATE page p SET state = 'leased', lease_token = p.lease_token + 1,
            attempts = p.attempts + 1,
                due_at = statement_timestamp() + %(lease)s
            FROM mine WHERE p.article_id = mine.article_id
            RETURNING p.article_id, p.lease_token, p.attempts
        )
        SELECT l.article_id, a.url, a.source_id, s.name AS source_name, s.kind AS source_kind, a.lang,
               s.country, a.title, a.summary, s.tier, a.tags, s.tags AS source_tags, l.lease_token, l.attempts,
               a.published, a.first_seen, a.fresh, sa.story_id, s.robots, s.proxy, s.browser, s.secret_file,
               s.url AS source_url
        FROM leased l JOIN article a ON a.id = l.article_id JOIN source s ON s.id = a.source_id
             LEFT JOIN story_article sa ON sa.article_id = a.id
        ORDER BY l.article_id
        """,
        claim_params(limit=limit, candidates=limit * CANDIDATES, lease=lease, per_host=per_host, pause=pause),
    )


async def finish_page(conn: Conn, leased: LeasedPage, outcome: PageOutcome) -> bool:
    """Record how the fetch ended. False when the lease is somebody else's by now: then roll back."""
    retry_in = clean_span(outcome.retry_in or RETRY_AT_LEAST)
    return await fetch_value(
        conn,
        """
        WITH done AS (
            UPDATE page SET
                state = CASE WHEN %(state)s = 'retry' THEN 'due' ELSE %(state)s END,
                due_at = statement_timestamp() + %(retry_in)s,
                finished_at = CASE WHEN %(state)s = 'retry' THEN NULL ELSE statement_timestamp() END,
                error = %(error)s, attempts = coalesce(%(attempts)s, attempts)
            WHERE article_id = %(article_id)s AND lease_token = %(lease_token)s AND state = 'leased'
            RETURNING article_id
        )
        SELECT count(*) = 1 FROM done
        """,
        {
            "state": outcome.state,
            "retry_in": retry_in,
            "error": clean_optional(outcome.error, max_chars=2000),
            "attempts": outcome.attempts,
            "article_id": leased.article_id,
            "lease_token": leased.lease_token,
        },
    )


async def release_page(conn: Conn, leased: LeasedPage) -> None:
    """Hand the page back unfetched, due now; nothing happens when the lease is somebody else's by now."""
    await conn.execute(
        """
        UPDATE page SET state = 'due', due_at = statement_timestamp(), attempts = attempts - 1
        WHERE article_id = %(article_id)s AND lease_token = %(lease_token)s AND state = 'leased'
        """,
        {"article_id": leased.article_id, "lease_token": leased.lease_token},
    )


async def keep_page(conn: Conn, leased: LeasedPage, page: PageText) -> int:
    """Make the page's text the article's and return its version's id; the same words, the same version.

    What the page does not say (title, summary, authors, times) stays as the entry said it.
    """
    params = _params(leased, page)
    # The lock first, in a statement of its own: the next version number must be counted after it.
    await conn.execute("SELECT FROM article WHERE id = %(article_id)s FOR UPDATE", params)
    return await fetch_value(
        conn,
        """
        WITH edit AS (
            INSERT INTO article_version (article_id, number, of, title, summary, text, text_hash, capture_id)
            SELECT %(article_id)s, 1 + max(number), 'page', %(title)s, %(summary)s, %(text)s, %(text_hash)s,
                   %(capture_id)s::bigint
            FROM article_version WHERE article_id = %(article_id)s
            ON CONFLICT (article_id, text_hash) DO UPDATE SET of = article_version.of
            RETURNING id, number
        ), changed AS (
            UPDATE article a SET
                version = greatest(a.version, edit.number),
                title = coalesce(nullif(%(title)s, ''), a.title), text = %(text)s,
                summary = coalesce(nullif(a.summary, ''), %(summary)s),
                authors = CASE WHEN cardinality(%(authors)s::text[]) > 0 THEN %(authors)s::text[] ELSE
                a.authors END,
                published = coalesce(a.published, %(published)s::timestamptz),
                updated = coalesce(%(modified)s::timestamptz, a.updated), lang = coalesce(%(lang)s, a.lang),
                canonical_url = coalesce(%(canonical_url)s, a.canonical_url), degraded = %(degraded)s,
                capture_id = coalesce(%(capture_id)s::bigint, a.capture_id),
                lexemes = CASE WHEN length(a.lexemes) <= %(merge_up_to)s
                    THEN a.lexemes || array_to_tsvector(string_to_array(%(lexemes)s, chr(31)))
                    ELSE array_to_tsvector(string_to_array(%(lexemes)s, chr(31))) END,
                forms_version = CASE WHEN length(a.lexemes) <= %(merge_up_to)s
                    THEN least(a.forms_version, %(forms_version)s) ELSE 0 END
            FROM edit WHERE a.id = %(article_id)s
        )
        SELECT id FROM edit
        """,
        params,
    )


def _params(leased: LeasedPage, page: PageText) -> dict[str, Any]:
    title = clean_text(page.title, max_chars=MAX_TITLE_CHARS)
    text = clean_text(page.text, max_chars=MAX_TEXT_CHARS)
    fitting = clean_lexemes(page.lexemes)
    return {
        "article_id": leased.article_id,
        "title": title,
        "text": text,
        "summary": clean_text(page.summary, max_chars=MAX_SUMMARY_CHARS),
        "text_hash": text_hash(title, text=text),
        "authors": clean_texts(page.authors, max_items=50, max_chars=500),
        "published": clean_time(page.published),
        "modified": clean_time(page.modified),
        "lang": clean_optional(page.lang, max_chars=50),
        "capture_id": page.capture_id,
        "canonical_url": clean_optional(page.canonical_url, max_chars=MAX_URL_CHARS),
        "degraded": clean_optional(page.degraded, max_chars=500),
        "lexemes": fitting.joined,
        "forms_version": page.forms_version,
        "merge_up_to": fitting.merge_up_to,
    }
