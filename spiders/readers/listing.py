"""Front pages and sections without a feed: the links that repeat in one shape are the news."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import islice

from spiders.entries import Entry, SourceReading
from spiders.readers.addresses import kind_of_address, looks_like_article
from spiders.readers.boxes import (
    FEWEST_CHARS,
    HEADLINE_CHARS,
    date_near,
    headline_near,
    headline_of,
    name_of,
    words_of,
)
from spiders.readers.feed import MOST_ENTRIES, language
from spiders.readers.islands import Told, told_in
from spiders.readers.links import absolute, same_site
from spiders.readers.markup import plain
from spiders.readers.selectors import SelectorError, read_selected
from spiders.readers.unlinked import unlinked
from spiders.readers.xml import Node, html_tree, tag_of
from spiders.zones import zone_of

__all__ = ["date_near", "news_links", "read_listing", "words_of"]

FEWEST_LINKS = 3  # what repeats less often is no list
MOST_LINKS = 3000
MOST_ALIKE = 10  # links of one page to the same article
_ASIDE = {"nav", "footer", "aside", "select", "button"}
_ASIDE_NAMES = re.compile(
    r"(?<![a-z])(?:menu|nav|navbar|navigation|footer|breadcrumbs?|cookies?|consent|share|sharing|social|login|"
    r"pagination|pager|comments?)(?![a-z])",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One link to what may be an article."""

    url: str
    title: str
    node: Node


def read_listing(
    text: str,
    *,
    url: str,
    now: datetime,
    zone: tzinfo | None = None,
    selectors: Mapping[str, str] | None = None,
) -> SourceReading:
    """The headlines of a page that lists articles, found without being told where they stand.

    `selectors` are the operator's word over that. `zone` is that of times printed without one; without it the
    country in the address tells, or they are taken for UTC.
    """
    tree = html_tree(text)
    if tree is None:
        return SourceReading(kind="listing", error="an empty page")
    head = SourceReading(
        kind="listing", title=plain(tree.findtext(".//title")), lang=language(tree.get("lang"))
    )
    if selectors:
        return _selected(head, tree, selectors, url=url, now=now)
    entries = _entries(tree, url=url, now=now, zone=zone or zone_of(url), lang=head.lang)
    error = None if entries else "no list of articles was found on the page; name its feed or sitemap instead"
    return replace(head, entries=entries, error=error)


def news_links(tree: Node, url: str) -> dict[str, tuple[str, Node]]:
    """Address -> headline and link, of all shapes of links that carry news."""
    links = _links(tree, url)
    groups: defaultdict[str, dict[str, _Found]] = defaultdict(dict)
    for one in links:
        held = groups[f"{_shape(one.node)} {kind_of_address(one.url)}"]
        if one.url not in held or len(one.title) > len(held[one.url].title):
            held[one.url] = one
    accepted = {link for group in groups.values() if _is_news(group.values()) for link in group}
    kinds = {kind_of_address(link) for link in accepted}
    accepted |= {one.url for one in _lone(links) if kind_of_address(one.url) in kinds or not kinds}
    best: dict[str, tuple[str, Node]] = {}
    for one in links:
        if one.url in accepted and (one.url not in best or _is_better(one, best[one.url][0])):
            best[one.url] = (one.title, one.node)
    return best


def _entries(
    tree: Node, *, url: str, now: datetime, zone: tzinfo | None, lang: str | None
) -> tuple[Entry, ...]:
    """Links first, in the order of the page; then what only its data tell; then items without a link."""
    told = {one.url: one for one in told_in(tree, url=url, now=now, zone=zone)}
    entries: list[Entry] = []
    for link, (title, node) in list(news_links(tree, url).items())[:MOST_ENTRIES]:
        raw, date = date_near(node, now=now, zone=zone, title=title)
        entries.append(_entry(link, title, raw, date, told.pop(link, None), lang))
    entries += [_entry(one.url, one.title, one.raw, one.published, one, lang) for one in told.values()]
    known = {entry.title for entry in entries}
    entries += unlinked(tree, asides=_asides(tree), now=now, zone=zone, lang=lang, known=known)
    return tuple(entries[:MOST_ENTRIES])


def _entry(
    link: str, title: str, raw: str | None, date: datetime | None, told: Told | None, lang: str | None
) -> Entry:
    if told and told.published:  # with a zone and to the second, where the page shows "2 hours ago"
        raw, date = told.raw, told.published
    return Entry(
        id=link,
        url=link,
        title=title,
        summary=told.summary if told else "",
        published=date,
        published_raw=raw,
        lang=lang,
    )


def _selected(
    head: SourceReading, tree: Node, selectors: Mapping[str, str], *, url: str, now: datetime
) -> SourceReading:
    try:
        entries = read_selected(tree, selectors, url=_base(tree, url), now=now, lang=head.lang)
    except SelectorError as problem:
        return replace(head, error=str(problem))
    if not entries:
        return replace(head, error=f"the selector item = {selectors['item']!r} finds nothing on the page")
    return replace(head, entries=entries[:MOST_ENTRIES])


def _links(tree: Node, url: str) -> list[_Found]:
    """Every link to the same site outside menus and footers, with the best headline that can be found for it."""
    base, here, asides = _base(tree, url), url.partition("#")[0], _asides(tree)
    found: list[_Found] = []
    often: Counter[str] = Counter()
    for node in islice(tree.iter("a"), MOST_LINKS):
        link = (absolute(node.get("href"), base) or "").partition("#")[0]
        if not link or link == here or often[link] >= MOST_ALIKE or not same_site(link, url):
            continue
        if asides.isdisjoint(node.iterancestors()):
            often[link] += 1
            found.append(_Found(url=link, title=headline_of(node), node=node))
    said_of: defaultdict[str, set[str]] = defaultdict(set)
    for one in found:
        said_of[one.title].add(one.url)
    vague = {
        title for title, links in said_of.items() if len(links) >= FEWEST_LINKS or len(title) < FEWEST_CHARS
    }
    return [_named(one) if one.title in vague else one for one in found]


def _named(one: _Found) -> _Found:
    """An image, or "read more" as all the others: the headline stands beside it."""
    return replace(one, title=headline_near(one.node)) if looks_like_article(one.url) else one


def _is_better(one: _Found, title: str) -> bool:
    """A longer headline, unless both are whole: then the first on the page stays, if the other does not hold it."""
    longer = len(one.title) > len(title)
    return longer and (len(title) < HEADLINE_CHARS or title in one.title)


def _is_news(group: Iterable[_Found]) -> bool:
    held = list(group)
    articles = sum(looks_like_article(one.url) for one in held)
    mean = sum(len(one.title) for one in held) / len(held)
    return len(held) >= FEWEST_LINKS and mean >= HEADLINE_CHARS and 2 * articles >= len(held)


def _lone(links: Iterable[_Found]) -> list[_Found]:
    """Headlines that stand alone in their shape, as a page's first story does."""
    held = [one for one in links if looks_like_article(one.url) and len(one.title) >= HEADLINE_CHARS]
    often = Counter(kind_of_address(one.url) for one in held)
    return [one for one in held if often[kind_of_address(one.url)] >= FEWEST_LINKS]


def _base(tree: Node, url: str) -> str:
    base = next(tree.iter("base"), None)
    return absolute(base.get("href"), url) or url if base is not None else url


def _asides(tree: Node) -> set[Node]:
    """Menus, footers and the like; a box with half of the news is the page itself, whatever it is called."""
    asides = set(tree.iter(*_ASIDE))
    held: Counter[Node] = Counter()
    outside = 0
    for link in islice(tree.iter("a"), MOST_LINKS):
        boxes = list(link.iterancestors()) if looks_like_article(link.get("href") or "") else []
        if boxes and asides.isdisjoint(boxes):
            held.update(boxes)
            outside += 1
    named = (node for node in tree.iter() if _ASIDE_NAMES.search(name_of(node)))
    return asides | {
        node for node in named if tag_of(node) not in ("html", "body", "a") and 2 * held[node] <= outside
    }


def _shape(node: Node) -> str:
    """Tag names and first class of a link and its next four ancestors, numbers left out."""
    chain = [node, *list(node.iterancestors())[:4]]
    return ">".join(
        _DIGITS.sub("", f"{tag_of(one)}.{(one.get('class') or '').split(' ')[0]}") for one in chain
    )
