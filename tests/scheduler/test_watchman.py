"""The watchman: silence, lateness, lost pages, broken channels and broken parts, seen from above."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from databases import drop_database, make_database
from infirmary import Infirmary, Paper, headlines, infirmary

from scheduler.clock import Clock, Lapse, Tick
from scheduler.reading import ENTRY
from scheduler.ruleset import Rulebook
from scheduler.watchman import is_silent, watch_over
from spiders.children import Children
from storage.channels import ChannelSpec, disable_channel, put_channel
from storage.database import Database, open_database
from storage.health import QuietSource
from storage.incidents import list_open_incidents
from storage.sources import SourceSpec, put_source, source_key

DEAF = b"<html><head><title>The Paper</title></head><body><noscript>Please enable JavaScript.</noscript></body></html>"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


here = pytest.mark.asyncio(loop_scope="module")  # the tests that share one infirmary


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ward(server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Infirmary]:
    dsn = await make_database(server)
    async with (
        open_database(dsn, max_size=4) as db,
        infirmary(db, dsn, tmp_path_factory.mktemp("ward")) as open_ward,
    ):
        yield open_ward
    await drop_database(server, dsn)


@pytest.fixture
def rulebook() -> Rulebook:
    return Rulebook(Children(entry=ENTRY))  # no rules, and no child is needed to look over rows


async def sources(db: Database, number: int) -> list[int]:
    async with db.connection() as conn:
        urls = [f"https://paper{n}.example/feed" for n in range(number)]
        specs = [SourceSpec(key=source_key(url), name=url, url=url, every=timedelta(hours=1)) for url in urls]
        return [await put_source(conn, spec, origin="test") for spec in specs]


async def has_visited(db: Database, source_ids: list[int], failure: str) -> None:
    async with db.connection() as conn:
        for id_ in source_ids:
            await conn.execute(
                "INSERT INTO visit (source_id, lease_token, started_at, outcome, bytes, entries, new_entries, failure) "
                "VALUES (%s, 1, now(), 'failed', 0, 0, 0, %s)",
                (id_, failure),
            )


async def kinds(db: Database) -> set[tuple[str, str]]:
    async with db.connection() as conn:
        return {(one.kind, one.source_name or one.subject) for one in await list_open_incidents(conn)}


async def as_if(paper: Paper, *, hours_silent: float, per_hour: float = 2.0) -> None:
    """Turn back the clock: watched for three weeks, an entry every half hour, and then nothing more."""
    async with paper.ward.means.db.connection() as conn:
        await conn.execute(
            """
            UPDATE source SET first_visited_at = now() - interval '21 days',
                rhythm = array_fill(%(rate)s::real, '{24}'), last_new_at = now() - %(silent)s WHERE id = %(id)s
            """,
            {"id": paper.source_id, "rate": per_hour, "silent": timedelta(hours=hours_silent)},
        )
        await conn.execute(
            """
            UPDATE visit SET finished_at = now() - %(silent)s - interval '1 hour' * (4 - (id %% 4)),
                new_entries = %(each)s, known = 2
            WHERE source_id = %(id)s
            """,
            {"id": paper.source_id, "silent": timedelta(hours=hours_silent), "each": round(per_hour * 6)},
        )


def rebuilt(paper: Paper) -> None:
    """The same entries in a feed that is written anew at each visit."""
    text = paper.feed(headlines(paper.published)).decode()
    serial = iter(range(1000))
    paper.answers(
        lambda exchange: exchange.answer(
            body=text.replace(
                "</channel>", f"<lastBuildDate>{next(serial)}</lastBuildDate></channel>"
            ).encode()
        )
    )


def frozen(paper: Paper) -> None:
    """The same bytes, for ever."""


def not_modified(paper: Paper) -> None:
    paper.says(b"", "304 Not Modified")


@here
@pytest.mark.parametrize("fault", [frozen, rebuilt, not_modified])
async def test_a_paper_that_is_frozen_is_silent_against_its_own_rhythm(
    ward: Infirmary, fault: object
) -> None:
    paper = await ward.admit()
    await paper.is_well(4)
    if fault is not_modified:
        paper.says(paper.feed(headlines(paper.published)), ETag='"1"')
        await paper.is_visited()
    fault(paper)  # type: ignore[operator]
    await paper.is_visited(2)
    await as_if(paper, hours_silent=8)

    await ward.is_watched()

    assert await paper.troubles() == {"silent"}
    await paper.is_well(1)
    await ward.is_watched()
    assert await paper.troubles() == set()


@here
async def test_a_paper_that_publishes_little_may_be_silent_for_long(ward: Infirmary) -> None:
    paper = await ward.admit()
    await paper.is_well(4)
    await as_if(paper, hours_silent=30, per_hour=0.1)

    await ward.is_watched()

    assert await paper.troubles() == set()


def quiet(
    *, hours: float, longest_hours: float | None, rate: float = 2.0, watched_days: float = 30
) -> QuietSource:
    return QuietSource(
        id=1,
        last_new_at=NOW - timedelta(hours=hours),
        first_visited_at=NOW - timedelta(days=watched_days),
        rhythm=[rate] * 24,
        every=timedelta(minutes=5),
        longest_gap=None if longest_hours is None else timedelta(hours=longest_hours),
        per_hour=rate,
    )


def test_a_pause_that_a_source_always_takes_is_not_silence() -> None:
    assert not is_silent(quiet(hours=70, longest_hours=48), NOW)  # its weekend
    assert is_silent(quiet(hours=97, longest_hours=48), NOW)
    assert not is_silent(quiet(hours=3, longest_hours=1, rate=2.0), NOW)
    assert is_silent(quiet(hours=5, longest_hours=1, rate=2.0), NOW)


def test_a_source_that_is_new_to_us_may_take_a_weekend() -> None:
    assert is_silent(quiet(hours=6, longest_hours=3, watched_days=30), NOW)
    assert not is_silent(quiet(hours=48, longest_hours=3, watched_days=12), NOW)
    assert is_silent(quiet(hours=65, longest_hours=3, watched_days=12), NOW)


@here
@pytest.mark.parametrize("answer", ["a page without words", "403"])
async def test_pages_that_can_no_longer_be_read_are_an_incident_within_two_visits(
    ward: Infirmary, answer: str
) -> None:
    paper = await ward.admit(pages=True)
    await paper.is_well(2)
    for visit in range(2):
        items = [f"{title} of visit {visit}" for title in headlines(0, 6)]
        links = [f"/pages/{visit}-{n}" for n in range(6)]
        for link in links:
            status = "403 Forbidden" if answer == "403" else "200 OK"
            ward.origin.answers(link, status, DEAF, Content_Type="text/html")
        paper.says(linked(paper, items, links))
        await paper.is_visited()
        for _ in range(4):  # each look is a retry of the one before
            async with ward.means.db.connection() as conn:
                await conn.execute("UPDATE page SET due_at = now() WHERE state = 'due'")
            await ward.read_pages()
        await ward.is_watched()

    assert "extraction" in await paper.troubles()


def linked(paper: Paper, items: list[str], links: list[str]) -> bytes:
    body = "".join(
        f"<item><title>{title}</title><link>{paper.url.removesuffix(paper.path)}{link}</link></item>"
        for title, link in zip(items, links, strict=True)
    )
    return f'<rss version="2.0"><channel><title>Paper</title>{body}</channel></rss>'.encode()


async def test_a_source_whose_turn_is_over_is_stale_and_many_are_the_collectors_fault(
    db: Database, rulebook: Rulebook
) -> None:
    ids = await sources(db, 6)
    late = "UPDATE source SET due_at = now() - interval '9 hours' WHERE id = ANY(%s)"

    async with db.connection() as conn:
        await conn.execute(late, (ids[:1],))
    await watch_over(db, rulebook)
    assert await kinds(db) == {("stale", "https://paper0.example/feed")}

    async with db.connection() as conn:
        await conn.execute(late, (ids,))
    await watch_over(db, rulebook)
    assert await kinds(db) == {("schedule", "collector")}


async def test_a_step_that_is_not_done_any_more_is_told(db: Database, rulebook: Rulebook) -> None:
    lapse = Lapse(name="visits", every=timedelta(seconds=1), last=None, why="it does not end")

    await watch_over(db, rulebook, [lapse])
    assert await kinds(db) == {("schedule", "tick:visits")}

    await watch_over(db, rulebook, [])
    assert await kinds(db) == set()


async def test_the_clock_knows_which_of_its_steps_fail_or_hang() -> None:
    async def fails() -> None:
        raise RuntimeError("the disk is full")

    async def works() -> None:
        pass

    clock = Clock(
        [
            Tick(name="bad", every=timedelta(hours=1), do=fails),
            Tick(name="good", every=timedelta(hours=1), do=works),
        ]
    )
    later = datetime.now(UTC) + timedelta(hours=6)

    assert {lapse.name for lapse in clock.lapses(later)} == {"bad", "good"}
    assert clock.lapses(datetime.now(UTC)) == []


async def test_a_channel_that_is_off_is_an_incident(db: Database, rulebook: Rulebook) -> None:
    async with db.connection() as conn:
        id_ = await put_channel(conn, ChannelSpec(name="desk", kind="file", settings={}), origin="test")
        await disable_channel(conn, id_, "410 Gone: the receiver wants no more")

    await watch_over(db, rulebook)

    assert await kinds(db) == {("channel", "channel:desk")}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (
            "'dead', now(), 12, now() - interval '5 days', now(), 'no such mailbox'",
            ("channel", "channel:desk"),
        ),
        (
            "'due', now() + interval '1 hour', 5, now() - interval '2 hours', NULL, 'timed out'",
            ("channel", "channel:desk"),
        ),
        (
            "'due', now() - interval '10 minutes', 0, now() - interval '11 minutes', NULL, NULL",
            ("queue", "queue"),
        ),
    ],
)
async def test_messages_that_do_not_get_through_are_an_incident(
    db: Database, rulebook: Rulebook, row: str, kind: tuple[str, str]
) -> None:
    async with db.connection() as conn:
        id_ = await put_channel(conn, ChannelSpec(name="desk", kind="file", settings={}), origin="test")
        await conn.execute(
            "INSERT INTO message (message_id, channel_id, recipient, state, due_at, attempts, owed_at, finished_at, "
            f"detail) VALUES ('m1', {id_}, 'desk@example.org', {row})"  # type: ignore[arg-type]
        )

    await watch_over(db, rulebook)

    assert await kinds(db) == {kind}


async def test_a_network_that_is_down_is_one_incident_of_its_own(db: Database, rulebook: Rulebook) -> None:
    ids = await sources(db, 5)
    await has_visited(db, ids[:3], "dns")
    await watch_over(db, rulebook)
    assert await kinds(db) == set()

    await has_visited(db, ids[3:], "timeout")
    await watch_over(db, rulebook)
    assert await kinds(db) == {("network", "network")}


async def test_readings_that_are_stopped_at_several_sources_are_the_readers_fault(
    db: Database, rulebook: Rulebook
) -> None:
    ids = await sources(db, 2)
    await has_visited(db, [ids[0]] * 3, "reading")
    await watch_over(db, rulebook)
    assert await kinds(db) == set()  # one source with poison in it

    await has_visited(db, [ids[1]], "reading")
    await watch_over(db, rulebook)
    assert await kinds(db) == {("reader", "reader")}


@here
async def test_what_is_open_for_a_source_that_was_taken_out_is_closed(ward: Infirmary) -> None:
    paper = await ward.admit(url="http://gone.invalid/feed")
    await paper.is_visited(2)
    assert await paper.troubles() == {"dead"}

    async with ward.means.db.connection() as conn:
        await conn.execute("UPDATE source SET enabled = false WHERE id = %s", (paper.source_id,))
    await ward.is_watched()

    assert await paper.troubles() == set()
    assert (await paper.source()).troubles == ()
