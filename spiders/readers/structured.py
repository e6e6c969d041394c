"""What a page says about itself in JSON-LD and meta tags."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spiders.readers.feed import names
from spiders.readers.markup import clean, plain
from spiders.readers.xml import Node

_ARTICLES = {
    "advertisercontentarticle", "analysisnewsarticle", "article", "asknewsarticle",
    "backgroundnewsarticle", "blogposting", "liveblogposting", "newsarticle", "opinionnewsarticle",
    "report", "reportagenewsarticle", "review", "reviewnewsarticle", "satiricalarticle",
    "socialmediaposting", "techarticle",
}  # fmt: skip
_VIDEOS = {"videoobject"}
_PERSON_TYPES = {"person", "", "author"}
_MOST_DEPTH, _MOST_OBJECTS = 8, 2000
_BREAKS = re.compile(r"<(?:/?p|br|/?div|/?h\d|/?li)\b[^<>]{0,500}>", re.IGNORECASE)
_META_TITLES = (
    "og:title", "twitter:title", "dc.title", "title", "headline", "parsely-title", "sailthru.title",
)  # fmt: skip
_META_DATES = (
    "article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "article.published", "dc.date.issued", "dcterms.created", "dcterms.date",
    "dc.date", "publish-date", "pubdate", "publishdate", "cxenseparse:recs:publishtime",
    "article:published", "date", "last-published-date",
)  # fmt: skip
_META_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified",
    "dcterms.modified",
)  # fmt: skip
_META_AUTHORS = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl",
    "cxenseparse:author",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """The publisher's own statements, raw; empty where it makes none."""

    type: str = ""  # lower case schema.org type of the article or video, "" when no such object
    title: str = ""
    meta_title: str = ""
    published: str = ""
    modified: str = ""
    meta_published: str = ""
    meta_modified: str = ""
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    body: str = ""
    description: str = ""
    lang: str = ""
    site: str = ""
    canonical: str = ""
    og_type: str = ""


def structured(tree: Node) -> Structured:
    """Everything the page states; the JSON-LD article is the one with the most to say."""
    meta = _metas(tree)
    best = max(_articles(tree), key=_worth, default={})
    people, organisations = _authors(best.get("author") or best.get("creator"))
    return Structured(
        type=_type(best),
        title=plain(_text(best.get("headline") or best.get("name"))),
        meta_title=plain(_first(meta, _META_TITLES)),
        published=_text(best.get("datePublished") or best.get("uploadDate") or best.get("dateCreated")),
        modified=_text(best.get("dateModified")),
        meta_published=_first(meta, _META_DATES),
        meta_modified=_first(meta, _META_MODIFIED),
        authors=people
        or names(_first(meta, (name,)) for name in _META_AUTHORS if "://" not in _first(meta, (name,))),
        organisations=organisations,
        body=_body(best),
        description=plain(_text(best.get("description")) or _first(meta, ("og:description", "description"))),
        lang=_text(best.get("inLanguage")) or _first(meta, ("og:locale", "content-language", "language")),
        site=plain(_first(meta, ("og:site_name", "application-name"))),
        canonical=next(
            (n.get("href", "") for n in tree.iter("link") if (n.get("rel") or "").lower() == "canonical"), ""
        )
        or _first(meta, ("og:url",)),
        og_type=_first(meta, ("og:type",)).lower(),
    )


def json_ld(tree: Node) -> Iterator[dict[str, Any]]:
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


def _articles(tree: Node) -> list[dict[str, Any]]:
    return [one for one in json_ld(tree) if _type(one) in _ARTICLES | _VIDEOS]


def _worth(one: dict[str, Any]) -> tuple[bool, bool, bool, int, int]:
    """News before video, then whoever has a date and a headline, then the longer text."""
    said = sum(
        bool(one.get(key))
        for key in ("headline", "datePublished", "author", "articleBody", "mainEntityOfPage")
    )
    is_blog = _type(one) == "liveblogposting"  # its posts are articles too
    return (
        _type(one) in _ARTICLES,
        bool(one.get("datePublished")),
        is_blog,
        said,
        len(_text(one.get("articleBody"))),
    )


def _load(text: str) -> Any:
    bare = text.strip().removeprefix("<![CDATA[").removesuffix("]]>").strip().rstrip(";")
    try:
        return json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        pass
    try:  # the commonest slip: a comma before the end of a list or object
        return json.loads(re.sub(r",(\s{0,20}[}\]])", r"\1", bare), strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
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


def _type(one: dict[str, Any]) -> str:
    given = one.get("@type")
    kinds = [
        str(kind).rpartition("/")[2].lower()
        for kind in (given if isinstance(given, list) else [given])
        if kind
    ]
    return next((kind for kind in kinds if kind in _ARTICLES), kinds[0] if kinds else "")


def _authors(given: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    people: list[str] = []
    organisations: list[str] = []
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, str):
            people.append(one)
        elif isinstance(one, dict):
            for name in one["name"] if isinstance(one.get("name"), list) else [one.get("name")]:
                (people if _type(one) in _PERSON_TYPES else organisations).append(_text(name))
    return names(name for name in people if "://" not in name), names(organisations)


def _body(one: dict[str, Any]) -> str:
    """The article's text with its paragraphs; of a live blog, its posts."""
    posts = one.get("liveBlogUpdate")
    parts = [_text(one.get("articleBody"))]
    for post in posts if isinstance(posts, list) else []:
        if isinstance(post, dict):
            parts += [_text(post.get("headline")), _text(post.get("articleBody"))]
    return "\n".join(line for part in parts if part for line in _lines(part))


def _lines(part: str) -> Iterator[str]:
    for line in _BREAKS.sub("\n", part.replace("\r", "\n")).split("\n"):
        if words := plain(plain(line)):  # entities in JSON-LD are often escaped twice
            yield words


def _metas(tree: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = (
            node.get("property") or node.get("name") or node.get("itemprop") or node.get("http-equiv") or ""
        ).lower()
        if name and (content := (node.get("content") or "").strip()):
            found.setdefault(name, clean(content))
    return found


def _first(meta: dict[str, str], wanted: tuple[str, ...]) -> str:
    return next((meta[name] for name in wanted if name in meta), "")


def _text(value: Any) -> str:
    if isinstance(value, list) and value:
        return _text(value[0])
    return clean(value) if isinstance(value, str) else ""
