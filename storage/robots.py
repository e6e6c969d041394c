"""Robots: what each site's robots.txt said, kept for all workers, and asked for by one of them at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.clean import clean_optional, clean_span, clean_text
from storage.database import Conn
from storage.rows import columns_of, fetch_one

_MAX_BODY_BYTES = 500 << 10  # RFC 9309, section 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What is known of a site's robots.txt; `ours` means that we are the one to ask for it now."""

    origin: str
    host: str
    status: int | None  # of the last answer; None: none came
    body: bytes | None  # the rules as they last came; None: it has none, or never came
    etag: str | None
    last_modified: str | None
    delay: timedelta
    good_at: datetime | None  # when the site last said what holds
    fresh_until: datetime
    failures: int
    error: str | None  # why asking last brought nothing
    failure: str | None
    lease_token: int
    leased_until: datetime | None
    now: datetime  # the database's clock at the time of reading
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsAnswer:
    """What asking brought. With an `error` the copy that we have stays as it is."""

    status: int | None
    fresh_for: timedelta
    body: bytes | None = None
    etag: str | None = None
    last_modified: str | None = None
    delay: timedelta = timedelta(0)
    error: str | None = None
    failure: str | None = None


async def ask_robots(conn: Conn, origin: str, *, host: str, lease: timedelta) -> Robots | None:
    """Return what is known of the origin's robots.txt, leased to us when it must be asked for.

    None: somebody else is asking for the first time. While nothing is known the host is asked nothing else.
    """
    return await fetch_one(
        conn,
        Robots,
        """
        WITH known AS MATERIALIZED (
            SELECT * FROM robots WHERE origin = %(origin)s
        ), taken AS (
            INSERT INTO robots AS r (origin, host, fresh_until, leased_until, lease_token)
            SELECT %(origin)s, %(host)s, statement_timestamp(), statement_timestamp() + %(lease)s, 1
            WHERE NOT EXISTS (SELECT FROM known WHERE fresh_until > statement_timestamp()
                              OR leased_until > statement_timestamp())
            ON CONFLICT (origin) DO UPDATE
            SET leased_until = EXCLUDED.leased_until, lease_token = r.lease_token + 1
            WHERE r.fresh_until <= statement_timestamp()
              AND (r.leased_until IS NULL OR r.leased_until <= statement_timestamp())
            RETURNING *
        ), closed AS (
            UPDATE host SET next_at = greatest(next_at, taken.leased_until) FROM taken
            WHERE host.host = taken.host AND taken.good_at IS NULL
        ), either AS (
            SELECT *, true AS ours FROM taken
            UNION ALL
            SELECT *, false FROM known WHERE NOT EXISTS (SELECT FROM taken)
        )
        SELECT origin, host, status, body, etag, last_modified, delay, good_at, fresh_until, failures, error,
               failure, lease_token, leased_until, statement_timestamp() AS now, ours
        FROM either WHERE ours OR good_at IS NOT NULL OR fresh_until > statement_timestamp()
        """,
        {"origin": clean_text(origin), "host": clean_text(host), "lease": lease},
    )


async def keep_robots(conn: Conn, asked: Robots, answer: RobotsAnswer, *, gap: timedelta) -> Robots | None:
    """Keep the answer, open the host again after `gap`, and return what is known now; None when the lease is lost."""
    return await fetch_one(
        conn,
        Robots,
        """
        WITH kept AS (
            UPDATE robots r SET
                status = %(status)s, fresh_until = statement_timestamp() + %(fresh_for)s, leased_until = NULL,
                error = %(error)s, failure = %(failure)s,
                failures = CASE WHEN %(error)s::text IS NULL THEN 0 ELSE r.failures + 1 END,
                good_at = CASE WHEN %(error)s::text IS NULL THEN statement_timestamp() ELSE r.good_at END,
                body = CASE WHEN %(error)s::text IS NULL THEN %(body)s ELSE r.body END,
                etag = CASE WHEN %(error)s::text IS NULL THEN %(etag)s ELSE r.etag END,
                last_modified = CASE WHEN %(error)s::text IS NULL THEN %(last_modified)s ELSE r.last_modified END,
                delay = CASE WHEN %(error)s::text IS NULL THEN %(delay)s ELSE r.delay END
            WHERE r.origin = %(origin)s AND r.lease_token = %(lease_token)s AND r.leased_until IS NOT NULL
            RETURNING *
        ), rested AS (
            INSERT INTO host AS h (host, next_at, delay)
            SELECT kept.host, statement_timestamp() + %(gap)s, greatest(kept.delay, (
                SELECT max(delay) FROM robots o WHERE o.host = kept.host AND o.origin <> kept.origin))
            FROM kept
            ON CONFLICT (host) DO UPDATE SET delay = EXCLUDED.delay,
                next_at = CASE WHEN h.next_at = %(leased_until)s THEN EXCLUDED.next_at
                               ELSE greatest(h.next_at, EXCLUDED.next_at) END
        )
        SELECT origin, host, status, body, etag, last_modified, delay, good_at, fresh_until, failures, error,
               failure, lease_token, leased_until, statement_timestamp() AS now, false AS ours
        FROM kept
        """,
        {
            **columns_of(answer),
            "body": None if answer.body is None else answer.body[:_MAX_BODY_BYTES],
            "etag": clean_optional(answer.etag, max_chars=2000),
            "last_modified": clean_optional(answer.last_modified, max_chars=200),
            "error": clean_optional(answer.error, max_chars=2000),
            "fresh_for": clean_span(answer.fresh_for),
            "origin": asked.origin,
            "lease_token": asked.lease_token,
            "leased_until": asked.leased_until,
            "gap": clean_span(gap),
        },
    )


async def release_robots(conn: Conn, asked: Robots) -> None:
    """Let somebody else ask for it, at once; nothing happens when the lease is lost."""
    await conn.execute(
        """
        WITH released AS (
            UPDATE robots SET leased_until = NULL
            WHERE origin = %(origin)s AND lease_token = %(lease_token)s AND leased_until IS NOT NULL
            RETURNING host
        )
        UPDATE host SET next_at = statement_timestamp() FROM released
        WHERE host.host = released.host AND host.next_at = %(leased_until)s
        """,
        {"origin": asked.origin, "lease_token": asked.lease_token, "leased_until": asked.leased_until},
    )
