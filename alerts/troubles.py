"""What templates show of incidents: one block each, the rules that are blind by it, and how much there is in all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from alerts.notice import Extent, Notice, State, Tally, Trouble
from alerts.safe import direction, one_line, shorten, web_link
from alerts.times import clock, shown
from alerts.troublewords import KindWords, TroubleWording, trouble_wording
from alerts.view import COLOURS, Colours
from alerts.wording import Lang, wording

MOST_IN_FULL = 10  # incidents shown as blocks; the others of a message are listed
MOST_NAMED = 50
MOST_RULES = 10
MOST_KINDS = 4  # named in a subject
LONGEST_SUBJECT = 200
# What hides nothing for good is told in the colour of a warning.
_WARNINGS = frozenset(("moved", "slow", "certificate", "short", "mojibake", "extraction"))
_OF_RULES = frozenset(("rule_silent", "rule_flooding", "rule_slow"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence around a name or a time, which keeps its own direction in it."""

    before: str
    name: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.name}{self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The first names of a list, and how many there are besides."""

    shown: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleBlock:
    """One incident as the reader sees it; `brief` says in a line what and since when."""

    state: State
    label: str
    colours: Colours
    headline: Sentence
    brief: str
    since: str
    until: str
    rules_since: Sentence | None  # None where no rule is the worse for it
    detail: str
    detail_dir: str
    means: str
    advice: str
    remedy: str
    remedy_dir: str
    url: str
    href: str | None
    rules: Names
    times: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TroublePage:
    """A whole message about incidents; `blind` are the rules of all of them."""

    subject: str
    count: int
    opened: tuple[TroubleBlock, ...]
    opened_listed: tuple[TroubleBlock, ...]
    closed: tuple[TroubleBlock, ...]
    closed_listed: tuple[TroubleBlock, ...]
    left_out: int
    blind: Names


def trouble_page(notice: Notice, *, lang: Lang, zone: str) -> TroublePage:
    """The notice ready to be shown: the first ten openings whole, fifty incidents named, all of them counted."""
    words, extent = trouble_wording(lang), extent_of(notice)
    named = [_block(one, notice=notice, lang=lang, zone=zone) for one in notice.troubles[:MOST_NAMED]]
    opened = tuple(one for one in named if one.state == "opened")
    closed = tuple(one for one in named if one.state == "closed")
    in_full = MOST_IN_FULL if not opened and len(closed) == 1 else 0
    count = sum(tally.count for tally in extent.tallies)
    return TroublePage(
        subject=_subject(notice, extent, words, lang, zone),
        count=count,
        opened=opened[:MOST_IN_FULL],
        opened_listed=opened[MOST_IN_FULL:],
        closed=closed[:in_full],
        closed_listed=closed[in_full:],
        left_out=max(0, count - len(named)),
        blind=_names(extent.blind, extent.blind_total, MOST_NAMED)
        if _blinds(extent, words)
        else _names((), 0, 0),
    )


def extent_of(notice: Notice) -> Extent:
    """How much trouble the notice is about: as it says, or counted from what it holds."""
    return notice.extent or _counted(notice.troubles)


def _counted(troubles: Sequence[Trouble]) -> Extent:
    counts: Counter[tuple[State, str]] = Counter((trouble.state, trouble.kind) for trouble in troubles)
    ordered = sorted(counts.items(), key=lambda entry: (entry[0][0] == "closed", -entry[1], entry[0][1]))
    opened = [trouble for trouble in troubles if trouble.state == "opened"]
    blind = sorted({rule for trouble in opened for rule in trouble.rules})
    scope = opened or troubles
    return Extent(
        tallies=tuple(Tally(kind=kind, state=state, count=count) for (state, kind), count in ordered),
        sources=len({trouble.subject for trouble in scope if trouble.source is not None}),
        parts=len({trouble.subject for trouble in scope if trouble.source is None}),
        blind=tuple(blind),
        blind_total=len(blind),
    )


def _block(trouble: Trouble, *, notice: Notice, lang: Lang, zone: str) -> TroubleBlock:
    words = trouble_wording(lang)
    kind = kind_words(trouble.kind, words)
    headline = headline_of(trouble, words)
    detail, remedy = one_line(trouble.detail, 2000), one_line(trouble.remedy, 1000)
    opened = trouble.state == "opened"
    return TroubleBlock(
        state=trouble.state,
        label=kind.label if opened else words.recovered,
        colours=_colours(trouble),
        headline=headline,
        brief=brief(trouble, notice, words, zone),
        since=shown(trouble.since, zone),
        until="" if trouble.until is None else shown(trouble.until, zone),
        rules_since=_rules_since(trouble, words, zone),
        detail=detail,
        detail_dir=direction(detail),
        means=kind.means if opened else "",
        advice=kind.advice if opened else "",
        remedy=remedy if opened else "",
        remedy_dir=direction(remedy),
        url=one_line(trouble.url or "", 2000),
        href=web_link((trouble.url or "").strip()),
        rules=_names(trouble.rules, trouble.blind, MOST_RULES),
        times=words.times.format(trouble.times) if opened and trouble.times > 1 else "",
    )


def brief(trouble: Trouble, notice: Notice, words: TroubleWording, zone: str) -> str:
    """One line of what is wrong, or is over, with whom, how many rules that blinds and since when."""
    said = str(headline_of(trouble, words))
    since = clock(trouble.since, zone, today=notice.owed_at)
    if trouble.state == "closed":
        until = clock(trouble.until or notice.owed_at, zone, today=notice.owed_at)
        return words.between.format(said, since, until)
    effect = kind_words(trouble.kind, words).effect
    if not trouble.blind or effect == "none":
        return words.no_rule.format(said, since)
    if trouble.blind == 1:
        return (words.blind_one if effect == "blind" else words.unheard_one).format(said, since)
    return (words.blind_many if effect == "blind" else words.unheard_many).format(said, trouble.blind, since)


def _rules_since(trouble: Trouble, words: TroubleWording, zone: str) -> Sentence | None:
    effect = kind_words(trouble.kind, words).effect
    if trouble.state == "closed" or not trouble.rules or effect == "none":
        return None
    frame = words.blind_since if effect == "blind" else words.unheard_since
    return _sentence(frame, shown(trouble.since, zone))


def headline_of(trouble: Trouble, words: TroubleWording) -> Sentence:
    """What is wrong with whom, or is no longer."""
    kind = kind_words(trouble.kind, words)
    return _sentence(kind.opened if trouble.state == "opened" else kind.closed, name_of(trouble))


def _sentence(frame: str, name: str) -> Sentence:
    before, gap, after = frame.partition("{}")
    return Sentence(before=before, name=name if gap else "", after=after)


def name_of(trouble: Trouble) -> str:
    """The name of the source, or of the part: "ops" of the subject "channel:ops"."""
    return one_line(trouble.source or trouble.subject.partition(":")[2] or trouble.subject, 120)


def kind_words(kind: str, words: TroubleWording) -> KindWords:
    """The words for a kind, and general ones for a kind that is not known here."""
    return words.kinds.get(kind, words.other)


def _blinds(extent: Extent, words: TroubleWording) -> bool:
    opened = (tally.kind for tally in extent.tallies if tally.state == "opened")
    return any(kind_words(kind, words).effect == "blind" for kind in opened)


def _subject(notice: Notice, extent: Extent, words: TroubleWording, lang: Lang, zone: str) -> str:
    opened = [tally for tally in extent.tallies if tally.state == "opened"]
    closed = [tally for tally in extent.tallies if tally.state == "closed"]
    if not notice.troubles:
        return wording(lang).brand
    if sum(tally.count for tally in opened or closed) == 1:
        said = brief(notice.troubles[0], notice, words, zone)
    else:
        frame = words.in_trouble if opened else words.well_again
        said = frame.format(_scope(extent, words), _tallied(opened or closed, words, lang))
    if opened and closed:
        said = words.also_recovered.format(said, sum(tally.count for tally in closed))
    return shorten(f"[{words.trouble if opened else words.recovered}] {said}", LONGEST_SUBJECT)


def _scope(extent: Extent, words: TroubleWording) -> str:
    sources = words.sources_one if extent.sources == 1 else words.sources_many.format(extent.sources)
    parts = words.parts_one if extent.parts == 1 else words.parts_many.format(extent.parts)
    if extent.sources and extent.parts:
        return words.both.format(sources, parts)
    return parts if extent.parts else sources


def _tallied(tallies: Sequence[Tally], words: TroubleWording, lang: Lang) -> str:
    said = [
        (words.tally_opened if tally.state == "opened" else words.tally_closed).format(
            tally.count, kind_words(tally.kind, words).label
        )
        for tally in tallies[:MOST_KINDS]
    ]
    if others := sum(tally.count for tally in tallies[MOST_KINDS:]):
        said.append(words.more_kinds.format(others))
    return wording(lang).comma.join(said)


def _names(names: Sequence[str], total: int, most: int) -> Names:
    shown_names = tuple(one_line(name, 120) for name in names[:most])
    return Names(shown=shown_names, left_out=max(0, max(total, len(names)) - len(shown_names)))


def _colours(trouble: Trouble) -> Colours:
    if trouble.state == "closed":
        return COLOURS["low"]
    if trouble.kind in _OF_RULES:
        return COLOURS["medium"]
    if trouble.source is None:
        return COLOURS["critical"]  # the installation itself: nothing else is to be trusted meanwhile
    return COLOURS["medium" if trouble.kind in _WARNINGS else "high"]
