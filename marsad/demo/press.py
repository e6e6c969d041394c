"""Press: an outlet's stories as the bytes of its source and of its article pages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from marsad.demo.outlets import Outlet, OutletKind, Story


def iso(when: datetime) -> str:
    """ISO 8601 to the second with Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


_TEMPLATES = Environment(
    loader=PackageLoader("marsad.demo"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(rfc822=format_datetime, iso=iso)

_CONTENT_TYPES = {
    OutletKind.RSS: "application/rss+xml; charset=utf-8",
    OutletKind.ATOM: "application/atom+xml; charset=utf-8",
    OutletKind.JSON: "application/feed+json; charset=utf-8",
    OutletKind.SITEMAP: "application/xml; charset=utf-8",
    OutletKind.LISTING: "text/html; charset=utf-8",
}
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A story as it stands on the site now; times are in UTC."""

    story: Story
    url: str
    published: datetime
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Bytes to serve, and what they are."""

    body: bytes
    content_type: str


def source_sheet(outlet: Outlet, printed: Sequence[Printed], *, url: str, home: str) -> Sheet:
    """The feed, sitemap or listing of an outlet, in the order given."""
    if outlet.kind is OutletKind.JSON:
        text = json.dumps(_json_feed(outlet, printed, url=url, home=home), ensure_ascii=False, indent=1)
    else:
        template = _TEMPLATES.get_template(f"{outlet.kind}.j2")
        updated = max((item.modified for item in printed), default=None)
        text = template.render(outlet=outlet, printed=printed, url=url, home=home, updated=updated)
    return Sheet(body=text.encode(), content_type=_CONTENT_TYPES[outlet.kind])


def article_sheet(outlet: Outlet, item: Printed, *, home: str) -> Sheet:
    """The page of one article, with the JSON-LD that papers put there."""
    text = _TEMPLATES.get_template("article.j2").render(
        outlet=outlet, item=item, story=item.story, home=home, linked_data=_linked_data(outlet, item, home)
    )
    return Sheet(body=text.encode(), content_type=HTML)


def challenge_sheet() -> Sheet:
    """A page that asks for proof of being human, as bot walls answer with status 200."""
    return Sheet(body=_TEMPLATES.get_template("challenge.j2").render().encode(), content_type=HTML)


def _json_feed(outlet: Outlet, printed: Sequence[Printed], *, url: str, home: str) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": home,
        "feed_url": url,
        "language": outlet.lang,
        "items": [_json_item(item) for item in printed],
    }


def _json_item(item: Printed) -> dict[str, Any]:
    story = item.story
    fields = {
        "id": item.url,
        "url": item.url,
        "title": story.title,
        "summary": story.lead,
        "content_text": story.lead,
        "date_published": iso(item.published),
        "date_modified": iso(item.modified),
        "authors": [{"name": story.author}] if story.author else [],
        "tags": list(story.tags),
    }
    return {name: value for name, value in fields.items() if value}


def _linked_data(outlet: Outlet, item: Printed, home: str) -> dict[str, Any]:
    story = item.story
    author = {"@type": "Person", "name": story.author} if story.author else None
    publisher = {"@type": "NewsMediaOrganization", "name": outlet.name, "url": home}
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": item.url,
        "headline": story.title,
        "description": story.lead,
        "datePublished": iso(item.published),
        "dateModified": iso(item.modified),
        "inLanguage": outlet.lang,
        "author": author or publisher,
        "publisher": publisher,
        "keywords": list(story.tags),
    }
