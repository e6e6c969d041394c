"""An infirmary: papers that fall ill in every way, and the real collector, readers and database that visit them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from hostile import LOOPBACK, Exchange, Fault, HostileOrigin

from scheduler.means import Means
from scheduler.pages import claim_pages, look_at
from scheduler.politeness import Politeness
from scheduler.queue import Queue
from scheduler.reading import ENTRY
from scheduler.ruleset import Rulebook
from scheduler.visits import claim_visits, visit
from scheduler.watchman import watch_over
from spiders.children import Children
from spiders.collector import Collector
from spiders.fetching import FetchRequest, FetchResult
from spiders.gate.policy import GatePolicy
from storage.captures import CaptureStore
from storage.database import Database
from storage.incidents import list_open_incidents
from storage.rules import RuleSpec, put_rule
from storage.sources import Source, SourceSpec, get_source, make_due, put_source, source_key

HOURLY = timedelta(hours=1)
SECONDS = 1.2  # the gate's time limit here; an answer that takes a third of it is slow
WINDOW = 12
_numbers = count(1)


def feed(items: Sequence[str], *, paper: str = "") -> bytes:
    """An RSS feed of these headlines."""
    body = "".join(
        f"<item><title>{title}</title><link>http://paper.example{paper}/{abs(hash(title))}</link></item>"
        for title in items
    )
    head = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Paper</title>'
    return f"{head}{body}</channel></rss>".encode()


def headlines(start: int, number: int = WINDOW) -> list[str]:
    """The newest `number` headlines of a paper that has published `start` and then some, newest first."""
    return [f"Report number {n} from the south of Iraq" for n in range(start + number, start, -1)]


@dataclass(kw_only=True)
class Paper:
    """One source with an address of its own; it is well until told otherwise."""

    ward: "Infirmary"
    source_id: int
    url: str
    path: str
    published: int = 0

    def answers(self, fault: Fault) -> None:
        self.ward.origin.on(self.path, fault)

    def feed(self, items: Sequence[str]) -> bytes:
        """A feed of these headlines whose articles are this paper's own."""
        return feed(items, paper=self.path)

    def says(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        self.ward.origin.answers(self.path, status, body, **headers)

    async def is_well(self, visits: int) -> None:
        """Publish one more item before each of so many visits."""
        for _ in range(visits):
            self.published += 1
            self.says(self.feed(headlines(self.published)), Content_Type="application/rss+xml")
            await self.is_visited()

    async def is_visited(self, times: int = 1) -> None:
        for _ in range(times):
            await self.ward.visit(self.source_id)

    async def source(self) -> Source:
        async with self.ward.means.db.connection() as conn:
            found = await get_source(conn, self.source_id)
        assert found is not None
        return found

    async def troubles(self) -> set[str]:
        async with self.ward.means.db.connection() as conn:
            return {one.kind for one in await list_open_incidents(conn, source_id=self.source_id)}


@dataclass(kw_only=True)
class Infirmary:
    """Everything that visits papers, and the one server that they all answer from."""

    means: Means
    origin: HostileOrigin
    papers: list[Paper] = field(default_factory=list)

    async def admit(self, **spec: object) -> Paper:
        number = next(_numbers)
        host = f"127.0.{100 + number // 250}.{1 + number % 250}"
        path = f"/paper{number}"
        url = str(spec.pop("url", self.origin.url(path, host=host)))
        values = {"name": f"Paper {number}", "every": HOURLY, "pages": False, "lang": "en", **spec}
        async with self.means.db.connection() as conn:
            source = SourceSpec(key=source_key(url), url=url, **values)  # type: ignore[arg-type]
            id_ = await put_source(conn, source, origin="test")
        self.papers.append(Paper(ward=self, source_id=id_, url=url, path=path))
        return self.papers[-1]

    async def visit(self, source_id: int) -> None:
        async with self.means.db.connection() as conn:
            await make_due(conn, source_id)
            await conn.execute("UPDATE host SET next_at = statement_timestamp()")  # as if their rest was over
        for leased in await claim_visits(self.means, room=50):
            await visit(self.means, leased)

    async def read_pages(self) -> int:
        pages = await claim_pages(self.means, room=50)
        for leased in pages:
            await look_at(self.means, leased)
        return len(pages)

    async def is_watched(self) -> None:
        await watch_over(self.means.db, self.means.rulebook)


@asynccontextmanager
async def infirmary(db: Database, dsn: str, folder: Path) -> AsyncIterator[Infirmary]:
    """Open one on an empty database."""
    async with db.connection() as conn:
        rule = RuleSpec(
            name="Basra", query="basra", definition={}, languages=(), severity="high", alert=(), enabled=True
        )
        await put_rule(conn, rule, origin="test")
    policy = GatePolicy(allow_networks=LOOPBACK, total_timeout_seconds=SECONDS, max_bytes=64 << 10)
    async with (
        HostileOrigin(host="0.0.0.0") as origin,
        Children(entry=ENTRY, count=1) as children,
        Queue(dsn, _nobody) as queue,
        Collector(policy) as collector,
    ):
        rulebook = Rulebook(children)
        await rulebook.refresh(db)
        means = Means(
            db=db,
            queue=queue,
            polite=Politeness(db=db, fetcher=_Impatient(collector)),
            captures=CaptureStore(folder / "captures"),
            children=children,
            rulebook=rulebook,
            slow_seconds=SECONDS / 3,
        )
        yield Infirmary(means=means, origin=origin)


async def _nobody(message_id: str) -> None:
    """Messages stay owed: nobody delivers here."""


class _Impatient:
    """The real collector, asked with the patience of this test."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    async def fetch(self, request: FetchRequest) -> FetchResult:
        return await self._collector.fetch(
            replace(request, timeout=timedelta(seconds=SECONDS), max_bytes=64 << 10)
        )


async def late(exchange: Exchange, body: bytes, seconds: float) -> None:
    """Answer well, but only after a while."""
    await asyncio.sleep(seconds)
    await exchange.answer(body=body)


def long_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)
