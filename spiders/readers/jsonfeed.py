"""JSON Feed 1 and 1.1: strangers' JSON, so every field may be missing, wrong or hostile."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spiders.dates import read_date
from spiders.entries import Entry, SourceReading
from spiders.readers.feed import MOST_ENTRIES, entry_id, language, names
from spiders.readers.links import absolute
from spiders.readers.markup import clean, plain
from spiders.readers.mend import ends_of
from spiders.readers.relations import Link, relations

MOST_ITEMS = 20_000  # looked at for the newest


class _Author(BaseModel):
    name: str | None = None


class _Item(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    summary: str | None = None
    content_text: str | None = None
    content_html: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    language: str | None = None
    tags: list[str] = Field(default_factory=list[str])
    author: _Author | None = None
    authors: list[_Author] = Field(default_factory=list[_Author])


def read_json_feed(text: str, *, url: str, now: datetime) -> SourceReading:
    """Every item that can be read, the newest 1000 at most; one bad item costs no other."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as problem:
        return SourceReading(kind="unknown", error=f"not a feed: broken JSON, {problem}"[:300])
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        return SourceReading(kind="unknown", error="JSON, but not a JSON Feed: it has no list of items")
    base, lang = absolute(_text(data, "home_page_url"), url) or url, language(data.get("language"))
    items = ends_of(items, most=MOST_ITEMS)
    entries = [entry for item in items if (entry := entry_of(item, base=base, lang=lang, now=now))]
    lost = len(items) - len(entries)
    if len(entries) > MOST_ENTRIES:
        entries.sort(key=lambda one: (one.published is not None, one.published or now), reverse=True)
    error = (
        f"{lost} of {len(items)} items cannot be read"
        if lost
        else None
        if items
        else "the feed has no entries"
    )
    related = relations(_links(data), site=_text(data, "home_page_url"), url=url, base=url)
    return SourceReading(
        kind="feed",
        title=plain(_text(data, "title")),
        lang=lang,
        entries=tuple(entries[:MOST_ENTRIES]),
        error=error,
        partial=bool(lost and entries),
        older=related.older,
        self_url=related.self_url,
        hubs=related.hubs,
        site_url=related.site_url,
    )


def _links(data: dict[str, Any]) -> list[Link]:
    """The feed's own names for RSS's and Atom's links; of the hubs only those that speak WebSub."""
    hubs = data.get("hubs")
    found = [one for one in hubs if isinstance(one, dict)] if isinstance(hubs, list) else []
    spoken = [one for one in found if _text(one, "type").lower() == "websub"]
    return [
        ("next", _text(data, "next_url")),
        ("self", _text(data, "feed_url")),
        *(("hub", _text(one, "url")) for one in spoken),
    ]


def entry_of(item: Any, *, base: str, lang: str | None, now: datetime) -> Entry | None:
    """The entry that one item is; None when it is no object at all."""
    one = _item(item)
    if one is None:
        return None
    url = absolute(one.url, base) or absolute(one.external_url, base)
    title, summary = plain(one.title), plain(one.summary)
    content = clean(one.content_text or "").strip() or plain(one.content_html)
    people = one.authors or ([one.author] if one.author else [])
    return Entry(
        id=entry_id(one.id, url, title, summary or content),
        url=url,
        title=title,
        summary=summary or content[:1000],
        content=content,
        published=read_date(one.date_published or one.date_modified, now=now),
        published_raw=clean(one.date_published or one.date_modified or "") or None,
        updated=read_date(one.date_modified, now=now),
        authors=names(person.name or "" for person in people),
        tags=names(one.tags),
        lang=language(one.language) or lang,
    )


def _item(given: Any) -> _Item | None:
    """The item without the fields that are not what they should be."""
    if not isinstance(given, dict):
        return None
    try:
        return _Item.model_validate(given)
    except ValidationError as problem:
        wrong = {str(error["loc"][0]) for error in problem.errors() if error["loc"]}
    try:
        return _Item.model_validate({key: value for key, value in given.items() if key not in wrong})
    except ValidationError:
        return None


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
