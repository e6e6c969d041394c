"""A fleet: claims due work as far as it has room, does each piece in a task of its own, hands back at the end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from storage.database import DatabaseError

log = structlog.get_logger()

SLOW_SECONDS = (
    3.0  # most visits are over long before; a drip of one byte a second holds on until the time limit
)
MOST_SLOW = 3  # times its size: so much may be under way besides, while the other sides take their time

Work = TypeVar("Work")


class Fleet(Generic[Work]):
    """Keeps up to `size` pieces of work under way; `fill` is called by the clock and by itself as places free up.

    What takes longer than `slow_seconds` holds no place that others could use (R9), until there is too much of it.
    """

    def __init__(
        self,
        name: str,
        *,
        size: int,
        claim: Callable[[int], Awaitable[Sequence[Work]]],
        do: Callable[[Work], Awaitable[None]],
        extend: Callable[[Sequence[Work]], Awaitable[object]],
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        self._name, self._size, self._claim, self._do, self._extend = name, size, claim, do, extend
        self._slow_seconds = slow_seconds
        self._tasks: dict[asyncio.Task[None], Work] = {}
        self._began: dict[asyncio.Task[None], float] = {}
        self._filling = asyncio.Lock()
        self._closed = False
        self._more = False  # the last claim took all there was room for
        self._refill: asyncio.Task[None] | None = None

    @property
    def busy(self) -> int:
        return len(self._tasks)

    @property
    def _held(self) -> int:
        """The places that are taken: by all that is quick, and by what is slow beyond what may be."""
        since = time.monotonic() - self._slow_seconds
        slow = sum(began <= since for began in self._began.values())
        return len(self._tasks) - min(slow, MOST_SLOW * self._size)

    async def fill(self) -> int:
        """Claim what is due and start it; the number of pieces started."""
        if self._filling.locked():
            return 0
        async with self._filling:
            room = self._size - self._held
            if self._closed or room <= 0:
                return 0
            claimed = await self._claim_up_to(room)
            self._more = len(claimed) == room
            for work in claimed:
                task = asyncio.create_task(self._run(work))
                self._tasks[task], self._began[task] = work, time.monotonic()
                task.add_done_callback(self._ended)
            return len(claimed)

    async def _claim_up_to(self, room: int) -> list[Work]:
        """Look again until nothing is found: in one look many sources of one host may crowd out the others."""
        claimed: list[Work] = []
        try:
            while len(claimed) < room and (found := await self._claim(room - len(claimed))):
                claimed += found
        except DatabaseError as error:
            log.error("claim_failed", work=self._name, reason=str(error).strip())
        return claimed

    async def stay(self) -> None:
        """Keep the leases of all that is under way; called by the clock well before they run out."""
        if self._tasks:
            await self._extend(list(self._tasks.values()))

    async def _run(self, work: Work) -> None:
        try:
            await self._do(work)
        except (
            Exception
        ):  # the job's border: a bug stops this piece only; its lease runs out and it is tried again
            log.exception("work_crashed", work=self._name)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Half empty and more was waiting: do not idle until the next tick."""
        self._tasks.pop(task)
        self._began.pop(task)
        if self._more and self._held <= self._size // 2 and not self._closed:
            self._more = False
            self._refill = asyncio.create_task(self._refilled())

    async def _refilled(self) -> None:
        await self.fill()

    async def close(self, *, patience: float) -> None:
        """Start nothing more; let what runs finish for `patience` seconds, then cancel, which hands it back."""
        self._closed = True
        async with self._filling:  # a claim under way still starts what it leased
            pass
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=patience)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*list(self._tasks), return_exceptions=True)
