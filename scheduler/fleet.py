"""A fleet: claims due work as far as it has room, does each piece in a task of its own, hands back at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from storage.database import DatabaseError

log = structlog.get_logger()

Work = TypeVar("Work")


class Fleet(Generic[Work]):
    """Keeps up to `size` pieces of work under way; `fill` is called by the clock and by itself as places free up."""

    def __init__(
        self,
        name: str,
        *,
        size: int,
        claim: Callable[[int], Awaitable[Sequence[Work]]],
        do: Callable[[Work], Awaitable[None]],
        extend: Callable[[Sequence[Work]], Awaitable[object]],
    ) -> None:
        self._name, self._size, self._claim, self._do, self._extend = name, size, claim, do, extend
        self._tasks: dict[asyncio.Task[None], Work] = {}
        self._filling = asyncio.Lock()
        self._closed = False
        self._more = False  # the last claim took all there was room for
        self._refill: asyncio.Task[None] | None = None

    @property
    def busy(self) -> int:
        return len(self._tasks)

    async def fill(self) -> int:
        """Claim what is due and start it; the number of pieces started."""
        if self._filling.locked():
            return 0
        async with self._filling:
            room = self._size - len(self._tasks)
            if self._closed or room <= 0:
                return 0
            claimed = await self._claim_up_to(room)
            self._more = len(claimed) == room
            for work in claimed:
                task = asyncio.create_task(self._run(work))
                self._tasks[task] = work
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
        if self._more and len(self._tasks) <= self._size // 2 and not self._closed:
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
