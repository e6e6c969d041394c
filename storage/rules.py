"""Rules and concepts: what people want to hear of, and the number that says when the set has changed."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from storage.clean import clean_json, clean_optional, clean_text, clean_texts
from storage.database import Conn
from storage.rows import count_rows, fetch_all, fetch_value


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """A rule as people write it: a `query`, or a `definition` (score, spike); `alert` names channels.

    No languages means all languages.
    """

    name: str
    query: str | None
    definition: dict[str, Any]
    languages: tuple[str, ...]
    severity: str
    alert: tuple[str, ...]
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule(RuleSpec):
    """A rule on record; `origin` is the watch file it came from, or the dashboard."""

    id: int
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptSpec:
    """A named list of terms by language, which rules refer to as @name."""

    name: str
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConcept(ConceptSpec):
    """A concept on record."""

    id: int
    origin: str


async def put_rule(conn: Conn, spec: RuleSpec, *, origin: str) -> int:
    """Make the rule of this name be as described and return its id; write nothing when it is already."""
    return await fetch_value(
        conn,
        """
        WITH put AS (
            INSERT INTO rule AS r (name, origin, query, definition, languages, severity, alert, enabled)
            VALUES (%(name)s, %(origin)s, %(query)s, %(definition)s, %(languages)s::text[], %(severity)s,
                    %(alert)s::text[], %(enabled)s)
            ON CONFLICT (name) DO UPDATE SET
                origin = EXCLUDED.origin, query = EXCLUDED.query, definition = EXCLUDED.definition,
                languages = EXCLUDED.languages, severity = EXCLUDED.severity, alert = EXCLUDED.alert,
                enabled = EXCLUDED.enabled, removed_at = NULL
            WHERE (r.origin, r.query, r.definition, r.languages, r.severity, r.alert, r.enabled)
                IS DISTINCT FROM (EXCLUDED.origin, EXCLUDED.query, EXCLUDED.definition, EXCLUDED.languages,
                                  EXCLUDED.severity, EXCLUDED.alert, EXCLUDED.enabled)
                OR r.removed_at IS NOT NULL
            RETURNING id
        )
        SELECT id FROM put UNION ALL SELECT id FROM rule WHERE name = %(name)s LIMIT 1
        """,
        {
            "name": clean_text(spec.name),
            "origin": clean_text(origin),
            "query": clean_optional(spec.query),
            "definition": Jsonb(clean_json(spec.definition)),
            "languages": clean_texts(spec.languages, max_items=500, max_chars=50),
            "severity": clean_text(spec.severity),
            "alert": clean_texts(spec.alert, max_items=500, max_chars=500),
            "enabled": spec.enabled,
        },
    )


async def remove_rule(conn: Conn, name: str) -> bool:
    """Stop the rule; its matches and alerts stay. False when there was none."""
    removed = await count_rows(
        conn,
        "UPDATE rule SET removed_at = statement_timestamp() WHERE name = %(name)s AND removed_at IS NULL",
        {"name": clean_text(name)},
    )
    return removed > 0


async def list_rules(conn: Conn, *, origin: str | None = None) -> list[StoredRule]:
    """Return the rules by name, also those that are switched off; those of one origin if it is given."""
    return await fetch_all(
        conn,
        StoredRule,
        """
        SELECT id, origin, name, query, definition, languages, severity, alert, enabled FROM rule
        WHERE removed_at IS NULL AND (%(origin)s::text IS NULL OR origin = %(origin)s)
        ORDER BY name
        """,
        {"origin": origin},
    )


async def put_concept(conn: Conn, spec: ConceptSpec, *, origin: str) -> int:
    """Make the concept of this name be as described and return its id; write nothing when it is already."""
    return await fetch_value(
        conn,
        """
        WITH put AS (
            INSERT INTO concept AS c (name, origin, terms) VALUES (%(name)s, %(origin)s, %(terms)s)
            ON CONFLICT (name) DO UPDATE SET origin = EXCLUDED.origin, terms = EXCLUDED.terms
            WHERE (c.origin, c.terms) IS DISTINCT FROM (EXCLUDED.origin, EXCLUDED.terms)
            RETURNING id
        )
        SELECT id FROM put UNION ALL SELECT id FROM concept WHERE name = %(name)s LIMIT 1
        """,
        {
            "name": clean_text(spec.name),
            "origin": clean_text(origin),
            "terms": Jsonb(clean_json(spec.terms)),
        },
    )


async def remove_concept(conn: Conn, name: str) -> bool:
    """Forget the concept. False when there was none."""
    return await count_rows(conn, "DELETE FROM concept WHERE name = %(name)s", {"name": clean_text(name)}) > 0


async def list_concepts(conn: Conn, *, origin: str | None = None) -> list[StoredConcept]:
    """Return the concepts by name; those of one origin if it is given."""
    return await fetch_all(
        conn,
        StoredConcept,
        """
        SELECT id, origin, name, terms FROM concept
        WHERE %(origin)s::text IS NULL OR origin = %(origin)s ORDER BY name
        """,
        {"origin": origin},
    )


async def ruleset_version(conn: Conn) -> int:
    """Return a number that grows with every change of rules, concepts and channels, visible with it."""
    return await fetch_value(conn, "SELECT version FROM ruleset")
