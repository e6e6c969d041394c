"""The daemon: every part opened in order, ticking until told to stop, closed in reverse within half a minute."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TextIO

import structlog

from alerts.channels import Means as Sending
from marsad.apply import apply
from marsad.configuration import Configuration
from marsad.errors import BadInput
from marsad.gateway import open_collector, open_means
from marsad.hearing import hearing
from marsad.store import Store, open_store
from marsad.systemd import notify, watchdog_interval
from marsad.watchfile import WatchSet, load_watch
from scheduler.clock import Clock, Lapse, Tick
from scheduler.courier import Courier
from scheduler.fleet import Fleet
from scheduler.incidents import TELL_EVERY, TELL_PAUSE, tell_incidents
from scheduler.means import Means
from scheduler.pages import claim_pages, look_at, stay_at_pages
from scheduler.politeness import Politeness
from scheduler.queue import Queue
from scheduler.reading import ENTRY
from scheduler.reindexing import REINDEX_EVERY, Reindexing
from scheduler.rulehealth import WATCH_RULES_EVERY, watch_rules
from scheduler.ruleset import Rulebook
from scheduler.sweeper import sweep
from scheduler.visits import claim_visits, stay_at_visits, visit
from scheduler.volumes import WEIGH_EVERY, weigh_volumes
from scheduler.watchman import WATCH_EVERY, watch_over
from spiders.children import Children
from spiders.robots import product_token
from storage.database import Database, DatabaseError
from storage.sources import list_sources

log = structlog.get_logger()

Role = Literal["all", "collect", "deliver"]
WATCHDOG_FALLBACK = timedelta(seconds=30)
PING_TIMEOUT = timedelta(seconds=10)
PATIENCE = 12.0  # seconds that work under way gets at a stop; with the worker's own grace still below 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A daemon at work, as the demo and the tests see it."""

    store: Store
    rulebook: Rulebook
    reload: Callable[[], "asyncio.Task[None]"]


@dataclass(slots=True)
class _Parts:
    """What was opened, to be closed in order."""

    ticks: list[Tick] = field(default_factory=list[Tick])
    fleets: list[Fleet[Any]] = field(default_factory=list[Fleet[Any]])


async def run(configuration: Configuration, *, role: Role = "all") -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reloads the watch files."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch = await asyncio.to_thread(
        load_watch, configuration.watch
    )  # before anything starts: a typo ends here
    async with running(configuration, watch, role=role) as daemon:
        loop.add_signal_handler(signal.SIGHUP, daemon.reload)
        await _say_ready(daemon.store.db, daemon.rulebook, role)
        await stop.wait()
        log.info("stopping")
        notify("STOPPING=1")
    log.info("stopped")


@asynccontextmanager
async def running(
    configuration: Configuration, watch: WatchSet, *, role: Role = "all", stream: TextIO | None = None
) -> AsyncGenerator[Running]:
    """The daemon's parts, at work on `watch` inside this context."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            open_store(configuration, connections=8 + configuration.collect.concurrency // 4)
        )
        await _apply(store.db, watch)
        children = await stack.enter_async_context(Children(entry=ENTRY, count=configuration.collect.readers))
        rulebook = Rulebook(children)
        await rulebook.refresh(store.db)
        sending = await stack.enter_async_context(open_means(configuration, stream))
        queue = await stack.enter_async_context(_open_queue(store, sending, configuration))
        parts = _Parts(ticks=[*_own_ticks(configuration, store.db, queue, rulebook)])
        if role in ("all", "collect"):
            fetcher = await stack.enter_async_context(open_collector(configuration))
            means = Means(
                db=store.db,
                queue=queue,
                polite=Politeness(
                    db=store.db,
                    fetcher=fetcher,
                    pause=timedelta(seconds=configuration.collect.pause_seconds),
                    agent=product_token(configuration.gate.user_agent),
                ),
                captures=store.captures,
                children=children,
                rulebook=rulebook,
                per_host=configuration.collect.per_host,
                lease=timedelta(seconds=configuration.collect.lease_seconds),
                slow_seconds=configuration.collect.timeout_seconds / 3,
            )
            _collect(parts, means, configuration)
            push = await stack.enter_async_context(hearing(configuration, means))
            parts.ticks += push.ticks
            parts.fleets += push.fleets
        if role in ("all", "deliver"):
            await stack.enter_async_context(_working(queue, configuration.deliver.concurrency))
        clock = Clock(
            [*parts.ticks, *_watch_ticks(store.db, queue, rulebook, lambda: clock.lapses(datetime.now(UTC)))]
        )
        clock.start()
        try:
            yield Running(
                store=store,
                rulebook=rulebook,
                reload=lambda: asyncio.create_task(_reload(configuration, store.db, rulebook)),
            )
        finally:
            await asyncio.gather(*(fleet.close(patience=PATIENCE) for fleet in parts.fleets))
            clock.stop()


@asynccontextmanager
async def _open_queue(store: Store, sending: Sending, configuration: Configuration) -> AsyncGenerator[Queue]:
    courier = Courier(store.db, sending, lease=timedelta(seconds=configuration.deliver.lease_seconds))
    async with Queue(store.dsn, courier.deliver) as queue:
        yield queue


@asynccontextmanager
async def _working(queue: Queue, concurrency: int) -> AsyncGenerator[None]:
    worker = asyncio.create_task(queue.work(concurrency=concurrency))
    try:
        yield
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker


def _own_ticks(configuration: Configuration, db: Database, queue: Queue, rulebook: Rulebook) -> list[Tick]:
    every = timedelta(seconds=configuration.deliver.sweep_seconds)
    return [
        Tick(name="sweep", every=every, do=lambda: sweep(db, queue)),
        Tick(name="tidy", every=timedelta(minutes=1), do=queue.tidy),
        Tick(name="rules", every=timedelta(seconds=1), do=lambda: rulebook.refresh(db)),
        Tick(name="watchdog", every=watchdog_interval() or WATCHDOG_FALLBACK, do=lambda: _alive(db)),
    ]


def _watch_ticks(
    db: Database, queue: Queue, rulebook: Rulebook, lapses: Callable[[], Sequence[Lapse]]
) -> list[Tick]:
    """Nothing goes wrong in silence: what is wrong is found, and told to those who asked to be told."""
    return [
        Tick(name="watch", every=WATCH_EVERY, do=lambda: watch_over(db, rulebook, lapses())),
        Tick(name="watch rules", every=WATCH_RULES_EVERY, do=lambda: watch_rules(db)),
        Tick(name="volumes", every=WEIGH_EVERY, do=lambda: weigh_volumes(db, queue, rulebook)),
        Tick(name="tell incidents", every=TELL_EVERY, do=lambda: tell_incidents(db, queue, pause=TELL_PAUSE)),
    ]


def _collect(parts: _Parts, means: Means, configuration: Configuration) -> None:
    every = timedelta(seconds=configuration.collect.tick_seconds)
    visits = Fleet(
        "visit",
        size=configuration.collect.concurrency,
        claim=lambda room: claim_visits(means, room=room),
        do=lambda source: visit(means, source),
        extend=lambda leased: stay_at_visits(means, leased),
    )
    pages = Fleet(
        "page",
        size=max(2, configuration.collect.concurrency // 2),
        claim=lambda room: claim_pages(means, room=room),
        do=lambda page: look_at(means, page),
        extend=lambda leased: stay_at_pages(means, leased),
    )
    parts.fleets += [visits, pages]
    parts.ticks += [
        Tick(name="visits", every=every, do=visits.fill),
        Tick(name="pages", every=every, do=pages.fill),
        Tick(name="stay at visits", every=means.lease / 3, do=visits.stay),
        Tick(name="stay at pages", every=means.lease / 3, do=pages.stay),
        Tick(name="reindex", every=REINDEX_EVERY, do=Reindexing(means.db, means.children).turn),
    ]


async def _alive(db: Database) -> None:
    """Feed the watchdog only after a real round trip: a daemon without its database is not alive (R6)."""
    started = time.monotonic()
    await db.ping(PING_TIMEOUT)
    notify(f"WATCHDOG=1\nSTATUS=database answers in {(time.monotonic() - started) * 1000:.0f} ms")


async def _apply(db: Database, watch: WatchSet) -> None:
    for change in await apply(db, watch):
        log.debug("applied", change=str(change))


async def _reload(configuration: Configuration, db: Database, rulebook: Rulebook) -> None:
    """Take the watch files anew; a bad one changes nothing and says why."""
    try:
        watch = await asyncio.to_thread(load_watch, configuration.watch)
        changes: Sequence[object] = await apply(db, watch)
        await rulebook.refresh(db)
    except BadInput as error:
        log.error("watch_files_kept", reason=str(error), remedy="mend the file and send SIGHUP again")
    except DatabaseError as error:
        log.error("watch_files_kept", reason=str(error).strip())
    else:
        log.info("watch_files_taken", changes=[str(change) for change in changes])


async def _say_ready(db: Database, rulebook: Rulebook, role: Role) -> None:
    async with db.connection() as conn:
        sources = [s for s in await list_sources(conn) if s.enabled]
    log.info("ready", role=role, sources=len(sources), rules=len(rulebook.current.routes))
    notify("READY=1")
