"""One article page: site spider, JSON-LD, meta tags and trafilatura together, the best of each field."""

from datetime import UTC, datetime

from spiders.dates import read_date
from spiders.entries import Page
from spiders.readers.blocked import blocked
from spiders.readers.decode import MOST_BYTES, decode, unpack
from spiders.readers.extract import Extracted, extract
from spiders.readers.feed import language
from spiders.readers.links import absolute
from spiders.readers.markup import plain, plain_lines
from spiders.readers.structured import Structured, structured
from spiders.readers.xml import Node, html_tree
from spiders.sites import site_for

FEWEST_BODY_BYTES = 2048
LEAST_SHARE = 20  # extracted text under a twentieth of what the page shows is an extraction that failed
_MOST_STRIPPED = 500_000


def read_page(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    kind: str | None = None,
    now: datetime | None = None,
) -> Page:
    """The article on a page, or what stands there instead; text is never lost to markup. Never raises on bytes."""
    now = now or datetime.now(UTC)
    opened, _ = unpack(body)
    text = decode(opened[:MOST_BYTES], content_type=content_type).text
    if refusal := blocked(text):
        return Page(url=url, canonical_url=None, kind="blocked", title=refusal)
    site = site_for(url)
    if site and (page := site.read_page(text, url=url, now=now)):
        return page
    tree = html_tree(text)
    if tree is None:
        return _stripped(text, url=url, title="", why="no markup could be read")
    return _combined(tree, text, url=url, kind=kind, now=now)


def _combined(tree: Node, text: str, *, url: str, kind: str | None, now: datetime) -> Page:
    said, found = structured(tree), extract(tree, text, url=url)
    title = best_title(said, found, tree)
    main = best_text(said, found)
    if len(text) > FEWEST_BODY_BYTES:
        bare = plain_lines(text)
        if len(main) * LEAST_SHARE < len(bare):
            return _stripped(
                text, url=url, title=title, why=found.problem or "the text was found by stripping markup"
            )
    if not main:
        return Page(url=url, canonical_url=None, kind="empty", title=title)
    return Page(
        url=url,
        canonical_url=absolute(said.canonical, url),
        kind="article",
        title=title,
        text=main,
        published=_published(said, found, now),
        modified=read_date(said.modified, now=now) or read_date(said.meta_modified, now=now),
        authors=said.authors or found.authors,
        lang=language(tree.get("lang")) or language(said.lang),
        site=said.site or None,
        degraded=found.problem,
    )


def best_title(said: Structured, found: Extracted, tree: Node) -> str:
    return said.title or found.title or said.meta_title or plain(tree.findtext(".//title"))


def best_text(said: Structured, found: Extracted) -> str:
    return found.text or said.body


def _published(said: Structured, found: Extracted, now: datetime) -> datetime | None:
    for raw in (said.published, said.meta_published, found.date):
        if date := read_date(raw, now=now):
            return date
    return None


def _stripped(text: str, *, url: str, title: str, why: str) -> Page:
    bare = plain_lines(text)[:_MOST_STRIPPED]
    kind = "article" if bare else "empty"
    return Page(
        url=url, canonical_url=None, kind=kind, title=title, text=bare, degraded=why if bare else None
    )
