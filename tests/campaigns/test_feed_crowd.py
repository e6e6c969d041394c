"""Five hundred feeds, of which 120 are slow, dead or bombs: the other 380 are visited on time.

MARSAD_CROWD_SECONDS says for how long; `make fault` takes three minutes after a minute of settling.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from daemon_process import DaemonProcess
from feed_crowd import Claim, Crowd, claims, watch_claims
from hostile import HostileOrigin

SEED = int(os.environ.get("MARSAD_SEED", "20261122"))
SECONDS = float(os.environ.get("MARSAD_CROWD_SECONDS", "180"))
EVERY = os.environ.get("MARSAD_CROWD_EVERY", "20s")
SETTLING = 60.0  # all were due at once
MOST_LATE = 0.10  # of the time between two visits
MOST_MEMORY = 512 << 20  # a few bombs of 16 MB may be under way at once
DEFAULTS = {"tick_seconds": 1.0, "concurrency": 32, "readers": 2, "timeout_seconds": 30, "lease_seconds": 30}


@asynccontextmanager
async def _daemon(folder: Path, dsn: str, crowd: Crowd) -> AsyncIterator[DaemonProcess]:
    settings = {"collect": DEFAULTS, "log": {"format": "json", "level": "info"}}
    daemon = DaemonProcess(folder=folder, dsn=dsn, watch=crowd.watch_file(EVERY), settings=settings)
    async with daemon:
        yield daemon


async def _watch_memory(daemon: DaemonProcess, most: list[int]) -> None:
    process = psutil.Process(daemon.pid)
    while True:
        most.append(process.memory_info().rss)
        await asyncio.sleep(1)


def _part(numbers: list[float], share: float) -> float:
    return sorted(numbers)[min(len(numbers) - 1, int(share * len(numbers)))]


def _told(name: str, found: list[Claim]) -> str:
    late = [claim.late / claim.pace for claim in found]
    seconds = [claim.late for claim in found]
    return (
        f"{name}: {len(found)} visits, late by p50 {_part(late, 0.5):.1%} p99 {_part(late, 0.99):.1%} of their pace, "
        f"p99 {_part(seconds, 0.99):.2f} s, max {max(seconds):.2f} s"
    )


@pytest.mark.campaign
@pytest.mark.timeout(900)
@pytest.mark.parametrize("bad", [True, False], ids=["with the bad", "without"])
async def test_the_good_are_visited_on_time_among_the_slow_the_dead_and_the_bombs(
    bad: bool, tmp_path: Path, dsn: str
) -> None:
    await watch_claims(dsn)
    most: list[int] = []
    async with HostileOrigin(host="0.0.0.0") as origin:
        crowd = Crowd(origin=origin, rng=random.Random(SEED))
        crowd.settle() if bad else crowd.settle(loris=0, dead=0, bombs=0)
        async with _daemon(tmp_path, dsn, crowd) as daemon:
            memory = asyncio.create_task(_watch_memory(daemon, most))
            await asyncio.sleep(SETTLING + SECONDS)  # the campaign is this long: there is nothing to wait for
            found = await claims(dsn, SECONDS)
            memory.cancel()
            events = Counter(str(event.get("event")) for event in daemon.events)
            reasons = Counter(str(e.get("reason"))[:60] for e in daemon.events if e.get("event") == "visited")
    good = [claim for claim in found if "/good" in claim.url]
    bad_claims = [claim for claim in found if "/good" not in claim.url]
    report = [_told("good", good), f"memory at most {max(most) / 2**20:.0f} MB", str(dict(events))]
    report += [_told("bad", bad_claims)] if bad_claims else []
    report += [f"{times:5} {reason}" for reason, times in reasons.most_common(8)]
    print("\n".join(report))

    assert len({claim.url for claim in good}) == len(crowd.urls["good"])
    assert _part([claim.late / claim.pace for claim in good], 0.99) <= MOST_LATE, report
    assert max(most) < MOST_MEMORY, report
    assert not {"work_crashed", "visit_not_kept", "tick_failed"} & set(events), report
