"""Broken and oversized feeds: cut into items, mended one by one, put together again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from lxml import etree

from spiders.dates import read_date
from spiders.readers.xml import Node, xml_parser

T = TypeVar("T")
MOST_DATED = 20_000  # items whose dates are read for the newest
_TOKEN = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->|<((?:[A-Za-z_][\w.-]{0,30}:)?(?:item|entry))(?=[\s>/])")
_DATE = re.compile(
    r"<(?:\w{1,20}:)?(?:pubDate|published|updated|date|modified|issued)\b[^<>]{0,200}>([^<]{1,100})"
)
_NAMESPACE = re.compile(r"""xmlns(?::[\w.-]{1,40})?\s*=\s*(?:"[^"<>]*"|'[^'<>]*')""")
_ROOT = re.compile(r"<(?:rss|rdf:RDF|RDF|feed|channel)\b[^<>]{0,20000}>", re.IGNORECASE)
_ENDINGS = {"<![CDATA[": "]]>", "<!--": "-->"}
_CLOSER = re.compile(
    r"</(?:title|link|description|summary|content|guid|item|entry|content:encoded|dc:creator|category)\s*>"
)
_OLDEST = datetime.min.replace(tzinfo=UTC)
# what feeds use without saying so
_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "georss": "http://www.georss.org/georss",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A feed's text in pieces; joined again they are the feed."""

    head: str
    items: tuple[str, ...]
    tail: str

    def joined(self) -> str:
        return "".join((self.head, *self.items, self.tail))


def cut(text: str) -> Cut:
    """Split a feed at its items, whole or not; what looks like one inside CDATA or comments is none."""
    starts = _starts(text)
    if not starts:
        return Cut(head=text, items=(), tail="")
    ends = [*(at for at, _ in starts[1:]), len(text)]
    items = [text[at:end] for (at, _), end in zip(starts, ends, strict=True)]
    items[-1], tail = _end_of(items[-1], starts[-1][1])
    return Cut(head=text[: starts[0][0]], items=tuple(items), tail=tail)


def declared(feed: Cut) -> Cut:
    """The same feed with the well-known prefixes declared that it uses without saying what they are."""
    root = _ROOT.search(feed.head)
    if not root:
        return feed
    missing = "".join(
        f' xmlns:{prefix}="{space}"'
        for prefix, space in _PREFIXES.items()
        if f"xmlns:{prefix}" not in root.group()
        and any(f"<{prefix}:" in part for part in (feed.head, *feed.items))
    )
    at = root.end() - (2 if root.group().endswith("/>") else 1)
    return replace(feed, head=feed.head[:at] + missing + feed.head[at:])


def newest(feed: Cut, *, most: int, now: datetime) -> Cut:
    """The same feed with only its `most` newest items, in their order; undated ones count as the oldest."""
    if len(feed.items) <= most:
        return feed
    items = ends_of(feed.items, most=MOST_DATED)
    dated = [(_date_of(item, now), -place) for place, item in enumerate(items)]
    kept = sorted(sorted(range(len(dated)), key=dated.__getitem__, reverse=True)[:most])
    return replace(feed, items=tuple(items[place] for place in kept))


def ends_of(given: Sequence[T], *, most: int) -> Sequence[T]:
    """All of them, or of more the first and the last: the newest stand at one of the ends."""
    return given if len(given) <= most else [*given[: most // 2], *given[-(most // 2) :]]


def mend(feed: Cut) -> str:
    """A feed that parses: every item that does not is closed, and rebuilt from what is left of it."""
    spaces = _namespaces(feed.head)
    return "".join(
        (_closed(feed.head), *(_mended(item, spaces) for item in feed.items), feed.tail or _tail(feed.head))
    )


def _starts(text: str) -> list[tuple[int, str]]:
    """Where items begin, and their tags' names.

    What stands inside CDATA and comments does not count, unless they were never closed: neither can hold
    another of its kind, so the next opening, or the end of the text, tells that the last one was left open.
    """
    starts: list[tuple[int, str]] = []
    hidden: list[tuple[int, str]] = []
    ending = opening = ""
    for found in _TOKEN.finditer(text):
        token, name = found.group(), found.group(1)
        if name:
            (hidden if ending else starts).append((found.start(), name))
        elif not ending:
            opening, ending = token, _ENDINGS.get(token, "")
        elif token == ending:
            hidden, ending = [], ""
        elif token == opening:
            starts, hidden = [*starts, *hidden] if hidden else starts, []
    return starts + hidden


def _end_of(last: str, name: str) -> tuple[str, str]:
    closing = f"</{name}>"
    at = last.rfind(closing)
    return (last, "") if at < 0 else (last[: at + len(closing)], last[at + len(closing) :])


def _date_of(item: str, now: datetime) -> datetime:
    found = _DATE.search(item)
    return (read_date(found.group(1), now=now) if found else None) or _OLDEST


def _namespaces(head: str) -> str:
    root = _ROOT.search(head)
    found = _NAMESPACE.findall(root.group()) if root else []
    known = {name.partition("=")[0].strip() for name in found}
    return " ".join(
        [*found, *(f'xmlns:{p}="{u}"' for p, u in _PREFIXES.items() if f"xmlns:{p}" not in known)]
    )


def _mended(item: str, spaces: str) -> str:
    if _parse(item, spaces, recover=False) is not None:
        return item
    rebuilt = _parse(_closed(item), spaces, recover=True)
    if rebuilt is None or not len(rebuilt):
        return ""
    return etree.tostring(rebuilt[0], encoding="unicode", with_tail=False) + "\n"


def _parse(item: str, spaces: str, *, recover: bool) -> Node | None:
    try:
        return etree.fromstring(f"<x {spaces}>{item}</x>".encode(), xml_parser(recover=recover))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _closed(piece: str) -> str:
    """Close a CDATA section or comment that was left open: at the next end tag, where its text must end."""
    for start, end in _ENDINGS.items():
        opened = piece.rfind(start)
        if opened < 0 or piece.find(end, opened) >= 0:
            continue
        stop = _CLOSER.search(piece, opened)
        at = stop.start() if stop else len(piece)
        piece = piece[:at] + end + piece[at:]
    return piece


def _tail(head: str) -> str:
    """The closing tags that a feed cut off in the middle still owes."""
    low = head.lower()
    if "<rdf:rdf" in low:
        return "</rdf:RDF>"
    if "<feed" in low:
        return "</feed>"
    return ("</channel>" if "<channel" in low and "</channel" not in low else "") + (
        "</rss>" if "<rss" in low else ""
    )
