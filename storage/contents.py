"""Contents: what a message says, with all that a reader or a template may ask for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Conn
from storage.rows import fetch_all, fetch_one

# What an alert quotes; the whole text stays in the database.
MAX_ITEM_CHARS = 100_000

# A message of incidents counts all of them, and says this much of the first ones.
MAX_INCIDENTS = 200
MAX_BLIND_RULES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertItem:
    """One alert of a story in a message."""

    alert_id: int
    rule: str
    severity: str
    kind: str
    story_id: int
    story_title: str
    article_id: int
    article_url: str
    title: str
    summary: str
    text: str
    lang: str
    source: str
    country: str | None
    tier: int | None
    published: datetime | None
    first_seen: datetime
    reasons: list[dict[str, Any]]
    score: float
    outlets: int
    places: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentItem:
    """One incident in a message; `state` is incident or recovery, `times` how often it opened within an hour."""

    alert_id: int
    state: str
    kind: str
    subject: str
    source: str | None
    url: str | None
    since: datetime
    closed_at: datetime | None
    detail: str
    remedy: str
    rules: tuple[str, ...]
    rules_total: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeItem:
    """One alert of a rule about volume in a message; `figures` are as they were when it was raised."""

    alert_id: int
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTally:
    """How many incidents of one kind and state a message tells."""

    state: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentContents:
    """The incidents of a message: all of them counted, the first ones whole, and the rules that are blind by them.

    `sources` and `parts` (of the installation) are those with openings; those of a message of recoveries alone else.
    """

    items: tuple[IncidentItem, ...]
    tallies: tuple[IncidentTally, ...]
    sources: int
    parts: int
    blind: tuple[str, ...]
    blind_total: int

    @property
    def count(self) -> int:
        return sum(tally.count for tally in self.tallies)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    sources: int
    parts: int
    blind: tuple[str, ...]
    blind_total: int


async def message_items(conn: Conn, message_id: str) -> list[AlertItem]:
    """Return what the message says of stories, in the order in which it was raised.

    Title, summary and text are those of the version that matched: the spans of the reasons point into them.
    """
    return await fetch_all(
        conn,
        AlertItem,
        """
        SELECT al.id AS alert_id, r.name AS rule, r.severity, al.kind, al.story_id, st.title AS story_title,
               a.id AS article_id, a.url AS article_url, coalesce(v.title, a.title) AS title,
               coalesce(v.summary, a.summary) AS summary, left(coalesce(v.text, a.text), %(max_chars)s) AS text,
               a.lang, s.name AS source, s.country, s.tier, a.published, a.first_seen, mt.reasons, mt.score,
               (SELECT count(DISTINCT other.source_id)
                FROM story_article sa JOIN article other ON other.id = sa.article_id
                WHERE sa.story_id = al.story_id) AS outlets,
               (SELECT coalesce(jsonb_agg(jsonb_build_object('key', p.place, 'reason', p.reason) ORDER BY p.rank), '[]')
                FROM (SELECT DISTINCT ON (place) place, rank, reason FROM article_place
                      WHERE article_id = a.id ORDER BY place, rank) AS p) AS places
        FROM delivery d JOIN alert al ON al.id = d.alert_id JOIN rule r ON r.id = al.rule_id
             JOIN story st ON st.id = al.story_id JOIN match mt ON mt.id = al.match_id
             JOIN article a ON a.id = mt.article_id JOIN source s ON s.id = a.source_id
             LEFT JOIN article_version v ON v.id = mt.version_id
        WHERE d.message_id = %(message_id)s ORDER BY al.id
        """,
        {"message_id": message_id, "max_chars": MAX_ITEM_CHARS},
    )


async def message_volumes(conn: Conn, message_id: str) -> list[VolumeItem]:
    """Return what the message says of spikes, high counts and absences, in the order in which they were raised."""
    return await fetch_all(
        conn,
        VolumeItem,
        """
        SELECT al.id AS alert_id, al.figures FROM delivery d JOIN alert al ON al.id = d.alert_id
        WHERE d.message_id = %(message_id)s AND al.figures IS NOT NULL ORDER BY al.id
        """,
        {"message_id": message_id},
    )


async def message_incidents(conn: Conn, message_id: str) -> IncidentContents | None:
    """Return what the message says of incidents; None when it says nothing of any.

    First what opened, before what is over; of it the installation's own trouble, then what blinds the most rules.
    """
    items = await fetch_all(
        conn,
        IncidentItem,
        """
        SELECT al.id AS alert_id, al.kind AS state, i.kind, i.subject, s.name AS source, s.url, i.since,
               i.closed_at, i.detail, i.remedy, i.rules[1:%(max_rules)s] AS rules,
               cardinality(i.rules) AS rules_total,
               (SELECT count(*) FROM incident o
                WHERE o.kind = i.kind AND o.subject = i.subject AND o.opened_at <= i.opened_at
                  AND o.opened_at > i.opened_at - interval '1 hour') AS times
        FROM delivery d JOIN alert al ON al.id = d.alert_id JOIN incident i ON i.id = al.incident_id
             LEFT JOIN source s ON s.id = i.source_id
        WHERE d.message_id = %(message_id)s
        ORDER BY al.kind, i.source_id IS NOT NULL, cardinality(i.rules) DESC, i.id LIMIT %(limit)s
        """,
        {"message_id": message_id, "limit": MAX_INCIDENTS, "max_rules": MAX_BLIND_RULES},
    )
    if not items:
        return None
    tallies, scope = await _tallies(conn, message_id), await _scope(conn, message_id)
    return IncidentContents(
        items=tuple(items),
        tallies=tuple(tallies),
        sources=scope.sources,
        parts=scope.parts,
        blind=scope.blind,
        blind_total=scope.blind_total,
    )


async def _tallies(conn: Conn, message_id: str) -> list[IncidentTally]:
    return await fetch_all(
        conn,
        IncidentTally,
        """
        SELECT al.kind AS state, i.kind, count(*) AS count
        FROM delivery d JOIN alert al ON al.id = d.alert_id JOIN incident i ON i.id = al.incident_id
        WHERE d.message_id = %(message_id)s
        GROUP BY al.kind, i.kind ORDER BY al.kind, count(*) DESC, i.kind
        """,
        {"message_id": message_id},
    )


async def _scope(conn: Conn, message_id: str) -> _Scope:
    scope = await fetch_one(
        conn,
        _Scope,
        """
        WITH told AS (
            SELECT al.kind AS state, i.source_id, i.subject, i.rules
            FROM delivery d JOIN alert al ON al.id = d.alert_id JOIN incident i ON i.id = al.incident_id
            WHERE d.message_id = %(message_id)s
        ), shown AS (
            SELECT source_id, subject FROM told WHERE state = (SELECT min(state) FROM told)
        ), blind AS (
            SELECT DISTINCT name FROM told CROSS JOIN unnest(rules) AS name WHERE state = 'incident'
        )
        SELECT (SELECT count(DISTINCT subject) FROM shown WHERE source_id IS NOT NULL) AS sources,
               (SELECT count(DISTINCT subject) FROM shown WHERE source_id IS NULL) AS parts,
               ARRAY(SELECT name FROM blind ORDER BY name LIMIT %(max_rules)s) AS blind,
               (SELECT count(*) FROM blind) AS blind_total
        """,
        {"message_id": message_id, "max_rules": MAX_BLIND_RULES},
    )
    assert scope is not None  # a SELECT of aggregates has one row
    return scope
