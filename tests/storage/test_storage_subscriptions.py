"""Subscriptions and pushes: one hub per source at a time, trust that is earned, and pushes that nobody loses."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from storage_world import MINUTE, given_source

from storage.captures import StoredCapture
from storage.database import Conn, Database, DatabaseError
from storage.pushes import (
    LeasedPush,
    PushOutcome,
    claim_pushes,
    finish_push,
    hear,
    is_heard,
    keep_push,
    pace_polls,
    release_push,
)
from storage.sources import enable_source, get_source
from storage.subscriptions import (
    Offer,
    PushState,
    callback_key,
    candidates,
    claim_subscriptions,
    confirm,
    count_missed,
    expire,
    find_callback,
    keep_offer,
    list_push_states,
    record_accepted,
    record_refused,
    retire,
    want,
)

FEED = "https://news.example/feed"
HUBS = ("https://one.example/", "https://two.example/")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def given_offer(conn: Conn, source_id: int, hubs: tuple[str, ...] = HUBS, topic: str = FEED) -> None:
    await keep_offer(conn, source_id, Offer(topic=topic, hubs=hubs, base_url=FEED))


async def given_wanted(conn: Conn, token: str = "t" * 43) -> int:
    """Of each source without a hub the best one, decided for; the number of the last."""
    chosen = 0
    for chosen in await candidates(conn, limit=10):
        await want(conn, chosen, callback=f"https://us.example/push/{token}", token=token, secret="s" * 64)
    return chosen


async def given_active(conn: Conn, *, granted: timedelta = DAY) -> int:
    """A source of ours that is subscribed at its first hub; the number of the source."""
    source_id = await given_source(conn)
    await given_offer(conn, source_id)
    subscription = await given_wanted(conn)
    await claim_subscriptions(conn, limit=9, lease=MINUTE, subscribe=True)
    assert await confirm(conn, subscription, granted=granted, renew_in=granted / 2)
    return source_id


async def given_push(conn: Conn, token: str = "t" * 43) -> int:
    callback = await find_callback(conn, callback_key(token))
    assert callback is not None
    sha256 = hashlib.sha256(b"push").digest()
    stored = StoredCapture(sha256=sha256, size=4, path=Path("/nowhere"))
    return await keep_push(
        conn, callback, stored=stored, headers={"link": "x"}, address="127.0.0.1", received_at=NOW
    )


async def value(conn: Conn, sql: Any) -> Any:
    return (await (await conn.execute(sql)).fetchone())[0]  # type: ignore[index]


async def state(conn: Conn, source_id: int) -> PushState:
    return (await list_push_states(conn, trust_after=3))[source_id]


async def kept(conn: Conn, outcome: PushOutcome) -> bool:
    await given_push(conn)
    [leased] = await claim_pushes(conn, limit=9, lease=MINUTE)
    return await finish_push(conn, leased, outcome)


async def test_a_source_is_subscribed_at_one_hub_at_a_time(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_source(conn)
        await given_offer(conn, source_id)

        await given_wanted(conn)

        assert await candidates(conn, limit=10) == []
        assert (await state(conn, source_id)).hub == HUBS[0]
        with pytest.raises(DatabaseError):
            await conn.execute("UPDATE subscription SET state = 'active'")


async def test_a_hub_is_claimed_by_one_and_its_word_comes_before_the_answer(db: Database) -> None:
    async with db.connection() as conn, db.connection() as other:
        await given_offer(conn, await given_source(conn))
        subscription = await given_wanted(conn)
        assert await confirm(conn, subscription, granted=DAY, renew_in=HOUR) is None, "nobody was asked yet"

        claims = await asyncio.gather(
            claim_subscriptions(conn, limit=9, lease=MINUTE, subscribe=True),
            claim_subscriptions(other, limit=9, lease=MINUTE, subscribe=True),
        )
        [claimed] = [one for some in claims for one in some]
        assert await confirm(conn, subscription, granted=DAY, renew_in=HOUR) is not None
        await record_accepted(conn, claimed, verify_within=MINUTE)
        await record_refused(conn, claimed, failures=9, again_in=DAY, reason="too late to say no")

        assert await value(conn, "SELECT state, accepted FROM subscription WHERE place = 1") == "active"
        assert await value(conn, "SELECT accepted FROM subscription WHERE place = 1") is False
        assert await value(
            conn, "SELECT due_at > now() + interval '50 min' FROM subscription WHERE place = 1"
        )


async def test_of_several_hubs_the_one_with_the_fewest_failures_is_next(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_source(conn)
        await given_offer(conn, source_id)
        for hub, failures in ((HUBS[0], 1.0), (HUBS[1], 2.0), (HUBS[0], 3.0)):
            await given_wanted(conn, token=f"{failures}")
            await conn.execute("UPDATE subscription SET due_at = now() WHERE state = 'wanted'")
            [claimed] = await claim_subscriptions(conn, limit=9, lease=MINUTE, subscribe=True)
            assert claimed.hub == hub
            await record_refused(conn, claimed, failures=failures, again_in=HOUR, reason="no")

        await given_wanted(conn)
        assert (await state(conn, source_id)).hub == HUBS[1]
        assert await claim_subscriptions(conn, limit=9, lease=MINUTE, subscribe=True) == [], (
            "not before its time"
        )


async def test_a_hub_that_is_named_no_more_is_left_for_the_new_one(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_active(conn)
        await given_offer(conn, source_id, hubs=("https://new.example/",))

        await retire(conn, subscribe=True)
        await given_wanted(conn, token="n" * 43)

        states = {
            s.hub: s.state for s in (await claim_subscriptions(conn, limit=9, lease=MINUTE, subscribe=True))
        }
        assert states == {HUBS[0]: "unwanted", "https://new.example/": "wanted"}
        await keep_offer(conn, source_id, None)
        await retire(conn, subscribe=True)
        assert await candidates(conn, limit=10) == []


async def test_a_lease_that_ran_out_is_asked_for_anew(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_active(conn, granted=timedelta(0))

        assert await expire(conn) == 1

        assert (await state(conn, source_id)).state == "wanted"


async def test_paused_sources_leave_their_hub_and_come_back(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_active(conn)
        await enable_source(conn, source_id, enabled=False)

        assert await retire(conn, subscribe=True) == 1
        callback = await find_callback(conn, callback_key("t" * 43))
        assert callback is not None
        assert not callback.listening
        await conn.execute("UPDATE subscription SET state = 'ended' WHERE state = 'unwanted'")
        assert await candidates(conn, limit=10) == []
        await enable_source(conn, source_id, enabled=True)
        assert len(await candidates(conn, limit=10)) == 1


async def test_polling_rests_only_while_a_hub_proves_itself(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_active(conn)
        await conn.execute(
            "UPDATE source SET last_visited_at = now(), last_status = 'unchanged', due_at = now() + pace"
        )

        async def due_in() -> timedelta:
            await pace_polls(conn, ceiling=HOUR, trust_after=3)
            return await value(conn, "SELECT due_at - now() FROM source")

        for _ in range(2):
            assert await kept(conn, PushOutcome(entries=1, new_entries=1))
        assert await due_in() < timedelta(minutes=6)
        assert await kept(conn, PushOutcome(entries=1, new_entries=1))
        assert await due_in() > timedelta(minutes=50)
        assert (await state(conn, source_id)).trusted

        looked_at = datetime.now(UTC) + MINUTE
        assert await count_missed(conn, source_id, new_entries=2, looked_at=looked_at) == 2
        assert await due_in() < timedelta(minutes=6)
        assert not (await state(conn, source_id)).trusted
        assert (await state(conn, source_id)).missed == 2


async def test_what_somebody_wants_visited_now_is_not_put_off(db: Database) -> None:
    async with db.connection() as conn:
        await given_active(conn)
        await conn.execute("UPDATE subscription SET proofs = 9")
        await conn.execute("UPDATE source SET last_visited_at = now(), last_status = 'new', due_at = now()")

        assert await pace_polls(conn, ceiling=HOUR, trust_after=3) == 0


async def test_only_what_came_after_the_hubs_word_counts_as_missed(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_active(conn)
        later = datetime.now(UTC) + MINUTE

        assert await count_missed(conn, source_id, new_entries=3, looked_at=None) == 0
        assert await count_missed(conn, source_id, new_entries=3, looked_at=NOW - DAY * 900) == 0
        await given_push(conn)
        assert await count_missed(conn, source_id, new_entries=3, looked_at=later) == 0, "it is being read"
        [leased] = await claim_pushes(conn, limit=1, lease=MINUTE)
        await finish_push(conn, leased, PushOutcome(entries=1))
        assert await count_missed(conn, source_id, new_entries=3, looked_at=later) == 3


async def test_a_push_moves_nothing_of_what_polling_knows(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_active(conn)
        await conn.execute("UPDATE source SET etag = 'e', body_hash = 'h', due_at = now() + interval '5 min'")
        before = await get_source(conn, source_id)

        assert await kept(conn, PushOutcome(entries=2, new_entries=2))

        after = await get_source(conn, source_id)
        assert before is not None
        assert after is not None
        assert (after.etag, after.body_hash, after.due_at) == (before.etag, before.body_hash, before.due_at)
        assert after.last_new_at is not None, "a source that is pushed is not silent"


async def test_a_push_without_news_makes_the_source_be_visited(db: Database) -> None:
    async with db.connection() as conn:
        source_id = await given_active(conn)
        await conn.execute("UPDATE source SET due_at = now() + interval '5 min'")

        assert await kept(conn, PushOutcome(error="there is no entry in it"))

        assert await value(conn, "SELECT due_at <= now() FROM source")
        assert (await state(conn, source_id)).last_push_at is None, "it proves nothing"


async def test_a_push_is_kept_by_one_only(db: Database) -> None:
    async with db.connection() as conn, db.connection() as other:
        await given_active(conn)
        await given_push(conn)

        async def claim(on: Conn, lease: timedelta) -> list[LeasedPush]:
            return await claim_pushes(on, limit=9, lease=lease)

        claims = await asyncio.gather(claim(conn, timedelta(0)), claim(other, timedelta(0)))
        first = next(one for some in claims for one in some)
        [second] = await claim(conn, MINUTE)

        assert not await finish_push(conn, first, PushOutcome(entries=1))
        await release_push(conn, first)
        assert await claim(other, MINUTE) == []
        assert await finish_push(conn, second, PushOutcome(entries=1))
        assert second.attempts >= 2
        assert second.headers["x-marsad-pushed-by"] == HUBS[0]


async def test_who_was_deaf_visits_what_may_have_been_told(db: Database) -> None:
    async with db.connection() as conn:
        await given_active(conn)
        await conn.execute("UPDATE source SET due_at = now() + interval '1 hour'")
        assert not await is_heard(conn, within=HOUR)

        assert await hear(conn, callback="https://us.example/push", deaf_after=MINUTE) == 0
        assert await hear(conn, callback="https://us.example/push", deaf_after=MINUTE) == 0
        assert await is_heard(conn, within=HOUR)
        await conn.execute("UPDATE push_listener SET heard_at = now() - interval '1 hour'")

        assert await hear(conn, callback="https://us.example/push", deaf_after=MINUTE) == 1
        assert await value(conn, "SELECT due_at <= now() FROM source")
