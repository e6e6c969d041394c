"""Turns: how many may be fetched at once, for each host and in all."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Turns:
    """First come, first served within a host; a slow host never holds a place that others could use."""

    def __init__(self, *, per_host: int, total: int) -> None:
        self._per_host = per_host
        self._total = asyncio.Semaphore(total)
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._waiting: dict[str, int] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncGenerator[None]:
        """Wait for a turn at this host, then for a place among all; forget the host when nobody wants it."""
        queue = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        self._waiting[host] = self._waiting.get(host, 0) + 1
        try:
            async with queue, self._total:
                yield
        finally:
            self._waiting[host] -= 1
            if not self._waiting[host]:
                del self._waiting[host], self._hosts[host]
