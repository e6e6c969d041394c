"""Matches: which article meets which rule, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from storage.clean import clean_json, clean_text
from storage.database import Conn
from storage.rows import fetch_value_each


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatch:
    """A rule met by an article; `reasons` are the spans that met it, in the text of this version."""

    rule_id: int
    article_id: int
    version_id: int | None = None
    score: float = 0.0
    lang: str = "und"
    reasons: list[dict[str, Any]]


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
        INSERT INTO match (rule_id, article_id, version_id, score, lang, reasons)
        VALUES (%(rule_id)s, %(article_id)s, %(version_id)s, %(score)s, %(lang)s, %(reasons)s)
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
    }
