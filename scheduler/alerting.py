"""From hits to debts: which matches alert at once, which wait in a summary, and whom we owe."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rules.document import Hit
from scheduler.queue import Wake
from scheduler.ruleset import Route, Ruleset, Target
from storage.alerts import raise_once
from storage.database import Conn
from storage.deliveries import owe
from storage.matches import NewMatch, keep_match

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
    """An article, as kept, that rules were held against."""

    article_id: int
    version_id: int | None
    story_id: int


async def raise_alerts(
    conn: Conn, ruleset: Ruleset, debts: Debts, *, matched: Matched, hits: Sequence[Hit], manner: Manner
) -> None:
    """Write match, alert and deliveries of each hit; a rule alerts once per story, however many copies match."""
    for hit in hits:
        route = ruleset.routes.get(hit.rule)
        if route is None:
            continue
        match_id = await keep_match(conn, _new_match(route, matched, hit))
        if match_id is None:
            continue
        debts.matches += 1
        alert_id = await raise_once(
            conn, rule_id=route.rule_id, story_id=matched.story_id, match_id=match_id, kind=manner.value
        )
        if alert_id is None:
            continue
        debts.alerts += 1
        for target in route.targets:
            message_id = debts.message_id(manner, target)
            owed = await owe(
                conn,
                alert_id=alert_id,
                channel_id=target.channel_id,
                recipient=target.recipient,
                message_id=message_id,
            )
            if owed:
                debts.wakes[message_id] = Wake(message_id=message_id, priority=route.priority)


def _new_match(route: Route, matched: Matched, hit: Hit) -> NewMatch:
    return NewMatch(
        rule_id=route.rule_id,
        article_id=matched.article_id,
        version_id=matched.version_id,
        score=hit.score,
        lang=hit.lang,
        reasons=[asdict(reason) for reason in hit.reasons],
    )
