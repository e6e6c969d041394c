"""Episodes: a spike, a high count or an absence from its beginning to its end, and what people were told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from storage.clean import clean_json, clean_text
from storage.database import Conn
from storage.rows import fetch_all, fetch_value

MAX_DETAIL_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A spike, a high count or an absence that people were told of and that goes on."""

    id: int
    part: str
    kind: str
    opened_at: datetime
    above_at: datetime
    told: int
    tellings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What an alert of an episode says: the `figures` that a message shows, and one line of them."""

    kind: str
    number: int
    figures: Mapping[str, Any]
    detail: str


async def open_episodes(conn: Conn, rule_id: int) -> list[Episode]:
    """Return the episodes of the rule that go on."""
    return await fetch_all(
        conn,
        Episode,
        """
        SELECT id, part, kind, opened_at, above_at, told, tellings FROM episode
        WHERE rule_id = %(rule_id)s AND closed_at IS NULL ORDER BY part
        """,
        {"rule_id": rule_id},
    )


async def begin_episode(
    conn: Conn, rule_id: int, *, part: str, kind: str, now: datetime, told: int
) -> int | None:
    """Open an episode and return its id; None when one of this rule and part goes on already."""
    return await fetch_value(
        conn,
        """
        INSERT INTO episode (rule_id, part, kind, opened_at, above_at, told)
        VALUES (%(rule_id)s, %(part)s, %(kind)s, %(now)s, %(now)s, %(told)s)
        ON CONFLICT (rule_id, part) WHERE closed_at IS NULL DO NOTHING RETURNING id
        """,
        {"rule_id": rule_id, "part": clean_text(part), "kind": kind, "now": now, "told": told},
    )


async def tell_again(conn: Conn, episode_id: int, *, told: int) -> int:
    """Note that people are told of it once more, at this count; return which telling that is."""
    return await fetch_value(
        conn,
        """
        UPDATE episode SET told = %(told)s, tellings = tellings + 1 WHERE id = %(id)s RETURNING tellings
        """,
        {"id": episode_id, "told": told},
    )


async def keep_above(conn: Conn, episode_id: int, *, now: datetime) -> None:
    """Note that it is still above its threshold."""
    await conn.execute(
        "UPDATE episode SET above_at = %(now)s WHERE id = %(id)s", {"id": episode_id, "now": now}
    )


async def end_episode(conn: Conn, episode_id: int, *, now: datetime) -> None:
    """Note that it is over."""
    await conn.execute(
        "UPDATE episode SET closed_at = %(now)s WHERE id = %(id)s AND closed_at IS NULL",
        {"id": episode_id, "now": now},
    )


async def raise_telling(conn: Conn, rule_id: int, episode_id: int, telling: Telling) -> int | None:
    """Raise the alert of a telling and return its id; None where it was raised before."""
    return await fetch_value(
        conn,
        """
        INSERT INTO alert (rule_id, kind, episode_id, telling, figures, detail)
        VALUES (%(rule_id)s, %(kind)s, %(episode_id)s, %(number)s, %(figures)s, %(detail)s)
        ON CONFLICT (episode_id, telling) DO NOTHING RETURNING id
        """,
        {
            "rule_id": rule_id,
            "kind": telling.kind,
            "episode_id": episode_id,
            "number": telling.number,
            "figures": Jsonb(clean_json(dict(telling.figures))),
            "detail": clean_text(telling.detail, max_chars=MAX_DETAIL_CHARS),
        },
    )
