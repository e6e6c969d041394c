"""Politeness: whether, and when, a site lets us fetch an address; what it said is known to all workers."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import structlog

from scheduler.leave import LONGEST_REST, Allowed, Disallowed, NotYet, answer_of, judge, refused, rest_after
from spiders.fetching import FailureKind, FetchFailed, FetchRequest, FetchResult
from spiders.robots import (
    LONGEST_DELAY,
    Said,
    Unchanged,
    Unreached,
    origin_of,
    read_rules,
    request_for,
    understand,
)
from storage.database import Database
from storage.hosts import gap_after, rest_host
from storage.keys import host_of
from storage.robots import Robots, ask_robots, keep_robots, release_robots

log = structlog.get_logger()

LEASE = timedelta(seconds=30)  # of asking for a robots.txt: longer than that can take
LONGEST_WAIT = timedelta(seconds=10)  # inside a visit that needs more than one request
REMEMBERED = 20_000  # addresses: mostly those of the sources, which are asked about again and again


class Fetcher(Protocol):
    """Whatever fetches through the one gate."""

    async def fetch(self, request: FetchRequest) -> FetchResult: ...


class _Memory:
    """What was decided, for as long as it holds; the addresses that nobody asked about for longest go first."""

    def __init__(self) -> None:
        self._decided: OrderedDict[str, tuple[float, Allowed | Disallowed]] = OrderedDict()

    def get(self, url: str) -> Allowed | Disallowed | None:
        until, decided = self._decided.get(url, (0.0, None))
        if time.monotonic() >= until:
            return None
        self._decided.move_to_end(url)
        return decided

    def put(self, url: str, decided: Allowed | Disallowed, *, holds: timedelta) -> None:
        self._decided[url] = (time.monotonic() + holds.total_seconds(), decided)
        self._decided.move_to_end(url)
        if len(self._decided) > REMEMBERED:
            self._decided.popitem(last=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """Fetches as the other side wishes it: robots.txt, Crawl-delay, Retry-After. One per process.

    `pause` is what we let pass between two requests to one host; `agent` is our product token.
    """

    db: Database
    fetcher: Fetcher
    pause: timedelta = timedelta(0)
    agent: str = "Marsad"
    _memory: _Memory = field(default_factory=_Memory)

    async def fetch(self, request: FetchRequest, *, robots: str = "obey") -> FetchResult | NotYet:
        """Fetch what a claimed turn allows; the result says what robots.txt said."""
        leave = await self.may_fetch(request.url, robots=robots, proxy=request.proxy)
        match leave:
            case NotYet():
                return leave
            case Disallowed():
                return refused(request, leave)
            case Allowed():
                return await self._fetch(request, leave)

    async def fetch_more(self, request: FetchRequest, *, robots: str = "obey") -> FetchResult:
        """Fetch something else within a visit under way, after the pause that its host wants.

        A host that wants a long one is not waited for: the failure says so.
        """
        leave = await self.may_fetch(request.url, robots=robots, proxy=request.proxy)
        if isinstance(leave, Disallowed):
            return refused(request, leave)
        delay = leave.delay if isinstance(leave, Allowed) else timedelta(0)
        gap = gap_after(host_of(request.url), pause=self.pause, delay=delay)
        if isinstance(leave, NotYet) or gap > LONGEST_WAIT:
            reason = leave.reason if isinstance(leave, NotYet) else f"its host wants a pause of {gap}"
            return FetchFailed(url=request.url, kind=FailureKind.REFUSED, reason=f"not now: {reason}")
        await asyncio.sleep(gap.total_seconds())
        return await self._fetch(request, leave)

    async def may_fetch(
        self, url: str, *, robots: str = "obey", proxy: str | None = None
    ) -> Allowed | Disallowed | NotYet:
        """Say whether the URL may be fetched now; asks for the site's robots.txt when nobody has lately."""
        origin = origin_of(url)
        if robots == "ignore" or origin is None:
            return Allowed(said=f"not asked: robots = {robots}")
        if decided := self._memory.get(url):
            return decided
        async with self.db.connection() as conn:
            known = await ask_robots(conn, origin, host=host_of(url), lease=LEASE)
        gap = timedelta(0)
        if known is not None and known.ours:
            known = await self._ask(known, proxy)
            gap = gap_after(host_of(url), pause=self.pause, delay=known.delay if known else timedelta(0))
        if known is None:
            return NotYet(reason=f"{origin}/robots.txt is just being asked for")
        decided = await asyncio.to_thread(judge, known, url, self.agent)
        self._memory.put(url, decided, holds=known.fresh_until - known.now)
        if gap and isinstance(decided, Allowed):
            return NotYet(reason=f"{origin}/robots.txt was just asked for, and its host rests for {gap}")
        return decided

    async def _fetch(self, request: FetchRequest, leave: Allowed) -> FetchResult:
        result = await self.fetcher.fetch(request)
        host, wait = host_of(request.url), rest_after(result)
        if wait:
            log.info("host_rests", host=host, seconds=round(wait.total_seconds()))
        if rest := max(wait, leave.delay):
            async with self.db.connection() as conn:
                await rest_host(conn, host, rest)
        return replace(result, robots=leave.said)

    async def _delay_of(self, said: Said | Unchanged | Unreached, origin: str) -> timedelta:
        if not isinstance(said, Said) or said.body is None:
            return timedelta(0)
        rules = await asyncio.to_thread(read_rules, said.body, self.agent)
        if rules.asked_delay > LONGEST_DELAY:
            asked, obeyed = rules.asked_delay.total_seconds(), rules.delay.total_seconds()
            log.warning("crawl_delay_cut", origin=origin, asked_seconds=asked, obeyed_seconds=obeyed)
        return rules.delay

    async def _ask(self, asked: Robots, proxy: str | None) -> Robots | None:
        """Ask for the robots.txt and keep what it says; None when that is somebody else's by now."""
        request = request_for(asked.origin, etag=asked.etag, last_modified=asked.last_modified, proxy=proxy)
        try:
            said = understand(await self.fetcher.fetch(request))
            answer = answer_of(said, asked, delay=await self._delay_of(said, asked.origin))
        except asyncio.CancelledError:
            async with self.db.connection() as conn:
                await release_robots(conn, asked)
            raise
        gap = gap_after(asked.host, pause=self.pause, delay=answer.delay)
        if isinstance(said, Unreached):
            seconds = round(answer.fresh_for.total_seconds())
            log.info("robots_unreached", origin=asked.origin, reason=said.reason, again_in_seconds=seconds)
            gap = max(gap, min(said.retry_after or timedelta(0), LONGEST_REST))
        else:
            log.debug("robots_read", origin=asked.origin, status=answer.status, rules=answer.body is not None)
        async with self.db.connection() as conn:
            return await keep_robots(conn, asked, answer, gap=gap)
