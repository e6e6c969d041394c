"""A source's body, whatever it is, to entries: its kind is found in the content, not in what it is called."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from spiders.entries import SourceReading
from spiders.readers.blocked import blocked
from spiders.readers.decode import MOST_BYTES, decode
from spiders.readers.ends import both_ends
from spiders.readers.feed import read_feed
from spiders.readers.jsonfeed import read_json_feed
from spiders.readers.links import absolute
from spiders.readers.listing import read_listing
from spiders.readers.markup import without
from spiders.readers.sitemap import is_text_sitemap, read_sitemap, read_text_sitemap
from spiders.sites import site_for

_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,100})")
_DOCTYPE_HTML = re.compile(r"\s*<!doctype\s+html", re.IGNORECASE)
_FEED_LINK = re.compile(
    r"<link\b[^<>]{0,2000}application/(?:rss|atom|feed)\+(?:xml|json)[^<>]{0,2000}>", re.IGNORECASE
)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s<>]{1,2000})""", re.IGNORECASE)
_HTML = {
    "html",
    "head",
    "body",
    "title",
    "meta",
    "div",
    "table",
    "p",
    "h1",
    "script",
    "main",
    "section",
    "center",
}
_SITEMAPS = {"urlset", "sitemapindex"}
_SNIFF_CHARS = 100_000


def read_source(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    kind: str | None = None,
    listing: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> SourceReading:
    """The entries of a feed, sitemap or listing; `kind` is what it should be. Never raises on any bytes.

    `listing` are the operator's selectors for a listing page, over what is found without.
    """
    now = now or datetime.now(UTC)
    opened = both_ends(body)
    if not opened.body.strip():
        return SourceReading(kind="unknown", error="an empty answer, not a feed")
    text = decode(opened.body, content_type=content_type).text
    reading = _read(text, url=url, kind=kind, listing=listing, now=now)
    return _with_note(reading) if opened.short else reading


def _read(
    text: str, *, url: str, kind: str | None, listing: Mapping[str, str] | None, now: datetime
) -> SourceReading:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[")):
        return read_json_feed(start, url=url, now=now)
    root = root_of(text)
    if root in _HTML or _DOCTYPE_HTML.match(text):
        return _read_html(text, url=url, kind=kind, listing=listing, now=now)
    if root in _SITEMAPS:
        return read_sitemap(text, url=url, now=now)
    if root == "opml":
        return SourceReading(
            kind="unknown", error="a list of feeds (OPML), not a feed; add the feeds it names"
        )
    if not root:
        if is_text_sitemap(start):
            return read_text_sitemap(start, url=url)
        return SourceReading(kind="unknown", error="plain text, not a feed")
    reading = read_feed(text, url=url, now=now)
    return (
        reading
        if reading.entries or root in ("rss", "rdf", "feed", "channel")
        else replace(reading, kind="unknown")
    )


def _read_html(
    text: str, *, url: str, kind: str | None, listing: Mapping[str, str] | None, now: datetime
) -> SourceReading:
    if refusal := blocked(text):
        return SourceReading(kind="unknown", error=f'blocked: the answer is a page "{refusal}", not a source')
    if kind in ("feed", "sitemap"):
        return SourceReading(kind="unknown", error=f"an HTML page, not a {kind}; {_advice(text, url)}")
    if listing:
        return read_listing(text, url=url, now=now, selectors=listing)
    site = site_for(url, kind=kind)
    if site and (reading := site.read_listing(text, url=url, now=now)):
        return reading
    reading = read_listing(text, url=url, now=now)
    return (
        reading
        if reading.entries
        else replace(reading, error=f"an HTML page, not a feed; {_advice(text, url)}")
    )


def root_of(text: str) -> str:
    """The local name of the first element in lower case; empty when there is none."""
    found = _ROOT.search(without(text[:_SNIFF_CHARS], ()))
    return found.group(1).rpartition(":")[2].lower() if found else ""


def _advice(text: str, url: str) -> str:
    tag = _FEED_LINK.search(text)
    href = _HREF.search(tag.group()) if tag else None
    named = absolute(href.group(1), url) if href else None
    return f"the page names the feed {named}" if named else "no list of articles and no feed was found on it"


def _with_note(reading: SourceReading) -> SourceReading:
    note = f"the answer is cut off or longer than {MOST_BYTES >> 20} MiB; what came was read"
    return replace(reading, partial=True, error=f"{reading.error}; {note}" if reading.error else note)
