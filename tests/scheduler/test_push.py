"""Push from asking a hub to keeping what it brought: a real hub, a real listener, a real database, no daemon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs
from websub_hub import WebSubHub

from scheduler.means import Means
from scheduler.politeness import Politeness
from scheduler.pushes import PushDesk, claim_pushed, keep_pushed, renewal
from scheduler.queue import Queue
from scheduler.reading import ENTRY
from scheduler.ruleset import Rulebook
from scheduler.subscribing import NEVER_CALLED_BACK, Terms, ask_hub, back_off, claim_asks, tend
from spiders.children import Children
from spiders.fetching import FetchRequest, FetchResult
from spiders.gate.gate import Gate
from spiders.gate.policy import GatePolicy
from spiders.listener import Listener
from storage.captures import CaptureStore
from storage.database import Database
from storage.sources import SourceSpec, enable_source, put_source, source_key
from storage.subscriptions import Offer, PushState, callback_key, find_callback, keep_offer, list_push_states

FEED = "http://news.example/feed"
ITEM = "<item><title>{0}</title><link>http://news.example/{0}</link></item>"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>Paper</title>{}</channel></rss>'


def rss(*titles: str) -> bytes:
    return RSS.format("".join(map(ITEM.format, titles))).encode()


@dataclass(kw_only=True)
class House:
    """A source, the hubs it names, and our part between them."""

    db: Database
    gate: Gate
    captures: CaptureStore
    terms: Terms
    source_id: int = 0

    async def step(self, terms: Terms | None = None) -> None:
        """What the clock does: tend, then ask whoever is to be asked."""
        terms = terms or self.terms
        await tend(self.db, terms)
        for claimed in await claim_asks(self.db, terms, room=9):
            await ask_hub(self.db, self.gate, terms, claimed)

    async def state(self) -> PushState:
        async with self.db.connection() as conn:
            return (await list_push_states(conn, trust_after=3))[self.source_id]

    async def execute(self, sql: Any) -> Any:
        async with self.db.connection() as conn:
            cursor = await conn.execute(sql)
            return await cursor.fetchone() if cursor.description else None

    async def offers(self, *hubs: str) -> None:
        async with self.db.connection() as conn:
            await keep_offer(conn, self.source_id, Offer(topic=FEED, hubs=hubs, base_url=FEED))

    async def later(self) -> None:
        """Let every due time come."""
        await self.execute("UPDATE subscription SET due_at = now()")


@pytest.fixture
async def hub() -> AsyncIterator[WebSubHub]:
    async with WebSubHub() as opened:
        yield opened


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    policy = GatePolicy(allow_networks=(ip_network("127.0.0.0/8"),))
    captures = CaptureStore(tmp_path)
    desk = PushDesk(db, captures, Terms(base=None), lambda: None)
    async with Gate(policy) as gate, Listener(desk, host="127.0.0.1", port=0, prefix="/push") as listener:
        terms = Terms(base=f"http://127.0.0.1:{listener.port}/push")
        house = House(db=db, gate=gate, captures=captures, terms=terms)
        spec = SourceSpec(
            key=source_key(FEED), name="Paper", url=FEED, every=timedelta(minutes=5), pages=False
        )
        async with db.connection() as conn:
            house.source_id = await put_source(conn, spec, origin="test")
        await house.execute("UPDATE source SET due_at = now() + interval '1 hour'")
        yield house


async def subscribed(house: House, hub: WebSubHub) -> str:
    """Subscribe and return the callback."""
    await house.offers(hub.url)
    await house.step()
    await hub.verified.wait_for(1, 5)
    return hub.subscriptions[FEED].callback


async def test_a_hub_that_is_named_is_subscribed_and_the_source_visited(house: House, hub: WebSubHub) -> None:
    await subscribed(house, hub)

    state = await house.state()
    assert (state.state, state.hub, state.reason) == ("active", hub.url, None)
    assert state.ends_at is not None
    assert state.verified_at is not None
    assert state.ends_at - state.verified_at == timedelta(seconds=hub.lease_seconds)
    assert await house.execute("SELECT 1 FROM source WHERE due_at <= now()"), (
        "what came out meanwhile is fetched"
    )


async def test_it_is_renewed_with_the_same_path_before_it_ends(house: House, hub: WebSubHub) -> None:
    callback = await subscribed(house, hub)
    left = "(ends_at - now())"
    in_time = f"SELECT 1 FROM subscription WHERE due_at - now() BETWEEN {left} * 0.4 AND {left} * 0.8"
    assert await house.execute(in_time)
    await house.step()
    assert len(hub.requests.items) == 1, "not before its time"

    await house.later()
    await house.step()
    await hub.verified.wait_for(2, 5)

    assert [request.callback for request in hub.requests.items] == [callback, callback]
    assert (await house.state()).state == "active"


async def test_a_hub_that_is_gone_is_passed_over_for_the_next(house: House, hub: WebSubHub) -> None:
    async with WebSubHub() as gone:
        gone.answer_next(410)
        await house.offers(gone.url, hub.url)
        await house.step()
        await house.step()
        await hub.verified.wait_for(1, 5)

        assert (await house.state()).hub == hub.url
        assert gone.requests.items[0].secret != hub.requests.items[0].secret


async def test_a_lone_hub_that_fails_is_asked_again_later(house: House, hub: WebSubHub) -> None:
    hub.answer_next(503, {"Retry-After": "3600"})
    await house.offers(hub.url)
    await house.step()
    await house.step()
    assert len(hub.requests.items) == 1
    assert await house.execute("SELECT 1 FROM subscription WHERE due_at > now() + interval '59 min'")
    assert "503" in ((await house.state()).reason or "")

    await house.later()
    await house.step()
    await hub.verified.wait_for(1, 5)
    assert (await house.state()).reason is None


async def test_a_hub_that_never_calls_back_is_a_failure_that_is_told(house: House, hub: WebSubHub) -> None:
    hub.asks_back = False
    await house.offers(hub.url)
    await house.step()
    assert await house.execute(
        "SELECT 1 FROM subscription WHERE accepted AND due_at > now() + interval '9 min'"
    )

    await house.later()
    await house.step()

    state = await house.state()
    assert (state.state, state.reason) == ("wanted", NEVER_CALLED_BACK)
    assert len(hub.requests.items) == 1


async def test_only_what_we_asked_for_is_confirmed(house: House, hub: WebSubHub) -> None:
    callback = await subscribed(house, hub)
    query = {"challenge": "abc", "lease_seconds": "60"}

    assert (await hub.ask(callback, mode="subscribe", topic="http://other.example/", **query))[0] == 404
    assert (await hub.ask(callback, mode="unsubscribe", topic=FEED, **query))[0] == 404
    assert (await hub.ask(callback, mode="publish", topic=FEED, **query))[0] == 404
    assert (await hub.ask(callback, mode="denied", topic="http://other.example/"))[0] == 404
    assert (await hub.ask(callback, mode="subscribe", topic=FEED, **query))[:2] == (200, b"abc")
    assert (await house.state()).state == "active"


async def test_a_lease_is_never_so_long_that_a_dead_hub_goes_unnoticed(house: House, hub: WebSubHub) -> None:
    hub.lease_seconds = 999_999_999
    await subscribed(house, hub)

    assert await house.execute("SELECT 1 FROM subscription WHERE ends_at < now() + interval '15 days'")


async def test_a_hub_that_says_no_is_left_alone_for_long(house: House, hub: WebSubHub) -> None:
    callback = await subscribed(house, hub)

    await hub.ask(callback, mode="denied", topic=FEED, reason="not you")
    await house.step()

    state = await house.state()
    assert (state.state, state.reason) == ("denied", "the hub denied it: not you")
    assert len(hub.requests.items) == 1
    assert (await hub.push(FEED, rss("late"))) == 410
    await house.later()
    await house.step()
    await hub.verified.wait_for(2, 5)


async def test_a_paused_source_is_unsubscribed_and_comes_back_under_another_path(
    house: House, hub: WebSubHub
) -> None:
    callback = await subscribed(house, hub)
    async with house.db.connection() as conn:
        await enable_source(conn, house.source_id, enabled=False)
    await house.step()
    await hub.verified.wait_for(2, 5)
    assert hub.verified.items[-1][0] == "unsubscribe"
    assert await hub.send(callback, b"late", {}) == 410

    async with house.db.connection() as conn:
        await enable_source(conn, house.source_id, enabled=True)
    await house.step()
    await hub.verified.wait_for(3, 5)
    assert hub.subscriptions[FEED].callback != callback


async def test_switched_off_every_hub_is_left(house: House, hub: WebSubHub) -> None:
    await subscribed(house, hub)

    await house.step(Terms(base=house.terms.base, subscribe=False))
    await hub.verified.wait_for(2, 5)
    await house.step(Terms(base=house.terms.base, subscribe=False))

    assert (await house.state()).state == "ended"
    assert [request.mode for request in hub.requests.items] == ["subscribe", "unsubscribe"]


async def test_a_process_that_does_not_listen_leaves_the_hubs_of_one_that_does(
    house: House, hub: WebSubHub
) -> None:
    await subscribed(house, hub)
    await house.step(Terms(base=None))
    assert (await house.state()).state == "active"

    await house.execute("UPDATE push_listener SET heard_at = now() - interval '1 hour'")
    await house.step(Terms(base=None))

    assert (await house.state()).state == "unwanted"
    assert hub.requests.items[-1].mode == "unsubscribe"


async def test_under_a_new_address_hubs_are_asked_anew(house: House, hub: WebSubHub) -> None:
    callback = await subscribed(house, hub)

    elsewhere = Terms(base=(house.terms.base or "").replace("127.0.0.1", "localhost"))
    await house.step(elsewhere)

    assert hub.requests.items[-1].callback.startswith(elsewhere.base or "")
    assert hub.requests.items[-1].callback != callback


class Nowhere:
    """A fetcher that must not be needed: what is pushed is not fetched."""

    async def fetch(self, request: FetchRequest) -> FetchResult:
        raise AssertionError(request)


@asynccontextmanager
async def reading(house: House, dsn: str) -> AsyncIterator[Means]:
    async def deliver(_: str) -> None:
        return

    async with Children(entry=ENTRY, count=1) as children, Queue(dsn, deliver) as queue:
        yield Means(
            db=house.db,
            queue=queue,
            polite=Politeness(db=house.db, fetcher=Nowhere()),
            captures=house.captures,
            children=children,
            rulebook=Rulebook(children),
        )


async def keep_all(means: Means) -> None:
    await asyncio.gather(*(keep_pushed(means, leased) for leased in await claim_pushed(means, room=9)))


async def test_what_is_pushed_is_kept_and_what_is_forged_is_not(
    house: House, hub: WebSubHub, dsn: str
) -> None:
    callback = await subscribed(house, hub)
    due = "UPDATE source SET due_at = now() + interval '1 hour', etag = 'e' RETURNING due_at, etag"
    polling = await house.execute(due)
    async with reading(house, dsn) as means:
        with capture_logs() as logs:
            for algorithm in ("sha1", "sha512"):
                assert await hub.push(FEED, rss("one", "two"), algorithm=algorithm) == 202
            assert await hub.push(FEED, rss("forged"), secret="x") == 202
            assert await hub.send(callback, rss("unsigned"), {}) == 202
            await keep_all(means)

        titles = "SELECT array_agg(title ORDER BY title) FROM article"
        assert (await house.execute(titles))[0] == ["one", "two"]
        assert await house.execute("SELECT due_at, etag FROM source") == polling
        state = await house.state()
        assert (state.pushes, state.forged, state.trusted) == (2, 2, False)
        assert [e["reason"] for e in logs if e["event"] == "push_discarded"] == [
            "its signature is wrong",
            "it is not signed",
        ]
        assert sorted(e["new"] for e in logs if e["event"] == "pushed") == [0, 2]
        secret = hub.subscriptions[FEED].secret
        assert secret not in str(logs)

        assert await hub.push(FEED, b"", content_type="text/plain") == 202
        await keep_all(means)
        assert await house.execute("SELECT 1 FROM source WHERE due_at <= now()"), (
            "a push without words: look there"
        )
        assert (await house.execute("SELECT array_agg(state ORDER BY id) FROM push"))[0] == [
            "kept",
            "kept",
            "failed",
        ]


async def test_a_push_that_cannot_be_stored_is_not_acknowledged(house: House, hub: WebSubHub) -> None:
    await subscribed(house, hub)
    await house.execute("ALTER TABLE push ADD CONSTRAINT full_disk CHECK (false)")

    assert await hub.push(FEED, rss("one")) == 503

    await house.execute("ALTER TABLE push DROP CONSTRAINT full_disk")
    assert await hub.push(FEED, rss("one")) == 202
    assert (await house.state()).pushes == 1


async def test_secrets_differ_and_paths_are_found_by_their_hash_only(house: House, hub: WebSubHub) -> None:
    callback = await subscribed(house, hub)
    token = callback.rpartition("/")[2]

    async with house.db.connection() as conn:
        found = await find_callback(conn, callback_key(token))
        assert found is not None
        assert found.callback == callback
        assert await find_callback(conn, callback_key(token[:-1] + "x")) is None
    assert len(token) == 43
    assert len(bytes.fromhex(hub.subscriptions[FEED].secret)) == 32


def test_failures_back_off_by_their_weight_up_to_a_day() -> None:
    waits = [back_off(failures) for failures in (0.5, 1.0, 3.0, 6.0, 99.0)]

    assert waits == sorted(waits)
    assert timedelta(minutes=1) < waits[0] < timedelta(minutes=2)
    assert timedelta(hours=24) <= waits[-1] <= timedelta(hours=29)
    assert back_off(0.5, timedelta(hours=5)) >= timedelta(hours=5)
    assert back_off(0.5, timedelta(days=500)) <= timedelta(hours=29)
    assert len({back_off(1.0, rng=Random(seed)) for seed in range(9)}) == 9


def test_renewals_come_well_before_the_end_and_spread() -> None:
    lease = timedelta(days=10)
    moments: list[timedelta] = [renewal(lease, Random(seed)) for seed in range(50)]

    assert lease * 0.5 <= min(moments)
    assert max(moments) <= lease * 0.7
    assert max(moments) - min(moments) > timedelta(days=1)
