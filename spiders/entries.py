"""What reading yields: the entries of a source and the article of a page, before anything is stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SourceKind = Literal["feed", "sitemap", "listing", "unknown"]
PageKind = Literal["article", "listing", "blocked", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed, sitemap or listing, as text without markup; times are aware and in UTC."""

    id: str
    url: str | None
    title: str
    summary: str = ""
    content: str = ""
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReading:
    """Everything one visit to a source yielded; `error` says in one line why it is short or empty."""

    kind: str  # SourceKind, or "site:NAME" when a site spider read it
    title: str = ""
    lang: str | None = None
    entries: tuple[Entry, ...] = ()
    error: str | None = None
    partial: bool = False
    older: str | None = None  # where the entries before these stand: rel="prev-archive" or "next" (RFC 5005)
    self_url: str | None = None  # what the feed calls itself, rel="self": the topic of its hubs
    hubs: tuple[str, ...] = ()  # WebSub hubs, rel="hub"
    site_url: str | None = None  # the page that the feed belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One article page; `degraded` says why the text is second best, None when it is not."""

    url: str
    canonical_url: str | None
    kind: PageKind
    title: str = ""
    text: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    authors: tuple[str, ...] = ()
    lang: str | None = None
    site: str | None = None
    degraded: str | None = None
    tags: tuple[str, ...] = ()
    live: bool = False  # a live blog that goes on: worth another look soon
