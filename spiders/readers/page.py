"""One article page: site spider, JSON-LD, meta tags and trafilatura together, the best of each field."""

import re
from datetime import UTC, datetime

from spiders.dates import read_date
from spiders.entries import Page, PageKind
from spiders.readers.blocked import blocked, walled
from spiders.readers.decode import MOST_BYTES, decode, unpack
from spiders.readers.extract import Extracted, date_on, extract
from spiders.readers.feed import language
from spiders.readers.hidden import hidden_text
from spiders.readers.leads import with_lead
from spiders.readers.links import absolute
from spiders.readers.listing import news_links
from spiders.readers.markup import plain, plain_lines
from spiders.readers.people import real_names
from spiders.readers.structured import Structured, structured
from spiders.readers.titles import best_title
from spiders.readers.xml import Node, html_tree
from spiders.sites import site_for

FEWEST_BODY_BYTES = 2048
FEWEST_CHARS = 250
FEWEST_HEADLINES = 10
MOST_LONGER = 3
LEAST_NEW = 0.05  # of the stated text, in runs of three words
_WORD = re.compile(r"\w+")
LEAST_SHARE = 20  # extracted text under a twentieth of what the page shows is an extraction that failed
_TITLE = re.compile(r"<title[^<>]*>([^<]{0,500})", re.IGNORECASE)
_MOST_STRIPPED = 500_000


def read_page(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    kind: str | None = None,
    now: datetime | None = None,
) -> Page:
    """The article on a page, or what stands there instead; text is never lost to markup. Never raises."""
    now = now or datetime.now(UTC)
    opened, _ = unpack(body)
    text = decode(opened[:MOST_BYTES], content_type=content_type).text
    if refusal := blocked(text):
        return Page(url=url, canonical_url=None, kind="blocked", title=refusal)
    site = site_for(url, kind=kind)
    if site and (page := site.read_page(text, url=url, now=now)):
        return page
    if wall := walled(text):
        return Page(url=url, canonical_url=None, kind="empty", title=wall)
    tree = html_tree(text)
    if tree is None:
        return _stripped(text, url=url, title="", why="no markup could be read")
    return _combined(tree, text, url=url, now=now)


def strip_page(body: bytes, *, url: str, content_type: str | None = None, why: str) -> Page:
    """The page's words by linear means only, for pages on which `read_page` was killed; flagged as degraded."""
    text = decode(unpack(body)[0][:MOST_BYTES], content_type=content_type).text
    title = _TITLE.search(text)
    return _stripped(text, url=url, title=plain(title.group(1)) if title else "", why=why)


def _combined(tree: Node, text: str, *, url: str, now: datetime) -> Page:
    said = structured(tree)
    found = extract(tree, url=url, said=said)
    title, main = best_title(tree, said, found.title, text, url=url), best_text(tree, said, found)
    kind: PageKind = "listing" if _is_listing(tree, said, main, url=url) else "article"
    if why := _why_lost(main, text, tree, found):
        return _stripped(text, url=url, title=title, why=why, kind=kind)
    return Page(
        url=url,
        canonical_url=absolute(said.canonical, url),
        kind=kind,
        title=title,
        text=main,
        published=_published(tree, said, now, url=url),
        modified=read_date(said.modified, now=now) or read_date(said.meta_modified, now=now),
        authors=_authors(said, found),
        lang=language(tree.get("lang")) or language(said.lang),
        site=said.site or None,
        tags=said.tags,
        live=_is_live(said, now),
    )


def best_text(tree: Node, said: Structured, found: Extracted) -> str:
    """What the page shows, with its standfirst; or what it states or hides in its scripts, if that is more."""
    shown = found.text
    if said.is_live_blog:
        return with_lead(_with_updates(shown, said.body), tree, said)
    if _says_more(said.body, shown):
        return with_lead(said.body, tree, said)
    if len(shown) < FEWEST_CHARS and len(hidden := hidden_text(tree)) > len(shown):
        return with_lead(hidden, tree, said)
    return with_lead(shown, tree, said)


def _says_more(stated: str, shown: str) -> bool:
    """JSON-LD carries the whole text or a part of it, sometimes twice: more means words in an order not shown."""
    if len(shown) < FEWEST_CHARS < len(stated):
        return True
    if not len(shown) < len(stated) <= MOST_LONGER * len(shown):
        return False
    new = _threes(stated) - _threes(shown)
    return len(new) >= LEAST_NEW * len(_threes(stated))


def _threes(text: str) -> set[tuple[str, str, str]]:
    words = _WORD.findall(text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def _with_updates(shown: str, stated: str) -> str:
    """A live blog with all its posts: those that the page draws later stand in JSON-LD only."""
    have = _letters(shown)
    missing = [line for line in stated.split("\n") if line and _letters(line) not in have]
    if 2 * sum(map(len, missing)) <= len(stated):
        return "\n".join(filter(None, (shown, *missing)))
    said = _letters(stated)
    return "\n".join([*(line for line in shown.split("\n") if line and _letters(line) not in said), stated])


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _why_lost(main: str, text: str, tree: Node, found: Extracted) -> str | None:
    """Why this cannot be the article: the parser gave up (255 nested boxes do), or most is left over."""
    if not main:
        return found.problem or "no article was found on the page"
    if len(text) <= FEWEST_BODY_BYTES:
        return None
    if len(main) * LEAST_SHARE < found.shown_chars:
        return found.problem or "the text found is under a twentieth of what the page shows"
    if len(main) * LEAST_SHARE < len(plain_lines(text)) and _parser_lost(text, tree):
        return "the page is nested too deep for the parser"
    return None


def _parser_lost(text: str, tree: Node) -> bool:
    seen = "".join("".join(str(part) for part in tree.itertext()).split())
    there = "".join(plain_lines(text).split())
    return 2 * len(seen) < len(there)


def _is_listing(tree: Node, said: Structured, main: str, *, url: str) -> bool:
    """A front page or section: it states no article, and its headlines outweigh the text that was found."""
    if said.type or said.og_type == "article" or said.published or said.meta_published:
        return False
    headlines = [title for title, _ in news_links(tree, url).values()]
    return len(headlines) >= FEWEST_HEADLINES and len(main) < 2 * sum(map(len, headlines))


def _authors(said: Structured, found: Extracted) -> tuple[str, ...]:
    """People where people are named; else the agency that signed, never the site itself."""
    agencies = (name for name in said.organisations if name.casefold() != said.site.casefold())
    return said.authors or real_names(found.authors) or tuple(agencies)


def _is_live(said: Structured, now: datetime) -> bool:
    """A live blog goes on until the end that its publisher states."""
    end = read_date(said.live_until, now=now)
    return said.is_live_blog and (end is None or end > now)


def _published(tree: Node, said: Structured, now: datetime, *, url: str) -> datetime | None:
    for raw in (said.published, said.meta_published):
        if date := read_date(raw, now=now):
            return date
    return read_date(date_on(tree, url=url), now=now)


def _stripped(text: str, *, url: str, title: str, why: str, kind: PageKind = "article") -> Page:
    """All the words of the page; too few of them ("Please enable JavaScript") are an empty page."""
    bare = plain_lines(text)[:_MOST_STRIPPED]
    if len(bare) < FEWEST_CHARS:
        return Page(url=url, canonical_url=None, kind="empty", title=title)
    return Page(url=url, canonical_url=None, kind=kind, title=title, text=bare, degraded=why)
