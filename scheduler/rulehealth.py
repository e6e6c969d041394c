"""The health of rules: those that fell silent or flood are said, as incidents, once; those too slow are named."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from language.languages import admits
from scheduler.rulerhythm import (
    CALM_FACTOR,
    FEWEST_FLOOD,
    FEWEST_MATCHES,
    FLOOD_HISTORY,
    HISTORY,
    Flood,
    Rhythm,
    Silence,
    flood_of,
    silence_of,
)
from storage.database import Conn, Database
from storage.incidents import Incident, NewIncident, close_incidents, list_open_incidents, open_incidents
from storage.rulehealth import (
    HourOfLanguage,
    QuietRule,
    alert_days,
    article_hours,
    by_rule,
    match_hours,
    quiet_rules,
    still_silent,
    unchanged_rules,
)

log = structlog.get_logger()

WATCH_RULES_EVERY = timedelta(hours=1)
SOONEST = timedelta(hours=3)  # no rule is called silent sooner
# Matches that should have come, by the average of eight weeks: 9 (by chance none do once in 8,000 times) of a rule
# that was there for two of them.
EXPECTED_ROUGHLY = 9.0 / 4
SLOW_FOR = timedelta(days=1)  # after that a slow rule is well again, until it is slow again
SILENT, FLOODING, SLOW = "rule_silent", "rule_flooding", "rule_slow"
KINDS = frozenset({SILENT, FLOODING, SLOW})
SUBJECT = "rule:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ill:
    """What is wrong with a rule."""

    rule: str
    kind: str
    since: datetime
    detail: str
    remedy: str


async def watch_rules(db: Database) -> int:
    """Open and close the incidents of rules, as their matches and alerts give reason; how many are open now."""
    now = datetime.now(UTC)
    async with db.transaction() as conn:
        known = [one for one in await list_open_incidents(conn) if one.kind in KINDS]
        lasting = await _lasting(conn, known, now)
        open_floods = {_rule(one) for one in known if one.kind == FLOODING}
        ill = [*await _silent(conn, lasting, now), *await _flooding(conn, open_floods, now)]
        return await _settle(conn, known, lasting, ill)


async def tell_slow(db: Database, rules: Collection[str]) -> None:
    """Open an incident for each rule whose expressions took longer than their time; the others are unaffected."""
    if not rules:
        return
    now = datetime.now(UTC)
    ill = [
        Ill(
            rule=rule,
            kind=SLOW,
            since=now,
            detail=f"the rule {rule} needs too long for its expressions: of some articles it did not see all",
            remedy="write words instead of /expressions/, or simpler ones; `marsad rule backtest` shows what it meets",
        )
        for rule in sorted(rules)
    ]
    async with db.transaction() as conn:
        await _open(conn, ill)


async def _lasting(conn: Conn, known: Sequence[Incident], now: datetime) -> set[tuple[str, str]]:
    """Which of the open incidents go on without new evidence: silence until it matches, slowness for a day."""
    silent = {_rule(one): one.since for one in known if one.kind == SILENT}
    slow = {_rule(one): one.opened_at for one in known if one.kind == SLOW and now - one.opened_at < SLOW_FOR}
    going_on = (
        {(SILENT, name) for name in await still_silent(conn, silent)} if silent else set[tuple[str, str]]()
    )
    if slow:
        going_on |= {(SLOW, name) for name in await unchanged_rules(conn, slow)}
    return going_on


async def _silent(conn: Conn, lasting: Collection[tuple[str, str]], now: datetime) -> list[Ill]:
    """The rules that fell silent and are not known to be."""
    quiet = [
        rule
        for rule in await quiet_rules(
            conn, history=2 * HISTORY, quiet_for=SOONEST, fewest=FEWEST_MATCHES, expected=EXPECTED_ROUGHLY
        )
        if (SILENT, rule.name) not in lasting
    ]
    if not quiet:
        return []
    since = min(rule.last_at for rule in quiet) - HISTORY
    matches = await match_hours(conn, [rule.id for rule in quiet], since=since)
    articles = await article_hours(conn, since=since)
    found: list[Ill] = []
    for rule in quiet:
        rhythm = rhythm_of(rule, matches[rule.id], articles)
        if (silence := silence_of(rhythm, now)) is not None:
            found.append(_ill_silent(rule, silence))
    return found


def rhythm_of(rule: QuietRule, matches: Mapping[datetime, int], articles: Iterable[HourOfLanguage]) -> Rhythm:
    """The rhythm of a rule up to its last match, against the articles in the languages that it reads."""
    begins = max(rule.changed_at, rule.last_at - HISTORY)
    allowed = frozenset(rule.languages)
    read: dict[datetime, int] = {}
    for hour in articles:
        if not allowed or admits(allowed, hour.lang):
            read[hour.hour] = read.get(hour.hour, 0) + hour.count
    return Rhythm(
        begins_at=begins,
        last_at=rule.last_at,
        matches={hour: count for hour, count in matches.items() if begins <= hour < rule.last_at},
        articles={hour: count for hour, count in read.items() if hour >= begins},
    )


def _ill_silent(rule: QuietRule, silence: Silence) -> Ill:
    odds = (
        "less than once in a million" if silence.chance < 1e-6 else f"once in {1 / silence.chance:,.0f} times"
    )
    return Ill(
        rule=rule.name,
        kind=SILENT,
        since=silence.since,
        detail=f"no match since {silence.since:%Y-%m-%d %H:%M} UTC, where about {silence.expected:.0f} are usual in "
        f"that time; {silence.articles} articles in its languages came since. By chance that happens {odds}",
        remedy=f"see whether it still meets what it should: `marsad rule backtest --rule '{rule.name}'`; "
        "a source of it may be gone or changed: `marsad incident list`",
    )


async def _flooding(conn: Conn, open_floods: Collection[str], now: datetime) -> list[Ill]:
    rows = await alert_days(conn, days=FLOOD_HISTORY + 1, at_least=int(FEWEST_FLOOD * CALM_FACTOR))
    changed = {row.name: row.changed_at for row in rows}
    found: list[Ill] = []
    for name, days in by_rule(rows, FLOOD_HISTORY + 1).items():
        known_days = max((now - changed[name]).days - 1, 0)
        flood = flood_of(days, known_days=known_days, is_open=name in open_floods)
        if flood is not None:
            found.append(_ill_flooding(name, flood, now))
    return found


def _ill_flooding(name: str, flood: Flood, now: datetime) -> Ill:
    return Ill(
        rule=name,
        kind=FLOODING,
        since=now - timedelta(days=1),
        detail=f"{flood.count} alerts within a day, where {flood.usual:.1f} are usual and {flood.busiest} "
        "were the most so far",
        remedy=f"if that is not the news itself: `marsad rule backtest --rule '{name}'` shows which words carry it; "
        "narrow it, or take them out with NOT",
    )


async def _settle(
    conn: Conn, known: Sequence[Incident], lasting: Collection[tuple[str, str]], ill: Sequence[Ill]
) -> int:
    """Make the open incidents of rules be these and those that last."""
    present = {(one.kind, one.rule) for one in ill} | set(lasting)
    await _open(conn, ill)
    for one in known:
        if (one.kind, _rule(one)) not in present:
            await close_incidents(conn, one.subject, (one.kind,))
            log.info("incident_over", kind=one.kind, of=_rule(one))
    return len(present)


async def _open(conn: Conn, ill: Sequence[Ill]) -> None:
    opened = await open_incidents(conn, [_incident(one) for one in ill])
    for one, id_ in zip(ill, opened, strict=True):
        if id_ is not None:
            _tell_log(one)


def _tell_log(one: Ill) -> None:
    match one.kind:
        case "rule_silent":
            log.warning("rule_silent", rule=one.rule, reason=one.detail)
        case "rule_flooding":
            log.warning("rule_flooding", rule=one.rule, reason=one.detail)
        case _:
            log.warning("rule_slow", rule=one.rule, reason=one.detail)


def _incident(one: Ill) -> NewIncident:
    return NewIncident(
        source_id=None,
        subject=f"{SUBJECT}{one.rule}",
        kind=one.kind,
        since=one.since,
        detail=one.detail,
        remedy=one.remedy,
        rules=(one.rule,),
    )


def _rule(incident: Incident) -> str:
    return incident.subject.removeprefix(SUBJECT)
