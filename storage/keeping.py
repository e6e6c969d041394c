"""Keeping articles: what was published, once per URL, with every text it ever had."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.clean import clean_optional, clean_text, clean_texts, clean_time
from storage.database import Conn
from storage.keys import digest, host_of
from storage.lexemes import clean_lexemes
from storage.rows import fetch_all, fetch_each, fetch_one, fetch_value

MAX_TITLE_CHARS = 4_000
MAX_SUMMARY_CHARS = 100_000
MAX_TEXT_CHARS = 4_000_000
MAX_URL_CHARS = 65_536
_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An article to keep. `fresh` is false in a first import; `page_wanted` has its page fetched later.

    `forms_version` says which word forms made the lexemes; with 0 no search relies on them.
    """

    source_id: int
    url_key: bytes
    url: str
    entry_id: str | None = None
    title: str
    summary: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lang: str = "und"
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    capture_id: int | None = None
    degraded: str | None = None
    lexemes: tuple[str, ...] = ()
    forms_version: int = 0
    fresh: bool = True
    page_wanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArticle:
    """What became of it. `version_id` is the text now added, None when nothing was new."""

    id: int
    is_new: bool
    version_id: int | None
    story_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """An article that is already kept; `entry_hash` is the text_hash of its latest entry."""

    id: int
    entry_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as it stands now. `first_seen` is our time; `published` is what the publisher says."""

    id: int
    source_id: int
    source_name: str
    country: str | None
    url: str
    canonical_url: str | None
    title: str
    summary: str
    text: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    source_tags: tuple[str, ...]
    lang: str
    published: datetime | None
    updated: datetime | None
    first_seen: datetime
    story_id: int | None
    version: int
    fresh: bool
    degraded: str | None
    capture_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleVersion:
    """One text of an article; `of` says whether a feed entry or the page brought it."""

    id: int
    article_id: int
    number: int
    of: str
    title: str
    summary: str
    text: str
    text_hash: bytes
    capture_id: int | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Old:
    id: int
    entry_hash: bytes
    story_id: int | None


def url_key(url: str) -> bytes:
    """Return the key of the article at this URL; the caller has made the URL canonical."""
    return digest(url)


def text_hash(title: str, summary: str = "", text: str = "") -> bytes:
    """Return a hash that differs only when words differ: case, spaces and punctuation do not count."""
    parts = (
        " ".join(_NOT_WORDS.split(clean_text(part).casefold())).strip() for part in (title, summary, text)
    )
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


async def known_keys(conn: Conn, keys: Sequence[bytes]) -> dict[bytes, KnownArticle]:
    """Return which of these URL keys are kept, and the hash of their latest entry."""
    async with conn.cursor() as cursor:
        await cursor.execute(
            "SELECT url_key, id, entry_hash FROM article WHERE url_key = ANY(%(keys)s)", {"keys": list(keys)}
        )
        return {key: KnownArticle(id=id_, entry_hash=hash_) async for key, id_, hash_ in cursor}


async def known_words(conn: Conn, source_id: int, hashes: Sequence[bytes]) -> dict[bytes, datetime]:
    """Return which of these text hashes this source has said before, and when we first saw them."""
    async with conn.cursor() as cursor:
        await cursor.execute(
            """
            SELECT entry_hash, min(first_seen) FROM article
            WHERE source_id = %(source_id)s AND entry_hash = ANY(%(hashes)s) GROUP BY entry_hash
            """,
            {"source_id": source_id, "hashes": list(hashes)},
        )
        return {hash_: seen async for hash_, seen in cursor}


async def keep_article(conn: Conn, article: NewArticle) -> KeptArticle:
    """Keep the article if its URL is new; else keep its text as a version if the words are really new."""
    return (await keep_articles(conn, [article]))[0]


async def keep_articles(conn: Conn, articles: Sequence[NewArticle]) -> list[KeptArticle]:
    """Keep many articles in one go and answer for each in the same order.

    A known entry id with the same words under another URL is the same article. With other words it is a new
    article: publishers reuse ids (miniflux#3186), and a hidden article is worse than a second one.
    """
    params = [_params(article) for article in articles]
    # Always in the order of the keys: two collectors with the same articles wait instead of deadlocking.
    order = sorted(range(len(params)), key=lambda place: params[place]["url_key"])
    added = await _add(conn, [params[place] for place in order])
    kept: dict[int, KeptArticle] = {}
    for place, new in zip(order, added, strict=True):
        kept[place] = new or await _keep_known(conn, params[place])
    return [kept[place] for place in range(len(params))]


async def get_article(conn: Conn, article_id: int) -> Article | None:
    """Return the article as it stands now, or None when there is none."""
    return await fetch_one(
        conn,
        Article,
        """
        SELECT a.id, a.source_id, s.name AS source_name, s.country, a.url, a.canonical_url, a.title,
        a.summary, a.text,
               a.authors, a.tags, s.tags AS source_tags, a.lang, a.published, a.updated, a.first_seen,
               sa.story_id, a.version, a.fresh, a.degraded, a.capture_id
        FROM article a JOIN source s ON s.id = a.source_id LEFT JOIN story_article sa ON sa.article_id = a.id
        WHERE a.id = %(id)s
        """,
        {"id": article_id},
    )


async def list_versions(conn: Conn, article_id: int) -> list[ArticleVersion]:
    """Return every text of the article, oldest first."""
    return await fetch_all(
        conn,
        ArticleVersion,
        """
        SELECT id, article_id, number, of, title, summary, text, text_hash, capture_id, seen_at
        FROM article_version WHERE article_id = %(id)s ORDER BY number
        """,
        {"id": article_id},
    )


async def _add(conn: Conn, params: Sequence[dict[str, Any]]) -> list[KeptArticle | None]:
    """Insert what is new, with its first version and its wish for a page; None for what is known already."""
    return await fetch_each(
        conn,
        KeptArticle,
        """
        WITH added AS (
            INSERT INTO article (url_key, source_id, url, entry_id, entry_key, entry_hash, title,
                summary, text, authors, tags, lang, published, published_raw, updated, capture_id, degraded,
                fresh, lexemes, forms_version)
            SELECT %(url_key)s, %(source_id)s, %(url)s, %(entry_id)s, %(entry_key)s::bytea,
            %(entry_hash)s, %(title)s,
                %(summary)s, %(text)s, %(authors)s::text[], %(tags)s::text[], %(lang)s,
                %(published)s::timestamptz, %(published_raw)s, %(updated)s::timestamptz,
                %(capture_id)s::bigint,
                %(degraded)s, %(fresh)s, array_to_tsvector(string_to_array(%(lexemes)s, chr(31))),
                %(forms_version)s
            WHERE NOT EXISTS (
                SELECT FROM article
                WHERE source_id = %(source_id)s AND entry_key = %(entry_key)s::bytea
                AND entry_hash = %(entry_hash)s
            )
            ON CONFLICT (url_key) DO NOTHING
            RETURNING id
        ), first AS (
            INSERT INTO article_version (article_id, number, of, title, summary, text, text_hash,
            capture_id)
            SELECT id, 1, 'entry', %(title)s, %(summary)s, %(text)s, %(entry_hash)s,
            %(capture_id)s::bigint
            FROM added
            RETURNING id
        ), wished AS (
            INSERT INTO page (article_id, host) SELECT id, %(host)s FROM added WHERE %(page_wanted)s
        )
        SELECT added.id, true AS is_new, first.id AS version_id, NULL::bigint AS story_id
        FROM added, first
        """,
        params,
    )


async def _keep_known(conn: Conn, params: dict[str, Any]) -> KeptArticle:
    old = await fetch_one(
        conn,
        _Old,
        """
        SELECT a.id, a.entry_hash, sa.story_id
        FROM article a LEFT JOIN story_article sa ON sa.article_id = a.id
        WHERE a.url_key = %(url_key)s OR (a.source_id = %(source_id)s AND a.entry_key = %(entry_key)s::bytea
                                          AND a.entry_hash = %(entry_hash)s)
        ORDER BY a.url_key = %(url_key)s DESC, a.id LIMIT 1 FOR UPDATE OF a
        """,
        params,
    )
    if old is None:  # nothing of ours deletes articles: this is a change of hands behind our back
        raise LookupError("an article vanished while it was being kept: try again")
    version = None if old.entry_hash == params["entry_hash"] else await _add_edit(conn, old.id, params)
    return KeptArticle(id=old.id, is_new=False, version_id=version, story_id=old.story_id)


async def _add_edit(conn: Conn, article_id: int, params: dict[str, Any]) -> int | None:
    """Add an entry's new words as a version; the text of its page stays until the page is read again.

    Lexemes are as old as the oldest among them. Where they cannot all join, those of the page may be missing now:
    nobody may rely on them until they are made anew.
    """
    return await fetch_value(
        conn,
        """
        WITH edit AS (
            INSERT INTO article_version (article_id, number, of, title, summary, text, text_hash, capture_id)
            SELECT %(article_id)s, 1 + max(number), 'entry', %(title)s, %(summary)s, %(text)s, %(entry_hash)s,
                   %(capture_id)s::bigint
            FROM article_version WHERE article_id = %(article_id)s
            ON CONFLICT (article_id, text_hash) DO NOTHING
            RETURNING id, number
        ), wished AS (
            INSERT INTO page (article_id, host) SELECT %(article_id)s, %(host)s
            FROM edit WHERE %(page_wanted)s
            ON CONFLICT (article_id) DO UPDATE SET state = 'due', due_at = statement_timestamp(), attempts = 0
            WHERE page.state IN ('read', 'failed')
        ), changed AS (
            UPDATE article a SET
                version = edit.number, title = %(title)s, summary = %(summary)s, entry_hash = %(entry_hash)s,
                updated = coalesce(%(updated)s::timestamptz, a.updated),
                text = CASE WHEN paged.yes THEN a.text ELSE %(text)s END,
                lexemes = CASE WHEN length(a.lexemes) <= %(merge_up_to)s
                    THEN a.lexemes || array_to_tsvector(string_to_array(%(lexemes)s, chr(31)))
                    ELSE array_to_tsvector(string_to_array(%(lexemes)s, chr(31))) END,
                forms_version = CASE WHEN length(a.lexemes) <= %(merge_up_to)s
                    THEN least(a.forms_version, %(forms_version)s) ELSE 0 END
            FROM edit, (SELECT EXISTS (SELECT FROM article_version
                        WHERE article_id = %(article_id)s AND of = 'page') AS yes) AS paged
            WHERE a.id = %(article_id)s
        ), seen_again AS (
            UPDATE article SET entry_hash = %(entry_hash)s
            WHERE id = %(article_id)s AND NOT EXISTS (SELECT FROM edit)
        )
        SELECT id FROM edit
        """,
        {**params, "article_id": article_id},
    )


def _params(article: NewArticle) -> dict[str, Any]:
    title = clean_text(article.title, max_chars=MAX_TITLE_CHARS)
    summary = clean_text(article.summary, max_chars=MAX_SUMMARY_CHARS)
    text = clean_text(article.text, max_chars=MAX_TEXT_CHARS)
    lexemes = clean_lexemes(article.lexemes)
    return {
        "source_id": article.source_id,
        "url_key": article.url_key,
        "url": clean_text(article.url, max_chars=MAX_URL_CHARS),
        "host": clean_text(host_of(article.url)),
        "entry_id": clean_optional(article.entry_id, max_chars=MAX_URL_CHARS),
        "entry_key": digest(article.entry_id) if article.entry_id else None,
        "entry_hash": text_hash(title, summary, text),
        "title": title,
        "summary": summary,
        "text": text,
        "authors": clean_texts(article.authors, max_items=50, max_chars=500),
        "tags": clean_texts(article.tags, max_items=200, max_chars=500),
        "lang": clean_text(article.lang, max_chars=50) or "und",
        "published": clean_time(article.published),
        "published_raw": clean_optional(article.published_raw, max_chars=500),
        "updated": clean_time(article.updated),
        "capture_id": article.capture_id,
        "degraded": clean_optional(article.degraded, max_chars=500),
        "fresh": article.fresh,
        "page_wanted": article.page_wanted,
        "lexemes": lexemes.joined,
        "forms_version": article.forms_version,
        "merge_up_to": lexemes.merge_up_to,
    }
