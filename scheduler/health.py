"""The health of a source: what its last visits say is wrong with it, decided apart from what is then done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from statistics import median

from spiders.fetching import FailureKind
from storage.visits import Look

HISTORY = 12  # visits that a judgement looks back at
CONFIRMED = 2  # one bad visit is bad luck, two are an incident
FAR_FEWER = 0.5  # of the entries that are usual
FEWEST_USUAL, FEWEST_READINGS = 6, 3
GARBLED_SHARE = 0.3
SLOW_SECONDS = 10.0  # a third of the time limit; half of it is quick enough
FEWEST_TO_OVERFLOW = 3  # a feed of one or two entries turns over by itself
READING_STOPPED = "reading"  # the failure of a visit whose reading child was stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, since when, and what to do about it."""

    kind: str
    since: datetime
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one visit, with those before it, lets one say: what is wrong, and which kinds of trouble are over."""

    wrong: tuple[Finding, ...] = ()
    over: frozenset[str] = frozenset()
    suspected: frozenset[str] = frozenset()  # one more visit like this would confirm them


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The present visit first, then those before it; what a permanent redirect says now and said last time."""

    looks: Sequence[Look]
    moved_to: str | None = None
    moved_before: str | None = None
    issuer: str | None = None  # of the certificate, now and at the visit before
    issuer_before: str | None = None
    slow_seconds: float = SLOW_SECONDS

    @property
    def now(self) -> Look:
        return self.looks[0]


Judge = Callable[[Evidence], Finding | None]


AT_ONCE = frozenset({"overflow"})  # a fact at its first sight: nothing to confirm
SUSPECTED = "?"  # stands before a kind that the next visit may confirm


def is_quiet(
    look: Look,
    *,
    before: str | None,
    troubles: Sequence[str],
    moved_to: str | None,
    slow_seconds: float = SLOW_SECONDS,
) -> bool:
    """Whether an unchanged visit to a source that was well needs no judging: what most visits are."""
    well = look.outcome == "unchanged" and before in ("new", "unchanged") and not troubles
    return well and moved_to is None and look.seconds < slow_seconds / 2


def judge(evidence: Evidence) -> Opinion:
    """Say what is wrong with the source, what is over and what is suspected; about the rest this visit is silent."""
    wrong, over = _judged(evidence)
    again, _ = _judged(replace(evidence, looks=[evidence.now, *evidence.looks]))
    kinds = {found.kind for found in wrong}
    return Opinion(
        wrong=tuple(wrong),
        over=frozenset(over),
        suspected=frozenset(found.kind for found in again) - kinds - AT_ONCE,
    )


def _judged(evidence: Evidence) -> tuple[list[Finding], set[str]]:
    wrong: list[Finding] = []
    over: set[str] = set()
    for kinds, clear, find in _JUDGES:
        found = find(evidence)
        if found is not None:
            wrong.append(found)
            over |= kinds - {found.kind}
        elif clear(evidence):
            over |= kinds
    return wrong, over


def _unreachable(evidence: Evidence) -> Finding | None:
    if evidence.issuer and evidence.issuer_before and evidence.issuer != evidence.issuer_before:
        return _other_issuer(evidence)
    failing = list(takewhile(lambda look: look.outcome == "failed", evidence.looks))
    if len(failing) < CONFIRMED or failing[0].failure == READING_STOPPED:
        return None
    reason, since = failing[0].error or "no answer", failing[-1].started_at
    match failing[0].failure:
        case FailureKind.BLOCKED:
            remedy = "ask the publisher, or set a proxy, a secret_file or another address for it"
            return Finding(kind="blocked", since=since, detail=reason, remedy=remedy)
        case FailureKind.TLS:
            remedy = (
                "do not trust what it says until its certificate is right again; look for another address"
            )
            return Finding(kind="certificate", since=since, detail=reason, remedy=remedy)
        case _:
            remedy = (
                "see whether the address still opens in a browser; `marsad source add` finds its feeds anew"
            )
            return Finding(kind="dead", since=since, detail=reason, remedy=remedy)


def _other_issuer(evidence: Evidence) -> Finding:
    """A certificate is renewed every few weeks, but seldom by somebody else: then who stands in between?"""
    return Finding(
        kind="certificate",
        since=evidence.now.started_at,
        detail=f"its certificate is signed by {evidence.issuer} now, and was by {evidence.issuer_before}",
        remedy="publishers do change their certifier; if other sources changed at the same time, distrust the network",
    )


def _empty(evidence: Evidence) -> Finding | None:
    barren = list(takewhile(_is_barren, evidence.looks))
    if len(barren) < CONFIRMED:
        return None
    return Finding(
        kind="empty",
        since=barren[-1].started_at,
        detail=barren[0].error or "it answers, and brings no entries",
        remedy="see with `marsad source try` what it answers; `marsad source add` finds its feeds anew",
    )


def _is_barren(look: Look) -> bool:
    return look.outcome == "empty" or (look.outcome == "failed" and look.failure == READING_STOPPED)


def _short(evidence: Evidence) -> Finding | None:
    readings = [look for look in evidence.looks if look.entries]
    found = _bad_reading(evidence, lambda look: _why_short(look, readings) is not None)
    if found is None:
        return None
    detail = _why_short(found, readings) or ""
    remedy = (
        "see with `marsad source try` what it brings; a broken feed mends itself, a redesigned page does not"
    )
    return Finding(kind="short", since=found.started_at, detail=detail, remedy=remedy)


def _why_short(look: Look, readings: Sequence[Look]) -> str | None:
    """Why this reading brought less than it should: it was cut or broken, or far fewer entries than usual (D8)."""
    if look.error:
        return look.error
    earlier = [one.entries for one in readings if one.started_at < look.started_at]
    if len(earlier) < FEWEST_READINGS or (usual := median(earlier)) < FEWEST_USUAL:
        return None
    return (
        f"it brought {look.entries} entries where {usual:g} are usual"
        if look.entries < FAR_FEWER * usual
        else None
    )


def _garbled(evidence: Evidence) -> Finding | None:
    found = _bad_reading(evidence, lambda look: look.garbled >= GARBLED_SHARE * look.entries)
    if found is None:
        return None
    return Finding(
        kind="mojibake",
        since=found.started_at,
        detail=f"{found.garbled} of {found.entries} entries are letters of the wrong alphabet",
        remedy="tell the publisher that the encoding it declares is wrong; rules cannot match such text",
    )


def _bad_reading(evidence: Evidence, is_bad: Callable[[Look], bool]) -> Look | None:
    """The first of the bad readings up to now, once a second visit has seen the same.

    A visit that found nothing changed (304, same bytes) has seen what the reading before it saw.
    """
    since: Look | None = None
    seen = 0
    for look in evidence.looks:
        if look.outcome == "failed" or (look.entries and not is_bad(look)):
            break
        seen += 1
        since = look if look.entries else since
    return since if since is not None and seen >= CONFIRMED else None


def _slow(evidence: Evidence) -> Finding | None:
    slow = list(
        takewhile(
            lambda look: look.outcome != "failed" and look.seconds >= evidence.slow_seconds, evidence.looks
        )
    )
    if len(slow) < CONFIRMED:
        return None
    return Finding(
        kind="slow",
        since=slow[-1].started_at,
        detail=f"its last answer took {slow[0].seconds:.0f} s",
        remedy="nothing is lost yet; if it stays so, look for another address or raise [collect] timeout_seconds",
    )


def _moved(evidence: Evidence) -> Finding | None:
    if evidence.moved_to is None or evidence.moved_to != evidence.moved_before:
        return None
    return Finding(
        kind="moved",
        since=evidence.now.started_at,
        detail=f"it says that it has moved for good to {evidence.moved_to}",
        remedy="if that is still the same publisher: `marsad source move`, or the new address in the watch file",
    )


def _overflow(evidence: Evidence) -> Finding | None:
    now = evidence.now
    before = next((look for look in evidence.looks[1:] if look.outcome in ("new", "unchanged")), None)
    if before is None or now.known or now.entries < FEWEST_TO_OVERFLOW:
        return None
    return Finding(
        kind="overflow",
        since=before.started_at,
        detail=f"all {now.entries} entries were new since {before.started_at:%Y-%m-%d %H:%M} UTC: "
        "what came and went in between may be lost",
        remedy="let it be visited more often (`every`), or add the site's news sitemap as a source beside it",
    )


def _answered(evidence: Evidence) -> bool:
    return evidence.now.outcome != "failed"


def _brought(evidence: Evidence) -> bool:
    return evidence.now.outcome in ("new", "unchanged")


def _was_read(evidence: Evidence) -> bool:
    return evidence.now.entries > 0


def _was_quick(evidence: Evidence) -> bool:
    return _answered(evidence) and evidence.now.seconds < evidence.slow_seconds / 2


def _did_not_move(evidence: Evidence) -> bool:
    return _answered(evidence) and evidence.moved_to is None


def _overlaps(evidence: Evidence) -> bool:
    return evidence.now.known > 0


# The kinds of trouble that a judge knows, when a visit shows that they are over, and the judge.
_JUDGES: tuple[tuple[frozenset[str], Callable[[Evidence], bool], Judge], ...] = (
    (frozenset({"dead", "blocked", "certificate"}), _answered, _unreachable),
    (frozenset({"empty"}), _brought, _empty),
    (frozenset({"short"}), _was_read, _short),
    (frozenset({"mojibake"}), _was_read, _garbled),
    (frozenset({"slow"}), _was_quick, _slow),
    (frozenset({"moved"}), _did_not_move, _moved),
    (frozenset({"overflow"}), _overlaps, _overflow),
)
