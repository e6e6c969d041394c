"""What a listing of an outlet lists, by its own rules: boxes, links, or code; items without an address as well."""

from collections.abc import Iterator
from datetime import datetime

from spiders.dates import read_date
from spiders.entries import Entry, SourceReading
from spiders.readers.boxes import date_near, headline_of, time_in
from spiders.readers.feed import MOST_ENTRIES, entry_id
from spiders.readers.links import absolute
from spiders.readers.markup import plain
from spiders.readers.xml import Node
from spiders.sites.outlet import Item, Listing, Outlet, Selectors
from spiders.sites.selectors import select, values
from spiders.sites.words import article_lines


def read_headlines(outlet: Outlet, tree: Node, *, url: str, now: datetime) -> SourceReading | None:
    """The entries of a listing in any design of this outlet, a redesign half done too; None when there are none."""
    found: dict[str, Entry] = {}
    for item in _items(outlet, tree, url):
        link = absolute(item.href, url)
        if not item.headline or (item.href and not outlet.leads_to_story(link, url)):
            continue
        entry = _entry(outlet, item, link, now)
        found.setdefault(entry.id, entry)
    if not found:
        return None
    return SourceReading(
        kind=f"site:{outlet.name}",
        title=plain(tree.findtext(".//title")),
        lang=outlet.lang_of(url) or outlet.lang,
        entries=tuple(found.values())[:MOST_ENTRIES],
    )


def _items(outlet: Outlet, tree: Node, url: str) -> Iterator[Item]:
    for listing in (version.listing for version in outlet.versions if version.listing):
        for box in (box for selector in listing.item for box in select(tree, selector)):
            if item := _boxed(outlet, listing, box, url):
                yield item
        for link in (link for selector in listing.headlines for link in select(tree, selector)):
            # a headline cut short for its tile is whole in the attribute
            headline = plain(link.get("data-title")) or headline_of(link)
            yield Item(headline=headline, href=link.get("href"), near=link)
        if listing.code:
            yield from listing.code(tree, outlet)


def _boxed(outlet: Outlet, listing: Listing, box: Node, url: str) -> Item | None:
    """One box as an item; None when all its links lead elsewhere, to a video or a section."""
    named = [link for selector in listing.link for link in select(box, selector)]
    links = [link for link in named or (box, *box.iter("a")) if _leads_away(link)]
    stories = [link for link in links if outlet.leads_to_story(absolute(link.get("href"), url), url)]
    if links and not stories:
        return None
    worded = next((words for one in stories if (words := headline_of(one))), "")
    return Item(
        headline=_first(box, listing.title) or (worded if links else _words(box, listing)),
        href=stories[0].get("href") if stories else None,
        time=_first(box, listing.time) or None,
        summary=_first(box, listing.summary),
        near=box,
    )


def _words(box: Node, listing: Listing) -> str:
    """What a box without a link says, but for its time, which moves on."""
    times = {node for selector in listing.time for node in select(box, selector)}
    return " ".join(article_lines([box], unwanted=times))


def _leads_away(link: Node) -> bool:
    return not (link.get("href") or "#").strip().lower().startswith(("#", "javascript:"))


def _entry(outlet: Outlet, item: Item, link: str | None, now: datetime) -> Entry:
    raw, published = _time(outlet, item, now)
    return Entry(
        id=entry_id(None, link, item.headline, ""),
        url=link,
        title=item.headline,
        summary=item.summary,
        published=published,
        published_raw=raw,
        lang=outlet.lang_of(link or "") or outlet.lang,
    )


def _time(outlet: Outlet, item: Item, now: datetime) -> tuple[str | None, datetime | None]:
    """The time an item is given, else the first in its box, else the one nearest to its link."""
    if found := read_date(item.time, now=now, zone=outlet.zone):
        return item.time, found
    if item.near.get("href"):
        raw, found = date_near(item.near, now=now, zone=outlet.zone, title=item.headline)
    else:
        raw, found = time_in(item.near, now=now, zone=outlet.zone, title=item.headline) or (None, None)
    return raw or item.time, found


def _first(box: Node, wanted: Selectors) -> str:
    return next((words for selector in wanted for words in values(box, selector)), "")
