"""Newspaper: a real web server with several outlets, which publish, fall silent and break on demand."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from types import TracebackType
from typing import Self

from aiohttp import web

from marsad.demo.arrivals import Arrivals
from marsad.demo.conditional import is_unchanged, validators_of
from marsad.demo.loopback import Loopback
from marsad.demo.outlets import Outlet, Story
from marsad.demo.press import Printed, Sheet, article_sheet, challenge_sheet, source_sheet


class Fault(Enum):
    """How an outlet can be broken."""

    STATUS = auto()  # an HTTP error
    CHALLENGE = auto()  # a bot wall with status 200
    CUT = auto()  # half of the body, and it says that this is all
    RESET = auto()  # the connection is dropped
    SILENT = auto()  # the connection is held and nothing is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """A fault and, for an HTTP error, what it says."""

    fault: Fault
    status: int = 500
    retry_after: str | None = None


@dataclass(slots=True, kw_only=True)
class _Desk:
    """What one outlet holds now."""

    outlet: Outlet
    changed_at: datetime
    printed: dict[str, Printed] = field(default_factory=dict[str, Printed])
    breakage: Breakage | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])  # that its source sends besides

    def newest(self) -> list[Printed]:
        by_time = sorted(self.printed.values(), key=lambda item: item.published, reverse=True)
        return by_time[: self.outlet.window]


class UnknownOutletError(KeyError):
    """No outlet of this newspaper has that key; `known` lists those that it has."""

    def __init__(self, key: str, known: Iterable[str]) -> None:
        self.key, self.known = key, sorted(known)
        super().__init__(f"no outlet {key!r}; there are {', '.join(self.known) or 'none'}")


class Newspaper:
    """The press of the demo world on 127.0.0.1; `requests` counts what it was asked, per outlet and path."""

    def __init__(
        self, outlets: Iterable[Outlet], *, port: int = 0, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._clock = clock or _utc_now
        started = self._clock()
        self._desks = {o.key: _Desk(outlet=o, changed_at=started) for o in outlets}
        self.requests: Counter[str] = Counter()
        self.not_modified: Counter[str] = Counter()
        self._visits = {key: Arrivals[str](f"requests to {key}") for key in self._desks}
        self._forbidden: tuple[str, ...] = ()
        self._closing = asyncio.Event()
        app = web.Application()
        app.router.add_get("/robots.txt", self._robots)
        app.router.add_get("/{outlet}/story/{slug}", self._article)
        app.router.add_get("/{outlet}/{source:[a-z.-]*}", self._source)
        self._server = Loopback(app, port=port)

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        await self._server.stop()

    @property
    def origin(self) -> str:
        return self._server.origin

    @property
    def outlets(self) -> list[Outlet]:
        return [desk.outlet for desk in self._desks.values()]

    def url(self, outlet: str) -> str:
        """The address of an outlet's feed, sitemap or listing."""
        return self.origin + self._desk(outlet).outlet.path

    def story_url(self, outlet: str, story: Story) -> str:
        """The address of an article page, published or not."""
        return f"{self.origin}/{self._desk(outlet).outlet.key}/story/{story.slug}"

    def publish(self, outlet: str, story: Story) -> str:
        """Put a story, or its corrected version under the same key, on the site; returns its address."""
        desk, now, url = self._desk(outlet), self._clock(), self.story_url(outlet, story)
        before = desk.printed.get(story.slug)
        published = story.published or (before.published if before else now)
        modified = now if before else published
        desk.printed[story.slug] = Printed(
            story=story, url=url, published=published.astimezone(UTC), modified=modified.astimezone(UTC)
        )
        desk.changed_at = now
        return url

    def withdraw(self, outlet: str, story: Story) -> None:
        """Take a story off the site; its page answers 410 from now on."""
        desk = self._desk(outlet)
        del desk.printed[story.slug]
        desk.changed_at = self._clock()

    def announce(self, outlet: str, headers: dict[str, str]) -> None:
        """Send these headers with the outlet's source from now on, such as the Link of its hub."""
        self._desk(outlet).headers = dict(headers)

    def goes_silent(self, outlet: str | None = None) -> None:
        """Hold every connection without a word (all outlets, or one)."""
        self._break(outlet, Breakage(fault=Fault.SILENT))

    def breaks(
        self,
        outlet: str | None = None,
        *,
        fault: Fault = Fault.STATUS,
        status: int = 500,
        retry_after: str | None = None,
    ) -> None:
        """Answer with this fault from now on (all outlets, or one)."""
        self._break(outlet, Breakage(fault=fault, status=status, retry_after=retry_after))

    def forbids(self, *paths: str) -> None:
        """Say in robots.txt that nothing under these paths may be fetched."""
        self._forbidden = paths

    def recovers(self, outlet: str | None = None) -> None:
        """Answer as usual again (all outlets, or one)."""
        self._break(outlet, None)

    def visits(self, outlet: str) -> int:
        """How often the outlet's source was asked for, whatever the answer."""
        return len(self._visits[self._desk(outlet).outlet.key].items)

    async def wait_for_visits(self, outlet: str, n: int, seconds: float = 10) -> None:
        """Return once the outlet's source was asked for at least `n` times; raises TooFewArrivedError."""
        await self._visits[self._desk(outlet).outlet.key].wait_for(n, seconds)

    def _desk(self, key: str) -> _Desk:
        if key not in self._desks:
            raise UnknownOutletError(key, self._desks)
        return self._desks[key]

    def _break(self, outlet: str | None, breakage: Breakage | None) -> None:
        for desk in self._desks.values() if outlet is None else [self._desk(outlet)]:
            desk.breakage = breakage

    async def _robots(self, request: web.Request) -> web.Response:
        self.requests[request.path] += 1
        rules = "".join(f"Disallow: {path}\n" for path in self._forbidden)
        return web.Response(text=f"User-agent: *\n{rules}Allow: /\n")

    async def _source(self, request: web.Request) -> web.StreamResponse:
        self.requests[request.path] += 1
        desk = self._desks.get(request.match_info["outlet"])
        if desk is None or request.path != desk.outlet.path:
            raise web.HTTPNotFound
        self._visits[desk.outlet.key].add(request.path)
        home = f"{self.origin}/{desk.outlet.key}/"
        sheet = source_sheet(desk.outlet, desk.newest(), url=self.url(desk.outlet.key), home=home)
        answer = await self._answer(request, desk, sheet, changed_at=desk.changed_at)
        answer.headers.update(desk.headers)
        return answer

    async def _article(self, request: web.Request) -> web.StreamResponse:
        self.requests[request.path] += 1
        desk = self._desks.get(request.match_info["outlet"])
        if desk is None:
            raise web.HTTPNotFound
        item = desk.printed.get(request.match_info["slug"])
        if item is None:
            raise web.HTTPGone
        sheet = article_sheet(desk.outlet, item, home=f"{self.origin}/{desk.outlet.key}/")
        return await self._answer(request, desk, sheet, changed_at=item.modified)

    async def _answer(
        self, request: web.Request, desk: _Desk, sheet: Sheet, *, changed_at: datetime
    ) -> web.StreamResponse:
        if desk.breakage:
            return await self._misbehave(request, desk.breakage, sheet)
        validators = validators_of(sheet.body, changed_at=changed_at, now=self._clock())
        if is_unchanged(request.headers, validators):
            self.not_modified[desk.outlet.key] += 1
            return web.Response(status=304, headers=validators)
        return _served(sheet, headers=validators)

    async def _misbehave(self, request: web.Request, breakage: Breakage, sheet: Sheet) -> web.StreamResponse:
        match breakage.fault:
            case Fault.STATUS:
                headers = {"Retry-After": breakage.retry_after} if breakage.retry_after else {}
                return web.Response(status=breakage.status, headers=headers, text="out of order")
            case Fault.CHALLENGE:
                return _served(challenge_sheet())
            case Fault.CUT:
                return _served(
                    Sheet(body=sheet.body[: len(sheet.body) // 2], content_type=sheet.content_type)
                )
            case Fault.RESET:
                if request.transport is not None:
                    request.transport.abort()
            case Fault.SILENT:
                await self._closing.wait()
        return web.Response(status=503)


def _served(sheet: Sheet, *, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=sheet.body, headers={"Content-Type": sheet.content_type, **(headers or {})})


def _utc_now() -> datetime:
    return datetime.now(UTC)
