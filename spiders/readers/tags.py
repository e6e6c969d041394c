"""What a page files its article under: keywords of JSON-LD, meta tags, microdata and links to tags."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from spiders.readers.jsonld import Stated
from spiders.readers.listing import words_of
from spiders.readers.markup import plain
from spiders.readers.xml import Node

MOST_TAGS = 50
_LONGEST_TAG = 80
_METAS = {"news_keywords", "article:tag", "og:article:tag", "parsely-tags", "sailthru.tags"}
_BETWEEN = re.compile(r"[,;|،؛、，]")
_NO_TAG = re.compile(r"://|^[\W\d_]*$|^\w+[:=]\S")  # addresses, numbers, and the ids of somebody's system


def tags_of(tree: Node, *stated: Stated) -> tuple[str, ...]:
    """The page's tags in the order of their making, each once whatever its letters' case, at most 50."""
    found: dict[str, str] = {}
    for raw in _given(tree, stated):
        tag = plain(raw).lstrip("#").strip()
        if tag and len(tag) <= _LONGEST_TAG and not _NO_TAG.search(tag):
            found.setdefault(tag.casefold(), tag)
        if len(found) >= MOST_TAGS:
            break
    return tuple(found.values())


def _given(tree: Node, stated: Iterable[Stated]) -> Iterator[str]:
    for one in stated:
        yield from _split(one.get("keywords"))
    for node in tree.iter("meta"):
        if (node.get("property") or node.get("name") or "").lower() in _METAS:
            yield from _split(node.get("content"))
    for node in tree.iter("a"):
        if "tag" in (node.get("rel") or "").lower().split():
            yield words_of(node)


def _split(given: Any) -> Iterator[str]:
    """One text with commas, a list of texts, or a list of DefinedTerm objects."""
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, dict):
            yield from _split(one.get("name"))
        elif isinstance(one, str):
            yield from _BETWEEN.split(one)
