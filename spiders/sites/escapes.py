"""What selectors cannot tell, as functions that an outlet's file names: `code = "skynewsarabia:breaking"`."""

import html
import re
from collections.abc import Iterator

from spiders.ago import is_ago
from spiders.months import fold
from spiders.readers.listing import words_of
from spiders.readers.markup import plain
from spiders.readers.xml import Node, tag_of
from spiders.sites.outlet import BodyCode, Item, ListingCode, Outlet

_SHORTEST_HEADLINE, _LONGEST_ITEM, _LARGEST_ITEM = 15, 600, 60
_LONGEST_TIME = 40


def _breaking(tree: Node, outlet: Outlet) -> Iterator[Item]:
    """Items told by their times: the smallest box that holds one like قبل 21 دقيقة and a headline."""
    for node in tree.iter():
        printed = (
            " ".join((node.text or "").split()) if tag_of(node) not in ("script", "style", "title") else ""
        )
        if (
            2 < len(printed) <= _LONGEST_TIME
            and is_ago(fold(printed))
            and (item := _around(node, printed, outlet))
        ):
            yield item


def _around(time: Node, printed: str, outlet: Outlet) -> Item | None:
    for box in time.iterancestors():
        parts = [one for _, one in zip(range(_LARGEST_ITEM + 1), box.iter(), strict=False)]
        if len(parts) > _LARGEST_ITEM or len(words_of(box)) > _LONGEST_ITEM:
            return None
        headline = max((words_of(one) for one in parts if time not in one.iter()), key=len, default="")
        if len(headline) >= _SHORTEST_HEADLINE:
            links = (one.get("href") for one in parts if tag_of(one) == "a")
            href = next((link for link in links if link and outlet.is_story(link)), None)
            return Item(headline=headline, href=href, time=printed, near=box)
    return None


_KEPT = re.compile(r"""\bkeywordBrandSafety\s*=\s*"([^"]{1,500000})\"""")
_ENDS = re.compile(r"<[^<>]{1,200}>|\n")


def _kept_for_advertisers(tree: Node) -> str:
    """The whole text, which the page keeps for its advertisers while it shows only the first of several leaves."""
    for script in tree.iter("script"):
        if found := _KEPT.search(script.text or ""):
            lines = (plain(line) for line in _ENDS.split(html.unescape(found.group(1))))
            return "\n".join(line for line in lines if line)
    return ""


LISTINGS: dict[str, ListingCode] = {"skynewsarabia:breaking": _breaking}
BODIES: dict[str, BodyCode] = {"kompas:kept_for_advertisers": _kept_for_advertisers}
