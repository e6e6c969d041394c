"""The collector: fetches what it is told to, through one long-lived Scrapy crawler and the gate."""

import asyncio
import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp.abc import AbstractResolver
from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Response
from scrapy.settings import Settings
from yarl import URL

from spiders.browser import Browser
from spiders.fetching import FailureKind, FetchRequest, FetchResult
from spiders.gate.exchange import GateError
from spiders.gate.gate import Gate
from spiders.gate.hops import REDIRECTS, Hop, first_hop, next_hop
from spiders.gate.policy import GatePolicy
from spiders.gate.turns import Turns
from spiders.gate.verdict import verdict

# The gate keeps the time; this much later the collector stops waiting for Scrapy to pass the news on.
_GRACE_SECONDS = 5.0
_CLOSING_SECONDS = 10.0
# Nothing between the engine and the gate that this way of using Scrapy has no use for.
_LEAN: dict[str, Any] = {
    "SPIDER_MODULES": [],
    "EXTENSIONS_BASE": {},
    "SPIDER_MIDDLEWARES_BASE": {},
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    },
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # the other kind grows for ever in a daemon
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "LOG_ENABLED": False,
}


class _Standby(Spider):
    """Keeps the crawler open; the work comes through `engine.download_async`, not from here."""

    name = "standby"

    def __init__(self, *, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    async def start(self) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield  # pragma: no cover - what makes this a generator


@dataclass(slots=True)
class _Wire:
    """The time on the wire over all hops of a fetch, in seconds; waiting for a turn does not count."""

    left: float
    spent: float = 0.0

    @contextmanager
    def counted(self) -> Generator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            took = time.monotonic() - began
            self.spent += took
            self.left -= took


class Collector:
    """Async context manager; `fetch` is safe to call from many tasks at once."""

    def __init__(
        self,
        policy: GatePolicy,
        *,
        concurrency: int = 128,
        per_host: int = 2,
        resolver: AbstractResolver | None = None,
        browser_path: Path | None = None,
    ) -> None:
        self._policy = policy
        self._gate = Gate(policy, resolver=resolver)
        self._turns = Turns(per_host=per_host, total=concurrency)
        self._runner = AsyncCrawlerRunner(_settings(policy, per_host))
        self._crawler: Crawler = self._runner.create_crawler(_Standby)
        self._crawl: asyncio.Task[None] | None = None
        self._browser = Browser(self.fetch, policy, path=browser_path)

    async def __aenter__(self) -> Self:
        ready = asyncio.Event()
        self._crawler.signals.connect(ready.set, signals.engine_started)
        self._crawl = self._runner.crawl(self._crawler, gate=self._gate)
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({waiting, self._crawl}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._crawl.done():
            await self._crawl
            raise RuntimeError("Scrapy stopped before it began; its log says why")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._browser.close()
        finally:
            await self._gate.close()  # what is under way ends now, and Scrapy has nothing to wait for
            await self._runner.stop()
            if self._crawl is not None:
                await asyncio.wait_for(self._crawl, _CLOSING_SECONDS)

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """GET one URL, following its redirects, and return what came of it.

        Whatever the other side or the network does is a FetchFailed with its reason; nothing is raised but
        CancelledError. `timeout` counts the time on the wire over all hops, not the wait for a turn. With
        `browser`, the page comes as its scripts made it.
        """
        if request.browser:
            return await self._browser.render(request)
        wire = _Wire(left=request.timeout.total_seconds())
        result = await self._follow(request, wire)
        return replace(result, seconds=wire.spent)

    async def _follow(self, request: FetchRequest, wire: _Wire) -> FetchResult:
        hop = first_hop(request, self._policy)
        while isinstance(hop, Hop):
            try:
                async with self._turns.turn(URL(hop.url).raw_host or ""):
                    with wire.counted():
                        response = await self._download(hop, request, wire.left)
            except GateError as fault:
                return hop.failed(fault.kind, fault.reason)
            if response.status not in REDIRECTS:
                return verdict(hop, response)
            hop = next_hop(
                hop,
                status=response.status,
                location=response.headers.get("Location"),
                set_cookies=response.headers.getlist("Set-Cookie"),
                policy=self._policy,
            )
            if wire.left <= 0 and isinstance(hop, Hop):
                return hop.failed(FailureKind.TIMEOUT, f"the redirects took longer than {request.timeout}")
        return hop

    async def _download(self, hop: Hop, request: FetchRequest, left: float) -> Response:
        self._gate.check_open()  # Scrapy raises RuntimeError when its spider is gone
        seconds = max(left, 0.001)
        meta: dict[str, Any] = {
            "download_timeout": seconds,
            "download_maxsize": request.max_bytes,
            "verbatim_url": True,
            "proxy": request.proxy,
        }
        try:
            asked = Request(hop.url, headers=hop.to_send(), meta=meta, dont_filter=True)
            async with asyncio.timeout(seconds + _GRACE_SECONDS):
                return await self._crawler.engine.download_async(asked)
        except TimeoutError as error:
            reason = f"{URL(hop.url).host} took longer than {seconds:g} s"
            raise GateError(FailureKind.TIMEOUT, reason) from error


def _settings(policy: GatePolicy, per_host: int) -> Settings:
    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    settings.setdict(_LEAN, priority="cmdline")
    settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", per_host, priority="cmdline")
    settings.set("DOWNLOAD_MAXSIZE", policy.max_bytes, priority="cmdline")
    return settings
