"""A site with a robots.txt of any kind, which notes who came when, and how many at once."""

import asyncio
import time
from collections import Counter
from types import TracebackType
from typing import Self

from aiohttp import web

from marsad.demo.loopback import Loopback


class CivilSite:
    """Answers 200 everywhere; its robots.txt says what it is told to, or nothing at all."""

    def __init__(self) -> None:
        self.robots: str | int | None = 404  # rules, a status, or None: it keeps silent
        self.headers: dict[str, str] = {}
        self.busy: dict[str, str] | None = None  # the headers of the 429 that pages answer
        self.seconds = 0.0  # that a page takes
        self.requests: Counter[str] = Counter()
        self.pages: list[tuple[float, float]] = []  # from when to when each was served
        self.most_at_once = self._now = 0
        self._closing = asyncio.Event()
        self._served = asyncio.Condition()
        app = web.Application()
        app.router.add_get("/robots.txt", self._robots)
        app.router.add_get("/{path:.*}", self._page)
        self._server = Loopback(app)

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        await self._server.stop()

    def url(self, path: str = "/feed", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self._server.port}{path}"

    async def served(self, count: int) -> None:
        """Return once so many pages were served."""
        async with self._served, asyncio.timeout(20):
            await self._served.wait_for(lambda: len(self.pages) >= count)

    async def _robots(self, request: web.Request) -> web.Response:
        self.requests[request.path] += 1
        if self.robots is None:
            await self._closing.wait()
        if isinstance(self.robots, str):
            return web.Response(text=self.robots, headers=self.headers)
        return web.Response(status=self.robots or 404, headers=self.headers)

    async def _page(self, request: web.Request) -> web.Response:
        began = time.monotonic()
        self.requests[request.path] += 1
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(self.seconds)
        self._now -= 1
        async with self._served:
            self.pages.append((began, time.monotonic()))
            self._served.notify_all()
        if self.busy is not None:
            return web.Response(status=429, headers=self.busy)
        return web.Response(text="<rss/>")
