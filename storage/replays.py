"""Replays: how far a rule has been held against what was stored before it, so that a stopped replay goes on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Conn
from storage.rows import fetch_one

LATELY = timedelta(days=1)  # what was stopped longer ago begins anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A replay under way: of the articles first seen `since`, those up to `after_id` were held against the rule.

    `held` counts them, `found` those that met, `added` the matches that were not on record before.
    """

    rule_id: int
    since: datetime
    after_id: int
    held: int
    found: int
    added: int


async def begin_replay(conn: Conn, rule_id: int, *, fingerprint: bytes, days: int) -> Replay:
    """Return the replay to go on with: one that was stopped lately, if it asked for the same, else a new one.

    The same are the days and the `fingerprint` of what the rule means. Two at once do the same work and do no harm.
    Call it in a transaction.
    """
    asked = {"rule_id": rule_id, "fingerprint": fingerprint, "days": days, "span": timedelta(days=days)}
    await conn.execute(
        """
        DELETE FROM replay
        WHERE rule_id = %(rule_id)s AND ((fingerprint, days) IS DISTINCT FROM (%(fingerprint)s, %(days)s)
                                         OR touched_at < statement_timestamp() - %(lately)s::interval)
        """,
        {**asked, "lately": LATELY},
    )
    replay = await fetch_one(
        conn,
        Replay,
        """
        INSERT INTO replay (rule_id, fingerprint, days, since)
        VALUES (%(rule_id)s, %(fingerprint)s, %(days)s, statement_timestamp() - %(span)s::interval)
        ON CONFLICT (rule_id) DO UPDATE SET touched_at = clock_timestamp()
        RETURNING rule_id, since, after_id, held, found, added
        """,
        asked,
    )
    assert replay is not None  # an upsert without a condition returns its row
    return replay


async def note_replay(conn: Conn, replay: Replay) -> None:
    """Note how far the replay has come, in the transaction that keeps its matches."""
    await conn.execute(
        """
        UPDATE replay SET after_id = %(after_id)s, held = %(held)s, found = %(found)s, added = %(added)s,
            touched_at = clock_timestamp()
        WHERE rule_id = %(rule_id)s
        """,
        {
            "rule_id": replay.rule_id,
            "after_id": replay.after_id,
            "held": replay.held,
            "found": replay.found,
            "added": replay.added,
        },
    )


async def end_replay(conn: Conn, rule_id: int) -> None:
    """Forget the replay: it is done."""
    await conn.execute("DELETE FROM replay WHERE rule_id = %(rule_id)s", {"rule_id": rule_id})
