"""What stands around a link on a page: its words, its headline, its time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from spiders.dates import read_clock, read_date, read_epoch
from spiders.readers.addresses import looks_like_article, looks_like_list
from spiders.readers.markup import plain
from spiders.readers.xml import Node, tag_of

HEADLINE_CHARS = 22  # menus stay below, headlines above in every script we read
FEWEST_CHARS = 8  # nothing shorter is a headline
_BOX_CHARS = 1500
_MOST_OTHERS = 20  # links that are no articles, in the box of one that is: more of them make a menu
_DATE_CHARS = 60
_MOST_NODES = 400  # of one box, looked at for a time
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = {*_HEADINGS, "p", "div", "li", "td", "dd", "dt", "span", "strong", "time", "small", "figcaption"}
_TITLED = re.compile(r"(?<![a-z])(?:title|headline|heading|judul|baslik|onvan)(?![a-z])", re.I)
# how long a text or film takes, how often it was read: numbers with units that are no times
_NO_TIME = re.compile(r"(?<![a-z])(?:duration|length|read(?:ing)?|views?|counts?|comments?)(?![a-z])", re.I)
_STATED = (
    "datetime",
    "data-datetime",
    "data-date",
    "data-time",
    "data-timestamp",
    "data-published",
    "data-utime",
)
_CUT_OFF = ("…", "...", "..")


def words_of(node: Node) -> str:
    """The node's words in one line."""
    return " ".join("".join(str(part) for part in node.itertext()).split())


def fits(node: Node, most: int) -> bool:
    """Whether the node's text is no longer than that, found out without reading it all."""
    left = most
    for part in node.itertext():
        left -= len(str(part).strip())
        if left < 0:
            return False
    return True


def name_of(node: Node) -> str:
    """What the page's author calls this node: its classes and its id."""
    return f"{node.get('class') or ''} {node.get('id') or ''}"


def boxes_around(node: Node) -> Iterator[Node]:
    """Ever larger boxes around a link, as long as they are about this one link."""
    address = _address(node)
    for box in (node, *node.iterancestors()):
        if _is_shared(box, address) or not fits(box, _BOX_CHARS):
            return
        yield box


def headline_of(link: Node) -> str:
    """The headline that a link itself carries: a heading in it or around it, else its own words."""
    for node in link.iter():
        if (tag_of(node) in _HEADINGS or _TITLED.search(name_of(node))) and (found := plain(words_of(node))):
            return _uncut(found, link)
    return _uncut(_first_line(link), link)


def headline_near(link: Node) -> str:
    """The headline in the box of a link that has none itself: an image, or "read more"."""
    largest = link
    for box in boxes_around(link):
        largest = box
        for node in box.iter():
            named = tag_of(node) in _HEADINGS or _TITLED.search(name_of(node))
            if named and len(found := plain(words_of(node))) >= FEWEST_CHARS:
                return found
    told = plain(link.get("title") or link.get("aria-label"))
    alt = plain(next((img.get("alt") for img in link.iter("img") if img.get("alt")), ""))
    lines = (line for line in _leaves(largest) if len(line) >= HEADLINE_CHARS)
    return told if len(told) >= HEADLINE_CHARS else next(lines, "") or alt or told


def date_near(
    node: Node, *, now: datetime, zone: tzinfo | None = UTC, title: str = ""
) -> tuple[str | None, datetime | None]:
    """The time in the same box as a link: a <time>, or a short text that reads as one and is not the title.

    `zone` is that of times printed without one; None when it is not known, and then "14:20" alone is no time.
    """
    for box in boxes_around(node):
        if found := time_in(box, now=now, zone=zone, title=title):
            return found
    return None, None


def time_in(box: Node, *, now: datetime, zone: tzinfo | None, title: str = "") -> tuple[str, datetime] | None:
    """The first time that a box states, in attributes or in words."""
    nodes = [one for _, one in zip(range(_MOST_NODES), box.iter(), strict=False)]
    for node in nodes:
        for raw in (value for name in _STATED if (value := node.get(name))):
            if found := read_epoch(raw, now=now) or read_date(raw, now=now, zone=zone or UTC):
                return raw, found
    for raw in _short_texts(nodes, title):
        found = read_date(raw, now=now, zone=zone or UTC) or (
            read_clock(raw, now=now, zone=zone) if zone else None
        )
        if found:
            return raw, found
    return None


def _short_texts(nodes: list[Node], title: str) -> Iterator[str]:
    """Every short text of a box, as a whole and in its pieces."""
    for node in nodes:
        if _NO_TIME.search(name_of(node)):
            continue
        whole = " ".join(map(str, node.itertext())) if fits(node, _DATE_CHARS) else ""
        for given in (whole, node.text, *(child.tail for child in node)):
            words = " ".join((given or "").split())
            if 1 < len(words) <= _DATE_CHARS and words not in title and not (title and title in words):
                yield words


def _is_shared(box: Node, address: str) -> bool:
    """Whether the box leads to another article as well."""
    others = 0
    for links, link in enumerate(box.iter("a"), 1):
        other = _address(link)
        if other == address or not other:
            continue
        others += 1
        titled = not fits(link, HEADLINE_CHARS - 1) and not looks_like_list(other)
        if titled or max(others, links // 10) > _MOST_OTHERS or looks_like_article(other):
            return True
    return False


def _address(node: Node) -> str:
    return (node.get("href") or "").strip().partition("#")[0]


def _first_line(link: Node) -> str:
    """The words of a link; of a link around a whole card, the first line that is long enough."""
    if not any(tag_of(node) in _BLOCKS for node in link.iterdescendants()) or (link.text or "").strip():
        return plain(words_of(link))
    lines = list(_leaves(link))
    return next((line for line in lines if len(line) >= HEADLINE_CHARS), max(lines, key=len, default=""))


def _leaves(box: Node) -> Iterator[str]:
    """The texts of a box, block by block."""
    for node in box.iter(*_BLOCKS, "a"):
        is_leaf = not any(tag_of(one) in _BLOCKS for one in node.iterdescendants())
        if is_leaf and (words := plain(words_of(node))):
            yield words


def _uncut(words: str, link: Node) -> str:
    """The whole headline, where the page shows its beginning and keeps the rest in `title`."""
    whole = plain(link.get("title"))
    ending = next((end for end in _CUT_OFF if words.endswith(end)), None)
    return whole if ending and whole.startswith(words.removesuffix(ending).strip()) else words
