"""What a site wishes is known to all workers and obeyed by each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from itertools import pairwise

import pytest
from civil_site import CivilSite

from scheduler.leave import Allowed, Disallowed, NotYet, is_forbidden
from scheduler.politeness import Fetcher, Politeness
from spiders.collector import Collector
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest, FetchResult
from spiders.gate.policy import GatePolicy
from storage.database import Database, open_database
from storage.sources import (
    LeasedSource,
    SourceSpec,
    VisitOutcome,
    claim_due_sources,
    finish_visit,
    put_source,
    source_key,
)
from storage.visits import list_visits

FORBIDS = "User-agent: *\nDisallow: /private"
NOTHING = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Hasty:
    """A fetcher with little patience."""

    fetcher: Fetcher
    patience: timedelta = timedelta(seconds=0.3)

    async def fetch(self, request: FetchRequest) -> FetchResult:
        return await self.fetcher.fetch(replace(request, timeout=self.patience))


@pytest.fixture
async def site() -> AsyncIterator[CivilSite]:
    async with CivilSite() as opened:
        yield opened


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    policy = GatePolicy(allow_networks=(ip_network("127.0.0.0/8"),))
    async with Collector(policy, per_host=16) as opened:  # its own politeness must not hide ours
        yield opened


@pytest.fixture
def polite(db: Database, collector: Collector) -> Politeness:
    return Politeness(db=db, fetcher=collector)


async def forget(db: Database) -> None:
    """Let a day pass for every copy."""
    async with db.connection() as conn:
        await conn.execute("UPDATE robots SET fresh_until = now()")


async def given_sources(db: Database, *urls: str) -> None:
    async with db.transaction() as conn:
        for url in urls:
            spec = SourceSpec(key=source_key(url), name=url, url=url, every=timedelta(minutes=5))
            await put_source(conn, spec, origin="test")


async def claim(db: Database) -> list[LeasedSource]:
    async with db.connection() as conn:
        return await claim_due_sources(conn, limit=4, lease=timedelta(seconds=30), per_host=2)


@asynccontextmanager
async def worker(dsn: str, collector: Collector) -> AsyncIterator[None]:
    """A collector of its own, as in another process: it claims, fetches politely and is done, again and again."""
    async with open_database(dsn, max_size=4) as db:
        polite = Politeness(db=db, fetcher=collector)

        async def visit(source: LeasedSource) -> None:
            result = await polite.fetch(FetchRequest(url=source.url))
            late = timedelta(hours=1) if isinstance(result, Fetched) else NOTHING
            outcome = VisitOutcome(
                started_at=source.leased_at,
                outcome="unchanged",
                pace=NOTHING,
                due_in=late,
                keep_validators=True,
            )
            async with db.connection() as conn:
                await finish_visit(conn, source, outcome)

        async def work() -> None:
            async with asyncio.TaskGroup() as visits:
                while True:
                    for source in await claim(db):
                        visits.create_task(visit(source))
                    await asyncio.sleep(0.01)  # the tick

        working = asyncio.create_task(work())
        try:
            yield
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def test_what_the_rules_forbid_is_not_fetched_and_the_reason_names_them_and_the_remedy(
    site: CivilSite, polite: Politeness
) -> None:
    site.robots = FORBIDS

    fetched = await polite.fetch(FetchRequest(url=site.url("/feed")))
    failed = await polite.fetch(FetchRequest(url=site.url("/private/feed")))

    assert isinstance(fetched, Fetched)
    assert fetched.robots
    assert fetched.robots.startswith("allowed by robots.txt")
    assert isinstance(failed, FetchFailed)
    assert failed.kind is FailureKind.BLOCKED
    assert is_forbidden(failed)
    assert "robots.txt forbids this address to Marsad" in failed.reason
    assert 'robots = "ignore"' in failed.reason
    assert site.requests == {"/robots.txt": 1, "/feed": 1}


async def test_a_source_that_may_ignore_robots_txt_does_not_ask_for_it(
    site: CivilSite, polite: Politeness
) -> None:
    site.robots = FORBIDS

    fetched = await polite.fetch(FetchRequest(url=site.url("/private/feed")), robots="ignore")

    assert isinstance(fetched, Fetched)
    assert fetched.robots == "not asked: robots = ignore"
    assert site.requests == {"/private/feed": 1}


async def test_a_site_without_robots_txt_allows_everything(site: CivilSite, polite: Politeness) -> None:
    leave = await polite.may_fetch(site.url("/private/feed"))

    assert isinstance(leave, Allowed)
    assert leave.said.startswith("allowed: no robots.txt (404)")


async def test_workers_at_once_and_those_after_them_ask_for_a_robots_txt_once(
    site: CivilSite, db: Database, dsn: str, collector: Collector
) -> None:
    site.robots = FORBIDS
    async with open_database(dsn) as other:
        both = [Politeness(db=one, fetcher=collector) for one in (db, other)]
        leaves = await asyncio.gather(
            *(polite.may_fetch(site.url(f"/private/{n}")) for n in range(4) for polite in both)
        )
        later = await Politeness(db=other, fetcher=collector).may_fetch(site.url("/private/later"))

    assert site.requests["/robots.txt"] == 1
    assert {type(leave) for leave in leaves} <= {Disallowed, NotYet}
    assert isinstance(later, Disallowed)


async def test_a_robots_txt_is_asked_for_again_when_it_is_old_and_only_if_it_changed(
    site: CivilSite, db: Database, collector: Collector
) -> None:
    site.robots, site.headers = FORBIDS, {"ETag": '"1"', "Cache-Control": "max-age=60"}
    await Politeness(db=db, fetcher=collector).may_fetch(site.url())
    async with db.connection() as conn:
        rows = await (await conn.execute("SELECT fresh_until - good_at FROM robots")).fetchall()
    assert rows == [(timedelta(hours=1),)]
    await forget(db)
    site.robots = 304
    leave = await Politeness(db=db, fetcher=collector).may_fetch(site.url("/private"))

    assert isinstance(leave, Disallowed)
    assert site.requests["/robots.txt"] == 2


async def test_a_broken_site_is_left_alone_until_its_rules_come(
    site: CivilSite, db: Database, collector: Collector
) -> None:
    site.robots = 503
    polite = Politeness(db=db, fetcher=collector)

    failed = await polite.fetch(FetchRequest(url=site.url()))
    again = await polite.fetch(FetchRequest(url=site.url("/other")))

    assert isinstance(failed, FetchFailed)
    assert isinstance(again, FetchFailed)
    assert (failed.kind, is_forbidden(failed)) == (FailureKind.BLOCKED, False)
    assert "/robots.txt does not come (127.0.0.1 answered 503" in failed.reason
    assert 'robots = "ignore"' in failed.reason
    assert site.requests == {"/robots.txt": 1}, "asking waits for its back-off"
    await forget(db)
    site.robots = FORBIDS
    assert isinstance(await Politeness(db=db, fetcher=collector).fetch(FetchRequest(url=site.url())), Fetched)


async def test_the_last_good_copy_holds_for_thirty_days_of_breakage(
    site: CivilSite, db: Database, collector: Collector
) -> None:
    site.robots = FORBIDS
    await Politeness(db=db, fetcher=collector).may_fetch(site.url())
    await forget(db)
    site.robots = 500

    broken = Politeness(db=db, fetcher=collector)
    assert isinstance(await broken.may_fetch(site.url()), Allowed)
    assert isinstance(await broken.may_fetch(site.url("/private")), Disallowed)
    async with db.connection() as conn:
        await conn.execute("UPDATE robots SET good_at = now() - interval '31 days'")
    assert isinstance(await Politeness(db=db, fetcher=collector).may_fetch(site.url()), Disallowed)


async def test_the_back_off_of_a_robots_txt_that_does_not_come_doubles(
    site: CivilSite, db: Database, collector: Collector
) -> None:
    site.robots, waits = 500, list[timedelta]()
    for _ in range(3):
        await Politeness(db=db, fetcher=collector).may_fetch(site.url())
        async with db.connection() as conn:
            [(wait,)] = await (await conn.execute("SELECT fresh_until - now() FROM robots")).fetchall()
        waits.append(wait)
        await forget(db)

    assert [round(wait.total_seconds() / 60) for wait in waits] == [1, 2, 4]


async def test_a_robots_txt_that_keeps_silent_costs_its_time_limit_once_and_is_told_as_what_it_is(
    site: CivilSite, db: Database, collector: Collector
) -> None:
    site.robots = None
    polite = Politeness(db=db, fetcher=Hasty(fetcher=collector))

    results = [await polite.fetch(FetchRequest(url=site.url(f"/{n}"))) for n in range(5)]

    kinds = {result.kind for result in results if isinstance(result, FetchFailed)}
    assert (kinds, site.requests) == ({FailureKind.BLOCKED}, {"/robots.txt": 1})


async def test_a_host_that_is_down_is_down_not_blocked(db: Database, collector: Collector) -> None:
    async with CivilSite() as site:
        url = site.url()
    failed = await Politeness(db=db, fetcher=collector).fetch(FetchRequest(url=url))

    assert isinstance(failed, FetchFailed)
    assert failed.kind is FailureKind.CONNECT
    assert "ignore" not in failed.reason


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "600"}, 600), ({}, 60), ({"Retry-After": "86400"}, 3600)]
)
async def test_a_busy_answer_to_one_source_holds_its_siblings_and_nobody_else(
    site: CivilSite, db: Database, polite: Politeness, headers: dict[str, str], seconds: int
) -> None:
    site.busy = headers
    await given_sources(db, site.url("/0"), site.url("/1"), site.url("/2"), site.url("/0", host="127.0.0.2"))
    first, *_ = await claim(db)

    failed = await polite.fetch(FetchRequest(url=first.url))

    assert isinstance(failed, FetchFailed)
    async with db.connection() as conn:
        await conn.execute("UPDATE source SET leased_until = NULL")
        [(wait,)] = await (
            await conn.execute("SELECT next_at - now() FROM host WHERE host LIKE '127.0.0.1%'")
        ).fetchall()
    assert abs(wait.total_seconds() - seconds) < 5
    assert [source.url for source in await claim(db)] == [site.url("/0", host="127.0.0.2")]


async def test_two_workers_keep_a_crawl_delay_of_a_second_by_the_sites_own_clock(
    site: CivilSite, db: Database, dsn: str, collector: Collector
) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 1"
    await given_sources(db, *(site.url(f"/{n}") for n in range(6)))

    async with worker(dsn, collector), worker(dsn, collector):
        await site.served(3)

    assert all(start - end >= 1.0 for (_, end), (start, _) in pairwise(site.pages))
    assert site.requests["/robots.txt"] == 1


async def test_two_workers_never_ask_a_host_for_more_than_two_things_at_once(
    site: CivilSite, db: Database, dsn: str, collector: Collector
) -> None:
    site.seconds = 0.05
    await given_sources(db, *(site.url(f"/{n}") for n in range(16)))

    async with worker(dsn, collector), worker(dsn, collector):
        await site.served(16)

    assert site.most_at_once == 2
    assert max(site.requests.values()) == 1, "and nothing twice"


async def test_after_its_robots_txt_a_host_rests_before_its_feed_is_asked_for(
    site: CivilSite, db: Database, collector: Collector
) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 30"
    await given_sources(db, site.url())
    [source] = await claim(db)
    polite = Politeness(db=db, fetcher=collector)

    assert isinstance(await polite.fetch(FetchRequest(url=source.url)), NotYet)
    async with db.connection() as conn:
        await conn.execute("UPDATE source SET leased_until = NULL")
        assert await claim(db) == []
        await conn.execute("UPDATE host SET next_at = next_at - interval '30 s'")
    assert len(await claim(db)) == 1
    assert isinstance(await polite.fetch(FetchRequest(url=source.url)), Fetched)


async def test_more_within_a_visit_obeys_the_rules_and_does_not_wait_for_long(
    site: CivilSite, polite: Politeness
) -> None:
    site.robots = FORBIDS + "\nCrawl-delay: 30"
    await polite.may_fetch(site.url())

    for path in ("/private/page", "/older"):
        result = await polite.fetch_more(FetchRequest(url=site.url(path)))
        assert isinstance(result, FetchFailed)
    assert site.requests == {"/robots.txt": 1}


async def test_asking_that_is_cancelled_lets_the_next_one_ask_at_once(
    site: CivilSite, db: Database, collector: Collector
) -> None:
    site.robots = None
    asking = asyncio.create_task(Politeness(db=db, fetcher=collector).may_fetch(site.url()))
    async with asyncio.timeout(5):
        while not site.requests:
            await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    site.robots = FORBIDS

    assert isinstance(await Politeness(db=db, fetcher=collector).may_fetch(site.url()), Allowed)


async def test_what_robots_txt_said_is_on_record_with_the_visit(
    site: CivilSite, db: Database, polite: Politeness
) -> None:
    await given_sources(db, site.url())
    [source] = await claim(db)
    result = await polite.fetch(FetchRequest(url=source.url))
    assert isinstance(result, Fetched)
    outcome = VisitOutcome(
        started_at=source.leased_at, outcome="new", pace=NOTHING, due_in=NOTHING, robots=result.robots
    )
    async with db.connection() as conn:
        await finish_visit(conn, source, outcome)
        [visit] = await list_visits(conn, source.id)

    assert visit.robots == result.robots
