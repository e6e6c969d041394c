"""`marsad try source` and `try page`: captured or live bytes through the same children that the daemon reads with."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marsad.commands.front import iso, print_row
from marsad.commands.rows import Row, answer_ahead, existing_file, text_of
from marsad.configuration import Configuration
from marsad.errors import BadInput
from marsad.gateway import open_collector
from scheduler.pages import read_or_strip
from scheduler.reading import (
    ENTRY,
    SOURCE_JOB,
    SOURCE_READ,
    EntryRead,
    PageJob,
    PageRead,
    SourceJob,
    SourceRead,
)
from spiders.children import ChildFailed, Children
from spiders.fetching import Fetched, FetchFailed, FetchRequest

ANYWHERE = "https://example.org/"
NO_SOURCE: dict[str, Any] = {"kind": "unknown", "entries": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for: one thing, or rows when `what` is None."""

    what: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Capture:
    """Bytes on disk and where they came from."""

    path: Path
    url: str
    content_type: str | None = None


async def try_sources(configuration: Configuration, asked: Asked) -> None:
    """Print the entries of one source, or answer a row for each row."""
    if asked.what is None:
        async with Children(entry=ENTRY, count=configuration.collect.readers) as children:
            await answer_ahead(lambda row: _source_row(children, row), blank=NO_SOURCE)
        return
    async with (
        _one(configuration, asked.what, asked.url) as capture,
        Children(entry=ENTRY, count=1) as children,
    ):
        read = await _read_source(children, capture)
    if read.error and not read.entries:
        raise BadInput(f"{asked.what}: {read.error}")
    for entry in read.entries:
        print_row(_entry(entry))
    if read.error:
        print(f"marsad: {asked.what}: {read.error}", file=sys.stderr)


async def try_pages(configuration: Configuration, asked: Asked) -> None:
    """Print one article, or answer a row for each row."""
    if asked.what is None:
        async with Children(entry=ENTRY, count=configuration.collect.readers) as children:
            await answer_ahead(lambda row: _page_row(children, row))
        return
    async with (
        _one(configuration, asked.what, asked.url) as capture,
        Children(entry=ENTRY, count=1) as children,
    ):
        print_row({"id": asked.what, **_page(await _read_page(children, capture))})


async def _source_row(children: Children, row: Row) -> dict[str, Any]:
    read = await _read_source(children, _captured(row))
    entries = [_entry(entry) for entry in read.entries]
    return {"id": row.get("id"), "kind": read.kind, "entries": entries, "error": read.error}


async def _page_row(children: Children, row: Row) -> dict[str, Any]:
    return {"id": row.get("id"), **_page(await _read_page(children, _captured(row)))}


def _captured(row: Row) -> _Capture:
    return _Capture(path=existing_file(text_of(row, "path")), url=text_of(row, "url", ANYWHERE))


async def _read_source(children: Children, capture: _Capture) -> SourceRead:
    job = SourceJob(path=str(capture.path), url=capture.url, content_type=capture.content_type)
    return SOURCE_READ.validate_json(
        await _run(children, "source", SOURCE_JOB.dump_json(job).decode(), capture)
    )


async def _read_page(children: Children, capture: _Capture) -> PageRead:
    job = PageJob(path=str(capture.path), url=capture.url, content_type=capture.content_type)
    try:
        return await read_or_strip(children, job)
    except ChildFailed as error:
        raise BadInput(f"{capture.path}: reading it was stopped: {error}") from None


async def _run(children: Children, task: str, job: str, capture: _Capture) -> str:
    try:
        return await children.run(task, job)
    except ChildFailed as error:
        raise BadInput(f"{capture.path}: reading it was stopped: {error}") from None


@asynccontextmanager
async def _one(configuration: Configuration, what: str, url: str | None) -> AsyncGenerator[_Capture]:
    """The one thing asked for, as bytes on disk for as long as it is read."""
    if what != "-" and "://" not in what:
        yield _Capture(path=existing_file(what), url=url or ANYWHERE)
        return
    with tempfile.TemporaryDirectory(prefix="marsad-") as folder:
        path = Path(folder) / "capture"
        if what == "-":
            await asyncio.to_thread(path.write_bytes, sys.stdin.buffer.read())
            yield _Capture(path=path, url=url or ANYWHERE)
            return
        fetched = await _fetch(configuration, what)
        await asyncio.to_thread(path.write_bytes, fetched.body)
        yield _Capture(path=path, url=url or fetched.final_url, content_type=fetched.content_type)


async def _fetch(configuration: Configuration, url: str) -> Fetched:
    async with open_collector(configuration) as collector:
        result = await collector.fetch(FetchRequest(url=url))
    if isinstance(result, Fetched):
        if result.truncated:
            cut = f"the answer was cut after {len(result.body)} bytes; what came until then is read"
            print(f"marsad: {url}: {cut}", file=sys.stderr)
        return result
    raise BadInput(f"{url}: {result.reason if isinstance(result, FetchFailed) else 'not modified'}")


def _entry(read: EntryRead) -> dict[str, Any]:
    entry = read.entry
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "published": iso(entry.published),
        "updated": iso(entry.updated),
        "authors": list(entry.authors),
        "lang": read.lang,
    }


def _page(read: PageRead) -> dict[str, Any]:
    page = read.page
    return {
        "url": page.url,
        "canonical_url": page.canonical_url,
        "kind": page.kind,
        "title": page.title,
        "text": page.text,
        "published": iso(page.published),
        "modified": iso(page.modified),
        "authors": list(page.authors),
        "lang": read.lang,
        "site": page.site,
        "degraded": page.degraded,
    }
