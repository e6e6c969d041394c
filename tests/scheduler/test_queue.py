"""The queue: woken in the same transaction or not at all; its schema is the one installed."""

import asyncio

from procrastinate.schema import SchemaManager

from scheduler.queue import Queue, Wake, queue_migrations
from storage.database import Database
from storage.deliveries import due_messages


def test_the_recorded_schema_is_that_of_the_installed_library() -> None:
    """Red after an upgrade of procrastinate: add its migration to scheduler/queue_schema first."""
    assert queue_migrations()[0].sql == SchemaManager.get_schema()


async def test_a_wake_up_goes_out_with_the_commit_and_never_with_a_rollback(dsn: str, db: Database) -> None:
    woken: list[str] = []
    arrived = asyncio.Event()

    async def deliver(message_id: str) -> None:
        woken.append(message_id)
        arrived.set()

    async with Queue(dsn, deliver) as queue:
        worker = asyncio.create_task(queue.work(concurrency=2))
        try:
            async with db.transaction() as conn:
                await queue.wake(conn, [Wake(message_id="lost")])
                await conn.execute("SELECT 1")
                raise _ChangedMindError
        except _ChangedMindError:
            pass
        async with db.transaction() as conn:
            await queue.wake(conn, [Wake(message_id="kept", priority=5)])
        await asyncio.wait_for(arrived.wait(), 10)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)

    assert woken == ["kept"]


async def test_an_empty_ledger_owes_nothing(db: Database) -> None:
    async with db.connection() as conn:
        assert await due_messages(conn, limit=500) == []


class _ChangedMindError(Exception):
    pass
