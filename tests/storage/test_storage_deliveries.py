"""The ledger: owed once, sent by one worker at a time, recorded together, never forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from storage_world import MINUTE, given_alert, given_channel, given_message

from storage.alerts import list_alerts
from storage.database import Database
from storage.deliveries import (
    LeasedMessage,
    MessageClosed,
    dead_letters,
    due_messages,
    lease_message,
    ledger_counts,
    list_attempts,
    list_deliveries,
    owe,
    owe_together,
    record_attempt,
    release_message,
    replay,
)

NOW = datetime.now(UTC)


async def lease(db: Database, message_id: str = "m1", *, length: timedelta = MINUTE) -> LeasedMessage | None:
    async with db.transaction() as conn:
        return await lease_message(conn, message_id, lease=length)


async def leased(db: Database, message_id: str = "m1", *, length: timedelta = MINUTE) -> LeasedMessage:
    message = await lease(db, message_id, length=length)
    assert message is not None
    return message


async def record(
    db: Database, message: LeasedMessage, outcome: str, *, retry_in: timedelta | None = None
) -> bool:
    async with db.transaction() as conn:
        return await record_attempt(
            conn, message, outcome=outcome, detail=f"said\x00 {outcome}", started_at=NOW, retry_in=retry_in
        )


async def state(db: Database) -> dict[str, int]:
    async with db.connection() as conn:
        return {name: total for name, total in (await ledger_counts(conn)).items() if total}


async def test_a_recipient_is_owed_an_alert_once_under_whatever_message(db: Database) -> None:
    async with db.transaction() as conn:
        [alert] = await given_message(conn)
        channel = await given_channel(conn)

        owed = [
            await owe(conn, alert_id=alert, channel_id=channel, recipient=recipient, message_id=message_id)
            for recipient, message_id in [
                ("desk@example.org", "m1"),
                ("desk@example.org", "m2"),
                ("x" * 9000, "m3"),
                ("x" * 9000, "m4"),
            ]
        ]

        assert owed == [False, False, True, False]
        assert await due_messages(conn, limit=9) == ["m1", "m3"]


async def test_many_alerts_are_owed_together_once(db: Database) -> None:
    async with db.transaction() as conn:
        alerts = [await given_alert(conn) for _ in range(3)]
        channel = await given_channel(conn)

        async def together(message_id: str, alert_ids: list[int]) -> int:
            return await owe_together(
                conn, alert_ids=alert_ids, channel_id=channel, recipient="desk", message_id=message_id
            )

        assert await together("m1", alerts[:2]) == 2
        assert await together("m2", alerts[:2]) == 0
        assert await together("m3", alerts) == 1
        assert await due_messages(conn, limit=9) == ["m1", "m3"]


async def test_a_debt_that_is_rolled_back_is_not_owed(db: Database) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with db.transaction() as conn:
            await given_message(conn)
            raise RuntimeError

    assert await state(db) == {}


async def test_a_message_of_many_alerts_is_leased_and_recorded_as_one(db: Database) -> None:
    async with db.transaction() as conn:
        alerts = await given_message(conn, alerts=5)
    message = await leased(db)

    assert [item.alert_id for item in message.items] == alerts
    assert (message.recipient, message.channel.name, message.attempts, message.fence) == (
        "desk@example.org",
        "ops",
        1,
        1,
    )
    item = message.items[0]
    assert (item.rule, item.severity, item.kind, item.score, item.reasons) == (
        "militia",
        "high",
        "story",
        2.0,
        [{"t": "x"}],
    )
    assert (item.outlets, item.story_title) == (1, "story")
    assert await state(db) == {"leased": 5}
    assert await record(db, message, "delivered")
    assert await state(db) == {"delivered": 5}
    async with db.connection() as conn:
        assert [row.deliveries for row in await list_alerts(conn)] == [{"delivered": 1}] * 5
        assert await due_messages(conn, limit=9) == []


async def test_nothing_joins_a_message_once_it_was_leased(db: Database) -> None:
    async with db.transaction() as conn:
        await given_message(conn)
    await leased(db)

    with pytest.raises(MessageClosed, match="new id"):
        async with db.transaction() as conn:
            await given_message(conn)
    assert await state(db) == {"leased": 1}


async def test_a_message_has_one_channel_and_one_recipient(db: Database) -> None:
    async with db.transaction() as conn:
        await given_message(conn)

    with pytest.raises(MessageClosed):
        async with db.transaction() as conn:
            await given_message(conn, channel="other")


async def test_of_many_workers_one_gets_the_lease(db: Database) -> None:
    async with db.transaction() as conn:
        for n in range(10):
            await given_message(conn, f"m{n}")

    async def work() -> list[str]:
        return [f"m{n}" for n in range(10) if await lease(db, f"m{n}")]

    got = [name for part in await asyncio.gather(*(work() for _ in range(4))) for name in part]
    assert sorted(got) == [f"m{n}" for n in range(10)]


async def test_a_stale_fence_is_refused_but_its_try_is_noted(db: Database) -> None:
    async with db.transaction() as conn:
        await given_message(conn)
    stale = await leased(db, length=timedelta(0))
    fresh = await leased(db)
    assert fresh.fence > stale.fence

    assert not await record(db, stale, "dead")
    assert await record(db, fresh, "delivered")
    assert not await record(db, fresh, "dead"), "what is recorded stays recorded"
    async with db.connection() as conn:
        attempts = await list_attempts(conn, "m1")
    assert [(one.outcome, one.accepted) for one in attempts] == [
        ("dead", False),
        ("delivered", True),
        ("dead", False),
    ]
    assert attempts[1].detail == "said delivered"
    assert await state(db) == {"delivered": 1}


@pytest.mark.parametrize(
    ("outcome", "retry_in", "after", "attempts"),
    [
        ("retry", timedelta(hours=1), "due", 1),
        ("retry", None, "dead", 1),
        ("unknown", timedelta(hours=1), "due", 1),
        ("unknown", None, "dead", 1),
        ("held", timedelta(hours=1), "due", 0),
        ("held", None, "held", 0),
        ("dead", timedelta(hours=1), "dead", 1),
        ("delivered", None, "delivered", 1),
    ],
)
async def test_each_outcome_leads_to_its_state(
    db: Database, outcome: str, retry_in: timedelta | None, after: str, attempts: int
) -> None:
    async with db.transaction() as conn:
        await given_message(conn)
    assert await record(db, await leased(db), outcome, retry_in=retry_in)

    async with db.connection() as conn:
        [row] = await list_deliveries(conn)
        assert (row.state, row.attempts, row.detail) == (after, attempts, f"said {outcome}")
        assert (row.due_at - NOW > timedelta(minutes=50)) is (retry_in is not None)
        assert await due_messages(conn, limit=9) == []
    assert await lease(db) is None


async def test_a_retry_keeps_the_message_id_and_counts(db: Database) -> None:
    async with db.transaction() as conn:
        await given_message(conn, alerts=2)
    assert await record(db, await leased(db), "retry", retry_in=timedelta(0))

    again = await leased(db)
    assert (again.message_id, again.attempts, len(again.items)) == ("m1", 2, 2)


async def test_a_debt_for_later_is_due_later(db: Database) -> None:
    async with db.transaction() as conn:
        alert, channel = await given_alert(conn), await given_channel(conn)
        await owe(conn, alert_id=alert, channel_id=channel, recipient="a", message_id="m1", due_in=MINUTE)
        assert await due_messages(conn, limit=9) == []
    assert await lease(db) is None


async def test_the_sweeper_sees_what_a_dead_worker_left(db: Database) -> None:
    async with db.transaction() as conn:
        await given_message(conn)
    await leased(db, length=timedelta(0))

    async with db.connection() as conn:
        assert await due_messages(conn, limit=9) == ["m1"]
    assert await state(db) == {"leased": 1, "overdue": 1}


async def test_a_message_handed_back_is_due_at_once_and_not_counted(db: Database) -> None:
    async with db.transaction() as conn:
        await given_message(conn)
    first = await leased(db)
    async with db.transaction() as conn:
        await release_message(conn, first)

    assert not await record(db, first, "delivered")
    again = await leased(db)
    assert again.attempts == 1
    async with db.transaction() as conn:
        await release_message(conn, first)
    assert await lease(db) is None, "a stale hand-back takes nothing away from the new holder"


async def test_dead_letters_are_listed_and_replayed_under_their_old_id(db: Database) -> None:
    async with db.transaction() as conn:
        for n in range(3):
            await given_message(conn, f"m{n}", alerts=2)
    assert await record(db, await leased(db, "m0"), "dead")
    assert await record(db, await leased(db, "m1"), "held")
    assert await record(db, await leased(db, "m2"), "delivered")

    async with db.transaction() as conn:
        assert {row.message_id for row in await dead_letters(conn)} == {"m0"}
        assert await replay(conn, since=NOW + timedelta(days=1)) == 0
        assert await replay(conn, until=NOW - timedelta(days=1)) == 0
        assert await replay(conn, message_id="m2") == 0, "what was delivered is not sent again"
        assert await replay(conn, message_id="m0") == 1
        assert await replay(conn) == 1
    again = await leased(db, "m0")
    assert (again.attempts, again.fence, len(again.items)) == (1, 2, 2)
