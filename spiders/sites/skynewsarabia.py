"""Sky News Arabia (skynewsarabia.com): articles, and breaking news whose items have no address."""

import re
from collections.abc import Iterator
from datetime import timedelta, timezone

from spiders.ago import is_ago
from spiders.months import fold
from spiders.readers.listing import words_of
from spiders.readers.xml import Node, tag_of
from spiders.sites.site import Item, Site

ABU_DHABI = timezone(timedelta(hours=4))
_STORY = re.compile(r"^/[^/]+/(?:[^/]+/)?\d{5,}(?:-|/|$)")
_SHORTEST_HEADLINE, _LONGEST_ITEM = 15, 600


def breaking(tree: Node) -> Iterator[Item]:
    """Items told by their times: the smallest box that holds one like قبل 21 دقيقة and a headline."""
    for node in tree.iter():
        printed = (
            " ".join((node.text or "").split()) if tag_of(node) not in ("script", "style", "title") else ""
        )
        if 2 < len(printed) <= 40 and is_ago(fold(printed)) and (item := _item(node, printed)):
            yield item


def _item(time: Node, printed: str) -> Item | None:
    for box in time.iterancestors():
        words = words_of(box)
        if len(words) > _LONGEST_ITEM:
            return None
        headline = max((words_of(one) for one in box.iter() if time not in one.iter()), key=len, default="")
        if len(headline) >= _SHORTEST_HEADLINE:
            link = next(
                (one.get("href") for one in box.iter("a") if _STORY.search(one.get("href") or "")), None
            )
            return headline, link, printed, box
    return None


SKY_NEWS_ARABIA = Site(
    name="skynewsarabia",
    hosts=("skynewsarabia.com", "www.skynewsarabia.com"),
    lang="ar",
    zone=ABU_DHABI,
    story=_STORY,
    skip=re.compile(r"^/(?:video|videos|programs|live-story)/"),
    title=("h1.article-title", "h1.sna_article_title", "article h1", "h1"),
    standfirst=(".article-summary", ".article-lead"),
    body=("[itemprop=articleBody]", ".article-body", ".article-article-body", "#firstBodyDiv", "article"),
    drop=(
        "figure",
        "figcaption",
        "aside",
        "script",
        "style",
        "noscript",
        "button",
        "form",
        "[class*=related]",
        "[class*=share]",
        "[class*=video]",
        "[class*=advert]",
        "h1",
        "nav",
    ),
    authors=(".article-author", "[itemprop=author] [itemprop=name]"),
    dates=("time[datetime]", ".article-date", "[itemprop=datePublished]"),
    own_names=("سكاي نيوز عربية", "Sky News Arabia", "سكاي نيوز عربية - أبوظبي", "أبوظبي - سكاي نيوز عربية"),
    headlines=("h2 > a", "h3 > a", "a.item-wrapper", "a.article-link"),
    items=breaking,
)
