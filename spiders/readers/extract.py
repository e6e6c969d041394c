"""Trafilatura, given a page cleared of what surrounds articles, and not trusted to come back whole."""

import copy
import re
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.metadata import extract_metadata

from spiders.readers.completion import completed
from spiders.readers.feed import names
from spiders.readers.listing import words_of
from spiders.readers.markup import clean, plain
from spiders.readers.structured import Structured
from spiders.readers.xml import Node, tag_of

_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|newsletter|promo\w*|teasers?|outbrain|taboola|share|sharing|social|cookie\w*|"
    r"consent|subscri\w+|advert\w*|ads?|caption\w*|read-?more|more-on|most-?read|also-?read|byline|breadcrumbs?|"
    r"disclaimer|feedback|poll|quiz|survey|rating)(?:$|[\s_-])",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|comments-area|disqus_thread|respond)(?:$|\s)", re.IGNORECASE
)
_BOXES = {"div", "section", "aside", "ul", "ol", "p", "span", "figcaption", "table", "form", "li"}
_NO_PROSE = {
    "head",
    "script",
    "style",
    "noscript",
    "nav",
    "footer",
    "header",
    "aside",
    "form",
    "a",
    "button",
    "select",
    "svg",
}
_LINKS_ONLY = 0.9  # of an item's letters stand in links: it leads elsewhere
_LONGEST_LABEL = 30  # characters, in any language; the headline behind it is longer
_LARGEST_BESIDE = 0.3  # of the page's prose: more than that is the article, whatever its box is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What trafilatura found; `problem` says why it found nothing."""

    text: str = ""
    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    problem: str | None = None
    shown_chars: int = 0  # of prose on the page, whether it was found to be the article or not


def extract(tree: Node, *, url: str, said: Structured) -> Extracted:
    """The page's main text without comments; a failure inside the library is a value, not an exception."""
    page = cleared(tree)
    shown = prose_chars(page)
    try:
        found = cast(Any, bare_extraction(page, url=url, include_comments=False, favor_precision=True))
    except Exception as problem:  # noqa: BLE001 - a library's border: it fails in many ways on hostile pages
        return Extracted(problem=f"extraction failed: {type(problem).__name__}", shown_chars=shown)
    if found is None:
        return Extracted(problem="extraction found no text", shown_chars=shown)
    titles = {_letters(title) for title in (said.title, said.meta_title, plain(found.title))}
    titles |= {_letters(words_of(node)) for node in tree.iter("h1")}
    return Extracted(
        text=completed(_without_titles(clean(found.text or ""), titles), page),
        title=plain(found.title),
        date=found.date or "",
        authors=names((found.author or "").split(";")),
        shown_chars=shown,
    )


def date_on(tree: Node, *, url: str) -> str:
    """The day the page prints somewhere, found by htmldate; empty when it finds none."""
    try:
        return cast(Any, extract_metadata(copy.deepcopy(tree), default_url=url)).date or ""
    except Exception:  # noqa: BLE001 - a library's border, as above
        return ""


def prose_chars(page: Node) -> int:
    """How many letters the page shows outside menus, links and scripts."""
    total = 0
    skipped: Node | None = None
    for event, node in etree.iterwalk(page, events=("start", "end")):
        if skipped is None and event == "start" and tag_of(node) in _NO_PROSE:
            skipped = node
        if event == "start":
            total += len((node.text or "").strip()) if skipped is None else 0
            continue
        if node is skipped:
            skipped = None
        total += len((node.tail or "").strip()) if skipped is None else 0
    return total


def cleared(tree: Node) -> Node:
    """A copy of the page without boxes named for what stands beside articles, and items that only link."""
    page = copy.deepcopy(tree)
    etree.strip_elements(page, "script", "style", with_tail=False)
    shown = prose_chars(page)
    for node in list(page.iter()):
        if tag_of(node) not in _BOXES or node.getparent() is None:
            continue
        if _is_beside(node, shown) or _only_links(node):
            _drop(node)
    return page


def _is_beside(node: Node, shown: int) -> bool:
    if tag_of(node) == "figcaption":
        return True
    named = f"{node.get('class') or ''} {node.get('id') or ''}"
    if _COMMENTS.search(named):  # may well be longer than the article
        return True
    if not _BESIDE.search(named):
        return False
    return prose_chars(node) < _LARGEST_BESIDE * shown


def _only_links(node: Node) -> bool:
    """An item that leads elsewhere: nothing but links, or one link behind a label like "Read also:"."""
    if tag_of(node) not in ("p", "li"):
        return False
    words, links = words_of(node), [words_of(link) for link in node.iter("a")]
    if not (words and links):
        return False
    if sum(map(len, links)) > _LINKS_ONLY * len(words):
        return True
    label = words.removesuffix(links[-1]).rstrip()
    return (
        len(links) == 1 and len(label) <= _LONGEST_LABEL < len(links[0]) and label.endswith((":", "|", "："))
    )


def _drop(node: Node) -> None:
    """Take a node out and leave the words that follow it."""
    parent, tail = node.getparent(), node.tail
    if parent is None:
        return
    before = node.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(node)


def _without_titles(text: str, titles: set[str]) -> str:
    lines = text.strip().split("\n")
    while lines and _letters(lines[0]) in titles | {""}:
        lines = lines[1:]
    return "\n".join(lines).strip()


def _letters(line: str) -> str:
    return "".join(filter(str.isalnum, line.lower()))
