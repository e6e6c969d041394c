"""What all spiders share: fetch through the gate, read in a killable child, yield rows, say what went wrong."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from spiders.children import ChildFailed, Children
from spiders.crawl.rows import Row, entry_row, page_row
from spiders.entries import Entry
from spiders.readers.service import PAGE, SOURCE_READING, ReadJob
from spiders.readers.sitemap import CHILD_TAG

MOST_CHILD_SITEMAPS = 5  # the newest of an index; news stands in the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """No reading, and why."""

    reason: str


class ReadingSpider(scrapy.Spider):
    """Reads the source at `-a url=`; with `-a pages=yes` also the page of every entry."""

    default_url: ClassVar[str | None] = None
    source_kind: str | None = None

    def __init__(self, url: str | None = None, pages: str = "no", **arguments: Any) -> None:
        super().__init__(**arguments)
        address = url or self.default_url
        if not address:
            raise ValueError(f"which source? scrapy crawl {self.name} -a url=https://...")
        self.address: str = address
        self.with_pages = pages.lower() in ("1", "yes", "true")
        self.children = Children("spiders.readers.service:open_reader", count=1)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.close_children, signal=signals.spider_closed)
        return spider

    async def close_children(self) -> None:
        await self.children.__aexit__(None, None, None)

    async def start(self) -> AsyncIterator[Any]:
        await self.children.__aenter__()
        yield self.request(self.address)

    def request(self, url: str, **kept: Any) -> scrapy.Request:
        """Ask for a source, or for a page when `kept` names the entry that led to it."""
        callback = self.parse_page if kept else self.parse
        return scrapy.Request(url, callback=callback, errback=self.failed, cb_kwargs=kept)

    async def parse(self, response: Response) -> AsyncIterator[Any]:
        """Rows of a source's entries, and what they lead to."""
        answer = await self._read("source", response)
        if isinstance(answer, Unread):
            yield self.problem(response.url, answer.reason)
            return
        reading = SOURCE_READING.validate_json(answer)
        if reading.error:
            yield self.problem(response.url, reading.error)
        indexed = [entry for entry in reading.entries if CHILD_TAG in entry.tags]
        for entry in indexed[:MOST_CHILD_SITEMAPS]:
            if entry.url:
                yield self.request(entry.url)
        for entry in reading.entries:
            if CHILD_TAG not in entry.tags:
                yield entry_row(entry)
                if follow := self.follow(entry):
                    yield follow

    async def parse_page(self, response: Response, given_id: str) -> AsyncIterator[Row]:
        """The row of one article."""
        answer = await self._read("page", response)
        if isinstance(answer, Unread):
            yield self.problem(response.url, answer.reason)
        else:
            yield page_row(PAGE.validate_json(answer), given_id=given_id)

    def follow(self, entry: Entry) -> scrapy.Request | None:
        return self.request(entry.url, given_id=entry.id) if self.with_pages and entry.url else None

    def failed(self, failure: Any) -> list[Row]:
        """No answer came: one row with the reason."""
        answer: Response | None = getattr(failure.value, "response", None)
        said = f"the server answered {answer.status}" if answer else failure.getErrorMessage()
        return [self.problem(failure.request.url, said)]

    def problem(self, url: str, reason: str) -> Row:
        """A row that says in one line why there is nothing better."""
        said = " ".join(reason.split())
        self.logger.error("%s: %s", url, said)
        return {"url": url, "error": said}

    async def _read(self, task: str, response: Response) -> "str | Unread":
        """The child's answer as JSON, or why there is none."""
        if response.status != 200:
            return Unread(reason=f"the server answered {response.status}")
        told = response.headers.get("Content-Type")
        with tempfile.NamedTemporaryFile(prefix="marsad-") as capture:
            capture.write(response.body)
            capture.flush()
            job = ReadJob(
                path=capture.name,
                url=response.url,
                content_type=told.decode("latin-1") if told else None,
                kind=self.source_kind,
            )
            try:
                return await self.children.run(task, job.model_dump_json())
            except ChildFailed as failure:
                return Unread(reason=f"it could not be read: {failure}")
