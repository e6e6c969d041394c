"""Microdata: what a page says about its article in `itemprop` attributes, in the shape of a JSON-LD object."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import cast

from lxml import etree

from spiders.readers.jsonld import ARTICLES, Stated
from spiders.readers.listing import words_of
from spiders.readers.xml import Node, tag_of

_TYPED, _NAMED = etree.XPath("//*[@itemtype]"), etree.XPath(".//*[@itemprop]")
_FIELDS = {
    "author", "creator", "dateCreated", "dateModified", "datePublished", "description", "headline",
    "inLanguage", "keywords",
}  # fmt: skip
_LISTS = {"author", "creator", "keywords"}
_MOST_NODES, _MOST_CHARS, _MOST_VALUES = 2000, 2000, 50
_SAID_IN = {"time": "datetime", "link": "href", "data": "value"}


def microdata(tree: Node) -> Stated:
    """The first article stated by `itemscope`, or what stands in no scope at all; empty when there is neither."""
    scopes = _found(_TYPED, tree)
    article = next((node for node in scopes if _type(node) in ARTICLES), None)
    if article is None and scopes:
        return {}
    found: defaultdict[str, list[str | Stated]] = defaultdict(list)
    for node in _properties(tree if article is None else article):
        for name in (node.get("itemprop") or "").split():
            most = _MOST_VALUES if name in _LISTS else 1
            if name in _FIELDS and len(found[name]) < most and (value := _value(node)):
                found[name].append(value)
    stated: Stated = {name: values for name, values in found.items() if values}
    return stated | ({"@type": _type(article)} if article is not None else {})


def _properties(scope: Node) -> Iterator[Node]:
    """The properties of this scope: what stands in a scope below belongs to that one."""
    for node in islice(_found(_NAMED, scope), _MOST_NODES):
        above = (one for one in node.iterancestors() if one is scope or one.get("itemscope") is not None)
        if next(above, scope) is scope:
            yield node


def _found(path: etree.XPath, node: Node) -> list[Node]:
    return cast(list[Node], path(node))


def _value(node: Node) -> str | Stated:
    if node.get("itemscope") is not None:
        names = (one for one in _properties(node) if "name" in (one.get("itemprop") or "").split())
        return {"@type": _type(node), "name": next((_said(one) for one in names), "") or _said(node)}
    return _said(node)


def _said(node: Node) -> str:
    attribute = _SAID_IN.get(tag_of(node), "content")
    return (node.get(attribute) or node.get("content") or words_of(node)).strip()[:_MOST_CHARS]


def _type(node: Node) -> str:
    return (node.get("itemtype") or "").strip().rpartition("/")[2].lower()
