"""The sweeper: whatever the queue forgot, the ledger remembers and wakes again."""

import structlog

from scheduler.queue import Queue, Wake
from storage.database import Database
from storage.deliveries import due_messages

log = structlog.get_logger()

AT_ONCE = 500


async def sweep(db: Database, queue: Queue) -> int:
    """Wake workers for every message that is due and that nobody is at; the number woken."""
    async with db.transaction() as conn:
        late = await due_messages(conn, limit=AT_ONCE)
        await queue.wake(conn, [Wake(message_id=message_id) for message_id in late])
    if late:
        log.info("woken_again", messages=len(late))
    return len(late)
