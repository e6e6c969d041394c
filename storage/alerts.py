"""Alerts: that a story meets a rule, raised once however many copies of it arrive; or that something is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.clean import clean_text
from storage.database import Conn
from storage.rows import columns_of, count_rows, fetch_all, fetch_value_each


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert as a list shows it; `deliveries` counts them by state.

    One of an incident has no rule and no story, but the `trouble` there is, with its `source` or part and `detail`.
    One of a rule about volume has no story, but a `detail`: what was counted.
    """

    id: int
    kind: str
    rule: str | None
    severity: str | None
    story_id: int | None
    story_title: str | None
    article_id: int | None
    article_title: str | None
    article_url: str | None
    lang: str | None
    incident_id: int | None
    trouble: str | None
    detail: str | None
    source: str
    created_at: datetime
    acked_at: datetime | None
    acked_by: str | None
    deliveries: dict[str, int]
    places: tuple[str, ...]  # keys of what its article names, the most telling first


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """A story that meets a rule; `kind` is story or summary."""

    rule_id: int
    story_id: int
    match_id: int
    kind: str = "story"


async def raise_once(
    conn: Conn, *, rule_id: int, story_id: int, match_id: int, kind: str = "story"
) -> int | None:
    """Raise one alert, as raise_each_once does."""
    alert = NewAlert(rule_id=rule_id, story_id=story_id, match_id=match_id, kind=kind)
    return (await raise_each_once(conn, [alert]))[0]


async def raise_each_once(conn: Conn, alerts: Sequence[NewAlert]) -> list[int | None]:
    """Raise the alerts and return their ids; None where this story was alerted for this rule before."""
    return await fetch_value_each(
        conn,
        """
        INSERT INTO alert (rule_id, story_id, match_id, kind)
        VALUES (%(rule_id)s, %(story_id)s, %(match_id)s, %(kind)s)
        ON CONFLICT (rule_id, story_id) DO NOTHING
        RETURNING id
        """,
        [columns_of(alert) for alert in alerts],
    )


async def raise_summaries(conn: Conn, rule_id: int, *, since: datetime) -> list[int]:
    """Raise a summary alert for each story first seen since then that the rule met and never alerted; their ids.

    The newest story comes last.
    """
    raised = await fetch_all(
        conn,
        _Raised,
        """
        WITH met AS (
            SELECT DISTINCT ON (sa.story_id) sa.story_id, m.id AS match_id, a.first_seen
            FROM match m JOIN article a ON a.id = m.article_id JOIN story_article sa ON sa.article_id = a.id
            WHERE m.rule_id = %(rule_id)s AND a.first_seen >= %(since)s
              AND NOT EXISTS (SELECT FROM alert al WHERE al.rule_id = m.rule_id AND al.story_id = sa.story_id)
            ORDER BY sa.story_id, a.first_seen, a.id
        )
        INSERT INTO alert (rule_id, story_id, match_id, kind)
        SELECT %(rule_id)s, story_id, match_id, 'summary' FROM met ORDER BY first_seen, story_id
        ON CONFLICT (rule_id, story_id) DO NOTHING
        RETURNING id
        """,
        {"rule_id": rule_id, "since": since},
    )
    return sorted(one.id for one in raised)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raised:
    id: int


async def list_alerts(
    conn: Conn, *, limit: int = 100, rule: str | None = None, before_id: int | None = None
) -> list[AlertRow]:
    """Return the newest alerts, those of one rule if it is named; `before_id` goes on from the last one seen."""
    return await fetch_all(
        conn,
        AlertRow,
        """
        SELECT al.id, al.kind, r.name AS rule, r.severity, al.story_id, st.title AS story_title,
               a.id AS article_id, a.title AS article_title, a.url AS article_url, a.lang, al.incident_id,
               i.kind AS trouble, coalesce(i.detail, al.detail) AS detail,
               coalesce(s.name, i.subject, '') AS source, al.created_at, al.acked_at, al.acked_by,
               (SELECT coalesce(jsonb_object_agg(state, total), '{}') FROM (
                    SELECT m.state, count(*) AS total FROM delivery d JOIN message m USING (message_id)
                    WHERE d.alert_id = al.id GROUP BY m.state) AS counted) AS deliveries,
               ARRAY(SELECT place FROM article_place WHERE article_id = a.id
                     GROUP BY place ORDER BY min(rank)) AS places
        FROM alert al LEFT JOIN rule r ON r.id = al.rule_id LEFT JOIN story st ON st.id = al.story_id
             LEFT JOIN match mt ON mt.id = al.match_id LEFT JOIN article a ON a.id = mt.article_id
             LEFT JOIN incident i ON i.id = al.incident_id
             LEFT JOIN source s ON s.id = coalesce(a.source_id, i.source_id)
        WHERE (%(rule)s::text IS NULL OR r.name = %(rule)s)
        AND (%(before_id)s::bigint IS NULL OR al.id < %(before_id)s)
        ORDER BY al.id DESC LIMIT %(limit)s
        """,
        {"limit": limit, "rule": rule, "before_id": before_id},
    )


async def ack_alert(conn: Conn, alert_id: int, who: str) -> bool:
    """Note who has taken the alert up. False when there is none or somebody had it before."""
    acked = await count_rows(
        conn,
        """
        UPDATE alert SET acked_at = statement_timestamp(), acked_by = %(who)s
        WHERE id = %(id)s AND acked_at IS NULL
        """,
        {"id": alert_id, "who": clean_text(who, max_chars=500)},
    )
    return acked > 0
