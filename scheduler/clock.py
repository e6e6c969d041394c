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
MISSED, PATIENCE = 5, timedelta(minutes=1)  # so many turns without an end, and not less than a minute
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Something done every `every`, for the first time at once."""

    name: str
    every: timedelta
    do: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """A tick that should have been done by now and was not; `last` is when it last was."""

    name: str
    every: timedelta
    last: datetime | None
    why: str


class Clock:
    """Runs ticks on the running loop, in UTC; a tick that is still running is not started a second time."""

    def __init__(self, ticks: list[Tick]) -> None:
        self._ticks = ticks
        self._began = datetime.now(UTC)
        self._done: dict[str, datetime] = {}
        self._why: dict[str, str] = {}
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what matters of it comes by `_report`
        self._scheduler = AsyncIOScheduler(job_defaults=JOB_DEFAULTS, timezone=UTC)
        self._scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        for tick in ticks:
            self._scheduler.add_job(
                self._coroutine(tick),
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

    def lapses(self, now: datetime) -> list[Lapse]:
        """The ticks that were not done for long: they fail, hang, or are no longer started."""
        return [
            Lapse(
                name=tick.name, every=tick.every, last=last, why=self._why.get(tick.name, "it does not end")
            )
            for tick in self._ticks
            for last in [self._done.get(tick.name)]
            if now - (last or self._began) > max(MISSED * tick.every, PATIENCE)
        ]

    def _coroutine(self, tick: Tick) -> Callable[[], Awaitable[None]]:
        """APScheduler awaits only what is declared `async def`; a lambda's coroutine it would drop in silence."""

        async def run() -> None:
            try:
                await tick.do()
            except Exception as error:
                self._why[tick.name] = str(error).strip() or type(error).__name__
                raise
            self._done[tick.name] = datetime.now(UTC)

        return run


def _report(event: JobExecutionEvent) -> None:
    if isinstance(event.exception, asyncio.CancelledError):
        return  # by `stop`
    if event.exception is not None:
        reason = str(event.exception).strip() or type(event.exception).__name__
        log.error("tick_failed", tick=event.job_id, reason=reason)
    else:
        log.error("tick_missed", tick=event.job_id, due=str(event.scheduled_run_time))
