"""A listing page as its operator tells it: CSS or XPath for the box of an item and for what is in it."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import SelectorError as CssError
from lxml import etree
from parsel.csstranslator import HTMLTranslator

from spiders.dates import read_clock, read_date, read_epoch
from spiders.entries import Entry
from spiders.readers.boxes import headline_near, headline_of, time_in, words_of
from spiders.readers.feed import entry_id
from spiders.readers.links import absolute
from spiders.readers.markup import plain
from spiders.readers.xml import Node

SELECTORS = ("item", "link", "title", "time", "summary")
_NOTHING = etree.Element("html")
_XPATH_STARTS = ("/", "./", ".//", "(")


class SelectorError(ValueError):
    """A selector that cannot be used; the message says which, why, and what one looks like."""


def check_selectors(selectors: Mapping[str, str]) -> str | None:
    """What is wrong with the selectors of a listing, in one line; None when they can be used."""
    try:
        if not selectors.get("item"):
            raise SelectorError('item is missing: the selector of the box of one item, as in "article.card"')
        for name, given in selectors.items():
            if name == "zone":
                _zone(given)
            elif name in SELECTORS:
                _compiled(name, given)
            else:
                raise SelectorError(f"{name} is not known; known: {', '.join((*SELECTORS, 'zone'))}")
    except SelectorError as problem:
        return str(problem)
    return None


def read_selected(
    tree: Node, selectors: Mapping[str, str], *, url: str, now: datetime, lang: str | None
) -> tuple[Entry, ...]:
    """The items that the selectors name, each once; one without a link is an article of its own."""
    if problem := check_selectors(selectors):
        raise SelectorError(problem)
    zone = _zone(selectors["zone"]) if "zone" in selectors else None
    boxes = [box for box in _found(tree, "item", selectors) if not isinstance(box, str)]
    entries = (_entry(box, selectors, url=url, now=now, zone=zone, lang=lang) for box in boxes)
    return tuple({one.id: one for one in entries if one.title or one.summary or one.url}.values())


def _entry(
    box: Node, selectors: Mapping[str, str], *, url: str, now: datetime, zone: tzinfo | None, lang: str | None
) -> Entry:
    anchor = box if box.get("href") else next((node for node in box.iter("a") if node.get("href")), None)
    href = (
        _value(box, "link", selectors)
        if "link" in selectors
        else anchor.get("href")
        if anchor is not None
        else None
    )
    link = absolute(href, url)
    if "title" in selectors:
        title = plain(_value(box, "title", selectors))
    else:
        title = (headline_of(anchor) or headline_near(anchor)) if anchor is not None else plain(words_of(box))
    summary = plain(_value(box, "summary", selectors)) if "summary" in selectors else ""
    raw, published = _time(box, selectors, now=now, zone=zone, title=title)
    return Entry(
        id=entry_id(None, link, title, summary),
        url=link,
        title=title,
        summary=summary,
        published=published,
        published_raw=raw,
        lang=lang,
    )


def _time(
    box: Node, selectors: Mapping[str, str], *, now: datetime, zone: tzinfo | None, title: str
) -> tuple[str | None, datetime | None]:
    if "time" not in selectors:
        return time_in(box, now=now, zone=zone, title=title) or (None, None)
    for found in _found(box, "time", selectors):
        if not isinstance(found, str):
            return time_in(found, now=now, zone=zone) or (plain(words_of(found)) or None, None)
        raw = plain(found)
        moment = read_epoch(raw, now=now) or read_date(raw, now=now, zone=zone or UTC)
        return raw or None, moment or read_clock(raw, now=now, zone=zone)
    return None, None


def _value(box: Node, name: str, selectors: Mapping[str, str]) -> str:
    """The text or the attribute that a selector names inside the box; of an element around a link, its address."""
    for found in _found(box, name, selectors):
        if isinstance(found, str):
            return found
        if name != "link":
            return words_of(found)
        return found.get("href") or next((a.get("href", "") for a in found.iter("a") if a.get("href")), "")
    return ""


def _found(node: Node, name: str, selectors: Mapping[str, str]) -> list[Node | str]:
    try:
        found = _compiled(name, selectors[name])(node)
    except etree.XPathError as problem:
        raise _refusal(name, selectors[name], str(problem)) from None
    return cast(list[Node | str], found) if isinstance(found, list) else [str(found)]


@lru_cache(maxsize=1000)
def _compiled(name: str, given: str) -> etree.XPath:
    try:
        compiled = etree.XPath(
            given if given.startswith(_XPATH_STARTS) else HTMLTranslator().css_to_xpath(given)
        )
        compiled(_NOTHING)  # unknown functions and prefixes show only now
    except (CssError, etree.XPathError, ValueError) as problem:
        raise _refusal(name, given, str(problem)) from None
    return compiled


def _refusal(name: str, given: str, why: str) -> SelectorError:
    told = " ".join(why.split()) or "not a selector"
    return SelectorError(
        f'{name} = "{given}" is neither CSS nor XPath: {told}; write for example "article h2 a" or ".//h2/a"'
    )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SelectorError(f'zone = "{name}" is no time zone; write for example "Asia/Baghdad"') from None
