"""What a page says about itself in JSON-LD, microdata and meta tags."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spiders.readers.jsonld import ARTICLES, LIVE_BLOG, Stated, json_ld, stated_article, text_of, type_of
from spiders.readers.markup import clean, plain
from spiders.readers.microdata import microdata
from spiders.readers.people import authors, real_names
from spiders.readers.tags import tags_of
from spiders.readers.xml import Node

__all__ = ["Structured", "json_ld", "structured"]

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
_META_DESCRIPTIONS = ("og:description", "description", "twitter:description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """The publisher's own statements, raw; empty where it makes none."""

    type: str = ""  # lower case schema.org type of the article or video, "" when no such object
    title: str = ""
    meta_title: str = ""
    shared_title: str = ""  # what those see who share the page on Twitter
    published: str = ""
    modified: str = ""
    meta_published: str = ""
    meta_modified: str = ""
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    body: str = ""
    description: str = ""
    leads: tuple[str, ...] = ()  # every description, each once: one of them is often the standfirst
    lang: str = ""
    site: str = ""
    canonical: str = ""
    og_type: str = ""
    tags: tuple[str, ...] = ()
    is_live_blog: bool = False
    live_until: str = ""  # when the publisher ends its live blog; empty when it does not say


def structured(tree: Node) -> Structured:
    """Everything the page states; the JSON-LD article is the one with the most to say."""
    meta = _metas(tree)
    best, micro = stated_article(tree), microdata(tree)
    both = micro | best
    people, organisations = _authors(best, micro)
    leads = _leads(best, micro, meta)
    return Structured(
        type=type_of(best) or type_of(micro),
        title=plain(text_of(both.get("headline") or best.get("name"))),
        meta_title=plain(_first(meta, _META_TITLES)),
        shared_title=plain(_first(meta, ("twitter:title",))),
        published=_either(best, "datePublished", "uploadDate", "dateCreated"),
        modified=_either(best, "dateModified"),
        meta_published=_first(meta, _META_DATES) or _either(micro, "datePublished", "dateCreated"),
        meta_modified=_first(meta, _META_MODIFIED) or _either(micro, "dateModified"),
        authors=people or real_names(_first(meta, (name,)) for name in _META_AUTHORS),
        organisations=organisations,
        body=_body(best),
        description=next(iter(leads), ""),
        leads=leads,
        lang=text_of(both.get("inLanguage")) or _first(meta, ("og:locale", "content-language", "language")),
        site=plain(_first(meta, ("og:site_name", "application-name"))),
        canonical=_canonical(tree) or _first(meta, ("og:url",)),
        og_type=_first(meta, ("og:type",)).lower(),
        tags=tags_of(tree, best, micro),
        is_live_blog=type_of(best) == LIVE_BLOG,
        live_until=text_of(best.get("coverageEndTime")),
    )


def _either(one: Stated, *keys: str) -> str:
    return next((found for key in keys if (found := text_of(one.get(key)))), "")


def _authors(best: Stated, micro: Stated) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The people of JSON-LD, else of microdata; the organisations of both."""
    people, organisations = authors(best.get("author") or best.get("creator"))
    shown, others = authors(micro.get("author") or micro.get("creator"))
    return people or shown, tuple(dict.fromkeys((*organisations, *others)))


def _leads(best: Stated, micro: Stated, meta: dict[str, str]) -> tuple[str, ...]:
    said = [text_of(one.get("description")) for one in (best, micro)]
    said += [meta[name] for name in _META_DESCRIPTIONS if name in meta]
    return tuple(dict.fromkeys(lead for text in said if (lead := plain(text))))


def _canonical(tree: Node) -> str:
    links = (node for node in tree.iter("link") if (node.get("rel") or "").lower() == "canonical")
    return next((node.get("href", "") for node in links), "")


def _body(one: Stated) -> str:
    """The article's text with its paragraphs; of a live blog, its posts."""
    posts = one.get("liveBlogUpdate")
    parts = [text_of(one.get("articleBody"))]
    for post in posts if isinstance(posts, list) else []:
        if isinstance(post, dict):
            parts += [text_of(post.get("headline")), _either(post, "articleBody", "text", "description")]
    return "\n".join(line for part in parts if part for line in _lines(part))


def _lines(part: str) -> Iterator[str]:
    for line in _BREAKS.sub("\n", part.replace("\r", "\n")).split("\n"):
        if words := plain(plain(line)):  # entities in JSON-LD are often escaped twice
            yield words


def _metas(tree: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = node.get("property") or node.get("name") or _itemprop(node) or node.get("http-equiv") or ""
        name = name.lower()
        if name and (content := (node.get("content") or "").strip()):
            found.setdefault(name, clean(content))
    return found


def _itemprop(node: Node) -> str | None:
    """The name of a property that is the page's, not its publisher's or its logo's."""
    scope = next((one for one in node.iterancestors() if one.get("itemscope") is not None), None)
    kind = "" if scope is None else (scope.get("itemtype") or "").strip().rpartition("/")[2].lower()
    return node.get("itemprop") if kind in ARTICLES | {"", "webpage"} else None


def _first(meta: dict[str, str], wanted: tuple[str, ...]) -> str:
    return next((meta[name] for name in wanted if name in meta), "")
