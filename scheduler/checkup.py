"""The check-up: what a visit says about its source's health becomes incidents, in the transaction of the visit."""

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.health import HISTORY, SLOW_SECONDS, SUSPECTED, Evidence, Finding, judge
from scheduler.ruleset import Ruleset
from storage.database import Conn
from storage.incidents import NewIncident, close_incidents, open_incidents
from storage.sources import Source
from storage.visits import Look, recent_looks

SEEING = frozenset({"slow", "moved"})  # trouble that blinds no rule yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What one visit saw of its source, besides the entries."""

    look: Look
    moved_to: str | None = None
    issuer: str | None = None


async def check_up(
    conn: Conn, ruleset: Ruleset, source: Source, signs: Signs, *, slow_seconds: float = SLOW_SECONDS
) -> tuple[str, ...]:
    """Open and close the incidents that this visit gives reason for; the kinds that are open now."""
    before = await recent_looks(conn, source.id, limit=HISTORY - 1)
    evidence = Evidence(
        looks=[signs.look, *before],
        moved_to=signs.moved_to,
        moved_before=source.moved_to,
        issuer=signs.issuer,
        issuer_before=source.issuer,
        slow_seconds=slow_seconds,
    )
    opinion = judge(evidence)
    over = opinion.over & set(source.troubles)
    if over:
        await close_incidents(conn, source.key, over)
    await report(conn, ruleset, source, opinion.wrong)
    open_now = {*source.troubles, *(found.kind for found in opinion.wrong)} - over
    firm = {kind for kind in open_now if not kind.startswith(SUSPECTED)}
    return tuple(sorted({*firm, *(SUSPECTED + kind for kind in opinion.suspected)}))


async def report(conn: Conn, ruleset: Ruleset, source: Source, wrong: Iterable[Finding]) -> None:
    """Open an incident for each finding; one that is open already is brought up to date."""
    rules = blind_rules(ruleset, source)
    incidents = [
        NewIncident(
            source_id=source.id,
            subject=source.key,
            kind=found.kind,
            since=found.since,
            detail=found.detail,
            remedy=found.remedy,
            rules=() if found.kind in SEEING else rules,
        )
        for found in wrong
    ]
    if incidents:
        await open_incidents(conn, incidents)


def blind_rules(ruleset: Ruleset, source: Source) -> tuple[str, ...]:
    """The rules that miss what this source does not bring: those that read its language."""
    return tuple(
        line.name
        for line in ruleset.text.rules
        if not line.languages or source.lang is None or source.lang in line.languages
    )
