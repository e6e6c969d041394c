"""Matches: which article meets which rule, and why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from storage.clean import clean_json, clean_text
from storage.database import Conn
from storage.rows import fetch_all, fetch_value_each


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatch:
    """A rule met by an article; `reasons` are the spans that met it, in the text of this version.

    One that was `replayed` was found later in what was stored: it says nothing about how the rule does now.
    """

    rule_id: int
    article_id: int
    version_id: int | None = None
    score: float = 0.0
    lang: str = "und"
    reasons: list[dict[str, Any]]
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedArticle:
    """An article that a rule met, as a list shows it."""

    id: int
    title: str
    url: str
    source: str
    lang: str
    first_seen: datetime


async def keep_match(conn: Conn, match: NewMatch) -> int | None:
    """Keep one match, as keep_matches does."""
    return (await keep_matches(conn, [match]))[0]


async def keep_matches(conn: Conn, matches: Sequence[NewMatch]) -> list[int | None]:
    """Keep the matches and return their ids in the same order; None where rule and article had met before.

    Then its reasons are filled in if it had none.
    """
    params = [_params(match) for match in matches]
    ids = await fetch_value_each(
        conn,
        """
        INSERT INTO match (rule_id, article_id, version_id, score, lang, reasons, replayed)
        VALUES (%(rule_id)s, %(article_id)s, %(version_id)s, %(score)s, %(lang)s, %(reasons)s, %(replayed)s)
        ON CONFLICT (rule_id, article_id) DO NOTHING
        RETURNING id
        """,
        params,
    )
    for match_id, known in zip(ids, params, strict=True):
        if match_id is None:
            await _fill_reasons(conn, known)
    return ids


async def _fill_reasons(conn: Conn, params: dict[str, Any]) -> None:
    await conn.execute(
        """
        UPDATE match SET reasons = %(reasons)s, version_id = %(version_id)s, score = %(score)s,
        lang = %(lang)s
        WHERE rule_id = %(rule_id)s AND article_id = %(article_id)s AND reasons = '[]'
          AND %(reasons)s::jsonb <> '[]'
        """,
        params,
    )


def _params(match: NewMatch) -> dict[str, Any]:
    return {
        "rule_id": match.rule_id,
        "article_id": match.article_id,
        "version_id": match.version_id,
        "score": clean_json(float(match.score)) or 0.0,
        "lang": clean_text(match.lang, max_chars=50) or "und",
        "reasons": Jsonb(clean_json(match.reasons)),
        "replayed": match.replayed,
    }


async def latest_matched(conn: Conn, rule_id: int, *, since: datetime, limit: int) -> list[MatchedArticle]:
    """Return the articles first seen since then that the rule met, the newest first."""
    return await fetch_all(
        conn,
        MatchedArticle,
        """
        SELECT a.id, a.title, a.url, s.name AS source, a.lang, a.first_seen
        FROM match m JOIN article a ON a.id = m.article_id JOIN source s ON s.id = a.source_id
        WHERE m.rule_id = %(rule_id)s AND a.first_seen >= %(since)s
        ORDER BY a.first_seen DESC, a.id DESC LIMIT %(limit)s
        """,
        {"rule_id": rule_id, "since": since, "limit": limit},
    )


async def texts_on_record(conn: Conn, texts: Collection[tuple[int, int]]) -> dict[int, int]:
    """Return for articles, each given with its version's number, the version that is word for word what it says now.

    Title and summary may come from one version and the text from another: then there is none, and spans point into
    the article itself.
    """
    rows = await fetch_all(
        conn,
        _Text,
        """
        SELECT a.id AS article_id, v.id AS version_id
        FROM unnest(%(ids)s::bigint[], %(numbers)s::int[]) AS asked(id, number)
        JOIN article a ON a.id = asked.id AND a.version = asked.number
        JOIN article_version v ON v.article_id = a.id AND v.number = a.version
        WHERE v.title = a.title AND v.summary = a.summary AND v.text = a.text
        """,
        {"ids": [id_ for id_, _ in texts], "numbers": [number for _, number in texts]},
    )
    return {row.article_id: row.version_id for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    article_id: int
    version_id: int
