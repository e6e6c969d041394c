"""What templates show: one block per article, with every rule that it met, all text cleaned."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.notice import Item, Notice, Reason
from alerts.safe import clean, direction, one_line, web_link
from alerts.snippet import Passage, passages, title_pieces
from alerts.times import shown
from alerts.whereabouts import trails
from alerts.wording import Wording

MOST_IN_FULL = 10  # articles shown as blocks; the others of a message are listed
MOST_LISTED = 50
MOST_WORDS = 12
_RANK = {"critical": 3, "high": 2, "medium": 1, "low": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The bar above an article and its severity's label."""

    bar: str
    ink: str
    ground: str


# Each label pair has a contrast of at least 4.5 (WCAG 2.2, 1.4.3).
COLOURS = {
    "critical": Colours(bar="#8b1a1a", ink="#ffffff", ground="#8b1a1a"),
    "high": Colours(bar="#c2410c", ink="#9a3412", ground="#ffedd5"),
    "medium": Colours(bar="#a16207", ink="#854d0e", ground="#fef9c3"),
    "low": Colours(bar="#0f766e", ink="#115e59", ground="#ccfbf1"),
}
OTHER_COLOURS = Colours(bar="#475569", ink="#334155", ground="#e2e8f0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A written form that a rule met, how often and where."""

    surface: str
    meaning: str  # "@concept", or the term as the rule has it
    times: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A rule and the words that it met in the article."""

    rule: str
    words: tuple[Word, ...]
    left_out: int
    score: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One article as the reader sees it."""

    severity: str
    severity_label: str
    colours: Colours
    rules: tuple[Met, ...]
    title: Passage
    title_text: str
    dir: str
    lang: str
    passages: tuple[Passage, ...]
    text_dir: str
    source: str
    country: str
    tier: str
    published: str
    first_seen: str
    url: str
    href: str | None
    more_outlets: int
    where: tuple[str, ...]


def articles(notice: Notice) -> tuple[tuple[Item, ...], ...]:
    """The items grouped by article, the gravest first, otherwise in the order in which they came."""
    groups: dict[str, list[Item]] = {}
    for number, item in enumerate(notice.items):
        groups.setdefault(item.article_url or str(number), []).append(item)
    graded = [tuple(sorted(group, key=_gravity)) for group in groups.values()]
    return tuple(sorted(graded, key=lambda group: _gravity(group[0])))


def block(group: tuple[Item, ...], *, words: Wording, zone: str) -> Block:
    """One article and the rules that it met, ready to be shown."""
    item = group[0]
    reasons = tuple(reason for one in group for reason in one.reasons)
    title = title_pieces(item.title or item.story_title, reasons)
    title_text = "".join(piece.text for piece in title).strip()
    found = passages(item, reasons)
    return Block(
        severity=item.severity,
        severity_label=words.severities.get(item.severity, one_line(item.severity, 20)),
        colours=COLOURS.get(item.severity, OTHER_COLOURS),
        rules=tuple(_met(one, words) for one in group),
        title=title,
        title_text=title_text,
        dir=direction(title_text),
        lang=item.lang if item.lang.replace("-", "").isalnum() and item.lang.isascii() else "und",
        passages=found,
        text_dir=direction("".join(piece.text for passage in found for piece in passage)),
        source=one_line(item.source, 120),
        country=one_line(item.country or "", 60),
        tier="" if item.tier is None else words.tier.format(item.tier),
        published="" if item.published is None else shown(item.published, zone),
        first_seen=shown(item.first_seen, zone),
        url=one_line(item.article_url, 2000),
        href=web_link(item.article_url.strip()),
        more_outlets=max(0, max(one.outlets for one in group) - 1),
        where=trails([place.key for place in item.places], words.lang),
    )


def rule_label(items: Iterable[Item], words: Wording) -> str:
    """The rule's name, and how many more there are."""
    names = _distinct(one_line(item.rule, 80) for item in items)
    return names[0] if len(names) == 1 else words.other_rules.format(names[0], len(names) - 1)


def counted(names: Iterable[str], many: str) -> str:
    """The name if there is one, else how many."""
    distinct = _distinct(one_line(name, 80) for name in names)
    return distinct[0] if len(distinct) == 1 else many.format(len(distinct))


def _gravity(item: Item) -> int:
    return -_RANK.get(item.severity, 1)


def _met(item: Item, words: Wording) -> Met:
    forms: dict[tuple[str, str], list[Reason]] = {}
    for reason in item.reasons:
        forms.setdefault((one_line(reason.surface, 80), _meaning(reason)), []).append(reason)
    listed = tuple(
        Word(
            surface=surface,
            meaning=meaning,
            times=len(group),
            fields=_distinct(words.fields.get(reason.field, clean(reason.field)) for reason in group),
        )
        for (surface, meaning), group in forms.items()
    )
    return Met(
        rule=one_line(item.rule, 200),
        words=listed[:MOST_WORDS],
        left_out=max(0, len(listed) - MOST_WORDS),
        score=words.score.format(f"{item.score:g}") if item.score > 1 else "",
    )


def _meaning(reason: Reason) -> str:
    if reason.concept:
        return "@" + one_line(reason.concept.removeprefix("@"), 80)
    term = one_line(reason.term, 80)
    return "" if term == one_line(reason.surface, 80) else term


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
