"""A survey of a site: few polite requests until its feeds, sitemaps and lists of articles are known."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from spiders.discovery import (
    Brought,
    Candidate,
    Offer,
    Way,
    common_feeds,
    common_sitemaps,
    is_good,
    offer,
    ranked,
    sitemaps_named,
)
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchResult
from spiders.robots import Rules, origin_of, read_rules

MOST_REQUESTS = 25  # of one survey, robots.txt and all
MOST_TAGS, MOST_ANCHORS, MOST_SITEMAPS = 10, 6, 3
FORBIDDEN = "robots.txt forbids it; give --robots ignore if you have the right to"
AT_ONCE = 2  # at one host, as visits have it

Fetch = Callable[[str], Awaitable[FetchResult]]
Read = Callable[[Fetched], Awaitable[Brought]]

# Where the site itself cannot be reached, nothing on it can.
_HOPELESS = {
    FailureKind.REFUSED, FailureKind.DNS, FailureKind.CONNECT, FailureKind.TLS, FailureKind.TIMEOUT,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """What was found; `direct` when the address given is itself a feed or sitemap, `problem` when it is no use."""

    offers: tuple[Offer, ...]
    requests: int
    direct: bool = False
    problem: str | None = None


async def survey(url: str, *, fetch: Fetch, read: Read, now: datetime, agent: str | None = None) -> Surveyed:
    """Look at the address; if it is a page, find what its site offers, best first.

    `fetch` goes through the gate, `read` in a child; `agent` is our name in robots.txt, None to ignore its rules.
    """
    scout = _Scout(fetch=fetch, read=read, now=now, agent=agent)
    first = await scout.look(Candidate(url=url, way=Way.GIVEN))
    if isinstance(first, FetchFailed) and first.kind in _HOPELESS:
        return Surveyed(offers=(), requests=scout.requests, problem=first.reason)
    if first is None:
        return Surveyed(offers=(), requests=scout.requests, problem=FORBIDDEN)
    if isinstance(first, Offer) and first.brought.kind in ("feed", "sitemap"):
        return Surveyed(offers=(first,), requests=scout.requests, direct=True)
    page = first.landed if isinstance(first, Offer) else url
    links = first.brought.links if isinstance(first, Offer) else ()
    await scout.search(page, links)
    offers = ranked(scout.in_order(), given=page, now=now)
    return Surveyed(offers=tuple(offers), requests=scout.requests, problem=_problem(first, offers))


def _problem(first: Offer | FetchFailed, offers: Sequence[Offer]) -> str | None:
    """Why the search found nothing to watch, None when it did."""
    if any(one.brought.addresses for one in offers):
        return None
    if isinstance(first, FetchFailed):
        return f"{first.reason}; no feed or sitemap was found beside it"
    return first.brought.error or "no feed, no sitemap and no list of articles was found"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Robots:
    """A robots.txt: what it names, and the rules that hold for us, None for none."""

    body: bytes = b""
    rules: Rules | None = None


@dataclass(slots=True, kw_only=True)
class _Scout:
    """Looks at addresses, each once, until the requests are used up; keeps the offers."""

    fetch: Fetch
    read: Read
    now: datetime
    agent: str | None
    requests: int = 0
    offers: list[Offer] = field(default_factory=list[Offer])
    _seen: dict[str, None] = field(default_factory=dict[str, None])
    _robots_of: dict[str, asyncio.Task[_Robots]] = field(default_factory=dict[str, "asyncio.Task[_Robots]"])
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def search(self, page: str, links: Sequence[Candidate]) -> None:
        """From what the site says of itself to where sites mostly have it; guessing ends at the first good feed."""
        tags = [link for link in links if link.way is Way.LINK][:MOST_TAGS]
        named = sitemaps_named((await self._robots(page)).body, page)[:MOST_SITEMAPS]
        await self._look_at_all([*tags, *named])
        if not self._has_good_feed():
            await self._look_at_all(
                [link for link in links if link.way is Way.ANCHOR][:MOST_ANCHORS], deeper=True
            )
        if not self._has_good_feed():
            await self._guess(common_feeds(page))
        if not self._has_good_feed() and not self._has_good("sitemap"):
            await self._guess(common_sitemaps(page))

    async def look(self, candidate: Candidate) -> Offer | FetchFailed | None:
        """Fetch and read one address; None when it was seen already, is forbidden, or no request is left."""
        if candidate.url in self._seen:
            return None
        self._seen[candidate.url] = None
        if not await self._may_look(candidate):
            return None
        fetched = await self._get(candidate.url)
        if not isinstance(fetched, Fetched):
            return fetched if isinstance(fetched, FetchFailed) else None
        if fetched.final_url != candidate.url and fetched.final_url in self._seen:
            return None
        self._seen[fetched.final_url] = None
        brought = await self._whole(await self.read(fetched))
        address = fetched.moved_to or candidate.url  # what redirects for now only may lead elsewhere tomorrow
        found = offer(candidate, address, brought, landed=fetched.final_url, now=self.now)
        if candidate.way is Way.GIVEN or not brought.is_page:
            self._keep(found)
        return found

    def in_order(self) -> list[Offer]:
        """The offers in the order in which the site names them, whichever answered first."""
        places = {url: place for place, url in enumerate(self._seen)}
        return sorted(self.offers, key=lambda one: places[one.candidate.url])

    def _keep(self, found: Offer) -> None:
        """A guess that met nothing is nobody's news; what the site names and does not hold is."""
        if found.brought.addresses or found.candidate.way in (Way.GIVEN, Way.LINK, Way.ROBOTS):
            self.offers.append(found)

    async def _may_look(self, candidate: Candidate) -> bool:
        """Whether robots.txt lets us; what it forbids is said, unless we only guessed that it is there."""
        robots = await self._robots(candidate.url)
        if robots.rules is None or await asyncio.to_thread(robots.rules.allow, candidate.url):
            return True
        if candidate.way is not Way.COMMON:
            brought = Brought(kind="unknown", error=FORBIDDEN)
            url = candidate.url
            self.offers.append(offer(candidate, url, brought, landed=url, now=self.now))
        return False

    async def _look_at_all(self, candidates: Iterable[Candidate], *, deeper: bool = False) -> None:
        """Look at all of them, and with `deeper` at what a page of feeds among them names."""
        looks = await asyncio.gather(*(self.look(candidate) for candidate in candidates))
        if deeper:
            pages = [one for one in looks if isinstance(one, Offer) and one.brought.is_page]
            named = [link for one in pages for link in one.brought.links]
            await self._look_at_all(named[:MOST_TAGS])

    async def _guess(self, candidates: Sequence[Candidate]) -> None:
        for start in range(0, len(candidates), AT_ONCE):
            looks = await asyncio.gather(*map(self.look, candidates[start : start + AT_ONCE]))
            if any(isinstance(one, Offer) and self._is_good_source(one) for one in looks):
                return

    async def _whole(self, brought: Brought) -> Brought:
        """An index of sitemaps with the entries of its newest part, one level down; a page as it is."""
        if brought.kind != "sitemap" or brought.addresses or brought.older is None:
            return brought
        part = await self._get(brought.older)
        if isinstance(part, Fetched):
            inner = await self.read(part)
            if inner.kind == "sitemap":
                return replace(inner, title=brought.title, links=())
        reason = part.reason if isinstance(part, FetchFailed) else "not looked at"
        return replace(brought, error=f"its newest part {brought.older}: {reason}")

    async def _get(self, url: str) -> FetchResult | None:
        async with self._turn:
            if self.requests >= MOST_REQUESTS:
                return None
            self.requests += 1
            return await self.fetch(url)

    async def _robots(self, url: str) -> _Robots:
        """The robots.txt of the address's host, asked for once."""
        origin = origin_of(url) or ""
        if origin not in self._robots_of:
            self._robots_of[origin] = asyncio.create_task(self._ask_robots(origin))
        return await self._robots_of[origin]

    async def _ask_robots(self, origin: str) -> _Robots:
        fetched = await self._get(f"{origin}/robots.txt")
        if not isinstance(fetched, Fetched):
            return _Robots()
        rules = await asyncio.to_thread(read_rules, fetched.body, self.agent) if self.agent else None
        return _Robots(body=fetched.body, rules=rules)

    def _has_good_feed(self) -> bool:
        return self._has_good("feed")

    def _has_good(self, kind: str) -> bool:
        return any(one.brought.kind == kind and is_good(one, now=self.now) for one in self.offers)

    def _is_good_source(self, one: Offer) -> bool:
        return one.brought.kind in ("feed", "sitemap") and is_good(one, now=self.now)


def site_of(url: str) -> str:
    """The host that a person would call the source by."""
    return (urlsplit(url).hostname or url).removeprefix("www.")
