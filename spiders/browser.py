"""The browser: renders pages that only JavaScript writes, with the gate as the only network it has."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from yarl import URL

from spiders.chromium import Chromium, RenderError, find_executable, first_line
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest, FetchResult
from spiders.gate.policy import GatePolicy
from spiders.pageview import Fetch, PageView

_AT_ONCE = 2
_LEAST_SECONDS = 0.001


class Browser:
    """Renders each page in a fresh context, two at a time; starts when a source first needs it."""

    def __init__(self, fetch: Fetch, policy: GatePolicy, *, path: Path | None = None) -> None:
        self._fetch = fetch
        self._policy = policy
        self._path = path
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._starting = asyncio.Lock()
        self._running: Chromium | None = None
        self._closed = False

    async def render(self, request: FetchRequest) -> FetchResult:
        """Fetch a page, let its scripts run, and return its answer with the document they made, in UTF-8.

        Never conditional: the shell of such a page stays the same while what it shows changes.
        """
        plain = replace(request, browser=False, etag=None, last_modified=None)
        try:
            executable = find_executable(self._path)
            raw = await self._fetch(plain)
            if not isinstance(raw, Fetched) or not _is_html(raw):
                return raw
            async with self._turns:
                began = time.monotonic()
                text = await self._read(raw, plain, executable)
        except RenderError as error:
            return FetchFailed(url=request.url, kind=error.kind, reason=error.reason)
        return _rendered(raw, text, request.max_bytes, seconds=raw.seconds + time.monotonic() - began)

    async def close(self) -> None:
        """Kill the browser and whatever it is at; the pages under way fail."""
        self._closed = True
        async with self._starting:
            running, self._running = self._running, None
        if running is not None:
            await running.close()

    async def _read(self, raw: Fetched, request: FetchRequest, executable: str) -> str:
        chromium = await self._current(executable)
        seconds = max(request.timeout.total_seconds() - raw.seconds, _LEAST_SECONDS)
        view = PageView(raw=raw, request=request, fetch=self._fetch, until=time.monotonic() + seconds)
        chromium.in_use += 1
        try:
            async with asyncio.timeout(seconds):
                return await view.read(chromium, self._policy.user_agent)
        except TimeoutError as error:
            chromium.hangs = True
            reason = f"the page of {URL(raw.final_url).host} was not rendered in time"
            raise RenderError(FailureKind.TIMEOUT, reason) from error
        except chromium.error as error:
            chromium.hangs = True
            reason = f"the browser gave up on {URL(raw.final_url).host}: {first_line(error)}"
            raise RenderError(FailureKind.PROTOCOL, reason) from error
        finally:
            chromium.in_use -= 1
            await self._retire(chromium)

    async def _current(self, executable: str) -> Chromium:
        async with self._starting:
            if self._closed:
                raise RenderError(FailureKind.REFUSED, "the browser is closed, this process is stopping")
            if self._running is not None and self._running.is_worn:
                worn, self._running = self._running, None
                await self._retire(worn)
            if self._running is None:
                self._running = await Chromium.start(executable)
            self._running.served += 1
            return self._running

    async def _retire(self, chromium: Chromium) -> None:
        """Kill one that was replaced as soon as its last page is done."""
        if chromium is not self._running and not chromium.in_use and not self._closed:
            await chromium.close()


def _is_html(page: Fetched) -> bool:
    kind = (page.content_type or "").lower()
    return "html" in kind or (not kind and page.body.lstrip()[:1] == b"<")


def _rendered(raw: Fetched, text: str, max_bytes: int, *, seconds: float) -> Fetched:
    body = text.encode("utf-8", "replace")
    headers = {name: value for name, value in raw.headers.items() if name != "content-length"}
    return replace(
        raw,
        headers={**headers, "content-type": "text/html; charset=utf-8"},
        body=body[:max_bytes],
        truncated=raw.truncated or len(body) > max_bytes,
        seconds=seconds,
    )
