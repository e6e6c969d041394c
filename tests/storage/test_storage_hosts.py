"""A host is asked gently: by few at a time, with rests between, whoever asks and whatever for."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
from storage_world import MINUTE, given_article, given_source

from storage.database import Database, dsn_with_search_path
from storage.hosts import gap_after, rest_host
from storage.keys import host_of
from storage.migrations import own_migrations
from storage.pages import LeasedPage, claim_due_pages
from storage.robots import Robots, RobotsAnswer, ask_robots, keep_robots, release_robots
from storage.sources import LeasedSource, claim_due_sources

HOUR = timedelta(hours=1)
NOTHING = timedelta(0)
ORIGIN = "https://same.example"


async def sources(
    db: Database, *, limit: int = 10, per_host: int = 2, pause: timedelta = NOTHING, lease: timedelta = MINUTE
) -> list[LeasedSource]:
    async with db.connection() as conn:
        return await claim_due_sources(conn, limit=limit, lease=lease, per_host=per_host, pause=pause)


async def pages(db: Database, *, per_host: int = 2, pause: timedelta = NOTHING) -> list[LeasedPage]:
    async with db.connection() as conn:
        return await claim_due_pages(conn, limit=10, lease=MINUTE, per_host=per_host, pause=pause)


async def given_sources(db: Database, count: int, host: str = "same.example") -> list[int]:
    async with db.transaction() as conn:
        return [await given_source(conn, f"https://{host}/{n}") for n in range(count)]


async def given_pages(db: Database, count: int, host: str = "same.example") -> None:
    """Pages at a host whose articles a source elsewhere found."""
    async with db.transaction() as conn:
        source = await given_source(conn, "https://elsewhere.example/", every=HOUR)
        await conn.execute("UPDATE source SET due_at = now() + interval '1 h' WHERE id = %s", (source,))
        for n in range(count):
            await given_article(conn, source, f"https://{host}/page/{n}", page_wanted=True)


async def ask(db: Database, origin: str = ORIGIN, *, lease: timedelta = MINUTE) -> Robots | None:
    async with db.connection() as conn:
        return await ask_robots(conn, origin, host=host_of(origin), lease=lease)


async def keep(
    db: Database, asked: Robots | None, *, gap: timedelta = NOTHING, **more: object
) -> Robots | None:
    assert asked is not None
    values: dict[str, object] = {"status": 200, "fresh_for": HOUR, "body": b"User-agent: *", **more}
    async with db.connection() as conn:
        return await keep_robots(conn, asked, RobotsAnswer(**values), gap=gap)  # type: ignore[arg-type]


async def test_sources_and_pages_of_a_host_share_its_turns(db: Database) -> None:
    await given_sources(db, 1)
    await given_pages(db, 5)

    assert len(await sources(db)) == 1
    assert len(await pages(db)) == 1
    assert await pages(db) == []


async def test_a_host_rests_between_two_claims_and_holds_nobody_up(db: Database) -> None:
    await given_sources(db, 40)
    [other] = await given_sources(db, 1, "other.example")
    async with db.transaction() as conn:
        await conn.execute("UPDATE source SET due_at = now() - interval '1 h' WHERE id <> %s", (other,))

    assert len(await sources(db, limit=2, pause=HOUR)) == 1
    assert [source.id for source in await sources(db, limit=2, pause=HOUR)] == [other]
    assert await sources(db, pause=HOUR) == []
    async with db.connection() as conn:
        await conn.execute("UPDATE host SET next_at = now()")
    assert len(await sources(db, pause=HOUR)) == 1, "two at a time, but not at once"
    async with db.connection() as conn:
        await conn.execute("UPDATE host SET next_at = now()")
    assert await sources(db, pause=HOUR) == [], "rested, but two are under way"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "127.9.9.9", "localhost", "[::1]:8000"])
async def test_this_machine_needs_no_rest(db: Database, host: str) -> None:
    await given_sources(db, 3, host)

    assert len(await sources(db, pause=HOUR)) == 2
    assert gap_after(host_of(f"https://{host}/"), pause=HOUR) == NOTHING
    assert gap_after("127.example", pause=HOUR) == HOUR


async def test_eight_claims_at_once_never_fill_a_host_twice(db: Database) -> None:
    await given_sources(db, 20)
    await given_pages(db, 20)

    claimed = await asyncio.gather(*(sources(db) if n % 2 else pages(db) for n in range(8)))

    assert sum(len(part) for part in claimed) == 2


async def test_who_counted_turns_before_another_claimed_counts_again(db: Database, dsn: str) -> None:
    await given_sources(db, 2)
    async with db.connection() as conn:
        await rest_host(conn, "same.example", NOTHING)
    async with await psycopg.AsyncConnection.connect(dsn_with_search_path(dsn)) as other:
        await other.execute("UPDATE host SET claims = claims + 1")
        await other.execute("UPDATE source SET leased_until = now() + interval '1 h' WHERE url LIKE '%/1'")
        late = asyncio.create_task(sources(db, per_host=1))
        async with db.connection() as conn:
            while not (await (await conn.execute(_WAITING)).fetchone() or (False,))[0]:
                await asyncio.sleep(0.01)  # a lock of another session: there is no event to wait for
        await other.commit()

        assert await late == []


_WAITING = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


async def test_the_turn_of_a_killed_worker_ends_with_its_lease(db: Database) -> None:
    await given_sources(db, 2)

    assert len(await sources(db, limit=1, per_host=1, lease=NOTHING)) == 1
    assert len(await sources(db, per_host=1)) == 1


async def test_a_host_with_a_delay_is_asked_by_one_at_a_time(db: Database) -> None:
    await given_sources(db, 3)
    await keep(db, await ask(db), delay=timedelta(seconds=5))
    async with db.connection() as conn:
        await conn.execute("UPDATE host SET next_at = now()")

    assert len(await sources(db)) == 1
    async with db.connection() as conn:
        await conn.execute("UPDATE host SET next_at = now()")
    assert await sources(db) == []


async def test_pages_stand_back_for_a_source_that_waits_where_the_host_rests(db: Database) -> None:
    await given_pages(db, 2)
    [source] = await given_sources(db, 1)

    assert await pages(db, pause=HOUR) == []
    async with db.connection() as conn:
        await conn.execute("UPDATE source SET enabled = false WHERE id = %s", (source,))
    assert len(await pages(db, pause=HOUR)) == 1


async def test_a_host_that_wants_to_be_left_alone_is_for_sources_and_pages(db: Database) -> None:
    await given_sources(db, 1)
    await given_pages(db, 1)
    async with db.connection() as conn:
        await rest_host(conn, "same.example", HOUR)
        await rest_host(conn, "same.example", MINUTE)  # takes nothing back

        assert await sources(db) == await pages(db) == []
        await conn.execute("UPDATE host SET next_at = next_at - interval '59 min 59 s'")
    assert await sources(db) == await pages(db) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example./feed", "news.example"),
        ("https://news.example:443/", "news.example"),
        ("http://news.example:80/", "news.example"),
        ("https://news.example:80/", "news.example:80"),
        ("http://news.example:8080/", "news.example:8080"),
        ("http://[::1]:8080/", "::1:8080"),
        ("http://news.example:port/", ""),
        ("nonsense", ""),
    ],
)
def test_a_host_has_its_port_where_that_is_not_the_usual_one(url: str, host: str) -> None:
    assert host_of(url) == host


async def test_hosts_of_before_get_their_port(empty_dsn: str) -> None:
    old, new = own_migrations()[:2], own_migrations()[2]
    urls = [
        "https://a.example/x:1/",
        "http://b.example:8080/feed",
        "https://c.example:443/",
        "http://d.example:81",
    ]
    async with await psycopg.AsyncConnection.connect(dsn_with_search_path(empty_dsn)) as conn:
        await conn.execute("CREATE SCHEMA marsad")
        for step in old:
            await conn.execute(step.sql.encode())
        for url in urls:
            await conn.execute(
                "INSERT INTO source (key, origin, name, url, host, every, pace)"
                " VALUES (%(url)s, '', '', %(url)s, split_part(split_part(%(url)s, '/', 3), ':', 1), '1 h', '1 h')",
                {"url": url},
            )

        await conn.execute(new.sql.encode())
        hosts = await (await conn.execute("SELECT host FROM source ORDER BY id")).fetchall()
    assert [host for (host,) in hosts] == [host_of(url) for url in urls]


async def test_one_of_many_asks_for_a_robots_txt_and_the_host_waits_for_it(db: Database) -> None:
    await given_sources(db, 2)
    assert len(await sources(db, limit=1)) == 1

    asked = await asyncio.gather(*(ask(db) for _ in range(8)))

    [ours] = [one for one in asked if one is not None]
    assert (ours.ours, ours.body, ours.good_at) == (True, None, None)
    assert await sources(db) == [], "nothing else is asked of the host before its rules are known"
    kept = await keep(db, ours, body=b"User-agent: *\nDisallow: /")
    assert len(await sources(db)) == 1
    known = await ask(db)
    assert kept is not None
    assert known is not None
    assert (known.ours, known.body, known.good_at) == (False, b"User-agent: *\nDisallow: /", kept.good_at)


async def test_who_was_killed_while_asking_loses_the_right_to_answer(db: Database) -> None:
    stale = await ask(db, lease=NOTHING)
    fresh = await ask(db)

    assert await keep(db, stale, body=b"stale") is None
    kept = await keep(db, fresh, body=b"fresh")
    assert kept is not None
    assert kept.body == b"fresh"


async def test_asking_that_was_handed_back_is_free_at_once(db: Database) -> None:
    await given_sources(db, 2)
    assert len(await sources(db, limit=1)) == 1
    asked = await ask(db)
    assert asked is not None
    async with db.connection() as conn:
        await release_robots(conn, asked)

    assert len(await sources(db)) == 1
    again = await ask(db)
    assert again is not None
    assert again.ours


async def test_a_copy_stays_when_none_comes_and_serves_while_it_is_asked_for_anew(db: Database) -> None:
    await keep(db, await ask(db), body=b"good", fresh_for=NOTHING)
    asked = await ask(db)
    assert asked is not None
    assert asked.ours
    meanwhile = await ask(db)
    assert meanwhile is not None
    assert (meanwhile.ours, meanwhile.body) == (False, b"good")

    kept = await keep(db, asked, status=503, body=None, error="503", failure="http")

    assert kept is not None
    assert (kept.body, kept.error, kept.failures, kept.good_at) == (b"good", "503", 1, asked.good_at)


async def test_the_delay_of_a_host_is_the_longest_that_its_origins_ask_for(db: Database) -> None:
    await keep(db, await ask(db), delay=timedelta(seconds=9))
    await keep(db, await ask(db, "http://same.example"), delay=timedelta(seconds=2))

    async with db.connection() as conn:
        rows = await (await conn.execute("SELECT host, delay FROM host")).fetchall()
    assert rows == [("same.example", timedelta(seconds=9))]
