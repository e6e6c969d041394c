"""Looking at sources without storing anything: fetched through the gate, read in children that can be killed."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from marsad.configuration import Configuration
from marsad.gateway import open_collector
from scheduler.looking import BROUGHT, ENTRY, TASK
from scheduler.reading import SOURCE_JOB, About, SourceJob
from spiders.access import AccessError, headers_for
from spiders.children import ChildFailed, Children
from spiders.collector import Collector
from spiders.discovery import Brought
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest, FetchResult
from spiders.robots import Rules, origin_of, product_token, read_rules
from spiders.robots import request_for as robots_request
from storage.sources import SourceSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """A collector, children that read what it brought, and a folder for the time between."""

    collector: Collector
    children: Children
    started: asyncio.Future[Children]  # of the children, who start while the first answers are under way
    folder: Path
    agent: str  # our name in robots.txt
    _rules: dict[str, asyncio.Task[Rules | None]] = field(
        default_factory=dict[str, "asyncio.Task[Rules | None]"]
    )
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def fetch(self, source: SourceSpec, url: str) -> FetchResult:
        """Fetch an address the way that the source is visited; what is secret goes to the source's own host only."""
        try:
            request = request_for(source, url)
        except AccessError as error:
            return FetchFailed(url=url, kind=FailureKind.REFUSED, reason=str(error))
        return await self.collector.fetch(request)

    async def read(self, source: SourceSpec, fetched: Fetched) -> Brought:
        """What a visit would bring; a reading that had to be stopped is a Brought with an error."""
        path = self.folder / str(next(self._numbers))
        job = SourceJob(
            path=str(path),
            url=fetched.final_url,
            content_type=fetched.content_type,
            kind=source.kind,
            listing=source.listing,
            about=About(source=source.name, lang=source.lang),
        )
        await asyncio.to_thread(path.write_bytes, fetched.body)
        await self.started
        try:
            return BROUGHT.validate_json(await self.children.run(TASK, SOURCE_JOB.dump_json(job).decode()))
        except ChildFailed as error:
            return Brought(kind="unknown", error=f"reading it was stopped: {error}")
        finally:
            path.unlink()

    async def may_visit(self, source: SourceSpec) -> bool:
        """Whether the robots.txt of its host, asked for once, lets us visit the source; yes when it says nothing."""
        origin = origin_of(source.url)
        if source.robots == "ignore" or origin is None:
            return True
        if origin not in self._rules:
            self._rules[origin] = asyncio.create_task(self._rules_of(origin, source.proxy))
        rules = await self._rules[origin]
        return rules is None or await asyncio.to_thread(rules.allow, source.url)

    async def _rules_of(self, origin: str, proxy: str | None) -> Rules | None:
        fetched = await self.collector.fetch(robots_request(origin, proxy=proxy))
        if not isinstance(fetched, Fetched):
            return None
        return await asyncio.to_thread(read_rules, fetched.body, self.agent)


@asynccontextmanager
async def open_looking(configuration: Configuration) -> AsyncGenerator[Looking]:
    """Start the children and the collector; nothing of what was looked at stays behind."""
    children = Children(entry=ENTRY, count=configuration.collect.readers)
    with tempfile.TemporaryDirectory(prefix="marsad-") as folder:
        starting = asyncio.create_task(children.__aenter__())
        try:
            async with open_collector(configuration) as collector:
                yield Looking(
                    collector=collector,
                    children=children,
                    started=starting,
                    folder=Path(folder),
                    agent=product_token(configuration.gate.user_agent),
                )
        finally:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            await children.__aexit__(None, None, None)


def request_for(source: SourceSpec, url: str) -> FetchRequest:
    """The request of a visit to this source, for any address of its site; raises AccessError."""
    own = _origin(url) == _origin(source.url)
    return FetchRequest(
        url=url,
        headers=headers_for(source.secret_file) if own else {},
        proxy=source.proxy,
        browser=source.browser and own,
    )


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
