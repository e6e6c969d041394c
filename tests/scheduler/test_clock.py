"""The clock: its two traps set off, and what goes wrong is said."""

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from scheduler.clock import Clock, Tick

SOON = timedelta(milliseconds=20)


async def test_a_late_tick_still_runs_and_runs_once() -> None:
    """APScheduler's default drops what is over 1 s late, and coalesce=False would run all of it at once."""
    runs: list[float] = []
    third = asyncio.Event()

    async def tick() -> None:
        runs.append(asyncio.get_running_loop().time())
        if len(runs) == 3:
            third.set()

    clock = Clock([Tick(name="late", every=timedelta(seconds=0.5), do=tick)])
    clock.start()
    await asyncio.sleep(0.05)
    _block_the_loop(seconds=1.7)  # three ticks are due by now, the first of them too late for the default
    await asyncio.wait_for(third.wait(), 5)
    clock.stop()

    assert runs[2] - runs[1] > 0.2, "the missed ticks ran one after the other"


async def test_a_lambda_is_awaited() -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    clock = Clock([Tick(name="lambda", every=SOON, do=lambda: work())])  # noqa: PLW0108 (the very point)
    clock.start()
    await asyncio.wait_for(done.wait(), 5)
    clock.stop()


async def test_a_failing_tick_is_logged_and_goes_on() -> None:
    calls = 0
    again = asyncio.Event()

    async def fail() -> None:
        nonlocal calls
        calls += 1
        if calls >= 2:
            again.set()
        raise RuntimeError("no database")

    with capture_logs() as logs:
        clock = Clock([Tick(name="failing", every=SOON, do=fail)])
        clock.start()
        await asyncio.wait_for(again.wait(), 5)
        clock.stop()

    assert {"event": "tick_failed", "tick": "failing", "reason": "no database", "log_level": "error"} in logs


def _block_the_loop(*, seconds: float) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        pass
