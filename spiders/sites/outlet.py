"""An outlet as data: its hosts and language, its designs newest first, and where each keeps what."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Literal
from urllib.parse import urlsplit

from spiders.readers.links import host_of, same_site
from spiders.readers.xml import Node

Selectors = tuple[str, ...]  # the first that yields something counts
Field = Literal["title", "body", "authors", "dates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a listing as code finds it: `near` is the box to look for a time in when none is given."""

    headline: str
    href: str | None
    near: Node
    time: str | None = None
    summary: str = ""


ListingCode = Callable[[Node, "Outlet"], Iterator[Item]]
BodyCode = Callable[[Node], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How a page that lists articles looks; `item` is the box of one, inside which the others are looked for."""

    headlines: Selectors = ()  # links whose words are headlines: a listing without boxes
    item: Selectors = ()
    link: Selectors = ()  # default: the first link of the box that leads to a story
    title: Selectors = ()  # default: the words of the link
    time: Selectors = ()
    summary: Selectors = ()
    code: ListingCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One design of an outlet's pages, first seen at `since`."""

    since: date
    title: Selectors = ()
    standfirst: Selectors = ()
    body: Selectors = ()
    live: Selectors = ()  # the updates of a live blog
    drop: Selectors = ()  # what stands inside the body and is no text of the article
    drop_lines: tuple[re.Pattern[str], ...] = ()  # the same, where only its words tell
    authors: Selectors = ()
    dates: Selectors = ()
    tags: Selectors = ()
    listing: Listing | None = None
    code: BodyCode | None = None  # more of the text, from where no selector reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One outlet, as its file in `outlets/` tells it."""

    name: str
    hosts: tuple[str, ...]  # with the beginning of a path, where an outlet has only that: bbc.com/arabic
    lang: str
    zone: tzinfo  # of times printed or stated without one
    story: re.Pattern[str]  # paths of articles
    skip: re.Pattern[str] | None = None  # paths that a listing must not yield
    langs: Mapping[str, str] = field(default_factory=dict[str, str])  # beginnings of paths -> language
    own_names: tuple[str, ...] = ()  # the organisation signing as an author
    json_ld: frozenset[Field] = frozenset()  # fields whose statement in JSON-LD is better than what is shown
    start: str | None = None  # a page that lists its news
    versions: tuple[Version, ...]  # newest first

    def is_story(self, url: str) -> bool:
        """Whether this is the address of an article and not of a section, a video or somebody else's page."""
        path = urlsplit(url).path
        return bool(self.story.search(path)) and not (self.skip and self.skip.search(path))

    def owns(self, url: str) -> bool:
        """Whether this address lies on one of the outlet's hosts, or below one."""
        host, path = host_of(url), f"{urlsplit(url).path}/"
        return any(
            (host == own or host.endswith(f".{own}")) and path.startswith(f"{start}/")
            for own, start in map(split_host, self.hosts)
        )

    def leads_to_story(self, link: str | None, listing: str) -> bool:
        """Whether a link on the page `listing` leads to an article of this outlet."""
        return bool(link and self.is_story(link) and (same_site(link, listing) or self.owns(link)))

    def lang_of(self, url: str) -> str | None:
        """The language that the address tells."""
        path = urlsplit(url).path
        return next((lang for start, lang in self.langs.items() if path.startswith(start)), None)

    def is_own_name(self, author: str) -> bool:
        """Whether this author is the outlet itself."""
        return author.casefold() in {name.casefold() for name in self.own_names}


def split_host(host: str) -> tuple[str, str]:
    """`bbc.com/arabic` as the host and the path that the outlet's addresses begin with."""
    own, slash, path = host.partition("/")
    return own, slash + path
