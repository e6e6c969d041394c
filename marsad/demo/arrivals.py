"""Arrivals: what reached a server, in order, and a way to wait for more of it without sleeping."""

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class TooFewArrivedError(TimeoutError):
    """Fewer things arrived than were waited for; look at `arrived` for those that did."""

    def __init__(self, *, what: str, wanted: int, arrived: int, seconds: float) -> None:
        self.wanted, self.arrived = wanted, arrived
        super().__init__(f"waited {seconds:g} s for {wanted} {what}, {arrived} arrived")


class Arrivals(Generic[T]):
    """What arrived so far, oldest first."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.items: list[T] = []
        self._more = asyncio.Event()

    def add(self, item: T) -> None:
        """Keep the item and wake whoever waits."""
        self.items.append(item)
        self._more.set()
        self._more = asyncio.Event()

    async def wait_for(self, n: int, seconds: float) -> list[T]:
        """Everything that arrived, once there are at least `n`; raises TooFewArrivedError."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.items) < n:
                    await self._more.wait()
        except TimeoutError as error:
            raise TooFewArrivedError(
                what=self.what, wanted=n, arrived=len(self.items), seconds=seconds
            ) from error
        return list(self.items)
