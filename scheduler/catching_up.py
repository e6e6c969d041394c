"""Catching up: when a visit shares no entry with what was kept, the way back to it through older documents.

RFC 5005 (archived and paged feeds), the pages of WordPress, the child sitemaps of an index, the site's own
news sitemap and its front page, in this order, until one of them shows an entry that we have.
"""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit, urlunsplit

import structlog

from scheduler.arrivals import Part
from scheduler.health import FEWEST_TO_OVERFLOW
from scheduler.means import Means, read_source_capture
from scheduler.reading import SourceRead
from spiders.access import AccessError, headers_for
from spiders.canonical import same_origin
from spiders.children import ChildFailed
from spiders.discovery import sitemaps_named
from spiders.fetching import Fetched, FetchRequest
from storage.articles import known_keys, url_key
from storage.sources import Source

log = structlog.get_logger()

MOST_OLDER = 8  # documents that one visit reads to close a gap
MOST_SITEMAPS = 2


async def catch_up(means: Means, source: Source, main: Part) -> tuple[Part, ...]:
    """The older documents that close the gap to the visit before, or as far as there are any; none without a gap."""
    if not main.read.entries and main.read.older:  # the index of sitemaps has no entries of its own
        first = await _read(means, source, main.read.older)
        return () if first is None else (first, *await _close_gap(means, source, first))
    return await _close_gap(means, source, main)


async def _close_gap(means: Means, source: Source, main: Part) -> tuple[Part, ...]:
    if source.last_new_at is None or len(main.read.entries) < FEWEST_TO_OVERFLOW:
        return ()
    if await _overlaps(means, main.read):
        return ()
    found: list[Part] = []
    async for part in _older(means, source, main):
        found.append(part)
        if await _overlaps(means, part.read):
            break
    entries = sum(len(part.read.entries) for part in found)
    log.info("caught_up", source=source.name, documents=len(found), entries=entries)
    return tuple(found)


async def _overlaps(means: Means, read: SourceRead) -> bool:
    async with means.db.connection() as conn:
        return bool(await known_keys(conn, [url_key(entry.address) for entry in read.entries]))


async def _older(means: Means, source: Source, main: Part) -> AsyncIterator[Part]:
    """Older documents, each read only when asked for; an address is asked for once."""
    asked = {main.fetched.url, main.fetched.final_url}
    newest = main
    for number in range(2, MOST_OLDER + 2):
        url = newest.read.older or _paged(main.fetched.final_url, number)
        part = await _read(means, source, url) if url and url not in asked else None
        if url:
            asked.add(url)
        if part is None or not part.read.entries:
            break
        yield part
        newest = part
    async for url in _beside(means, source, main):
        if url not in asked and (part := await _read(means, source, url)) is not None:
            asked.add(url)
            yield part


def _paged(url: str, number: int) -> str | None:
    """WordPress serves the entries before these as ?paged=2; its feeds are known by their path or ?feed=."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    if not (parts.path.rstrip("/").endswith("/feed") or "feed" in query):
        return None
    query["paged"] = [str(number)]
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))


async def _beside(means: Means, source: Source, main: Part) -> AsyncIterator[str]:
    """The site's own sitemaps of news, as its robots.txt names them, and the page that the feed belongs to."""
    robots = await _fetch(means, source, urljoin(main.fetched.final_url, "/robots.txt"))
    if robots is not None:
        named = sitemaps_named(robots.body, robots.final_url)
        for candidate in [one for one in named if "news" in one.url.lower()][:MOST_SITEMAPS]:
            yield candidate.url
    if main.read.site_url:
        yield main.read.site_url


async def _read(means: Means, source: Source, url: str) -> Part | None:
    fetched = await _fetch(means, source, url)
    if fetched is None:
        return None
    stored = await asyncio.to_thread(means.captures.put, fetched.body)
    try:
        read, _ = await read_source_capture(means, source, fetched, stored)
    except ChildFailed as error:
        log.warning("older_not_read", source=source.name, url=url, reason=str(error))
        return None
    return Part(fetched=fetched, stored=stored, read=read)


async def _fetch(means: Means, source: Source, url: str) -> Fetched | None:
    try:
        headers = headers_for(source.secret_file) if same_origin(url, source.url) else {}
    except AccessError as error:
        log.info("older_not_fetched", source=source.name, url=url, reason=str(error))
        return None
    request = FetchRequest(url=url, headers=headers, proxy=source.proxy)
    result = await means.polite.fetch_more(request, robots=source.robots)
    if isinstance(result, Fetched):
        return result
    log.info(
        "older_not_fetched", source=source.name, url=url, reason=getattr(result, "reason", "not modified")
    )
    return None
