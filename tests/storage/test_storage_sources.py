"""Sources are leased to one collector at a time, few of a host at once, and planned by the database's clock."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from storage_world import MINUTE, given_source, spec

from storage.captures import CaptureStore, record_capture
from storage.database import Database
from storage.sources import (
    LeasedSource,
    VisitOutcome,
    claim_due_sources,
    enable_source,
    finish_visit,
    get_source,
    list_sources,
    make_due,
    put_source,
    release_source,
    remove_source,
    source_key,
)
from storage.visits import list_visits, prune_visits

PAST = datetime(2020, 1, 1, tzinfo=UTC)


def outcome(**more: object) -> VisitOutcome:
    values: dict[str, object] = {
        "started_at": PAST,
        "outcome": "new",
        "status": 200,
        "pace": 10 * MINUTE,
        "due_in": 10 * MINUTE,
        **more,
    }
    return VisitOutcome(**values)  # type: ignore[arg-type]


async def claim(
    db: Database, *, limit: int = 10, per_host: int = 9, lease: timedelta = MINUTE
) -> list[LeasedSource]:
    async with db.transaction() as conn:
        return await claim_due_sources(conn, limit=limit, lease=lease, per_host=per_host)


async def test_a_source_put_twice_is_one_source(db: Database) -> None:
    async with db.transaction() as conn:
        first = await given_source(conn, tags=("a", "b"), kind="feed", tier=1, lang="ar", country="IQ")
        second = await put_source(conn, spec("https://news.example/feed", name="Other"), origin="hand")

        [source] = await list_sources(conn)
    assert first == second == source.id
    assert (source.name, source.origin, source.tags, source.lang) == ("Other", "hand", (), None)
    assert source.kind == "feed", "what was found out stays when a spec leaves the kind open"
    assert source.key == source_key(" https://news.example/feed\n")


async def test_a_removed_source_is_neither_shown_nor_visited_until_it_is_put_again(db: Database) -> None:
    async with db.transaction() as conn:
        source_id = await given_source(conn)
        assert await remove_source(conn, source_key("https://news.example/feed"))
        assert not await remove_source(conn, source_key("https://news.example/feed"))
    assert await claim(db) == []
    async with db.transaction() as conn:
        assert await list_sources(conn) == []
        assert await get_source(conn, source_id) is not None

        assert await given_source(conn) == source_id
    assert [leased.id for leased in await claim(db)] == [source_id]


async def test_a_paused_source_stays_paused_when_its_file_is_applied_again(db: Database) -> None:
    async with db.transaction() as conn:
        source_id = await given_source(conn)
        assert await enable_source(conn, source_id, enabled=False)

        await given_source(conn)
    assert await claim(db) == []


async def test_sources_of_one_origin_are_listed_alone(db: Database) -> None:
    async with db.transaction() as conn:
        await put_source(conn, spec("https://a.example/"), origin="file")
        await put_source(conn, spec("https://b.example/"), origin="hand")

        assert [source.url for source in await list_sources(conn, origin="hand")] == ["https://b.example/"]


async def test_the_longest_waiting_come_first_and_a_lease_keeps_others_away(db: Database) -> None:
    async with db.transaction() as conn:
        ids = [await given_source(conn, f"https://{n}.example/") for n in range(4)]
        for minutes, source_id in enumerate(reversed(ids)):
            await conn.execute(
                "UPDATE source SET due_at = now() - %s WHERE id = %s",
                (timedelta(minutes=9 - minutes), source_id),
            )

    assert [leased.id for leased in await claim(db, limit=3)] == [ids[3], ids[2], ids[1]]
    assert [leased.id for leased in await claim(db)] == [ids[0]]
    assert await claim(db) == []


async def test_four_collectors_never_claim_the_same_source_nor_too_many_of_a_host(db: Database) -> None:
    async with db.transaction() as conn:
        for n in range(120):
            await given_source(conn, f"https://{'big' if n % 2 else n}.example/{n}")

    async def collect() -> list[LeasedSource]:
        mine: list[LeasedSource] = []
        while got := await claim(db, limit=7, per_host=2):
            mine += got
        return mine

    claimed = [source for part in await asyncio.gather(*(collect() for _ in range(4))) for source in part]
    assert max(Counter(source.id for source in claimed).values()) == 1
    assert len([source for source in claimed if "//big." in source.url]) == 2
    assert len(claimed) == 62, "sixty hosts of their own, and two of the one with sixty sources"


async def test_a_collector_counts_what_another_is_just_claiming(db: Database) -> None:
    async with db.transaction() as conn:
        for n in range(2):
            await given_source(conn, f"https://same.example/{n}")

    async with db.transaction() as conn:
        assert len(await claim_due_sources(conn, limit=1, lease=MINUTE, per_host=1)) == 1
        assert await claim(db, per_host=1) == []


async def test_a_host_that_is_full_holds_nobody_up(db: Database) -> None:
    async with db.transaction() as conn:
        for n in range(100):
            await given_source(conn, f"https://full.example/{n}")
        last = await given_source(conn, "https://other.example/")
        await conn.execute("UPDATE source SET due_at = now() - interval '1 h' WHERE id <> %s", (last,))
    assert len(await claim(db, limit=1, per_host=1)) == 1

    assert [leased.id for leased in await claim(db, limit=1, per_host=1)] == [last]


async def test_a_lease_that_ran_out_is_claimed_again_with_a_higher_token(db: Database) -> None:
    async with db.transaction() as conn:
        await given_source(conn)
    [first] = await claim(db, lease=timedelta(0))

    [second] = await claim(db)

    assert second.lease_token == first.lease_token + 1


async def test_a_stale_token_cannot_finish_a_visit(db: Database) -> None:
    async with db.transaction() as conn:
        await given_source(conn)
    [stale] = await claim(db, lease=timedelta(0))
    [fresh] = await claim(db)
    async with db.transaction() as conn:
        assert not await finish_visit(conn, stale, outcome(etag="stale"))
        assert await list_visits(conn, stale.id) == []

        assert await finish_visit(conn, fresh, outcome(etag="fresh"))
        assert not await finish_visit(conn, fresh, outcome(etag="twice"))
        source = await get_source(conn, fresh.id)
    assert source is not None
    assert source.etag == "fresh"


async def test_a_visit_and_the_plan_for_the_next_are_written_together(
    db: Database, short_home: object
) -> None:
    async with db.transaction() as conn:
        await given_source(conn)
    [leased] = await claim(db)
    async with db.transaction() as conn:
        assert await finish_visit(
            conn,
            leased,
            outcome(
                entries=3, new_entries=2, bytes=900, etag="e\x00", body_hash=b"h", kind="feed", failures=0.5
            ),
        )
        source = await get_source(conn, leased.id)
        [visit] = await list_visits(conn, leased.id)

    assert source is not None
    assert (source.etag, source.body_hash, source.kind, source.failures, source.visits) == (
        "e",
        b"h",
        "feed",
        0.5,
        1,
    )
    assert source.last_visited_at is not None
    assert source.due_at - source.last_visited_at == 10 * MINUTE
    assert source.first_visited_at == source.last_new_at == source.last_visited_at
    assert (visit.outcome, visit.entries, visit.new_entries, visit.bytes) == ("new", 3, 2, 900)
    assert await claim(db) == []


@pytest.mark.parametrize(
    ("kind", "first"), [("failed", False), ("empty", False), ("unchanged", True), ("new", True)]
)
async def test_the_first_visit_is_the_first_that_could_be_read(db: Database, kind: str, first: bool) -> None:
    async with db.transaction() as conn:
        await given_source(conn)
    [leased] = await claim(db)
    async with db.transaction() as conn:
        await finish_visit(conn, leased, outcome(outcome=kind, error="why"))
        source = await get_source(conn, leased.id)

    assert source is not None
    assert (source.first_visited_at is not None) is first
    assert (source.last_status, source.last_error) == (kind, "why")


@pytest.mark.parametrize(
    ("said", "found", "stays"),
    [(None, "feed", "feed"), ("feed", "sitemap", "sitemap"), ("site:rudaw", "listing", "site:rudaw")],
)
async def test_a_visit_tells_the_kind_but_does_not_take_a_site_spider_away(
    db: Database, said: str | None, found: str, stays: str
) -> None:
    async with db.transaction() as conn:
        await put_source(conn, replace(spec("https://herald.example/news"), kind=said), origin="watch")
    [leased] = await claim(db)
    async with db.transaction() as conn:
        await finish_visit(conn, leased, outcome(kind=found))
        source = await get_source(conn, leased.id)

    assert source is not None
    assert source.kind == stays


async def test_validators_are_kept_when_what_came_could_not_be_read(db: Database) -> None:
    async with db.transaction() as conn:
        await given_source(conn)
    [leased] = await claim(db)
    async with db.transaction() as conn:
        await finish_visit(
            conn, leased, outcome(etag="old", last_modified="then", body_hash=b"1", due_in=timedelta(0))
        )
    [leased] = await claim(db)
    async with db.transaction() as conn:
        await finish_visit(conn, leased, outcome(etag="new", body_hash=b"2", keep_validators=True))
        source = await get_source(conn, leased.id)

    assert source is not None
    assert (source.etag, source.last_modified, source.body_hash) == ("old", "then", b"1")


async def test_a_rolled_back_visit_leaves_nothing_and_keeps_the_lease(db: Database) -> None:
    async with db.transaction() as conn:
        await given_source(conn)
    [leased] = await claim(db)
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with db.transaction() as conn:
            assert await finish_visit(conn, leased, outcome(etag="lost"))
            raise RuntimeError

    async with db.transaction() as conn:
        assert await list_visits(conn, leased.id) == []
        assert await finish_visit(conn, leased, outcome())


async def test_a_released_source_is_due_now_and_its_token_is_worthless(db: Database) -> None:
    async with db.transaction() as conn:
        await given_source(conn)
    [leased] = await claim(db)
    async with db.transaction() as conn:
        await release_source(conn, leased)
        assert not await finish_visit(conn, leased, outcome())
    assert len(await claim(db)) == 1


async def test_make_due_calls_one_source_or_all(db: Database) -> None:
    async with db.transaction() as conn:
        ids = [await given_source(conn, f"https://{n}.example/") for n in range(3)]
        await conn.execute("UPDATE source SET due_at = now() + interval '1 h'")
        assert await make_due(conn, ids[0]) == 1
    assert [leased.id for leased in await claim(db)] == [ids[0]]
    async with db.transaction() as conn:
        assert await make_due(conn) == 2
    assert len(await claim(db)) == 2


async def test_a_visit_points_to_its_capture_and_old_visits_can_go(db: Database, tmp_path: object) -> None:
    store = CaptureStore(tmp_path)  # type: ignore[arg-type]
    async with db.transaction() as conn:
        await given_source(conn)
    [leased] = await claim(db)
    async with db.transaction() as conn:
        capture_id = await record_capture(
            conn,
            stored=store.put(b"<rss/>"),
            url="https://news.example/feed",
            final_url="https://news.example/feed\x00",
            status=200,
            headers={"x": "\ud800\x00"},
            address=None,
            fetched_at=PAST,
        )
        await finish_visit(conn, leased, replace(outcome(), capture_id=capture_id))
        [visit] = await list_visits(conn, leased.id)
        assert visit.capture_id == capture_id

        assert await prune_visits(conn, older_than=timedelta(days=1)) == 0
        assert await prune_visits(conn, older_than=timedelta(0)) == 1
