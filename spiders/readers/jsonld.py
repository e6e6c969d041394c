"""JSON-LD: the objects that a page carries for search engines, and the one among them that is its article."""

import json
import re
from collections.abc import Iterator
from typing import Any

from spiders.readers.markup import clean
from spiders.readers.xml import Node

Stated = dict[str, Any]  # one schema.org object as strangers wrote it: any key, any shape

ARTICLES = {
    "advertisercontentarticle", "analysisnewsarticle", "article", "asknewsarticle",
    "backgroundnewsarticle", "blogposting", "liveblogposting", "newsarticle", "opinionnewsarticle",
    "report", "reportagenewsarticle", "review", "reviewnewsarticle", "satiricalarticle",
    "socialmediaposting", "techarticle",
}  # fmt: skip
VIDEOS = {"videoobject"}
LIVE_BLOG = "liveblogposting"
_MOST_DEPTH, _MOST_OBJECTS = 8, 2000
_TRAILING_COMMA = re.compile(r",(\s{0,20}[}\]])")


def json_ld(tree: Node) -> Iterator[Stated]:
    """Every object in the page's JSON-LD, outermost first, however it is nested."""
    left = _MOST_OBJECTS
    for node in tree.iter("script"):
        if (node.get("type") or "").lower().split(";")[0].strip() != "application/ld+json":
            continue
        for one in _objects(_load(node.text or ""), 0):
            yield one
            left -= 1
            if not left:
                return


def stated_article(tree: Node) -> Stated:
    """The article or video among a page's objects that has the most to say; empty when there is none."""
    return max((one for one in json_ld(tree) if type_of(one) in ARTICLES | VIDEOS), key=_worth, default={})


def type_of(one: Stated) -> str:
    """The schema.org type in lower case without its namespace; an article's, if it is several things at once."""
    given = one.get("@type")
    kinds = [
        str(kind).rpartition("/")[2].lower()
        for kind in (given if isinstance(given, list) else [given])
        if kind
    ]
    return next((kind for kind in kinds if kind in ARTICLES), kinds[0] if kinds else "")


def text_of(value: Any) -> str:
    """A field that should be one text: the first, when it is a list; empty when it is anything else."""
    if isinstance(value, list) and value:
        return text_of(value[0])
    return clean(value) if isinstance(value, str) else ""


def _worth(one: Stated) -> tuple[bool, bool, bool, int, int]:
    """News before video, then whoever has a date and a headline, then the longer text."""
    said = sum(
        bool(one.get(key))
        for key in ("headline", "datePublished", "author", "articleBody", "mainEntityOfPage")
    )
    return (
        type_of(one) in ARTICLES,
        bool(one.get("datePublished")),
        type_of(one) == LIVE_BLOG,  # its posts are articles too
        said,
        len(text_of(one.get("articleBody"))),
    )


def _load(text: str) -> Any:
    bare = text.strip().removeprefix("<![CDATA[").removesuffix("]]>").strip().rstrip(";")
    try:
        return json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        pass
    try:  # the commonest slip: a comma before the end of a list or object
        return json.loads(_TRAILING_COMMA.sub(r"\1", bare), strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any, depth: int) -> Iterator[Stated]:
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            if isinstance(inner, dict | list):
                yield from _objects(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner, depth + 1)
