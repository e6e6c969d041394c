"""Sitemaps, news sitemaps and sitemap indexes: addresses with dates, sometimes with headlines."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from lxml import etree

from spiders.dates import read_date
from spiders.entries import Entry, SourceReading
from spiders.readers.feed import MOST_ENTRIES, fit_for_xml, language, names
from spiders.readers.links import absolute
from spiders.readers.markup import plain
from spiders.readers.mend import ends_of
from spiders.readers.xml import Node, tag_of, xml_parser

MOST_URLS = 50_000  # sitemaps.org allows no more in one file
CHILD_TAG = "sitemap"  # an entry with this tag is another sitemap to look at, not an article
# 2026-11, 2026/11/22, 202611, 20261122
_DATED = re.compile(r"(?<!\d)(20\d\d)[-_/]?(0[1-9]|1[0-2])(?:[-_/]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_MEDIA = {"image", "video"}  # with an address and a title of their own
_NUMBERED = re.compile(r"\d{1,9}")
_NEWS = re.compile(r"news|latest|recent|today|akhbar|haber|berita")
_POSTS = re.compile(r"post|article|stor|content")
_OLDEST = datetime.min.replace(tzinfo=UTC)


def read_sitemap(text: str, *, url: str, now: datetime) -> SourceReading:
    """The newest 1000 addresses of a sitemap; the entries of an index are tagged `sitemap`.

    What an index lists are no articles: `older` names the one of them to read next.
    """
    parser = xml_parser(recover=True)
    try:
        root = etree.fromstring(fit_for_xml(text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        return SourceReading(kind="sitemap", error=f"not a sitemap: {problem}"[:300])
    nodes = [] if root is None else [node for node in root.iter() if tag_of(node) in ("url", "sitemap")]
    found = [entry for node in ends_of(nodes, most=MOST_URLS) if (entry := _entry(node, url, now))]
    reading = _reading(found, broken=bool(len(parser.error_log)))
    return replace(reading, older=newest_child(reading.entries, url=url))


def newest_child(entries: Sequence[Entry], *, url: str) -> str | None:
    """Of the sitemaps in an index, the one to look into next: the one with the newest articles.

    The latest lastmod tells, else the date in the name, else a name for news, else the order: the last
    of numbered ones ("post-sitemap12.xml"), else the first.
    """
    children = [one for one in entries if CHILD_TAG in one.tags and one.url and one.url != url]
    if not children:
        return None
    latest = max((one.updated for one in children if one.updated), default=None)
    among = [one for one in children if one.updated == latest]
    return max(enumerate(among), key=lambda place: (*_name_of(place[1]), -place[0]))[1].url


def _name_of(child: Entry) -> tuple[bool, tuple[int, ...], bool, int]:
    """News or not, the date in the name, posts or not, the number in the name: the greatest is the newest."""
    name = urlsplit(child.url or "").path.rpartition("/")[2].lower()
    path = f"{urlsplit(child.url or '').path} {urlsplit(child.url or '').query}"
    date = _DATED.search(path)
    numbers = _NUMBERED.findall(path)
    return (
        bool(_NEWS.search(name)),
        tuple(int(part) for part in date.groups(default="0")) if date else (0, 0, 0),
        bool(_POSTS.search(name)),
        int(numbers[-1]) if numbers else 0,
    )


def is_text_sitemap(text: str) -> bool:
    """A list of addresses, one a line, as sitemaps.org allows."""
    lines = [line.strip() for line in text[:2000].splitlines()[:10] if line.strip()]
    return bool(lines) and all(line.startswith(("http://", "https://")) and " " not in line for line in lines)


def read_text_sitemap(text: str, *, url: str) -> SourceReading:
    """The first 1000 addresses of a plain list."""
    links = [link for line in text.splitlines()[:50_000] if (link := absolute(line, url))]
    return _reading([Entry(id=link, url=link, title="") for link in dict.fromkeys(links)], broken=False)


def _reading(found: list[Entry], *, broken: bool) -> SourceReading:
    if len(found) > MOST_ENTRIES:
        found = sorted(found, key=lambda one: one.published or one.updated or _OLDEST, reverse=True)[
            :MOST_ENTRIES
        ]
    error = None
    if not found:
        error = "the sitemap has no addresses"
    elif broken:
        error = "the sitemap is broken; what stands before and around the damage was read"
    return SourceReading(kind="sitemap", entries=tuple(found), error=error, partial=bool(found and broken))


def _entry(node: Node, base: str, now: datetime) -> Entry | None:
    fields = {
        tag_of(child): (child.text or "").strip()
        for child in node.iterdescendants()
        if child.text and tag_of(child.getparent()) not in _MEDIA
    }
    link = absolute(fields.get("loc"), base)
    if link is None:
        return None
    raw = fields.get("publication_date") or fields.get("lastmod")
    return Entry(
        id=link,
        url=link,
        title=plain(fields.get("title")),
        published=read_date(raw, now=now),
        published_raw=raw,
        updated=read_date(fields.get("lastmod"), now=now),
        tags=(CHILD_TAG,) if tag_of(node) == "sitemap" else names((fields.get("keywords") or "").split(",")),
        lang=language(fields.get("language")),
    )
