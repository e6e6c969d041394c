"""From hits to debts: which matches alert at once, which wait in a summary, and whom we owe."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rules.document import Hit
from scheduler.queue import Wake
from scheduler.ruleset import Route, Ruleset, Target
from storage.alerts import NewAlert, raise_each_once
from storage.database import Conn
from storage.deliveries import Debt, owe_all
from storage.matches import NewMatch, keep_matches

BREAKING = timedelta(hours=2)  # at a source's first look, what is younger than this alerts by itself


class Manner(StrEnum):
    """How a match reaches people."""

    STORY = "story"  # a message of its own
    SUMMARY = "summary"  # one message for everything the first look at a source found


def manner_of(*, first_look: bool, published: datetime | None, now: datetime) -> Manner:
    """News alerts by itself; the archive that a new source brings along is told in one summary (R22)."""
    if first_look and not (published and now - BREAKING <= published <= now + BREAKING):
        return Manner.SUMMARY
    return Manner.STORY


@dataclass(slots=True)
class Debts:
    """What one transaction owes: the messages to wake for, and the ids that its summaries share."""

    wakes: dict[str, Wake] = field(default_factory=dict[str, Wake])
    matches: int = 0
    alerts: int = 0
    _summaries: dict[tuple[int, str], str] = field(default_factory=dict[tuple[int, str], str])

    def message_id(self, manner: Manner, target: Target) -> str:
        """A new id per message; all alerts of one summary to one recipient share theirs."""
        if manner is Manner.STORY:
            return uuid.uuid4().hex
        return self._summaries.setdefault((target.channel_id, target.recipient), uuid.uuid4().hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """An article, as kept, that rules were held against, and what they found."""

    article_id: int
    version_id: int | None
    story_id: int
    hits: Sequence[Hit]
    manner: Manner


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    """One rule that one article meets, on its way to the people whom the rule alerts."""

    route: Route
    matched: Matched
    hit: Hit


async def raise_alerts(conn: Conn, ruleset: Ruleset, debts: Debts, matched: Sequence[Matched]) -> None:
    """Write match, alert and deliveries of each hit; a rule alerts once per story, however many copies match.

    What meets a rule about volume is recorded for it, and alerts nobody by itself.
    A round trip each for all matches, all alerts and all deliveries: a visit may bring hundreds.
    """
    alarms = [
        _Alarm(route=route, matched=one, hit=hit)
        for one in matched
        for hit in one.hits
        if (route := ruleset.routes.get(hit.rule)) is not None
    ]
    match_ids = await keep_matches(conn, [_new_match(alarm) for alarm in alarms])
    met = [(alarm, id_) for alarm, id_ in zip(alarms, match_ids, strict=True) if id_ is not None]
    telling = [(alarm, id_) for alarm, id_ in met if alarm.route.volume is None]
    alert_ids = await raise_each_once(conn, [_new_alert(alarm, match_id) for alarm, match_id in telling])
    raised = [(alarm, id_) for (alarm, _), id_ in zip(telling, alert_ids, strict=True) if id_ is not None]
    debts.matches += len(met)
    debts.alerts += len(raised)
    await _owe_targets(conn, debts, raised)


async def _owe_targets(conn: Conn, debts: Debts, raised: Sequence[tuple[_Alarm, int]]) -> None:
    owing = [
        (
            Debt(
                alert_id=alert_id,
                channel_id=target.channel_id,
                recipient=target.recipient,
                message_id=debts.message_id(alarm.matched.manner, target),
            ),
            alarm.route.priority,
        )
        for alarm, alert_id in raised
        for target in alarm.route.targets
    ]
    owed = await owe_all(conn, [debt for debt, _ in owing])
    for (debt, priority), is_new in zip(owing, owed, strict=True):
        if is_new:
            debts.wakes[debt.message_id] = Wake(message_id=debt.message_id, priority=priority)


def _new_alert(alarm: _Alarm, match_id: int) -> NewAlert:
    return NewAlert(
        rule_id=alarm.route.rule_id,
        story_id=alarm.matched.story_id,
        match_id=match_id,
        kind=alarm.matched.manner.value,
    )


def _new_match(alarm: _Alarm) -> NewMatch:
    return NewMatch(
        rule_id=alarm.route.rule_id,
        article_id=alarm.matched.article_id,
        version_id=alarm.matched.version_id,
        score=alarm.hit.score,
        lang=alarm.hit.lang,
        reasons=[asdict(reason) for reason in alarm.hit.reasons],
    )
