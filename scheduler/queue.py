"""The queue: procrastinate wakes the workers; what we owe stands in our own ledger, never here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job

from storage.database import Conn, DatabaseError, dsn_with_search_path, is_transient
from storage.migrations import Migration

log = structlog.get_logger()

QUEUE = "deliver"
TASK = "deliver"
SCHEMA_VERSION = "3.10.0"  # of procrastinate's tables; a new release adds its own migration here
GRACE_SECONDS = 15.0
STALLED_SECONDS = 60.0
RESTART_SECONDS = 1.0

Deliver = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """Somebody is owed this message; the higher the priority the sooner a worker takes it."""

    message_id: str
    priority: int = 0


class _HandBack(BaseRetryStrategy):
    """Shutdown and a lost database hand the job back; anything else is the ledger's business, and the sweeper's."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, DatabaseError) and is_transient(exception) and job.attempts < 10:
            return RetryDecision(retry_in={"seconds": 5})
        return None


class Queue:
    """Defers wake-ups inside the caller's transaction and runs the workers that answer them."""

    def __init__(self, dsn: str, deliver: Deliver, *, connections: int = 4) -> None:
        logging.getLogger("procrastinate").setLevel(logging.ERROR)  # its INFO lines print job arguments
        self._app = App(
            connector=PsycopgConnector(conninfo=dsn_with_search_path(dsn), min_size=1, max_size=connections)
        )
        self._app.task(name=TASK, queue=QUEUE, retry=_HandBack())(_task(deliver))

    async def __aenter__(self) -> "Queue":
        await self._app.open_async()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._app.close_async()

    async def wake(self, conn: Conn, wakes: Sequence[Wake]) -> None:
        """Wake a worker for each message once `conn`'s transaction commits; never if it rolls back."""
        by_priority: dict[int, list[dict[str, Any]]] = {}
        for wake in wakes:
            by_priority.setdefault(wake.priority, []).append({"message_id": wake.message_id})
        for priority, arguments in by_priority.items():
            task = self._app.configure_task(TASK, queue=QUEUE, priority=priority, connection=conn)
            await task.batch_defer_async(*arguments)

    async def work(self, *, concurrency: int) -> None:
        """Answer wake-ups until cancelled; a worker that a database fault ended is started again."""
        while True:
            try:
                await self._app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    delete_jobs="successful",
                )
                log.warning("worker_ended")
            except Exception as error:  # noqa: BLE001 (the job border: the worker must come back whatever ended it)
                log.warning("worker_failed", error=str(error).strip() or type(error).__name__)
            await asyncio.sleep(RESTART_SECONDS)

    async def tidy(self) -> None:
        """Give the jobs of dead workers back and drop old rows; the ledger stays whole without either."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await manager.retry_job(job)
        await manager.delete_old_jobs(
            nb_hours=24, include_failed=True, include_cancelled=True, include_aborted=True
        )


def _task(deliver: Deliver) -> Callable[..., Awaitable[None]]:
    async def run(message_id: str) -> None:
        await deliver(message_id)

    return run


def queue_migrations() -> list[Migration]:
    """Give procrastinate's tables as migrations of ours, so that one lock and one record cover both."""
    sql = (files("scheduler") / "queue_schema" / f"{SCHEMA_VERSION}.sql").read_text(encoding="utf-8")
    return [Migration(name=f"queue-{SCHEMA_VERSION}", sql=sql)]
