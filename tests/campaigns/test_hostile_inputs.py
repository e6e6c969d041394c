"""Ten thousand hostile inputs: the service never falls, no input holds it, its memory does not grow.

MARSAD_SEED chooses other inputs, MARSAD_CAMPAIGN_SIZE how many; `make fault` runs the ten thousand.
"""

import asyncio
import json
import multiprocessing
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

import aiohttp
import psutil
import pytest
from hostile_inputs import CORPORA, HEAVY, SHAPES_AT_ONCE, batch, heavy, seeds_of

from marsad.demo.newspaper import Newspaper
from marsad.demo.stories import script
from scheduler.means import read_or_salvage
from scheduler.pages import read_or_strip
from scheduler.reading import ENTRY, PageJob, SourceJob
from spiders.children import ChildFailed, Children
from spiders.entries import PageKind

SEED = int(os.environ.get("MARSAD_SEED", "20261122"))
SIZE = int(os.environ.get("MARSAD_CAMPAIGN_SIZE", "10000"))
DAILY = 150
URL = "https://paper.example/feed"
HELD_SECONDS = 10.0  # of one reader by one reading of one input
LOOP_SECONDS = 1.0  # of the loop by anything
GROWTH_BYTES = 64 << 20
PAGES = 0.3  # so many of the inputs are read as pages, the others as sources
WARM_UP = 200
KINDS: tuple[PageKind, ...] = ("article", "listing", "blocked", "empty")


class Noting(Children):
    """Children that remember what raised in them: readers promise never to. The inputs are kept."""

    async def run(self, task: str, job: str) -> str:
        began = time.monotonic()
        try:
            return await super().run(task, job)
        except ChildFailed as error:
            self.killed += error.kind != "error"
            if error.kind == "error":
                self.raised.append(f"{task}: {error}")
                path = Path(json.loads(job)["path"])
                shutil.copy(path, path.with_name(f"raised-{path.name}"))
            raise
        finally:
            self.longest = max(self.longest, time.monotonic() - began)

    def __init__(self, entry: str, *, count: int) -> None:
        super().__init__(entry, count=count)
        self.raised: list[str] = []
        self.longest, self.killed = 0.0, 0


@dataclass
class Ward:
    """Reads inputs as the service does, and takes the time of each."""

    children: Noting
    folder: Path
    numbers: Iterator[int] = field(default_factory=count)
    answers: Counter[str] = field(default_factory=Counter)
    held: list[tuple[float, str]] = field(default_factory=list)

    async def read(self, body: bytes, *, as_page: bool) -> None:
        number = next(self.numbers)
        path = self.folder / str(number)
        path.write_bytes(body)
        began = time.monotonic()
        try:
            answer = await (self._page(path) if as_page else self._source(path))
        except ChildFailed as error:
            answer = f"stopped: {error.kind}"
        finally:
            path.unlink()
        self.answers[answer] += 1
        self.held.append((time.monotonic() - began, f"input {number}, {len(body)} bytes: {answer}"))

    async def _page(self, path: Path) -> str:
        read = await read_or_strip(self.children, PageJob(path=str(path), url=URL))
        assert read.page.kind in KINDS
        return f"page: {'degraded ' if read.page.degraded else ''}{read.page.kind}"

    async def _source(self, path: Path) -> str:
        read = await read_or_salvage(self.children, SourceJob(path=str(path), url=URL))
        assert read.entries or read.error, "neither entries nor a reason"
        return f"source: {read.kind}{', short' if read.error else ''}{', none' if not read.entries else ''}"

    async def take(self, waiting: list[bytes], rng: random.Random) -> None:
        while waiting:
            await self.read(waiting.pop(), as_page=rng.random() < PAGES)


async def loop_lag(worst: list[float]) -> None:
    """How late the loop comes round, at worst: what hangs in a child must not be felt here."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.05)
        worst.append(time.monotonic() - began - 0.05)


async def demo_seeds() -> list[Path | bytes]:
    """The sources of our own newspaper, where the corpora are not at hand."""
    now = datetime.now(UTC)
    async with Newspaper(script().outlets, clock=lambda: now) as paper, aiohttp.ClientSession() as session:
        for old in script().archive:
            paper.publish(old.outlet, old.story(now))
        return [await _fetched(session, paper.url(outlet.key)) for outlet in script().outlets]


async def _fetched(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url) as answer:
        return await answer.read()


def corpus_seeds() -> list[Path | bytes]:
    feeds = seeds_of(
        "feeds-feedparser", "feeds-other", "feeds-real", suffixes=(".xml", ".json", ".rss", ".atom", ".html")
    )
    pages = seeds_of("articles-fundus", "articles-scrapinghub", suffixes=(".html.gz", ".html"))
    return [*feeds, *pages[:: max(1, len(pages) // 80)]]


@dataclass
class Maker:
    """Makes the inputs in a process of its own: what that takes is not the service's."""

    pool: ProcessPoolExecutor
    seeds: list[Path | bytes]

    async def batches(self, size: int, start: int) -> AsyncIterator[list[bytes]]:
        places = [(place, min(SHAPES_AT_ONCE, size - place)) for place in range(0, size, SHAPES_AT_ONCE)]
        for place, number in places:
            yield await self._made(partial(batch, number, start=start * 100_003 + place, seeds=self.seeds))

    async def heavy(self) -> AsyncIterator[list[bytes]]:
        for number in range(len(HEAVY)):
            yield await self._made(partial(heavy, number))

    async def _made(self, make: Callable[[], list[bytes]]) -> list[bytes]:
        return await asyncio.get_running_loop().run_in_executor(self.pool, make)


async def _run(ward: Ward, batches: AsyncIterator[list[bytes]]) -> None:
    rng = random.Random(SEED)
    async for bodies in batches:
        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(ward.take(bodies, rng))


@contextmanager
def _pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize(
    "size", [DAILY, pytest.param(SIZE, marks=[pytest.mark.campaign, pytest.mark.timeout(2400)])]
)
async def test_hostile_inputs_neither_fell_nor_hold_nor_swell_the_service(size: int, tmp_path: Path) -> None:
    seeds = corpus_seeds() if CORPORA.is_dir() else await demo_seeds()
    worst: list[float] = []
    async with Noting(ENTRY, count=2) as children:
        ward = Ward(children, tmp_path)
        with _pool() as pool:
            maker = Maker(pool, seeds)
            await _run(ward, maker.batches(min(WARM_UP, size // 3), SEED + 1))
            lag = asyncio.create_task(loop_lag(worst))
            before, began = psutil.Process().memory_info().rss, time.monotonic()
            await _run(ward, maker.batches(size, SEED))
            if size > DAILY:
                await _run(ward, maker.heavy())
            took, growth = time.monotonic() - began, psutil.Process().memory_info().rss - before
            lag.cancel()
    longest = sorted(ward.held, reverse=True)[:8]
    report = [
        f"seed {SEED}, {len(ward.held)} inputs in {took:.0f} s, {len(seeds)} seeds, growth {growth / 2**20:.1f} MB",
        f"loop late at worst {max(worst):.3f} s; {ward.children.killed} readings were stopped",
        f"the longest held a reader for {ward.children.longest:.1f} s",
        *(f"{seconds:6.2f} s  {what}" for seconds, what in longest),
        *(f"raised: {said}" for said in ward.children.raised),
        *(f"{times:6}  {answer}" for answer, times in ward.answers.most_common()),
    ]
    print("\n".join(report))

    assert ward.children.raised == [], f"{tmp_path}: {report}"
    assert sum(ward.answers.values()) == len(ward.held)
    assert growth < GROWTH_BYTES, report
    assert ward.children.longest <= HELD_SECONDS, report
    assert max(worst) <= LOOP_SECONDS, report
