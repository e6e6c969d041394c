"""Data islands: the JSON from which a page's own script would draw its list of articles."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, cast

from spiders.dates import read_date, read_epoch
from spiders.readers.addresses import looks_like_article
from spiders.readers.boxes import FEWEST_CHARS, HEADLINE_CHARS
from spiders.readers.links import absolute, same_site
from spiders.readers.markup import clean, plain
from spiders.readers.xml import Node

FEWEST_ITEMS = 3
MOST_CHARS = 8 << 20  # of all islands of a page
MOST_VALUES = 200_000
_DATA_TYPES = ("application/ld+json", "application/json")
_ASSIGNED = re.compile(
    r"""(?:window|self|globalThis|var\s|let\s|const\s)[\w$.\s\[\]'"-]{0,80}=\s*(?=[{\[])"""
)
_PUSHED = re.compile(r"self\.__next_f\.push\(\s*(?=\[)")
_ROW = re.compile(r"^[0-9a-f]{1,6}:(?:[A-Z](?=[\[{]))?(?=[\[{])", re.MULTILINE)
_WRAPPINGS = ("node", "item", "attributes", "content", "article", "data", "fields")
_TITLES = ("headline", "title", "name", "heading", "maintitle", "shorttitle")
_ADDRESSES = ("url", "link", "href", "permalink", "canonicalurl", "shareurl", "weburl", "articleurl", "fullurl",
              "relativeurl", "path", "uri", "mainentityofpage", "@id")  # fmt: skip
_SUMMARIES = (
    "description",
    "summary",
    "excerpt",
    "standfirst",
    "abstract",
    "lead",
    "dek",
    "subtitle",
    "intro",
)
_DATES = ("datepublished", "publishedat", "publishdate", "publicationdate", "publisheddate", "published", "pubdate",
          "firstpublished", "publishtime", "publishedon", "dategmt", "date", "createdat", "created", "createddate",
          "timestamp", "time", "updatedat", "datemodified", "updated", "lastmod")  # fmt: skip
_DECODER = json.JSONDecoder()
Fields = dict[str, Any]  # strangers' JSON, looked into field by field


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One article as the page's data tell of it."""

    url: str
    title: str
    summary: str
    raw: str | None
    published: datetime | None


def told_in(tree: Node, *, url: str, now: datetime, zone: tzinfo | None) -> list[Told]:
    """The articles of every list of three and more in the page's data, each once, in their order."""
    found: dict[str, Told] = {}
    for data in _islands(tree):
        for group in _groups(data):
            told = [one for fields in group if (one := _told(fields, url=url, now=now, zone=zone))]
            mean = sum(len(one.title) for one in told) / max(1, len(told))
            if len(told) >= FEWEST_ITEMS and mean >= HEADLINE_CHARS:
                for one in told:
                    found.setdefault(one.url, one)
    return list(found.values())


def _islands(tree: Node) -> Iterator[Any]:
    left = MOST_CHARS
    pushed: list[str] = []
    for node in tree.iter("script"):
        text = node.text or ""
        left -= len(text)
        if left < 0:
            return
        if (node.get("type") or "").strip().lower() in _DATA_TYPES or node.get("id") == "__NEXT_DATA__":
            yield from _decoded(text, 0)
        elif found := _PUSHED.match(text.lstrip()):
            pushed += _strings(text.lstrip(), found.end())
        else:
            for assigned in _ASSIGNED.finditer(text[:1000]):
                yield from _decoded(text, assigned.end())
    rows = "".join(pushed)
    for row in _ROW.finditer(rows):
        yield from _decoded(rows, row.end())


def _decoded(text: str, at: int) -> Iterator[Any]:
    """The JSON value that begins there; none when what begins there is a program."""
    try:
        yield _DECODER.raw_decode(text, len(text) - len(text[at:].lstrip()))[0]
    except (ValueError, RecursionError):
        return


def _strings(text: str, at: int) -> list[str]:
    """The strings that a page of Next.js pushes to its script, piece by piece."""
    return [
        one
        for found in _decoded(text, at)
        if isinstance(found, list)
        for one in found
        if isinstance(one, str)
    ]


def _groups(data: Any) -> Iterator[list[Fields]]:
    """Every list of objects, and every object of objects, that could be a list of articles; outer ones first."""
    waiting = [data]
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        one = waiting.pop()
        values = list(one.values()) if isinstance(one, dict) else one
        if not isinstance(values, list):
            continue
        values = cast(list[Any], values)
        members = [cast(Fields, value) for value in values if isinstance(value, dict)]
        if len(members) >= FEWEST_ITEMS:
            yield members
        waiting.extend(value for value in reversed(values) if isinstance(value, (dict, list)))


def _told(fields: Fields, *, url: str, now: datetime, zone: tzinfo | None) -> Told | None:
    """The article that one object tells of: it has a headline, and an address on this site."""
    inner = [cast(Fields, value) for key in _WRAPPINGS if isinstance(value := fields.get(key), dict)]
    for one in (fields, *inner):
        known = {re.sub(r"[-_]", "", key.lower()): value for key, value in one.items()}
        title = plain(_first(known, _TITLES))
        link = _address(known, url)
        if link and len(title) >= FEWEST_CHARS:
            raw, published = _date(known, now=now, zone=zone)
            summary = plain(_first(known, _SUMMARIES))
            return Told(url=link, title=title, summary=summary, raw=raw, published=published)
    return None


def _address(known: Fields, url: str) -> str | None:
    for key in _ADDRESSES:
        given = _text(known.get(key))
        if not given.startswith(("http://", "https://", "/")):
            continue
        link = (absolute(given, url) or "").partition("#")[0]
        if link and same_site(link, url) and looks_like_article(link):
            return link
    return None


def _date(known: Fields, *, now: datetime, zone: tzinfo | None) -> tuple[str | None, datetime | None]:
    for key in _DATES:
        value = known.get(key)
        raw = str(value) if isinstance(value, (int, float)) else _text(value)
        if raw and (found := read_epoch(raw, now=now) or read_date(raw, now=now, zone=zone or UTC)):
            return clean(raw), found
    return None, None


def _first(known: Fields, keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := _text(known.get(key)))), "")


def _text(value: object) -> str:
    """A string, also in the wrappings of JSON-LD and of WordPress."""
    if isinstance(value, dict):
        held = cast(Fields, value)
        value = held.get("rendered") or held.get("@id") or held.get("url")
    return value.strip() if isinstance(value, str) else ""
