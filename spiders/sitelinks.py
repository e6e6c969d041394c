"""The feeds and sitemaps that a page names: its link tags, and links that look like them."""

import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import urlsplit

from spiders.discovery import Candidate, Way
from spiders.readers.decode import MOST_BYTES, decode, unpack
from spiders.readers.feed import language
from spiders.readers.links import absolute, same_site
from spiders.readers.markup import plain
from spiders.readers.xml import Node, html_tree

MOST_LINKS = 60  # a page of feeds names some dozens
_TITLE_CHARS = 200
_TYPES = {
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
    "application/rss", "application/atom", "text/rss+xml", "text/rss",
}  # fmt: skip
# types that feeds share with other things: only an address that looks like a feed counts
_VAGUE_TYPES = {"application/xml", "text/xml", "application/json"}
_FEED_PATH = re.compile(
    r"(?:^|[/._-])(?:rss\d?|feeds?|atom|rdf)(?:[/._-]|$)|\.(?:rss|atom|rdf)$|feed\.json$", re.IGNORECASE
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|format|type|output|view)=(?:rss|atom|feed|rdf)", re.IGNORECASE)
_FEED_HOST = re.compile(r"^(?:feeds?|rss)\d?\.", re.IGNORECASE)
_SITEMAP_PATH = re.compile(r"sitemap[^/]*\.xml(?:\.gz)?$", re.IGNORECASE)
_NOT_FEED = re.compile(r"\boembed\b|/wp-json/|\.(?:png|svg|jpe?g|gif|css|js|pdf)$", re.IGNORECASE)


def links_of(body: bytes, *, url: str, content_type: str | None = None) -> tuple[Candidate, ...]:
    """What a page names, link tags first, each address once and in the order of the page; `<base>` is obeyed."""
    opened, _ = unpack(body)
    tree = html_tree(decode(opened[:MOST_BYTES], content_type=content_type).text)
    if tree is None:
        return ()
    base = _base(tree, url)
    found: dict[str, Candidate] = {}
    for candidate in chain(_tags(tree, base), _anchors(tree, base, url)):
        if candidate.url != url.partition("#")[0]:
            found.setdefault(candidate.url, candidate)
        if len(found) == MOST_LINKS:
            break
    return tuple(found.values())


def _base(tree: Node, url: str) -> str:
    """The first <base> that has an address (HTML standard, section 4.2.3)."""
    href = next((base.get("href") for base in tree.iter("base") if base.get("href")), None)
    return absolute(href, url) or url


def _tags(tree: Node, base: str) -> Iterator[Candidate]:
    for node in tree.iter("link"):
        rel = (node.get("rel") or "").lower().split()
        url = _address(node, base)
        if url and ("sitemap" in rel or _is_feed_tag(node, rel, url)):
            yield Candidate(
                url=url,
                way=Way.LINK,
                title=plain(node.get("title"))[:_TITLE_CHARS],
                lang=language(node.get("hreflang")),
            )


def _is_feed_tag(node: Node, rel: list[str], url: str) -> bool:
    if not {"alternate", "feed", "service.feed"} & set(rel) or _NOT_FEED.search(url):
        return False
    media = (node.get("type") or "").partition(";")[0].strip().lower()
    return media in _TYPES or (_looks_like_feed(url) and (media in _VAGUE_TYPES or "feed" in rel))


def _anchors(tree: Node, base: str, page: str) -> Iterator[Candidate]:
    for node in tree.iter("a", "area"):
        url = _address(node, base)
        if url and not _NOT_FEED.search(url) and _is_feed_link(node, url, page):
            words = plain(" ".join("".join(str(part) for part in node.itertext()).split()))
            yield Candidate(url=url, way=Way.ANCHOR, title=words[:_TITLE_CHARS])


def _is_feed_link(node: Node, url: str, page: str) -> bool:
    if (node.get("type") or "").partition(";")[0].strip().lower() in _TYPES:
        return True
    if _looks_like_feed(url):
        # links to readers and aggregators hold "feed" too: elsewhere the host must say it
        return same_site(url, page) or bool(_FEED_HOST.match(urlsplit(url).hostname or ""))
    return bool(_SITEMAP_PATH.search(urlsplit(url).path)) and same_site(url, page)


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    return bool(
        _FEED_PATH.search(parts.path)
        or _FEED_QUERY.search(parts.query)
        or _FEED_HOST.match(parts.hostname or "")
    )


def _address(node: Node, base: str) -> str | None:
    url = absolute(node.get("href"), base)
    return url.partition("#")[0] if url else None
