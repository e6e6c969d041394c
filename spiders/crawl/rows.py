"""Entries and pages as the rows that every command of ours prints."""

from collections.abc import Mapping
from datetime import UTC, datetime

from spiders.entries import Entry, Page

Row = Mapping[str, object]


def entry_row(entry: Entry) -> Row:
    """An entry with its times in UTC, ISO 8601 with Z, null when unknown."""
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "published": zulu(entry.published),
        "updated": zulu(entry.updated),
        "authors": list(entry.authors),
        "lang": entry.lang,
    }


def page_row(page: Page, *, given_id: str) -> Row:
    """A page under the id of the entry or the address that led to it."""
    return {
        "id": given_id,
        "url": page.url,
        "canonical_url": page.canonical_url,
        "kind": page.kind,
        "title": page.title,
        "text": page.text,
        "published": zulu(page.published),
        "modified": zulu(page.modified),
        "authors": list(page.authors),
        "lang": page.lang,
        "site": page.site,
        "degraded": page.degraded,
    }


def zulu(moment: datetime | None) -> str | None:
    """2026-09-28T15:04:40Z"""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
