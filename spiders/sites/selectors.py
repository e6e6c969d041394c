"""Selectors as outlets' files write them: CSS, or XPath when they begin with / or .// or (."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import cast

from cssselect import SelectorError
from lxml import etree
from parsel.csstranslator import HTMLTranslator

from spiders.readers.markup import plain
from spiders.readers.xml import Node, tag_of

_XPATH_STARTS = ("/", "./", "(")
_MOST_KEPT = 2000


def wrong_with(selector: str) -> str | None:
    """Why this cannot be used as a selector, in one line; None when it can."""
    try:
        _compiled(selector)
    except (SelectorError, etree.XPathError, ValueError) as problem:
        kind = "XPath" if selector.startswith(_XPATH_STARTS) else "CSS"
        return f"{selector!r} is no {kind} selector: {problem}"
    return None


def select(tree: Node, selector: str) -> list[Node]:
    """The elements a selector finds, in the page's order."""
    return [found for found in _found(tree, selector) if not isinstance(found, str)]


def values(tree: Node, selector: str) -> Iterator[str]:
    """What stands at a selector, in one line each; an empty one is left out."""
    for found in _found(tree, selector):
        if said := plain(found) if isinstance(found, str) else value_of(found):
            yield said


def value_of(node: Node) -> str:
    """What an element says, in one line: a time by its datetime, a meta by its content, the rest by words."""
    if tag_of(node) == "meta":
        return plain(node.get("content"))
    stated = plain(node.get("datetime")) if tag_of(node) == "time" else ""
    return stated or " ".join("".join(str(part) for part in node.itertext()).split())


def _found(tree: Node, selector: str) -> list[Node | str]:
    found = cast(object, _compiled(selector)(tree))
    if isinstance(found, list):
        return cast(list[Node | str], found)
    return [found] if isinstance(found, str) else []


@lru_cache(maxsize=_MOST_KEPT)
def _compiled(selector: str) -> etree.XPath:
    path = selector if selector.startswith(_XPATH_STARTS) else _translator().css_to_xpath(selector)
    return etree.XPath(path)


@cache
def _translator() -> HTMLTranslator:
    return HTMLTranslator()
