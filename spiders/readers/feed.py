"""RSS 0.9x, 1.0 and 2.0, Atom and RDF, whole or broken, through feedparser that sees only text we decoded."""

import hashlib
import io
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import feedparser

from spiders.dates import believable, read_date
from spiders.entries import Entry, SourceReading
from spiders.readers.links import absolute
from spiders.readers.markup import clean, plain
from spiders.readers.mend import cut, declared, mend, newest
from spiders.readers.relations import relations

MOST_ENTRIES = 1000
MOST_NAMES = 50
_DATES = ("published", "created", "updated")
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]{0,500}\?>")
_XML_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));?", re.IGNORECASE)
_BASE = re.compile(r"""<[^<>!?]{1,2000}?\bxml:base\s*=\s*["']([^"'<>]{1,2000})["']""")
_ISO_DAY = re.compile(r"\s*\d{4}-?\d\d-?\d\d")
_LANG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")
_OLD_CODES = {
    "in": "id", "iw": "he", "eng": "en", "ara": "ar", "ind": "id", "kur": "ku", "fas": "fa", "per":
    "fa", "tur": "tr", "msa": "ms", "heb": "he", "urd": "ur",
}  # fmt: skip
_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_PLACES = re.compile(r"</?(?:gml|georss|geo):[^<>]*>", re.IGNORECASE)
# feedparser promises a result with `bozo`; hostile inputs made it raise the first of these, others are as likely
_FAULTS = (LookupError, ValueError, TypeError, AttributeError, AssertionError, OverflowError)
Parsed = Mapping[str, Any]  # feedparser's dictionaries, narrowed field by field below


def read_feed(text: str, *, url: str, now: datetime) -> SourceReading:
    """Every entry the text still holds, the newest 1000 at most; `error` says what could not be read."""
    whole = cut(fit_for_xml(text))
    pieces = declared(newest(whole, most=MOST_ENTRIES, now=now))
    parsed = _parse(pieces.joined())
    found = _entries(parsed)
    if parsed.get("bozo") and len(found) < len(pieces.items):
        mended = _parse(mend(pieces))
        if len(_entries(mended)) > len(found):
            parsed, found = mended, _entries(mended)
    head = cast(Parsed, parsed.get("feed") or {})
    base = _base(text, head, url)
    lang = language(head.get("language"))
    entries = tuple(_entry(one, base=base, lang=lang, now=now) for one in found)[:MOST_ENTRIES]
    lost = max(0, len(pieces.items) - len(found))
    error = _problem(parsed, entries, lost)
    links = [(_text(one.get("rel")), _text(one.get("href"))) for one in _dicts(head.get("links"))]
    related = relations(links, site=_text(head.get("link")), url=url, base=base)
    return SourceReading(
        kind="feed",
        title=plain(head.get("title")),
        lang=lang,
        entries=entries,
        error=error,
        partial=bool(entries and lost),
        older=related.older,
        self_url=related.self_url,
        hubs=related.hubs,
        site_url=related.site_url,
    )


def fit_for_xml(text: str) -> str:
    """Without the characters that stop every XML parser, and without a declaration that is no longer true."""
    start = text.find("<")
    bare = _XML_UNFIT.sub("", text[start:] if start > 0 else text)
    if "&#" in bare:
        bare = _REFERENCE.sub(_fit_reference, bare)
    return _DECLARATION.sub("", bare, count=1)


def _fit_reference(found: re.Match[str]) -> str:
    """Nothing in place of what is no character at all: feedparser raises on &#99999999999; and on &#xD800;."""
    hexadecimal, decimal = (digits.lstrip("0")[:8] or "0" for digits in found.groups(default=""))
    code = int(hexadecimal, 16) if found.group(1) else int(decimal)
    return "" if code > sys.maxunicode or _XML_UNFIT.match(chr(code)) else found.group()


def language(name: object) -> str | None:
    """The primary subtag (BCP 47) of what a feed or page calls its language."""
    found = _LANG.fullmatch(name.strip()) if isinstance(name, str) else None
    if not found:
        return None
    code = found.group(1).lower()
    return _OLD_CODES.get(code, code)


def entry_id(given: str | None, url: str | None, title: str, summary: str) -> str:
    """The publisher's id, else the address, else a hash of the words, so that every entry has one."""
    known = clean(given or "").strip() or url
    return known or hashlib.sha256(f"{title}\n{summary}".encode()).hexdigest()


def _parse(text: str) -> Parsed:
    """What feedparser makes of it; where it stumbles, as over coordinates outside of any place, without these."""
    try:
        return _parsed(text)
    except _FAULTS:
        bare = _PLACES.sub("", text)
    try:
        return _parsed(bare)
    except _FAULTS as problem:
        return {"bozo": True, "bozo_exception": f"the parser stumbled: {problem!r}"}


def _parsed(text: str) -> Parsed:
    """Only ever a stream of bytes: given a string, feedparser opens the file or the address that it names."""
    body = io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>' + text.encode("utf-8", "replace"))
    return cast(
        Parsed,
        feedparser.parse(body, response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False),
    )


def _entries(parsed: Parsed) -> list[Parsed]:
    """Those that say anything: broken markup leaves empty ones behind."""
    found = cast(list[Parsed], parsed.get("entries") or [])
    return [
        one
        for one in found
        if any(one.get(key) for key in ("title", "link", "summary", "id", "content", "links"))
    ]


def _problem(parsed: Parsed, entries: tuple[Entry, ...], lost: int) -> str | None:
    why = " ".join(str(parsed.get("bozo_exception") or "").split())[:200]
    if not entries and not parsed.get("version"):
        return f"not a feed{': ' + why if why else ''}"
    if not entries:
        return f"the feed has no entries{': ' + why if why else ''}"
    return (
        f"{lost} of {lost + len(entries)} entries cannot be read: {why or 'broken markup'}" if lost else None
    )


def _entry(one: Parsed, *, base: str, lang: str | None, now: datetime) -> Entry:
    url = _link(one, base)
    title, summary = plain(_text(one.get("title"))), plain(_text(one.get("summary")))
    content = " ".join(filter(None, (plain(_text(part.get("value"))) for part in _dicts(one.get("content")))))
    raw = next((raw for key in _DATES if (raw := _stored(one, key))), None)
    published = _date(one, _DATES, now)
    return Entry(
        id=entry_id(_text(one.get("id")), url, title, summary),
        url=url,
        title=title,
        summary=summary,
        content="" if content == summary else content,
        published=published,
        published_raw=clean(raw) if raw else None,
        updated=_date(one, ("updated",), now),
        authors=names(_authors(one)),
        tags=names(_text(tag.get("label") or tag.get("term")) for tag in _dicts(one.get("tags"))),
        lang=language(cast(Parsed, one.get("title_detail") or {}).get("language")) or lang,
    )


def names(given: Iterable[str]) -> tuple[str, ...]:
    """Plain names, each once, in order, no more than a person would read."""
    return tuple(dict.fromkeys(name for name in map(plain, given) if name))[:MOST_NAMES]


def _authors(one: Parsed) -> list[str]:
    people = [_text(person.get("name") or person.get("email")) for person in _dicts(one.get("authors"))]
    return people if any(people) else [_text(one.get("author"))]


def _link(one: Parsed, base: str) -> str | None:
    links = [link for link in _dicts(one.get("links")) if link.get("rel", "alternate") == "alternate"]
    given = [one.get("link"), *(link.get("href") for link in links)]
    if str(one.get("id") or "").startswith(("http://", "https://")):
        given.append(one["id"])
    return next((link for link in (absolute(_text(one), base) for one in given) if link), None)


def _date(one: Parsed, keys: tuple[str, ...], now: datetime) -> datetime | None:
    """Ours first: feedparser takes a Persian year for a Gregorian one and knows English months only."""
    for key in keys:
        if raw := _stored(one, key):
            found = read_date(raw, now=now)
            if not found and not _ISO_DAY.match(raw):  # feedparser makes 2 March of 30 February
                found = _of_tuple(dict(one).get(f"{key}_parsed"), now)
            if found:
                return found
    return None


def _stored(one: Parsed, key: str) -> str:
    """What stands under the key itself: asked for `updated`, feedparser's dictionary gives `published` instead."""
    return _text(dict(one).get(key))


def _of_tuple(parts: object, now: datetime) -> datetime | None:
    try:
        moment = datetime(*cast(tuple[int, ...], parts)[:6], tzinfo=UTC) if parts else None
        return believable(moment, now=now) if moment else None
    except (ValueError, TypeError, OverflowError):
        return None


def _base(text: str, head: Parsed, url: str) -> str:
    """What relative links are relative to: xml:base, else the site it names, else where it came from."""
    stated = _BASE.search(text[:20000])
    return absolute(stated.group(1) if stated else None, url) or absolute(_text(head.get("link")), url) or url


def _dicts(value: object) -> list[Parsed]:
    return (
        [one for one in cast(list[Parsed], value) if isinstance(one, dict)] if isinstance(value, list) else []
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
