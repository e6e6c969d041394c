"""The clock: what is done again and again, and how often. It only ticks; what is due stands in the database."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()

# Its default grace of 1 s silently skips what comes late, and without coalescing it runs all it missed at once.
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Something done every `every`, for the first time at once."""

    name: str
    every: timedelta
    do: Callable[[], Awaitable[object]]


class Clock:
    """Runs ticks on the running loop, in UTC; a tick that is still running is not started a second time."""

    def __init__(self, ticks: list[Tick]) -> None:
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what matters of it comes by `_report`
        self._scheduler = AsyncIOScheduler(job_defaults=JOB_DEFAULTS, timezone=UTC)
        self._scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        for tick in ticks:
            self._scheduler.add_job(
                _coroutine(tick),
                "interval",
                seconds=tick.every.total_seconds(),
                id=tick.name,
                next_run_time=datetime.now(UTC),
            )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more. Ticks that are running are cancelled by APScheduler, so they must only start work."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _coroutine(tick: Tick) -> Callable[[], Awaitable[None]]:
    """APScheduler awaits only what is declared `async def`; a lambda's coroutine it would drop in silence."""

    async def run() -> None:
        await tick.do()

    return run


def _report(event: JobExecutionEvent) -> None:
    if isinstance(event.exception, asyncio.CancelledError):
        return  # by `stop`
    if event.exception is not None:
        reason = str(event.exception).strip() or type(event.exception).__name__
        log.error("tick_failed", tick=event.job_id, reason=reason)
    else:
        log.error("tick_missed", tick=event.job_id, due=str(event.scheduled_run_time))
