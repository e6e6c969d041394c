"""An article by an outlet's own rules: each design tried, the page's own statements where they are better."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime

from spiders.dates import read_date
from spiders.entries import Page
from spiders.readers.extract import extract
from spiders.readers.feed import language, names
from spiders.readers.links import absolute
from spiders.readers.structured import Structured, structured
from spiders.readers.titles import best_title
from spiders.readers.xml import Node
from spiders.sites.outlet import Outlet, Selectors, Version
from spiders.sites.selectors import select, value_of, values
from spiders.sites.words import article_lines, is_whole, letters, without

MOST_TAGS = 50
VIDEO = "videoobject"
LEAST_LONGER = 1.25  # below that, what a text has more than the one that is shown are captions and the like
MOST_LONGER = 3  # beyond that it is another text
LEAST_SHARE = 20  # text under a twentieth of what the page shows is text not found
_BETWEEN_UPDATES = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What is read from: the page as a tree, what it states of itself, and whose it is."""

    outlet: Outlet
    tree: Node
    text: str
    said: Structured
    url: str
    now: datetime


def read_article(outlet: Outlet, tree: Node, text: str, *, url: str, now: datetime) -> Page | None:
    """The article on a page of this outlet, by the newest design that fits; None when none does."""
    page = _Page(outlet=outlet, tree=tree, text=text, said=structured(tree), url=url, now=now)
    for version, body in _bodies(page):
        title = _title(page, version)
        if body and title:
            return _article(page, version, title, body) if is_whole(tree, text) else None
    return None


def _bodies(page: _Page) -> Iterator[tuple[Version, str]]:
    """Each design with the text it finds; then, for pages in no design we know, what the page states."""
    for version in page.outlet.versions:
        yield version, _body(page, version)
    stated = page.said.body or (page.said.description if page.said.type == VIDEO else "")
    yield page.outlet.versions[0], stated


def _body(page: _Page, version: Version) -> str:
    unwanted = {node for selector in version.drop for node in select(page.tree, selector)}
    if updates := _updates(page, version, unwanted):
        return _with_unseen(_BETWEEN_UPDATES.join(updates), page.said.body)
    if "body" in page.outlet.json_ld and page.said.body:
        return page.said.body
    shown = _shown(page, version, unwanted) if version.body else _found(page, version, unwanted)
    return _longest(page, version, shown) if shown else ""


def _updates(page: _Page, version: Version, unwanted: Set[Node]) -> list[str]:
    posts = _first_nodes(page.tree, version.live)
    found = (article_lines([post], unwanted=unwanted, drop_lines=version.drop_lines) for post in posts)
    return ["\n".join(lines) for lines in found if lines]


def _shown(page: _Page, version: Version, unwanted: Set[Node]) -> str:
    boxes = _first_nodes(page.tree, version.body)
    return "\n".join(article_lines(boxes, unwanted=unwanted, drop_lines=version.drop_lines))


def _found(page: _Page, version: Version, unwanted: Set[Node]) -> str:
    """The text as general reading finds it, for an outlet whose markup nobody has told us; "" when it is doubtful."""
    if not page.outlet.is_story(page.url):  # a front page has words too
        return ""
    datelines = {
        node
        for selector in version.dates
        for node in select(page.tree, selector)
        if read_date(value_of(node), now=page.now, zone=page.outlet.zone)
    }
    found = extract(without(page.tree, {*unwanted, *datelines}), url=page.url, said=page.said)
    if len(found.text) * LEAST_SHARE < found.shown_chars:
        return ""
    lines = found.text.split("\n")
    return "\n".join(line for line in lines if not any(one.search(line) for one in version.drop_lines))


def _longest(page: _Page, version: Version, shown: str) -> str:
    """The same text from elsewhere: pages that show a part state the whole, or keep it where only code finds it."""
    stated = [page.said.body] if len(page.said.body) <= MOST_LONGER * len(shown) else []
    kept = [version.code(page.tree)] if version.code else []
    longer = [text for text in (*kept, *stated) if len(text) >= LEAST_LONGER * len(shown)]
    return max(longer, key=len, default=shown)


def _with_unseen(shown: str, stated: str) -> str:
    """A live blog's updates as shown, and after them those that the page only states."""
    seen = letters(shown)
    unseen = [line for line in stated.split("\n") if line and letters(line) not in seen]
    return _BETWEEN_UPDATES.join([shown, "\n".join(unseen)]) if unseen else shown


def _title(page: _Page, version: Version) -> str:
    if not version.title:
        return best_title(page.tree, page.said, "", page.text, url=page.url)
    shown = _first(page.tree, version.title)
    stated = page.said.title or page.said.meta_title
    return (stated or shown) if "title" in page.outlet.json_ld else (shown or stated)


def _article(page: _Page, version: Version, title: str, body: str) -> Page:
    outlet, said = page.outlet, page.said
    standfirst = _first(page.tree, version.standfirst)
    return Page(
        url=page.url,
        canonical_url=absolute(said.canonical, page.url),
        kind="article",
        title=title,
        text=f"{standfirst}\n{body}" if standfirst and letters(standfirst) not in letters(body) else body,
        published=_published(page, version),
        modified=read_date(said.modified or said.meta_modified, now=page.now, zone=outlet.zone),
        authors=_authors(page, version),
        lang=outlet.lang_of(page.url) or language(page.tree.get("lang")) or outlet.lang,
        site=outlet.name,
        tags=_tags(page, version),
        live=_goes_on(page, version),
    )


def _published(page: _Page, version: Version) -> datetime | None:
    shown = [raw for selector in version.dates for raw in values(page.tree, selector)]
    stated = [page.said.published, page.said.meta_published]
    raws = (*stated, *shown) if "dates" in page.outlet.json_ld else (*shown, *stated)
    found = (read_date(raw, now=page.now, zone=page.outlet.zone) for raw in raws)
    return next((date for date in found if date), None)


def _authors(page: _Page, version: Version) -> tuple[str, ...]:
    shown = names(name.strip(" ,;|–-") for name in _first_values(page.tree, version.authors))
    ranked = (page.said.authors, shown) if "authors" in page.outlet.json_ld else (shown, page.said.authors)
    people = (tuple(name for name in found if not page.outlet.is_own_name(name)) for found in ranked)
    return next((found for found in people if found), ())


def _tags(page: _Page, version: Version) -> tuple[str, ...]:
    found = (value.strip("#،,;؛ ") for value in _first_values(page.tree, version.tags))
    return tuple(dict.fromkeys(filter(None, found)))[:MOST_TAGS] or page.said.tags


def _goes_on(page: _Page, version: Version) -> bool:
    """Whether this is a live blog whose end has not come: then another look soon is worth it."""
    if not (page.said.is_live_blog or _first_nodes(page.tree, version.live)):
        return False
    end = read_date(page.said.live_until, now=page.now, zone=page.outlet.zone)
    return end is None or end > page.now


def _first_nodes(tree: Node, wanted: Selectors) -> list[Node]:
    return next((nodes for selector in wanted if (nodes := select(tree, selector))), [])


def _first_values(tree: Node, wanted: Selectors) -> list[str]:
    return next((found for selector in wanted if (found := list(values(tree, selector)))), [])


def _first(tree: Node, wanted: Selectors) -> str:
    return next(iter(_first_values(tree, wanted)), "")
