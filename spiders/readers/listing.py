"""Front pages and sections without a feed: the links that repeat in one shape are the news."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from spiders.dates import read_date
from spiders.entries import Entry, SourceReading
from spiders.readers.feed import MOST_ENTRIES, language
from spiders.readers.links import absolute, same_site
from spiders.readers.markup import plain
from spiders.readers.xml import Node, html_tree, tag_of

FEWEST_LINKS = 3  # what repeats less often is no list
MEAN_HEADLINE = 22  # characters; menus stay below, headlines above in every script we read
_ASIDE = {"nav", "footer", "aside", "form", "select", "button"}
_ASIDE_NAMES = re.compile(
    r"\b(?:menu|nav(?:bar|igation)?|footer|breadcrumbs?|cookie|consent|share|social|login)\b", re.I
)
_BOX_CHARS = 1500
_DIGITS = re.compile(r"\d+")
_ARTICLE_PATH = re.compile(
    r"\d{4,}|(?:[^/-]+-){3,}|%[dD][0-9a-fA-F]|[^\x00-\x7f]|/(?:story|article|news|berita|read)/"
)


class _Group:
    """Links of one shape, in the order of the page."""

    def __init__(self) -> None:
        self.links: dict[str, tuple[str, Node]] = {}

    def add(self, url: str, title: str, node: Node) -> None:
        held = self.links.get(url)
        if held is None or len(title) > len(held[0]):
            self.links[url] = (title, node)

    @property
    def is_news(self) -> bool:
        titles = [title for title, _ in self.links.values()]
        articles = sum(bool(_ARTICLE_PATH.search(urlsplit(url).path)) for url in self.links)
        mean = sum(map(len, titles)) / len(titles)
        return len(titles) >= FEWEST_LINKS and mean >= MEAN_HEADLINE and 2 * articles >= len(titles)


def read_listing(
    text: str,
    *,
    url: str,
    now: datetime,
    zone: tzinfo = UTC,
    selectors: Mapping[str, str] | None = None,
) -> SourceReading:
    """The headlines of a page that lists articles, found without being told where they stand."""
    tree = html_tree(text)
    if tree is None:
        return SourceReading(kind="listing", error="an empty page")
    lang = language(tree.get("lang"))
    entries = tuple(
        Entry(id=link, url=link, title=title, published=date, published_raw=raw, lang=lang)
        for link, (title, node) in list(news_links(tree, url).items())[:MOST_ENTRIES]
        for raw, date in [date_near(node, now=now, zone=zone)]
    )
    error = None if entries else "no list of articles was found on the page; name its feed or sitemap instead"
    title = plain(tree.findtext(".//title"))
    return SourceReading(kind="listing", title=title, lang=lang, entries=entries, error=error)


def news_links(tree: Node, url: str) -> dict[str, tuple[str, Node]]:
    """Address -> headline and link, of all shapes of links that carry news."""
    base = _base(tree, url)
    groups: defaultdict[str, _Group] = defaultdict(_Group)
    for node in tree.iter("a"):
        link, title = absolute(node.get("href"), base), _headline(node)
        if link and title and same_site(link, url) and not _is_aside(node):
            groups[_shape(node)].add(link.partition("#")[0], title, node)
    best: dict[str, tuple[str, Node]] = {}
    for group in groups.values():
        for link, found in group.links.items() if group.is_news else ():
            if link not in best or len(found[0]) > len(best[link][0]):
                best[link] = found
    best.pop(url.partition("#")[0], None)
    return best


def date_near(node: Node, *, now: datetime, zone: tzinfo) -> tuple[str | None, datetime | None]:
    """The time that stands in the same box as a link: a <time>, or a short text that reads as one."""
    for box in _boxes(node):
        for raw in _times(box):
            if found := read_date(raw, now=now, zone=zone):
                return raw, found
    return None, None


def words_of(node: Node) -> str:
    """The node's words in one line."""
    return " ".join("".join(str(part) for part in node.itertext()).split())


def _boxes(node: Node) -> Iterator[Node]:
    """Ever larger boxes around a link, as long as they are about this one link."""
    address = node.get("href")
    for box in (node, *node.iterancestors()):
        others = {link.get("href") for link in box.iter("a")} - {address}
        titled = any(
            len(words_of(link)) >= MEAN_HEADLINE for link in box.iter("a") if link.get("href") in others
        )
        if titled or len(words_of(box)) > _BOX_CHARS:
            return
        yield box


def _times(box: Node) -> Iterable[str]:
    for node in box.iter():
        if tag_of(node) == "time" and node.get("datetime"):
            yield node.get("datetime", "")
    for node in box.iter():
        words = " ".join((node.text or "").split())
        if 1 < len(words) <= 60:
            yield words


def _headline(node: Node) -> str:
    words = plain(words_of(node)) or plain(node.get("title") or node.get("aria-label"))
    return words or plain(next((img.get("alt") for img in node.iter("img") if img.get("alt")), ""))


def _base(tree: Node, url: str) -> str:
    base = next(tree.iter("base"), None)
    return absolute(base.get("href"), url) or url if base is not None else url


def _is_aside(node: Node) -> bool:
    return any(
        tag_of(one) in _ASIDE or _ASIDE_NAMES.search(f"{one.get('class') or ''} {one.get('id') or ''}")
        for one in node.iterancestors()
        if tag_of(one) not in ("body", "html")
    )


def _shape(node: Node) -> str:
    """Tag names and first class of a link and its next four ancestors, numbers left out."""
    chain = [node, *list(node.iterancestors())[:4]]
    return ">".join(
        _DIGITS.sub("", f"{tag_of(one)}.{(one.get('class') or '').split(' ')[0]}") for one in chain
    )
