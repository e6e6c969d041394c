"""Deliveries: the ledger of what we owe to whom, and the truth about it; a queue only wakes who looks here.

Deliveries that share a message id are one message: leased, sent and recorded together, always under that id.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.channels import StoredChannel, get_channel
from storage.clean import clean_optional, clean_span, clean_text, clean_time
from storage.contents import (
    AlertItem,
    IncidentContents,
    VolumeItem,
    message_incidents,
    message_items,
    message_volumes,
)
from storage.database import Conn
from storage.keys import digest
from storage.rows import count_rows, fetch_all, fetch_each, fetch_one, fetch_value


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedMessage:
    """A message that is ours until the lease ends; the fence proves it. `attempts` counts this one too.

    It tells either of stories, by `items`, or of `volumes`, or of `incidents`.
    """

    message_id: str
    fence: int
    attempts: int
    first_owed_at: datetime
    channel: StoredChannel
    recipient: str
    items: tuple[AlertItem, ...]
    volumes: tuple[VolumeItem, ...] = ()
    incidents: IncidentContents | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery as a list shows it; `due_at` of a leased one is when its lease ends.

    `about` is the rule that met, or what is wrong with what; an alert of an incident has no `rule`.
    """

    message_id: str
    alert_id: int
    kind: str
    about: str
    rule: str | None
    channel: str
    recipient: str
    state: str
    attempts: int
    owed_at: datetime
    due_at: datetime
    finished_at: datetime | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to send; not `accepted` means that its lease had passed to somebody else by then."""

    id: int
    message_id: str
    fence: int
    outcome: str
    detail: str | None
    started_at: datetime
    finished_at: datetime
    accepted: bool


class MessageClosed(Exception):  # noqa: N818 - a state, not a mistake
    """The message was leased before, so nothing can join it; owe the alert under a new message id."""

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        super().__init__(
            f"Message {message_id} is on its way or has another channel or recipient: "
            "owe the alert under a new id."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    is_new: bool
    joined: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    fence: int
    attempts: int
    owed_at: datetime
    channel_id: int
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """One recipient who is owed one alert, under this message."""

    alert_id: int
    channel_id: int
    recipient: str
    message_id: str
    due_in: timedelta = timedelta(0)


async def owe(
    conn: Conn,
    *,
    alert_id: int,
    channel_id: int,
    recipient: str,
    message_id: str,
    due_in: timedelta = timedelta(0),
) -> bool:
    """Owe one recipient one alert, as owe_all does."""
    debt = Debt(
        alert_id=alert_id, channel_id=channel_id, recipient=recipient, message_id=message_id, due_in=due_in
    )
    return (await owe_all(conn, [debt]))[0]


async def owe_all(conn: Conn, debts: Sequence[Debt]) -> list[bool]:
    """Owe each recipient the alert; False where it was owed before, under whatever message.

    Alerts may join a message until it is first leased; then MessageClosed is raised, because who has sent a
    message must not find that it has grown. The first `due_in` of a message stands.
    """
    owed = await fetch_each(
        conn,
        _Owed,
        """
        WITH owed AS (
            INSERT INTO delivery (alert_id, channel_id, recipient, recipient_key, message_id)
            VALUES (%(alert_id)s, %(channel_id)s, %(recipient)s, %(recipient_key)s, %(message_id)s)
            ON CONFLICT (alert_id, channel_id, recipient_key) DO NOTHING
            RETURNING message_id
        ), joined AS (
            INSERT INTO message AS m (message_id, channel_id, recipient, due_at)
            SELECT owed.message_id, %(channel_id)s, %(recipient)s, statement_timestamp() + %(due_in)s
            FROM owed
            ON CONFLICT (message_id) DO UPDATE SET recipient = EXCLUDED.recipient
            WHERE m.fence = 0 AND m.channel_id = EXCLUDED.channel_id AND m.recipient = EXCLUDED.recipient
            RETURNING m.message_id
        )
        SELECT EXISTS (SELECT FROM owed) AS is_new, EXISTS (SELECT FROM joined) AS joined
        """,
        [
            {
                "alert_id": debt.alert_id,
                "channel_id": debt.channel_id,
                "recipient": clean_text(debt.recipient),
                "recipient_key": digest(debt.recipient),
                "message_id": debt.message_id,
                "due_in": clean_span(debt.due_in),
            }
            for debt in debts
        ],
    )
    for debt, answer in zip(debts, owed, strict=True):
        if answer is not None and answer.is_new and not answer.joined:
            raise MessageClosed(debt.message_id)
    return [answer is not None and answer.is_new for answer in owed]


async def owe_together(
    conn: Conn, *, alert_ids: Collection[int], channel_id: int, recipient: str, message_id: str
) -> int:
    """Owe one recipient many alerts under one new message, in one statement; how many were not owed before.

    There is no message when none was.
    """
    return await fetch_value(
        conn,
        """
        WITH owed AS (
            INSERT INTO delivery (alert_id, channel_id, recipient, recipient_key, message_id)
            SELECT alert_id, %(channel_id)s, %(recipient)s, %(recipient_key)s, %(message_id)s
            FROM unnest(%(alert_ids)s::bigint[]) AS alert_id
            ON CONFLICT (alert_id, channel_id, recipient_key) DO NOTHING
            RETURNING alert_id
        ), message AS (
            INSERT INTO message (message_id, channel_id, recipient, due_at)
            SELECT %(message_id)s, %(channel_id)s, %(recipient)s, statement_timestamp()
            WHERE EXISTS (SELECT FROM owed)
        )
        SELECT count(*) FROM owed
        """,
        {
            "alert_ids": list(alert_ids),
            "channel_id": channel_id,
            "recipient": clean_text(recipient),
            "recipient_key": digest(recipient),
            "message_id": message_id,
        },
    )


async def due_messages(conn: Conn, *, limit: int) -> list[str]:
    """Return the messages to look at now, longest waiting first: due, or with a lease that ran out."""
    async with conn.cursor() as cursor:
        await cursor.execute(
            """
            SELECT message_id FROM message
            WHERE state IN ('due', 'leased') AND due_at <= statement_timestamp()
            ORDER BY due_at LIMIT %(limit)s
            """,
            {"limit": limit},
        )
        return [row[0] for row in await cursor.fetchall()]


async def lease_message(conn: Conn, message_id: str, *, lease: timedelta) -> LeasedMessage | None:
    """Lease the message with all it says; None when it is not due, or somebody else has it.

    Commit before sending: whoever holds the highest fence is the only one whose record counts.
    """
    taken = await fetch_one(
        conn,
        _Taken,
        """
        UPDATE message SET state = 'leased', fence = fence + 1, attempts = attempts + 1,
            due_at = statement_timestamp() + %(lease)s
        WHERE message_id = (
            SELECT message_id FROM message
            WHERE message_id = %(message_id)s AND state IN ('due', 'leased')
            AND due_at <= statement_timestamp()
            FOR UPDATE SKIP LOCKED
        )
        RETURNING fence, attempts, owed_at, channel_id, recipient
        """,
        {"message_id": message_id, "lease": lease},
    )
    if taken is None:
        return None
    channel = await get_channel(conn, taken.channel_id)
    if channel is None:  # a foreign key stands before this
        raise LookupError(f"message {message_id} has no channel")
    items = await message_items(conn, message_id)
    volumes = [] if items else await message_volumes(conn, message_id)
    return LeasedMessage(
        message_id=message_id,
        fence=taken.fence,
        attempts=taken.attempts,
        first_owed_at=taken.owed_at,
        channel=channel,
        recipient=taken.recipient,
        items=tuple(items),
        volumes=tuple(volumes),
        incidents=None if items or volumes else await message_incidents(conn, message_id),
    )


async def record_attempt(
    conn: Conn,
    leased: LeasedMessage,
    *,
    outcome: str,
    detail: str | None,
    started_at: datetime,
    retry_in: timedelta | None = None,
) -> bool:
    """Record what became of a try; False when the lease is somebody else's by now, and only the try is noted.

    delivered and dead end it. retry and unknown (sent,
    but no answer came) come back after `retry_in` under the same
    id; without one there are no tries left and the message is dead. held waits for `retry_in` without
    counting as a
    try, or for a replay when there is none.
    """
    return await fetch_value(
        conn,
        """
        WITH done AS (
            UPDATE message SET
                state = %(state)s, detail = %(detail)s,
                attempts = attempts - CASE WHEN %(outcome)s = 'held' THEN 1 ELSE 0 END,
                due_at = statement_timestamp() + coalesce(%(retry_in)s::interval, interval '0'),
                finished_at = CASE WHEN %(state)s = 'due' THEN NULL ELSE statement_timestamp() END
            WHERE message_id = %(message_id)s AND fence = %(fence)s AND state = 'leased'
            RETURNING message_id
        )
        INSERT INTO attempt (message_id, fence, outcome, detail, started_at, accepted)
        SELECT %(message_id)s, %(fence)s, %(outcome)s, %(detail)s,
               coalesce(%(started_at)s::timestamptz, statement_timestamp()), EXISTS (SELECT FROM done)
        RETURNING accepted
        """,
        {
            "state": _state_after(outcome, retry_in),
            "outcome": outcome,
            "detail": clean_optional(detail, max_chars=4000),
            "started_at": clean_time(started_at),
            "retry_in": None if retry_in is None else clean_span(retry_in),
            "message_id": leased.message_id,
            "fence": leased.fence,
        },
    )


async def release_message(conn: Conn, leased: LeasedMessage) -> None:
    """Hand the message back unsent, due now; nothing happens when the lease is somebody else's by now."""
    await conn.execute(
        """
        UPDATE message SET state = 'due', due_at = statement_timestamp(), attempts = attempts - 1
        WHERE message_id = %(message_id)s AND fence = %(fence)s AND state = 'leased'
        """,
        {"message_id": leased.message_id, "fence": leased.fence},
    )


async def replay(
    conn: Conn, *, message_id: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> int:
    """Let dead and held messages be tried afresh under their old ids, one or a span; return how many.

    Nothing given means all of them.
    """
    return await count_rows(
        conn,
        """
        UPDATE message SET state = 'due', due_at = statement_timestamp(), attempts = 0, finished_at = NULL
        WHERE state IN ('dead', 'held')
          AND (%(message_id)s::text IS NULL OR message_id = %(message_id)s)
          AND (%(since)s::timestamptz IS NULL OR owed_at >= %(since)s)
          AND (%(until)s::timestamptz IS NULL OR owed_at < %(until)s)
        """,
        {"message_id": message_id, "since": since, "until": until},
    )


async def list_deliveries(
    conn: Conn, *, limit: int = 100, state: str | None = None, alert_id: int | None = None
) -> list[DeliveryRow]:
    """Return the latest deliveries, newest first; in one state, of one alert, if those are given."""
    return await fetch_all(
        conn,
        DeliveryRow,
        """
        SELECT d.message_id, d.alert_id, al.kind, r.name AS rule,
               coalesce(r.name, i.kind || ': ' || coalesce(s.name, i.subject)) AS about, c.name AS channel,
               d.recipient, m.state, m.attempts, m.owed_at, m.due_at, m.finished_at, m.detail
        FROM delivery d JOIN message m USING (message_id) JOIN channel c ON c.id = d.channel_id
             JOIN alert al ON al.id = d.alert_id LEFT JOIN rule r ON r.id = al.rule_id
             LEFT JOIN incident i ON i.id = al.incident_id LEFT JOIN source s ON s.id = i.source_id
        WHERE (%(state)s::text IS NULL OR m.state = %(state)s)
          AND (%(alert_id)s::bigint IS NULL OR d.alert_id = %(alert_id)s)
        ORDER BY d.id DESC LIMIT %(limit)s
        """,
        {"limit": limit, "state": state, "alert_id": alert_id},
    )


async def dead_letters(conn: Conn, *, limit: int = 100) -> list[DeliveryRow]:
    """Return the latest deliveries that were given up, with the last reason."""
    return await list_deliveries(conn, limit=limit, state="dead")


async def list_attempts(conn: Conn, message_id: str) -> list[Attempt]:
    """Return every try to send this message, in order."""
    return await fetch_all(
        conn,
        Attempt,
        """
        SELECT id, message_id, fence, outcome, detail, started_at, finished_at, accepted
        FROM attempt WHERE message_id = %(message_id)s ORDER BY id
        """,
        {"message_id": message_id},
    )


async def ledger_counts(conn: Conn) -> dict[str, int]:
    """Return how many deliveries are in each state; `overdue` are those that somebody must look at now."""
    async with conn.cursor() as cursor:
        await cursor.execute(
            """
            SELECT m.state, count(*),
                   count(*) FILTER (WHERE m.state IN ('due', 'leased') AND m.due_at <= statement_timestamp())
            FROM delivery d JOIN message m USING (message_id) GROUP BY m.state
            """
        )
        rows = await cursor.fetchall()
    counts = dict.fromkeys(("due", "leased", "delivered", "dead", "held"), 0)
    counts.update({state: total for state, total, _ in rows})
    return {**counts, "overdue": sum(overdue for *_, overdue in rows)}


def _state_after(outcome: str, retry_in: timedelta | None) -> str:
    if outcome in ("delivered", "dead"):
        return outcome
    if outcome == "held":
        return "held" if retry_in is None else "due"
    return "dead" if retry_in is None else "due"
