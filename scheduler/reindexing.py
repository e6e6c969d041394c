"""Reindexing: articles that were stored under older word forms get their lexemes anew, behind everything else."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

import structlog

from rules.search import FORMS_VERSION, LONGEST_TEXT
from scheduler.indexing import INDEX_JOB, INDEXED, TASK, Indexed, IndexText
from spiders.children import ChildFailed, Children
from storage.crashpoint import crashpoint
from storage.database import Conn, Database
from storage.reindexing import (
    Outdated,
    Reindexed,
    count_outdated,
    keep_reindexed,
    outdated_articles,
    take_turn,
)

log = structlog.get_logger()

REINDEX_EVERY = timedelta(seconds=30)
TURN_SECONDS = 25.0  # of work at a stretch; then the clock hears that the tick is alive
# Small enough that a visit never waits long for the child that has it.
BATCH, BATCH_BYTES = 20, 100_000
PATIENCE = 40.0  # seconds for a free child; below the minute after which PostgreSQL ends an idle transaction
REST = 0.25  # of the time that a batch took, before the next one
REST_WHEN_BUSY = 4.0  # the same while articles that just came wait for a child
LEAST_REST = 0.5  # seconds, when somebody held every article of the batch


class Reindexing:
    """Makes the lexemes of older forms anew, newest articles first, until none is left.

    Each batch is a transaction: a kill loses one batch of work and nothing else. One process at a time does it.
    """

    def __init__(
        self, db: Database, children: Children, *, batch: int = BATCH, turn_seconds: float = TURN_SECONDS
    ) -> None:
        self._db, self._children = db, children
        self._batch, self._turn_seconds = batch, turn_seconds
        self._singly = 0  # so many of the next go one by one: together they were too much for a child
        self._given_up: set[int] = set()  # until the next start; no search leaves them out meanwhile

    async def turn(self) -> int:
        """Reindex one batch, and more for a while as long as there is something to do; how many articles."""
        until, done = time.monotonic() + self._turn_seconds, 0
        while (made := await self._next()) is not None:
            done += made
            if time.monotonic() >= until:
                break
        if done:
            async with self._db.connection() as conn:
                left = await count_outdated(conn, forms_version=FORMS_VERSION)
            log.info("reindexed", articles=done, left=left)
        return done

    async def _next(self) -> int | None:
        began = time.monotonic()
        made = await self._one_batch()
        if made is not None:
            rest = rest_after(time.monotonic() - began, idle=self._children.idle)
            await asyncio.sleep(rest if made else max(rest, LEAST_REST))
        return made

    async def _one_batch(self) -> int | None:
        """One batch; None when there is none, when another process is at it, or when no child is free for long."""
        async with self._db.transaction() as conn:
            if not await take_turn(conn):
                return None
            outdated = await outdated_articles(
                conn,
                forms_version=FORMS_VERSION,
                limit=1 if self._singly else self._batch,
                most_bytes=BATCH_BYTES,
                most_chars=LONGEST_TEXT,
                without=self._given_up,
            )
            if not outdated:
                return None
            return await self._reindex(conn, outdated)

    async def _reindex(self, conn: Conn, outdated: Sequence[Outdated]) -> int | None:
        """Reindex them together, or see to it that they come again one by one, and then without whom no child bears."""
        self._singly = max(0, self._singly - 1)
        job = tuple(_text(article) for article in outdated)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._children.run(TASK, INDEX_JOB.dump_json(job).decode())
        except TimeoutError:
            return None
        except ChildFailed as error:
            if len(outdated) > 1:
                self._singly = len(outdated)
            else:
                self._given_up.add(outdated[0].id)
                log.warning("reindexing_failed", article=outdated[0].id, reason=str(error))
            return 0
        indexed = INDEXED.validate_json(answer)
        made = await keep_reindexed(conn, _kept(outdated, indexed), forms_version=indexed.forms_version)
        crashpoint("cp19")
        return made


def rest_after(took: float, *, idle: int) -> float:
    """Seconds to stand back after a batch that took so many, with so many children idle."""
    return took * (REST if idle else REST_WHEN_BUSY)


def _text(article: Outdated) -> IndexText:
    return IndexText(
        lang=article.lang,
        title=article.title,
        summary=article.summary,
        text=article.text,
        earlier=article.earlier,
    )


def _kept(outdated: Sequence[Outdated], indexed: Indexed) -> list[Reindexed]:
    return [
        Reindexed(id=article.id, mark=article.mark, lexemes=lexemes)
        for article, lexemes in zip(outdated, indexed.lexemes, strict=True)
    ]
