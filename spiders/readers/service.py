"""The reading side of a child process: a file on disk in, a reading as JSON out."""

from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from spiders.entries import Page, SourceReading
from spiders.readers.page import read_page, strip_page
from spiders.readers.source import read_source

SOURCE_READING = TypeAdapter(SourceReading)
PAGE = TypeAdapter(Page)


class ReadJob(BaseModel):
    """Which capture to read, and what its answer said about it."""

    path: str
    url: str
    content_type: str | None = None
    kind: str | None = None
    listing: dict[str, str] | None = None  # the source's selectors


class Reader:
    """`source` answers a SourceReading, `page` a Page, and `strip` the Page of a body that killed `page`."""

    def setup(self, text: str) -> None:
        """Reading needs to be told nothing."""

    def run(self, task: str, text: str) -> str:
        job = ReadJob.model_validate_json(text)
        body = Path(job.path).read_bytes()
        match task:
            case "source":
                reading = read_source(
                    body, url=job.url, content_type=job.content_type, kind=job.kind, listing=job.listing
                )
                return SOURCE_READING.dump_json(reading).decode()
            case "page":
                page = read_page(body, url=job.url, content_type=job.content_type, kind=job.kind)
                return PAGE.dump_json(page).decode()
            case "strip":
                page = strip_page(
                    body, url=job.url, content_type=job.content_type, why="reading the page was cut off"
                )
                return PAGE.dump_json(page).decode()
            case _:
                raise ValueError(f"no task {task!r}: source, page and strip are known")


def open_reader() -> Reader:
    """The entry for Children: `spiders.readers.service:open_reader`."""
    return Reader()
