"""Rule health: how often each rule matched and alerted, and what it was held against, counted from the rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Conn
from storage.rows import fetch_all


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleActivity:
    """A rule and how often it matched lately; `live` leaves out what replays found, `changed_at` is of its meaning."""

    id: int
    name: str
    severity: str
    languages: tuple[str, ...]
    alert: tuple[str, ...]
    enabled: bool
    changed_at: datetime
    day: int
    week: int
    total: int
    last_at: datetime | None
    live_since_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietRule:
    """A rule that matched often before, and not lately."""

    id: int
    name: str
    languages: tuple[str, ...]
    changed_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _HourOfRule:
    rule_id: int
    hour: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfLanguage:
    """How many articles of one language came within one hour."""

    hour: datetime
    lang: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDay:
    """How many alerts of stories a rule raised in the 24 hours that ended so many days `ago`."""

    rule_id: int
    name: str
    changed_at: datetime
    ago: int
    count: int


async def rule_activities(conn: Conn) -> list[RuleActivity]:
    """Return every rule by name with its matches in the last day, the last week and ever."""
    return await fetch_all(
        conn,
        RuleActivity,
        """
        WITH counted AS (
            SELECT rule_id, count(*) AS total, max(created_at) AS last_at,
                   max(created_at) FILTER (WHERE NOT replayed) AS live_at,
                   count(*) FILTER (WHERE NOT replayed
                       AND created_at > statement_timestamp() - interval '7 days') AS week,
                   count(*) FILTER (WHERE NOT replayed
                       AND created_at > statement_timestamp() - interval '1 day') AS day
            FROM match GROUP BY rule_id
        )
        SELECT r.id, r.name, r.severity, r.languages, r.alert, r.enabled, r.changed_at, coalesce(c.day, 0) AS day,
               coalesce(c.week, 0) AS week, coalesce(c.total, 0) AS total, c.last_at,
               coalesce(c.live_at >= r.changed_at, false) AS live_since_change
        FROM rule r LEFT JOIN counted c ON c.rule_id = r.id
        WHERE r.removed_at IS NULL ORDER BY r.name
        """,
    )


async def quiet_rules(
    conn: Conn, *, history: timedelta, quiet_for: timedelta, fewest: int, expected: float
) -> list[QuietRule]:
    """Return the rules that had `fewest` matches within `history` and none for so long that `expected` would be usual.

    That is reckoned from the plain average, which finds too many: they are to be looked at closely.
    """
    return await fetch_all(
        conn,
        QuietRule,
        """
        WITH lately AS (
            SELECT rule_id, count(*) AS matches, max(created_at) AS last_at FROM match
            WHERE NOT replayed AND created_at > statement_timestamp() - %(history)s::interval GROUP BY rule_id
        )
        SELECT r.id, r.name, r.languages, r.changed_at, l.last_at
        FROM lately l JOIN rule r ON r.id = l.rule_id
        WHERE r.removed_at IS NULL AND r.enabled AND l.last_at >= r.changed_at AND l.matches >= %(fewest)s
          AND l.last_at < statement_timestamp() - %(quiet_for)s::interval
          AND l.matches * extract(epoch FROM statement_timestamp() - l.last_at)
              >= %(expected)s * extract(epoch FROM %(history)s::interval)
        ORDER BY r.id
        """,
        {"history": history, "quiet_for": quiet_for, "fewest": fewest, "expected": expected},
    )


async def match_hours(
    conn: Conn, rule_ids: Collection[int], *, since: datetime
) -> Mapping[int, Mapping[datetime, int]]:
    """Return how often each rule matched in each hour since then; archives of new sources and replays left out."""
    rows = await fetch_all(
        conn,
        _HourOfRule,
        """
        SELECT m.rule_id, date_trunc('hour', m.created_at, 'UTC') AS hour, count(*) AS count
        FROM match m JOIN article a ON a.id = m.article_id
        WHERE NOT m.replayed AND m.created_at > %(since)s AND m.rule_id = ANY(%(rules)s::bigint[]) AND a.fresh
        GROUP BY 1, 2
        """,
        {"since": since, "rules": list(rule_ids)},
    )
    found: dict[int, dict[datetime, int]] = {rule_id: {} for rule_id in rule_ids}
    for row in rows:
        found[row.rule_id][row.hour] = row.count
    return found


async def article_hours(conn: Conn, *, since: datetime) -> list[HourOfLanguage]:
    """Return how many articles of each language came in each hour since then."""
    return await fetch_all(
        conn,
        HourOfLanguage,
        """
        SELECT date_trunc('hour', first_seen, 'UTC') AS hour, lang, count(*) AS count
        FROM article WHERE first_seen > %(since)s GROUP BY 1, 2
        """,
        {"since": since},
    )


async def alert_days(conn: Conn, *, days: int, at_least: int) -> list[AlertDay]:
    """Return the alerts of stories by rule and day, of the rules that raised `at_least` so many within the last day."""
    return await fetch_all(
        conn,
        AlertDay,
        """
        WITH loud AS (
            SELECT rule_id FROM alert
            WHERE kind = 'story' AND created_at > statement_timestamp() - interval '1 day'
            GROUP BY rule_id HAVING count(*) >= %(at_least)s
        )
        SELECT r.id AS rule_id, r.name, r.changed_at,
               floor(extract(epoch FROM statement_timestamp() - al.created_at) / 86400)::int AS ago,
               count(*) AS count
        FROM alert al JOIN loud USING (rule_id) JOIN rule r ON r.id = al.rule_id
        WHERE al.kind = 'story' AND al.created_at > statement_timestamp() - make_interval(days => %(days)s)
          AND al.created_at <= statement_timestamp() AND r.removed_at IS NULL AND r.enabled
        GROUP BY r.id, r.name, r.changed_at, ago
        """,
        {"days": days, "at_least": at_least},
    )


async def still_silent(conn: Conn, since_by_rule: Mapping[str, datetime]) -> list[str]:
    """Return those of the rules, by name, that have not matched and not been changed since."""
    rows = await fetch_all(
        conn,
        _Name,
        """
        SELECT r.name FROM unnest(%(names)s::text[], %(since)s::timestamptz[]) AS asked(name, since)
        JOIN rule r ON r.name = asked.name
        WHERE r.removed_at IS NULL AND r.enabled AND r.changed_at <= asked.since
          AND NOT EXISTS (SELECT FROM match m WHERE m.rule_id = r.id AND NOT m.replayed
                          AND m.created_at > asked.since)
        """,
        {"names": list(since_by_rule), "since": list(since_by_rule.values())},
    )
    return [row.name for row in rows]


async def unchanged_rules(conn: Conn, since_by_rule: Mapping[str, datetime]) -> list[str]:
    """Return those of the rules, by name, that are at work as they were then."""
    rows = await fetch_all(
        conn,
        _Name,
        """
        SELECT r.name FROM unnest(%(names)s::text[], %(since)s::timestamptz[]) AS asked(name, since)
        JOIN rule r ON r.name = asked.name
        WHERE r.removed_at IS NULL AND r.enabled AND r.changed_at <= asked.since
        """,
        {"names": list(since_by_rule), "since": list(since_by_rule.values())},
    )
    return [row.name for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    name: str


def by_rule(rows: Sequence[AlertDay], days: int) -> dict[str, list[int]]:
    """The rows as a list per rule, the last 24 hours first, with the days without any."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.name, [0] * days)[min(row.ago, days - 1)] += row.count
    return found
