"""Incidents: what goes wrong with a source or with the installation, from when to when, and which rules are blind."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.clean import clean_text, clean_texts, clean_time
from storage.database import Conn
from storage.rows import count_rows, fetch_all, fetch_value_each

MAX_SUBJECT_CHARS = 500
MAX_KIND_CHARS = 40
MAX_DETAIL_CHARS = 2000
MAX_REMEDY_CHARS = 1000
MAX_RULES = 1000
MAX_RULE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident:
    """Trouble of one kind with one subject: the key of a source, or the name of a part of the installation.

    `since` is when it began, which may be long before it is noticed; `rules` are those that are blind meanwhile.
    """

    source_id: int | None
    subject: str
    kind: str
    since: datetime
    detail: str
    remedy: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(NewIncident):
    """An incident on record; `told_at` is when people were told that it opened."""

    id: int
    opened_at: datetime
    closed_at: datetime | None
    told_at: datetime | None
    source_name: str | None
    source_url: str | None


async def open_incident(conn: Conn, new: NewIncident) -> int | None:
    """Open one incident, as open_incidents does."""
    return (await open_incidents(conn, [new]))[0]


async def open_incidents(conn: Conn, new: Sequence[NewIncident]) -> list[int | None]:
    """Open the incidents and return their ids; None where this kind of trouble is open for this subject already.

    Of those the detail, the remedy and the rules are brought up to date; since when it lasts stays as it was.
    """
    return await fetch_value_each(
        conn,
        """
        INSERT INTO incident AS i (source_id, subject, kind, since, detail, remedy, rules)
        VALUES (%(source_id)s, %(subject)s, %(kind)s, coalesce(%(since)s::timestamptz, statement_timestamp()),
                %(detail)s, %(remedy)s, %(rules)s::text[])
        ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET
            detail = EXCLUDED.detail, remedy = EXCLUDED.remedy, rules = EXCLUDED.rules
        WHERE (i.detail, i.remedy, i.rules) IS DISTINCT FROM (EXCLUDED.detail, EXCLUDED.remedy, EXCLUDED.rules)
        RETURNING CASE WHEN i.xmax = 0 THEN i.id END
        """,
        [_row(one) for one in new],
    )


async def close_incident(conn: Conn, *, kind: str, subject: str) -> bool:
    """Close the open incident of this kind and subject. False when there is none."""
    return await close_incidents(conn, subject, (kind,)) > 0


async def close_incidents(conn: Conn, subject: str, kinds: Collection[str]) -> int:
    """Close what is open of these kinds for the subject, and return how many there were."""
    return await count_rows(
        conn,
        """
        UPDATE incident SET closed_at = clock_timestamp()
        WHERE subject = %(subject)s AND kind = ANY(%(kinds)s::text[]) AND closed_at IS NULL
        """,
        {"subject": _subject(subject), "kinds": [_kind(kind) for kind in kinds]},
    )


async def list_open_incidents(
    conn: Conn, *, source_id: int | None = None, subject: str | None = None
) -> list[Incident]:
    """Return what is wrong now, the oldest first; of one source or subject, if they are given."""
    return await fetch_all(
        conn,
        Incident,
        """
        SELECT i.id, i.source_id, i.subject, i.kind, i.since, i.opened_at, i.closed_at, i.told_at, i.detail,
               i.remedy, i.rules, s.name AS source_name, s.url AS source_url
        FROM incident i LEFT JOIN source s ON s.id = i.source_id
        WHERE i.closed_at IS NULL
          AND (%(source_id)s::bigint IS NULL OR i.source_id = %(source_id)s)
          AND (%(subject)s::text IS NULL OR i.subject = %(subject)s)
        ORDER BY i.id
        """,
        {"source_id": source_id, "subject": None if subject is None else _subject(subject)},
    )


async def list_incidents(conn: Conn, *, limit: int, before_id: int | None = None) -> list[Incident]:
    """Return the latest incidents, open and closed, newest first; `before_id` goes on from the last one seen."""
    return await fetch_all(
        conn,
        Incident,
        """
        SELECT i.id, i.source_id, i.subject, i.kind, i.since, i.opened_at, i.closed_at, i.told_at, i.detail,
               i.remedy, i.rules, s.name AS source_name, s.url AS source_url
        FROM incident i LEFT JOIN source s ON s.id = i.source_id
        WHERE %(before_id)s::bigint IS NULL OR i.id < %(before_id)s
        ORDER BY i.id DESC LIMIT %(limit)s
        """,
        {"limit": limit, "before_id": before_id},
    )


def _row(new: NewIncident) -> Mapping[str, Any]:
    return {
        "source_id": new.source_id,
        "subject": _subject(new.subject),
        "kind": _kind(new.kind),
        "since": clean_time(new.since),
        "detail": clean_text(new.detail, max_chars=MAX_DETAIL_CHARS),
        "remedy": clean_text(new.remedy, max_chars=MAX_REMEDY_CHARS),
        "rules": clean_texts(list(new.rules), max_items=MAX_RULES, max_chars=MAX_RULE_CHARS),
    }


def _subject(text: str) -> str:
    return clean_text(text, max_chars=MAX_SUBJECT_CHARS)


def _kind(text: str) -> str:
    return clean_text(text, max_chars=MAX_KIND_CHARS)
