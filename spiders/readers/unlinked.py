"""Items of a listing that lead nowhere: breaking news that is all there is, words and a time."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from spiders.dates import read_clock, read_date
from spiders.entries import Entry
from spiders.readers.addresses import looks_like_article
from spiders.readers.boxes import HEADLINE_CHARS, fits, words_of
from spiders.readers.feed import entry_id
from spiders.readers.markup import plain
from spiders.readers.xml import Node, tag_of

FEWEST_ITEMS = 3
MOST_TEXTS = 3000  # of a page, looked at for times
MOST_CHARS = 1500
_TIME_CHARS = 40
_TITLE_CHARS = 300
_Box = tuple[Node, str, str, datetime]  # with the words of the time, and how it is stated


def unlinked(
    tree: Node, *, asides: set[Node], now: datetime, zone: tzinfo | None, lang: str | None, known: set[str]
) -> list[Entry]:
    """Three and more boxes of one shape that hold words and a time but no link; `known` titles are left out."""
    groups: defaultdict[str, list[_Box]] = defaultdict(list)
    times = {node: found for node, found in _times(tree, now=now, zone=zone) if not _is_away(node, asides)}
    for node, (raw, moment) in times.items():
        if (box := _box_of(node, times)) is not None:
            groups[_shape(box)].append((box, words_of(node), raw, moment))
    entries: dict[str, Entry] = {}
    for group in groups.values():
        for box, shown, raw, moment in group if _differ(group) else ():
            entry = _entry(box, shown, raw, moment, lang)
            if entry.title not in known:
                entries.setdefault(entry.id, entry)
    return list(entries.values())


def _times(tree: Node, *, now: datetime, zone: tzinfo | None) -> Iterator[tuple[Node, tuple[str, datetime]]]:
    """The nodes that hold a time and nothing else."""
    left = MOST_TEXTS
    for node in tree.iter():
        given = " ".join((node.text or "").split())
        stated = node.get("datetime") if tag_of(node) == "time" else None
        if not stated and not 1 < len(given) <= _TIME_CHARS:
            continue
        left -= 1
        if left < 0:
            return
        raw = stated or given
        moment = read_date(raw, now=now, zone=zone or UTC) or read_clock(raw, now=now, zone=zone)
        if moment:
            yield node, (raw, moment)


def _is_away(node: Node, asides: set[Node]) -> bool:
    return any(one in asides or tag_of(one) == "a" for one in (node, *node.iterancestors()))


def _box_of(node: Node, times: dict[Node, tuple[str, datetime]]) -> Node | None:
    """The smallest box with words beside this time, if they have no other time and no link of their own."""
    for box in node.iterancestors():
        if not fits(box, MOST_CHARS) or any(one in times for one in box.iter() if one is not node):
            return None
        if len(words_of(box)) - len(words_of(node)) >= HEADLINE_CHARS:
            return None if _leads_away(box) else box
    return None


def _leads_away(box: Node) -> bool:
    return any(
        looks_like_article(link.get("href") or "") or len(words_of(link)) >= HEADLINE_CHARS
        for one in (box, *box.iterancestors())
        for link in (one.iter("a") if one is box else [one] if tag_of(one) == "a" else [])
    )


def _differ(group: list[_Box]) -> bool:
    return len({words_of(box).replace(shown, "", 1) for box, shown, _, _ in group}) >= FEWEST_ITEMS


def _entry(box: Node, shown: str, raw: str, moment: datetime, lang: str | None) -> Entry:
    words = plain(
        words_of(box).replace(shown, " ", 1)
    )  # "5 minutes ago" changes, the words that name it do not
    heading = next((plain(words_of(node)) for node in box.iter("h1", "h2", "h3", "h4", "h5", "h6")), "")
    title = heading or words[:_TITLE_CHARS]
    summary = words.replace(heading, "", 1).strip() if heading else words if len(words) > _TITLE_CHARS else ""
    return Entry(
        id=entry_id(None, None, title, summary),
        url=None,
        title=title,
        summary=summary,
        published=moment,
        published_raw=raw,
        lang=lang,
    )


def _shape(node: Node) -> str:
    chain = [node, *list(node.iterancestors())[:3]]
    return ">".join(f"{tag_of(one)}.{(one.get('class') or '').split(' ')[0]}" for one in chain)
