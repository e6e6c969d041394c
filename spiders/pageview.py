"""One page in a browser: every request of it is answered by the gate, or not at all."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spiders.chromium import Chromium
from spiders.fetching import Fetched, FetchRequest, FetchResult
from spiders.gate.hops import origin

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Route, WebSocketRoute

Fetch = Callable[[FetchRequest], Awaitable[FetchResult]]

_SERVED = frozenset({"document", "script", "xhr", "fetch", "stylesheet"})
_MAX_REQUESTS = 120  # of one page; heavy front pages ask for some eighty scripts
_MAX_PAGE_BYTES = 48 << 20  # of all answers to one page
_QUIET_SECONDS = 8.0  # how long a page may take to fall silent after its document is read
_SNAPSHOT_SHARE = 0.2  # of the page's time, kept back to take down what it says
_LONGEST_SNAPSHOT_SECONDS = 3.0
_SHUTTING_SECONDS = 3.0
# What reaches the network without asking for a URL; switches for it change their names between browsers.
_NO_OTHER_WAYS = """
for (const way of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport"]) delete globalThis[way];
"""
_FROM_PAGE = frozenset({"authorization", "content-type", "x-requested-with"})
_NOT_PASSED_ON = frozenset(
    {
        "connection",
        "content-disposition",
        "content-encoding",
        "content-length",
        "set-cookie",
        "transfer-encoding",
    }
)


@dataclass(kw_only=True)  # no slots: Playwright leaves a mark on the owner of a handler
class PageView:
    """A page that was fetched already, about to be opened with its scripts running."""

    raw: Fetched
    request: FetchRequest  # for what the page asks for: time, size, proxy, and the secrets of its origin
    fetch: Fetch
    until: float  # by time.monotonic
    asked: int = 0
    bytes_left: int = _MAX_PAGE_BYTES

    async def read(self, chromium: Chromium, user_agent: str) -> str:
        """The document as the scripts left it when they fell silent or their time was up."""
        context = await chromium.browser.new_context(
            user_agent=user_agent, service_workers="block", accept_downloads=False, locale="en-US"
        )
        try:
            await context.route("**/*", self._answer)
            await context.route_web_socket("**/*", _close_socket)
            await context.add_init_script(_NO_OTHER_WAYS)
            page = await context.new_page()
            page.on("popup", lambda popup: popup.close())
            with suppress(chromium.too_slow):  # what is there by now is worth more than nothing
                await self._open(page)
            return await _snapshot(context, page, self.request.max_bytes)
        finally:
            with suppress(chromium.error, TimeoutError):
                async with asyncio.timeout(_SHUTTING_SECONDS):
                    await context.unroute_all(behavior="ignoreErrors")
                    await context.close()

    async def _open(self, page: "Page") -> None:
        await page.goto(self.raw.final_url, wait_until="domcontentloaded", timeout=self._patience_ms())
        quiet = min(self._patience_ms(), _QUIET_SECONDS * 1000)
        await page.wait_for_load_state("networkidle", timeout=quiet)

    async def _answer(self, route: "Route") -> None:
        asked = route.request
        self.asked += 1
        wanted = asked.method == "GET" and asked.resource_type in _SERVED
        if not wanted or self.asked > _MAX_REQUESTS or self.bytes_left <= 0 or self._left() <= 0:
            await route.abort()
            return
        url = asked.url.partition("#")[0]
        if url == self.raw.final_url and asked.resource_type == "document":
            await _give(route, self.raw)
            return
        result = await self.fetch(self._inner(url, asked.headers))
        if isinstance(result, Fetched):
            self.bytes_left -= len(result.body)
            await _give(route, result)
        else:
            await route.abort()

    def _inner(self, url: str, headers: Mapping[str, str]) -> FetchRequest:
        """A request of the page; what it says of itself, and our own secrets, stay at the source's origin."""
        at_home = origin(url) == origin(self.request.url) == origin(self.raw.final_url)
        passed = {
            name: value
            for name, value in headers.items()
            if name == "accept" or (at_home and (name in _FROM_PAGE or name.startswith("x-")))
        }
        return FetchRequest(
            url=url,
            headers={**passed, **self.request.headers} if at_home else passed,
            timeout=self.request.timeout,
            max_bytes=max(1, min(self.request.max_bytes, self.bytes_left)),
            proxy=self.request.proxy,
        )

    def _left(self) -> float:
        return self.until - time.monotonic()

    def _patience_ms(self) -> float:
        """How long to wait on, so that time is left to take the page down; never 0, which means for ever."""
        left = self._left()
        return max(left - min(left * _SNAPSHOT_SHARE, _LONGEST_SNAPSHOT_SECONDS), 0.001) * 1000


async def _snapshot(context: "BrowserContext", page: "Page", max_chars: int) -> str:
    """Read the document in a world of its own: a page that rewrote String.prototype cannot feed us more."""
    devtools = await context.new_cdp_session(page)
    tree = await devtools.send("Page.getFrameTree")
    world = await devtools.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]})
    told = await devtools.send(
        "Runtime.evaluate",
        {
            "expression": f"document.documentElement.outerHTML.slice(0, {max_chars})",
            "contextId": world["executionContextId"],
            "returnByValue": True,
        },
    )
    return f"<!DOCTYPE html>{told['result'].get('value', '')}"


async def _give(route: "Route", answer: Fetched) -> None:
    headers = {name: value for name, value in answer.headers.items() if name not in _NOT_PASSED_ON}
    await route.fulfill(status=answer.status, headers=headers, body=answer.body)


async def _close_socket(socket: "WebSocketRoute") -> None:
    await socket.close()
