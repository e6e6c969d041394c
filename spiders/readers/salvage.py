"""Salvage: the entries of a source whose reading was stopped, by linear means only, so that no rule is blind to it."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from spiders.dates import read_date
from spiders.entries import Entry, SourceReading
from spiders.readers.decode import decode
from spiders.readers.ends import both_ends
from spiders.readers.feed import MOST_ENTRIES, entry_id
from spiders.readers.jsonfeed import entry_of
from spiders.readers.links import absolute
from spiders.readers.markup import clean, plain
from spiders.readers.mend import ends_of

SALVAGED = "read by salvage:"  # how the error of such a reading begins
_MOST_CHARS = 1_000_000  # of all entries together: what comes after this must end in time as well
_FEWEST_CHARS = 500
_MOST_LINKS = 20
_MOST_JSON_BLOCKS = 20_000
# Linear each: "<" ends a tag that was left open, and what is repeated without end stands in no other repetition.
_BLOCK = re.compile(r"<((?:[A-Za-z]\w{0,20}:)?(?:item|entry|url))(?=[\s>/])")
_LINK = re.compile(r"<(?:atom:)?link\b([^<>]{0,4000})>")
_ATTRIBUTE = re.compile(r"""\b(href|rel)\s{0,9}=\s{0,9}(?:"([^"]{0,4000})"|'([^']{0,4000})')""")
_TITLE = re.compile(r"<((?:atom:|dc:|news:)?title)(?=[\s>])[^<>]*>")
_LINK_TEXT = re.compile(r"<(link|loc)>")
_ID = re.compile(r"<(guid|(?:atom:)?id)(?=[\s>])[^<>]*>")
_SUMMARY = re.compile(r"<((?:atom:|dc:)?(?:summary|description))(?=[\s>])[^<>]*>")
_CONTENT = re.compile(r"<(content:encoded|(?:atom:)?content)(?=[\s>])[^<>]*>")
_DATE = re.compile(
    r"<((?:\w{1,20}:)?(?:pubDate|published|date|publication_date|issued|updated|modified|lastmod))(?=[\s>])[^<>]*>"
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_JSON = re.compile(r'["{}]')
_JSON_TEXT = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_JSON_COLON = re.compile(r"\s{0,99}:")


def salvage_source(
    body: bytes, *, url: str, content_type: str | None = None, why: str, now: datetime | None = None
) -> SourceReading:
    """What looks like an item, an entry, an address of a sitemap or a JSON object; flagged by `error`. Never raises.

    The first and the last 1000 of more; long texts are cut, all to the same length.
    """
    now = now or datetime.now(UTC)
    text = decode(both_ends(body).body, content_type=content_type).text
    start = text.lstrip("\ufeff \t\r\n")
    found = _of_json(start, url, now) if start.startswith(("{", "[")) else _of_xml(text, url, now)
    entries = [entry for entry in found if entry.title or entry.summary or entry.content]
    return SourceReading(
        kind=("sitemap" if _is_sitemap(text) else "feed") if entries else "unknown",
        entries=tuple(_shortened(entries)),
        error=f"{SALVAGED} {why}",
        partial=bool(entries),
    )


def _is_sitemap(text: str) -> bool:
    return (first := _BLOCK.search(text)) is not None and first.group(1) == "url"


def _shortened(entries: list[Entry]) -> Iterator[Entry]:
    most = max(_FEWEST_CHARS, _MOST_CHARS // max(1, len(entries)))
    for entry in entries:
        yield replace(
            entry, title=entry.title[:most], summary=entry.summary[:most], content=entry.content[:most]
        )


def _of_xml(text: str, url: str, now: datetime) -> Iterator[Entry]:
    """A block ends where it says so, else where the next begins; no block is looked at from two beginnings."""
    starts = list(_BLOCK.finditer(text))
    ends = [one.start() for one in starts[1:]]
    spans = list(zip(starts, [*ends, len(text)], strict=False))
    head = text[: starts[0].start()] if starts else ""
    base = absolute(_field(_LINK_TEXT, head), url) or url
    for start, end in ends_of(spans, most=MOST_ENTRIES):
        closed = text.find(f"</{start.group(1)}", start.end(), end)
        yield _entry(text[start.end() : closed if closed >= 0 else end], base, now)


def _entry(block: str, base: str, now: datetime) -> Entry:
    id_, title = _field(_ID, block), plain(_field(_TITLE, block))
    url = absolute(_link(block), base) or (absolute(id_, base) if id_.startswith("http") else None)
    summary, content = plain(_field(_SUMMARY, block)), plain(_field(_CONTENT, block))
    raw = _field(_DATE, block)[:100]
    return Entry(
        id=entry_id(id_, url, title, summary),
        url=url,
        title=title,
        summary=summary or content,
        content="" if content == summary or not summary else content,
        published=read_date(raw, now=now),
        published_raw=clean(raw).strip() or None,
    )


def _field(opening: re.Pattern[str], block: str) -> str:
    """The text of the first such element, its entities resolved as XML does it; to the block's end if never closed."""
    opened = opening.search(block)
    if opened is None or opened.group().endswith("/>"):
        return ""
    end = block.find(f"</{opened.group(1)}", opened.end())
    value = block[opened.end() : end if end >= 0 else len(block)].strip()
    return _CDATA.sub("", value) if "<![CDATA[" in value else html.unescape(value)


def _link(block: str) -> str:
    if (link := _field(_LINK_TEXT, block)) and "<" not in link:
        return link
    for found, _ in zip(_LINK.finditer(block), range(_MOST_LINKS), strict=False):
        said = {one[1]: one[2] or one[3] or "" for one in _ATTRIBUTE.finditer(found.group(1))}
        if said.get("href") and said.get("rel", "alternate") == "alternate":
            return html.unescape(said["href"])
    return ""


def _of_json(text: str, url: str, now: datetime) -> Iterator[Entry]:
    """Objects that JSON Feed would call items, as far as they close; one pass, so nesting costs nothing more."""
    for said in ends_of(list(_objects(text)), most=MOST_ENTRIES):
        if (said.keys() & {"id", "url"}) and (entry := entry_of(said, base=url, lang=None, now=now)):
            yield entry


def _objects(text: str) -> Iterator[dict[str, str]]:
    """The texts of every object, the inner ones first; at most 20,000 of them."""
    open_: list[dict[str, str]] = []
    key, at, found = "", 0, 0
    while (token := _JSON.search(text, at)) and found < _MOST_JSON_BLOCKS:
        at = token.end()
        if token.group() == "{":
            open_.append({})
        elif token.group() == "}":
            if open_ and (said := open_.pop()):
                found += 1
                yield said
        else:
            whole = _JSON_TEXT.match(text, at)
            if whole is None:  # never closed: what follows is no more than its text
                return
            at = whole.end()
            if _JSON_COLON.match(text, at):
                key = _text(whole.group())
            elif open_ and key:
                open_[-1].setdefault(key, _text(whole.group()))
                key = ""


def _text(quoted: str) -> str:
    try:
        return str(json.loads(f'"{quoted}', strict=False))
    except ValueError:
        return quoted[:-1]
