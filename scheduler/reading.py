"""The work of a reading child: bytes on disk become entries and articles with language, lexemes, story and hits."""

import gc
import hashlib
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from language.detect import detect_article, warm_up
from language.passages import passages
from language.places import Placed, find_places
from language.story import story_key
from rules.document import Document, Hit, Judged
from rules.engine import Engine
from rules.search import FORMS_VERSION, lexemes
from scheduler import indexing
from scheduler.ruleset import Compiler, RuleText
from spiders.canonical import canonical_url
from spiders.entries import Entry, Page, SourceReading
from spiders.readers.mojibake import is_garbled
from spiders.readers.page import read_page, strip_page
from spiders.readers.salvage import salvage_source
from spiders.readers.source import read_source

WARM_UP = "The first words that a child reads, so that the first article does not wait for the model."
STOPPED = "its reading was stopped"
ENTRY = "scheduler.reading:open_reader"  # what spiders.children starts


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the source tells of its articles."""

    source: str = ""
    country: str = ""
    lang: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceJob:
    """Read the capture at `path` as the source at `url`."""

    path: str
    url: str
    content_type: str | None = None
    kind: str | None = None
    listing: dict[str, str] | None = None  # the source's selectors
    about: About = field(default_factory=About)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """Read the capture at `path` as the page of an article whose entry we have."""

    path: str
    url: str
    content_type: str | None = None
    kind: str | None = None
    title: str = ""
    summary: str = ""
    about: About = field(default_factory=About)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRead:
    """One entry, understood. `address` is what its article is known by."""

    entry: Entry
    address: str
    lang: str
    story_key: str  # hex
    lexemes: tuple[str, ...]
    hits: tuple[Hit, ...]
    places: tuple[Placed, ...] = ()
    forms_version: int = 0  # of the lexemes
    slow: tuple[str, ...] = ()  # rules whose expressions took too long to see all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead:
    """A visit's harvest; `error` says in one line why it is short."""

    kind: str
    title: str = ""
    entries: tuple[EntryRead, ...] = ()
    error: str | None = None
    partial: bool = False
    older: str | None = None
    self_url: str | None = None
    hubs: tuple[str, ...] = ()
    site_url: str | None = None
    garbled: int = 0  # entries whose letters are another encoding's


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """An article page, understood."""

    page: Page
    lang: str
    story_key: str
    lexemes: tuple[str, ...]
    hits: tuple[Hit, ...]
    places: tuple[Placed, ...] = ()
    forms_version: int = 0
    slow: tuple[str, ...] = ()


SOURCE_JOB = TypeAdapter(SourceJob)
SOURCE_READ = TypeAdapter(SourceRead)
PAGE_JOB = TypeAdapter(PageJob)
PAGE_READ = TypeAdapter(PageRead)
RULES = TypeAdapter(RuleText)


class Reader:
    """Reads captures and holds every rule against them. One per child process."""

    def __init__(self) -> None:
        self._compiler = Compiler()
        self._engine = Engine([], {})

    def setup(self, text: str) -> None:
        """Take a new set of rules; the parent sends it before the next job."""
        with _uncollected():
            self._engine = self._compiler.engine(RULES.validate_json(text))

    def run(self, task: str, job: str) -> str:
        """Do one job, JSON in and JSON out."""
        if task in ("source", "salvage"):
            read = self.source(SOURCE_JOB.validate_json(job), salvaged=task == "salvage")
            return SOURCE_READ.dump_json(read).decode()
        if task == indexing.TASK:
            indexed = indexing.index(indexing.INDEX_JOB.validate_json(job))
            return indexing.INDEXED.dump_json(indexed).decode()
        return PAGE_READ.dump_json(self.page(PAGE_JOB.validate_json(job), stripped=task == "strip")).decode()

    def source(self, job: SourceJob, *, salvaged: bool = False) -> SourceRead:
        """Read a source; `salvaged` is the linear way for one whose reading was stopped (D5)."""
        reading = _salvaged(job) if salvaged else _read(job)
        hint = reading.lang or job.about.lang
        entries = [entry for entry in reading.entries if "sitemap" not in entry.tags]
        addresses = addresses_of(entries, job.url)
        return SourceRead(
            kind=reading.kind,
            title=reading.title,
            entries=tuple(
                self._entry(e, address, job, hint) for e, address in zip(entries, addresses, strict=True)
            ),
            error=reading.error,
            partial=reading.partial,
            older=reading.older,
            self_url=reading.self_url,
            hubs=reading.hubs,
            site_url=reading.site_url,
            garbled=sum(is_garbled(f"{e.title} {e.summary}") for e in entries),
        )

    def _entry(self, entry: Entry, address: str, job: SourceJob, hint: str | None) -> EntryRead:
        lang = detect_article(entry.title, entry.summary or entry.content, entry.lang or hint)
        document = _document(
            title=entry.title,
            lead=entry.summary,
            body=entry.content,
            lang=lang,
            url=address,
            author=", ".join(entry.authors),
            tags=entry.tags,
            date=entry.published,
            about=job.about,
        )
        judged = self._engine.judge(document)
        return EntryRead(
            entry=entry,
            address=address,
            lang=lang,
            story_key=story_key(entry.title or entry.summary or address, lang).hex(),
            lexemes=lexemes(entry.title, entry.summary, entry.content, lang, document.passages),
            hits=judged.hits,
            places=document.places or (),
            forms_version=FORMS_VERSION,
            slow=judged.slow,
        )

    def page(self, job: PageJob, *, stripped: bool = False) -> PageRead:
        """Read a page; `stripped` is the linear way for one whose reading was stopped (D5)."""
        body = Path(job.path).read_bytes()
        if stripped:
            page = strip_page(body, url=job.url, content_type=job.content_type, why=STOPPED)
        else:
            page = read_page(body, url=job.url, content_type=job.content_type, kind=job.kind)
        title = job.title or page.title
        lang = detect_article(title, page.text, page.lang or job.about.lang)
        document = _document(
            title=title,
            lead=job.summary,
            body=page.text,
            lang=lang,
            url=page.canonical_url or job.url,
            author=", ".join(page.authors),
            tags=page.tags,
            date=page.published,
            about=job.about,
        )
        is_article = page.kind == "article"
        judged = self._engine.judge(document) if is_article else Judged(hits=())
        return PageRead(
            page=page,
            lang=lang,
            story_key=story_key(title or job.url, lang).hex(),
            lexemes=lexemes(title, job.summary, page.text, lang, document.passages),
            hits=judged.hits,
            places=(document.places or ()) if is_article else (),
            forms_version=FORMS_VERSION,
            slow=judged.slow,
        )


def addresses_of(entries: Sequence[Entry], source_url: str) -> list[str]:
    """What the article of each entry is known by: its canonical URL.

    Entries that share a URL but say different things (the posts of a live blog, miniflux#4197) are told apart by
    their words: an article hidden behind another is worse than one shown twice.
    """
    urls = [canonical_url(e.url) if e.url else f"{source_url}#{e.id}" for e in entries]
    said: defaultdict[str, set[str]] = defaultdict(set)
    words = [hashlib.sha256(f"{e.title}\x1f{e.summary}".encode()).hexdigest()[:16] for e in entries]
    for url, digest in zip(urls, words, strict=True):
        said[url].add(digest)
    return [f"{url}#{digest}" if len(said[url]) > 1 else url for url, digest in zip(urls, words, strict=True)]


@contextmanager
def _uncollected() -> Generator[None]:
    """Build what stays without looking for garbage in it: a hundred thousand rules are millions of objects, and each
    look at all of them takes a second. What they replace is collected first; then they are left alone for good."""
    gc.unfreeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def open_reader() -> Reader:
    """What a child calls once when it starts; model and gazetteer are loaded now, not on the first job's time."""
    warm_up()
    find_places(WARM_UP, "", "", "en")
    return Reader()


def _read(job: SourceJob) -> SourceReading:
    body = Path(job.path).read_bytes()
    return read_source(body, url=job.url, content_type=job.content_type, kind=job.kind, listing=job.listing)


def _salvaged(job: SourceJob) -> SourceReading:
    body = Path(job.path).read_bytes()
    return salvage_source(body, url=job.url, content_type=job.content_type, why=STOPPED)


def _document(
    *,
    title: str,
    lead: str,
    body: str,
    lang: str,
    url: str,
    author: str,
    tags: tuple[str, ...],
    date: datetime | None,
    about: About,
) -> Document:
    return Document(
        title=title,
        lead=lead,
        body=body,
        lang=lang,
        url=url,
        author=author,
        source=about.source,
        country=about.country,
        tags=(*tags, *about.tags),
        date=date or datetime.now(UTC),
        places=find_places(title, lead, body, lang, country=about.country),
        passages=passages(body, lang),
    )
