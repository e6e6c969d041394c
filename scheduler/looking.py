"""The work of a child that only looks: what a source would bring, in few words, and what its page names."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from scheduler.reading import SOURCE_JOB, EntryRead, Reader, SourceJob, SourceRead, open_reader
from spiders.discovery import Brought
from spiders.sitelinks import links_of

ENTRY = "scheduler.looking:open_looker"  # what spiders.children starts
TASK = "look"
BROUGHT = TypeAdapter(Brought)

MOST_HEADLINES = 3
HEADLINE_CHARS = 200
CLEAR = 0.8  # a source has a language when nearly all that it brings is in it; a mixed one has none
AHEAD = timedelta(days=1)  # a date further off is a mistake, not news


class Looker:
    """Reads captures as visits do, and says in short what a source is good for. One per child process."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def setup(self, text: str) -> None:
        """Looking needs to be told nothing."""

    def run(self, task: str, job: str) -> str:
        """Look at one capture, a SourceJob in and a Brought out."""
        return BROUGHT.dump_json(self.look(SOURCE_JOB.validate_json(job))).decode()

    def look(self, job: SourceJob) -> Brought:
        read = self._reader.source(job)
        links = ()
        if read.kind not in ("feed", "sitemap"):
            links = links_of(Path(job.path).read_bytes(), url=job.url, content_type=job.content_type)
        return Brought(
            kind=read.kind,
            title=read.title,
            lang=_language(read.entries),
            addresses=tuple(dict.fromkeys(entry.address for entry in read.entries)),
            headlines=_headlines(read.entries),
            newest=_newest(read.entries, datetime.now(UTC)),
            error=_problem(read),
            older=read.older,
            links=links,
        )


def open_looker() -> Looker:
    """What a child calls once when it starts."""
    return Looker(open_reader())


def _language(entries: Iterable[EntryRead]) -> str | None:
    known = Counter(entry.lang for entry in entries if entry.lang != "und")
    if not known:
        return None
    lang, count = known.most_common(1)[0]
    return lang if count >= CLEAR * known.total() else None


def _headlines(entries: Iterable[EntryRead]) -> tuple[str, ...]:
    words = (read.entry.title or read.entry.summary for read in entries)
    return tuple(text[:HEADLINE_CHARS] for text in words if text)[:MOST_HEADLINES]


def _newest(entries: Iterable[EntryRead], now: datetime) -> datetime | None:
    times = (read.entry.published or read.entry.updated for read in entries)
    return max((time for time in times if time and time <= now + AHEAD), default=None)


def _problem(read: SourceRead) -> str | None:
    """What the reading says of itself; letters of another encoding are a problem that nobody else would name."""
    if read.garbled and 2 * read.garbled >= len(read.entries):
        garbled = f"{read.garbled} of {len(read.entries)} entries read as another encoding's letters"
        return f"{read.error}; {garbled}" if read.error else garbled
    return read.error
