"""Marsad: the daemon's visits, its time to an alert and its memory, as its own ledger and the system tell them."""

import asyncio
import json
import statistics
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from bench.daemon import Order
from bench.feeds import breaking
from bench.origin import Origin
from marsad.demo.hookreceiver import HookReceiver
from storage.database import Database, open_database
from storage.sources import make_due

START_SECONDS = 60.0
ROUND_SECONDS = 120.0
POLL_SECONDS = 0.05
OWED = "SELECT count(*) FROM message WHERE state IN ('due', 'leased')"
WARM_UP = (
    12  # stories before the clock counts: a reader loads each script's language model when it first meets it
)
TOGETHER = 4  # stories that break at once: an idle daemon, not a backlog


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A running daemon: its database and its process."""

    db: Database
    process: psutil.Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """All sources visited once."""

    visits: int
    seconds: float  # from the start of the first visit to the end of the last
    cpu_seconds: float  # of the daemon's own process
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Megabytes, shared pages counted in part (PSS): what the machine really gives."""

    service: float
    readers: float
    database: float


@asynccontextmanager
async def daemon(order: Order) -> AsyncGenerator[Daemon]:
    """A daemon in a process of its own, and a look into its database."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.daemon", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        async with asyncio.timeout(START_SECONDS):
            said = await process.stdout.readline()
        if not said:
            raise RuntimeError(f"the daemon did not start; see {order.home}/{order.role}.log")
        async with open_database(json.loads(said)["dsn"], max_size=2) as db:
            yield Daemon(db=db, process=psutil.Process(process.pid))
    finally:
        process.stdin.close()
        await process.wait()


async def visit_all(running: Daemon, count: int, *, first: bool = False) -> Round:
    """Let every source be visited once and wait for the record of the last; at the start they are due anyway."""
    after = 0 if first else await _last_visit(running.db)
    worked = _cpu(running.process)
    if not first:
        async with running.db.connection() as conn:
            await make_due(conn)
    async with asyncio.timeout(ROUND_SECONDS):
        while await _visits(running.db, after) < count:
            await asyncio.sleep(POLL_SECONDS)
    return await _round(running, after, worked)


async def _round(running: Daemon, after: int, worked: float) -> Round:
    async with running.db.connection() as conn:
        cursor = await conn.execute(
            """
            SELECT outcome, count(*), min(started_at), max(finished_at)
            FROM visit WHERE id > %s GROUP BY outcome
            """,
            (after,),
        )
        rows = await cursor.fetchall()
    span = max(end for *_, end in rows) - min(start for *_, start, _ in rows)
    return Round(
        visits=sum(count for _, count, *_ in rows),
        seconds=span.total_seconds(),
        cpu_seconds=_cpu(running.process) - worked,
        outcomes={outcome: count for outcome, count, *_ in rows},
    )


async def tell_all_owed(running: Daemon) -> float:
    """Wait until nothing is owed any more; the messages delivered per second."""
    async with asyncio.timeout(ROUND_SECONDS):
        while await _number(running.db, OWED):
            await asyncio.sleep(POLL_SECONDS)
    return await _number(
        running.db,
        """
        SELECT coalesce(count(*) / extract(epoch FROM max(finished_at) - min(started_at)), 0)::float8
        FROM attempt WHERE outcome = 'delivered'
        """,
    )


async def alert_times(running: Daemon, web: Origin, hooks: HookReceiver, *, stories: int) -> list[float]:
    """Seconds from a feed fetched to its alert received; a few stories break at a time, the daemon is idle between."""
    await _break(running, web, range(WARM_UP))
    received: dict[str, datetime] = {}
    watching = asyncio.create_task(_stamp(hooks, received))
    for first in range(WARM_UP, WARM_UP + stories, TOGETHER):
        await _break(running, web, range(first, min(first + TOGETHER, WARM_UP + stories)))
    watching.cancel()
    return [(when - await _fetched(running.db, id_)).total_seconds() for id_, when in received.items()]


async def _break(running: Daemon, web: Origin, places: range) -> None:
    """Let these stories break, one per feed, and wait until all that is owed for them was told."""
    after, now = await _last_visit(running.db), datetime.now(UTC)
    for place in places:
        web.publish(place, [breaking(place, place=place, now=now + timedelta(microseconds=place))])
        await _make_due(running.db, web.url(place))
    async with asyncio.timeout(ROUND_SECONDS):
        while await _visits(running.db, after) < len(places) or await _number(running.db, OWED):
            await asyncio.sleep(POLL_SECONDS)


async def _stamp(hooks: HookReceiver, received: dict[str, datetime]) -> None:
    """Note when each message came from now on."""
    seen = len(hooks.received)
    while True:
        calls = (await hooks.wait_for(seen + 1, seconds=ROUND_SECONDS))[seen:]
        now = datetime.now(UTC)
        received.update((call.id, now) for call in calls)
        seen += len(calls)


async def _fetched(db: Database, message_id: str) -> datetime:
    return await _number(
        db,
        """
        SELECT c.fetched_at FROM delivery d JOIN alert al ON al.id = d.alert_id JOIN match m ON m.id = al.match_id
        JOIN article_version v ON v.id = m.version_id JOIN capture c ON c.id = v.capture_id
        WHERE d.message_id = %s LIMIT 1
        """,
        message_id,
    )


def percentile(values: list[float], percent: int) -> float:
    """The value that so many percent do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def memory(running: Daemon, home: Path) -> Memory:
    """What the daemon's process, its reading children and its database take now."""
    readers = running.process.children(recursive=True)
    database = [p for p in psutil.process_iter(["cmdline"]) if _serves(p, home)]
    database += [child for server in database for child in server.children(recursive=True)]
    own = {p.pid for p in database}
    return Memory(
        service=_pss([running.process]),
        readers=_pss([p for p in readers if p.pid not in own]),
        database=_pss(list({p.pid: p for p in database}.values())),
    )


def _serves(process: psutil.Process, home: Path) -> bool:
    return str(home / "postgres") in " ".join(process.info["cmdline"] or ())


def _pss(processes: list[psutil.Process]) -> float:
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return round(total / (1 << 20), 1)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _make_due(db: Database, url: str) -> None:
    async with db.connection() as conn:
        await conn.execute("UPDATE source SET due_at = statement_timestamp() WHERE url = %s", (url,))


async def _last_visit(db: Database) -> int:
    return await _number(db, "SELECT coalesce(max(id), 0) FROM visit")


async def _visits(db: Database, after: int) -> int:
    return await _number(db, "SELECT count(*) FROM visit WHERE id > %s", after)


async def _number(db: Database, sql: str, *params: object) -> Any:
    async with db.connection() as conn:
        row = await (await conn.execute(sql, params)).fetchone()  # pyright: ignore[reportArgumentType]
    return row[0] if row else None
