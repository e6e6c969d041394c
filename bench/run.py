"""One run: bare Scrapy, reader and Marsad, one after the other, against the same thousand feeds."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import marsad, matching
from bench.daemon import Order
from bench.origin import Origin, origin
from marsad.demo.hookreceiver import HookReceiver

ROUNDS = 5  # of looking again; the middle one counts
READER_ROUNDS = 2  # the first look, and one more
SECONDS_EACH = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How much to measure."""

    feeds: int = 1000
    stories: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one run measured; rates are per second of the clock."""

    feeds: int
    server: str
    scrapy_unchanged: float
    scrapy_unchanged_cpu_ms: float
    reader_new: float
    reader_unchanged: float
    marsad_new: float
    marsad_unchanged: float
    marsad_unchanged_cpu_ms: float
    alert_p50: float
    alert_p99: float
    alerts: int
    summaries: float
    memory: marsad.Memory
    matching: matching.Matching
    seconds: float

    @property
    def unchanged_to_scrapy(self) -> float:
        return self.marsad_unchanged / self.scrapy_unchanged

    @property
    def unchanged_to_reader(self) -> float:
        return self.marsad_unchanged / self.reader_unchanged

    @property
    def new_to_reader(self) -> float:
        return self.marsad_new / self.reader_new


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """What Marsad's part of the run came to."""

    new: float
    again: list[marsad.Round]
    alert_seconds: list[float]
    summaries: float
    memory: marsad.Memory


async def measure(settings: Settings, home: Path) -> Figures:
    """Measure everything once; `home` is an empty folder that others may pass through."""
    began = time.monotonic()
    async with origin(home, count=settings.feeds) as web, HookReceiver() as hooks:
        _say(f"bare Scrapy on {settings.feeds} feeds from {web.server}")
        asked = await _told_by("bench.barescrapy", [str(ROUNDS + 1)], web.urls)
        _say("reader")
        read = await _told_by("bench.withreader", [str(home / "reader.sqlite"), str(READER_ROUNDS)], web.urls)
        _say("Marsad")
        watched = await _watch(settings, home / "marsad", web, hooks)
    _say("matching")
    again = asked[1:]
    return Figures(
        feeds=settings.feeds,
        server=web.server,
        scrapy_unchanged=settings.feeds / statistics.median(one["seconds"] for one in again),
        scrapy_unchanged_cpu_ms=_milliseconds([one["cpu_seconds"] for one in again], settings.feeds),
        reader_new=settings.feeds / read["seconds"][0],
        reader_unchanged=settings.feeds / statistics.median(read["seconds"][1:]),
        marsad_new=watched.new,
        marsad_unchanged=statistics.median(one.visits / one.seconds for one in watched.again),
        marsad_unchanged_cpu_ms=_milliseconds([one.cpu_seconds for one in watched.again], settings.feeds),
        alert_p50=statistics.median(watched.alert_seconds),
        alert_p99=marsad.percentile(watched.alert_seconds, 99),
        alerts=len(watched.alert_seconds),
        summaries=watched.summaries,
        memory=watched.memory,
        matching=matching.measure(),
        seconds=time.monotonic() - began,
    )


async def _watch(settings: Settings, home: Path, web: Origin, hooks: HookReceiver) -> _Watched:
    """Collect first, with what is owed only written down; then the whole daemon, which also tells."""
    home.mkdir(mode=0o755)
    collect = Order(
        home=str(home), urls=web.urls, role="collect", hook_url=hooks.url, hook_secret=hooks.secret
    )
    async with marsad.daemon(collect) as running:
        new = await marsad.visit_all(running, settings.feeds, first=True)
        again = [await marsad.visit_all(running, settings.feeds) for _ in range(ROUNDS)]
    _check(new, "new", settings.feeds)
    for one in again:
        _check(one, "unchanged", settings.feeds)
    whole = Order(home=str(home), urls=web.urls, role="all", hook_url=hooks.url, hook_secret=hooks.secret)
    async with marsad.daemon(whole) as running:
        summaries = await marsad.tell_all_owed(running)
        alert_seconds = await marsad.alert_times(running, web, hooks, stories=settings.stories)
        memory = marsad.memory(running, home)
    return _Watched(
        new=new.visits / new.seconds,
        again=again,
        alert_seconds=alert_seconds,
        summaries=summaries,
        memory=memory,
    )


def _check(one: marsad.Round, outcome: str, feeds: int) -> None:
    """A rate counts only if every visit ended as it should."""
    if one.outcomes != {outcome: feeds}:
        raise RuntimeError(f"{feeds} visits should have been {outcome!r}, but were {one.outcomes}")


async def _told_by(module: str, arguments: Sequence[str], urls: Sequence[str]) -> Any:
    """Run one of the others in a process of its own; what it says on its last line, as JSON."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", module, *arguments],
        input="\n".join(urls),
        text=True,
        capture_output=True,
        timeout=SECONDS_EACH,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} ended with code {done.returncode}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def _milliseconds(cpu_seconds: Sequence[float], each: int) -> float:
    return statistics.median(cpu_seconds) / each * 1000


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what} ...", file=sys.stderr, flush=True)
