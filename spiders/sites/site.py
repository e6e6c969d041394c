"""A site spider as data: where a site keeps headlines, text and times; code only where data cannot say it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

from lxml.cssselect import CSSSelector

from spiders.dates import read_date
from spiders.entries import Entry, Page, SourceReading
from spiders.readers.feed import MOST_ENTRIES, entry_id, language, names
from spiders.readers.links import absolute
from spiders.readers.listing import date_near, words_of
from spiders.readers.markup import plain
from spiders.readers.structured import Structured, structured
from spiders.readers.xml import Node, html_tree, tag_of

# an item of a listing: headline, address, time as printed, the node to look for a time around
Item = tuple[str, str | None, str | None, Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site. Selectors are CSS; the first of a field that yields something counts."""

    name: str
    hosts: tuple[str, ...]
    lang: str
    zone: tzinfo  # of times printed without one
    story: re.Pattern[str]  # paths of articles
    skip: re.Pattern[str] | None = None  # paths that a listing must not yield
    title: tuple[str, ...] = ("h1",)
    standfirst: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    live: tuple[str, ...] = ()  # posts of a live blog
    drop: tuple[str, ...] = ()  # what stands inside the body and is no text of the article
    authors: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    own_names: tuple[str, ...] = ()  # the organisation signing as an author
    headlines: tuple[str, ...] = ()  # links of a listing
    items: Callable[[Node], Iterator[Item]] | None = None  # the escape: a listing that selectors cannot tell

    def read_page(self, text: str, *, url: str, now: datetime) -> Page | None:
        """The article, live blog or video at `url`; None when the page does not look as this site's do."""
        tree = html_tree(text)
        if tree is None:
            return None
        said = structured(tree)
        body = self._body(tree) or said.body
        if not body and said.type == "videoobject":
            body = said.description
        title = self._first(tree, self.title) or said.title or said.meta_title
        if not (title and body):
            return None
        standfirst = self._first(tree, self.standfirst)
        return Page(
            url=url,
            canonical_url=absolute(said.canonical, url),
            kind="article",
            title=title,
            text=f"{standfirst}\n{body}" if standfirst and standfirst not in body else body,
            published=self._published(tree, said, now),
            modified=read_date(said.modified or said.meta_modified, now=now, zone=self.zone),
            authors=self._authors(tree, said),
            lang=language(tree.get("lang")) or self.lang,
            site=self.name,
        )

    def read_listing(self, text: str, *, url: str, now: datetime) -> SourceReading | None:
        """The headlines of a section or of the breaking news; None when there are none to be seen."""
        tree = html_tree(text)
        if tree is None:
            return None
        found: dict[str, Entry] = {}
        for headline, href, raw, node in self._items(tree):
            link = absolute(href, url)
            if not headline or (link and not self._is_story(link)):
                continue
            entry = self._entry(headline, link, raw, node, now)
            found.setdefault(entry.id, entry)
        if not found:
            return None
        return SourceReading(
            kind=f"site:{self.name}",
            title=plain(tree.findtext(".//title")),
            lang=self.lang,
            entries=tuple(found.values())[:MOST_ENTRIES],
        )

    def _entry(self, headline: str, link: str | None, raw: str | None, node: Node, now: datetime) -> Entry:
        published = read_date(raw, now=now, zone=self.zone)
        if raw is None:
            raw, published = date_near(node, now=now, zone=self.zone)
        return Entry(
            id=entry_id(None, link, headline, ""),
            url=link,
            title=headline,
            published=published,
            published_raw=raw,
            lang=self.lang,
        )

    def _items(self, tree: Node) -> Iterator[Item]:
        for css in self.headlines:
            for node in select(tree, css):
                yield plain(node.get("data-title")) or words_of(node), node.get("href"), None, node
        if self.items:
            yield from self.items(tree)

    def _is_story(self, link: str) -> bool:
        path = urlsplit(link).path
        return bool(self.story.search(path)) and not (self.skip and self.skip.search(path))

    def _first(self, tree: Node, wanted: tuple[str, ...]) -> str:
        return next((words for css in wanted for node in select(tree, css) if (words := words_of(node))), "")

    def _body(self, tree: Node) -> str:
        posts = [node for css in self.live for node in select(tree, css)]
        bodies = posts or next((nodes for css in self.body if (nodes := select(tree, css))), [])
        unwanted = {node for css in self.drop for node in select(tree, css)}
        lines = (line for node in bodies for line in _lines(node, unwanted))
        return "\n".join(dict.fromkeys(lines))

    def _published(self, tree: Node, said: Structured, now: datetime) -> datetime | None:
        printed = (n.get("datetime") or words_of(n) for css in self.dates for n in select(tree, css))
        stated = (said.published, said.meta_published)
        found = (read_date(raw, now=now, zone=self.zone) for raws in (printed, stated) for raw in raws)
        return next((date for date in found if date), None)

    def _authors(self, tree: Node, said: Structured) -> tuple[str, ...]:
        printed = names(words_of(node) for css in self.authors for node in select(tree, css))
        return printed or tuple(name for name in said.authors if name not in self.own_names)


_BLOCKS = {"p", "h2", "h3", "h4", "h5", "li", "blockquote", "pre", "td"}


def _lines(body: Node, unwanted: set[Node]) -> Iterator[str]:
    """The body's blocks, a line each, outermost first; nothing from inside an unwanted element."""
    if body in unwanted:
        return
    if tag_of(body) in _BLOCKS:
        if words := _words_outside(body, unwanted):
            yield words
        return
    for inner in body:
        yield from _lines(inner, unwanted)


def _words_outside(node: Node, unwanted: set[Node]) -> str:
    parts = [node.text or ""]
    for inner in node:
        if inner not in unwanted:
            parts.append(_words_outside(inner, unwanted))
        parts.append(inner.tail or "")
    return " ".join("".join(parts).split())


@lru_cache(maxsize=500)
def _compiled(css: str) -> CSSSelector:
    return CSSSelector(css, translator="html")


def select(tree: Node, css: str) -> list[Node]:
    """The elements a CSS selector finds, in the page's order."""
    return cast(list[Node], _compiled(css)(tree))
