"""Trafilatura, asked for one page's text and metadata and not trusted to come back whole."""

from dataclasses import dataclass
from typing import Any, cast

from trafilatura import bare_extraction

from spiders.readers.feed import names
from spiders.readers.markup import clean, plain
from spiders.readers.xml import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What trafilatura found; `problem` says why it found nothing."""

    text: str = ""
    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    problem: str | None = None


def extract(tree: Node, text: str, *, url: str) -> Extracted:
    """The page's main text without comments; a failure inside the library is a value, not an exception."""
    try:
        found = cast(
            Any,
            bare_extraction(text, url=url, include_comments=False, with_metadata=True, include_tables=True),
        )
    except Exception as problem:  # noqa: BLE001 - a library's border: it fails in many ways on hostile pages
        return Extracted(problem=f"extraction failed: {type(problem).__name__}")
    if found is None:
        return Extracted(problem="extraction found no text")
    return Extracted(
        text=clean(found.text or "").strip(),
        title=plain(found.title),
        date=found.date or "",
        authors=names((found.author or "").split(";")),
    )
