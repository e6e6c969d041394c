"""Subscriptions: which hubs push a source's news to us (WebSub), asked for, verified, renewed and given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.clean import clean_optional, clean_span, clean_text
from storage.database import Conn
from storage.keys import digest
from storage.rows import count_rows, fetch_all, fetch_one, fetch_value

MAX_URL_CHARS = 8000
MAX_REASON_CHARS = 500
TENDING_LOCK = 0x6D61_7273_6164_0002  # any fixed number of ours
DENIED_WEIGHT = 4.0  # other hubs of the source go before one that said no

_COLUMNS = """
    p.id, p.source_id, s.name AS source, p.topic, p.hub, p.state, p.callback, p.secret, p.failures, p.verified_at,
    p.ends_at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a source says of its hubs, best first. `base_url` is where it was read from."""

    topic: str
    hubs: tuple[str, ...]
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A hub that was asked, or is to be asked, to push a source's news to our callback."""

    id: int
    source_id: int
    source: str
    topic: str
    hub: str
    state: str  # offered, wanted, active, denied, unwanted, ended
    callback: str
    secret: str
    failures: float
    verified_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedSubscription(Subscription):
    """One whose hub is ours to ask now. `unverified`: it took our last request and never called back."""

    claim: int
    unverified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback(Subscription):
    """What stands behind a callback path. `listening`: its source is watched, so that its pushes are wanted."""

    listening: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PushState:
    """How push stands for one source, for people to see. `trusted`: polling is relaxed, because pushes come."""

    source_id: int
    state: str
    hub: str
    topic: str
    reason: str | None
    verified_at: datetime | None
    ends_at: datetime | None
    last_push_at: datetime | None
    pushes: int
    forged: int
    missed: int
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    id: int
    source_id: int


def offer_key(topic: str, hub: str) -> bytes:
    """Return what tells one hub of one topic from another."""
    return digest(f"{topic}\x1f{hub}")


def callback_key(token: str) -> bytes:
    """Return the key of the callback path with this token: only hashes are compared, so that time tells nothing."""
    return digest(token)


async def keep_offer(conn: Conn, source_id: int, offer: Offer | None) -> None:
    """Remember the hubs that a source names now; those that it names no more, or all (None), are withdrawn."""
    if offer is None:
        await conn.execute(
            "UPDATE subscription SET withdrawn = true WHERE source_id = %(id)s AND NOT withdrawn",
            {"id": source_id},
        )
        return
    topic = clean_text(offer.topic, max_chars=MAX_URL_CHARS)
    hubs = [clean_text(hub, max_chars=MAX_URL_CHARS) for hub in offer.hubs]
    await conn.execute(
        """
        WITH named AS (
            INSERT INTO subscription AS p (source_id, key, topic, hub, place, base_url)
            SELECT %(source_id)s, key, %(topic)s, hub, place, %(base_url)s
            FROM unnest(%(keys)s::bytea[], %(hubs)s::text[]) WITH ORDINALITY AS offer (key, hub, place)
            ON CONFLICT (source_id, key) DO UPDATE SET
                place = EXCLUDED.place, base_url = EXCLUDED.base_url, withdrawn = false,
                offered_at = clock_timestamp()
        )
        UPDATE subscription SET withdrawn = true
        WHERE source_id = %(source_id)s AND NOT withdrawn AND NOT key = ANY(%(keys)s::bytea[])
        """,
        {
            "source_id": source_id,
            "topic": topic,
            "base_url": clean_text(offer.base_url, max_chars=MAX_URL_CHARS),
            "keys": [offer_key(topic, hub) for hub in hubs],
            "hubs": hubs,
        },
    )


async def count_missed(conn: Conn, source_id: int, *, new_entries: int, looked_at: datetime | None) -> int:
    """Note the new entries that a visit found and that the hub had not pushed; how many those are, 0 without a hub.

    `looked_at` is the visit before: what was new at the first visit after the hub's word was older than that word.
    """
    missed = await fetch_value(
        conn,
        """
        UPDATE subscription SET missed = missed + %(new)s, missed_at = statement_timestamp(), proofs = 0
        WHERE source_id = %(source_id)s AND state = 'active' AND ends_at > statement_timestamp()
          AND verified_at < %(looked_at)s::timestamptz
          AND NOT EXISTS (SELECT FROM push WHERE push.subscription_id = subscription.id
                          AND push.state IN ('due', 'leased'))
        RETURNING %(new)s
        """,
        {"source_id": source_id, "new": new_entries, "looked_at": looked_at},
    )
    return missed or 0


async def is_tended_by_us(conn: Conn) -> bool:
    """Whether this transaction is the one that brings subscriptions further now; of several processes one does."""
    return await fetch_value(conn, "SELECT pg_try_advisory_xact_lock(%(key)s)", {"key": TENDING_LOCK})


async def retire(conn: Conn, *, subscribe: bool) -> int:
    """Give up the hubs of sources that are not watched now or do not name them any more; all, unless `subscribe`."""
    return await count_rows(
        conn,
        """
        UPDATE subscription p SET
            state = CASE WHEN p.state = 'active' OR p.accepted THEN 'unwanted' ELSE 'ended' END,
            due_at = statement_timestamp(), failures = 0, reason = CASE
                WHEN NOT %(subscribe)s THEN 'push is switched off'
                WHEN NOT s.enabled THEN 'the source is not watched now'
                ELSE 'the source does not name this hub any more' END
        FROM source s
        WHERE s.id = p.source_id AND p.state IN ('wanted', 'active', 'denied')
          AND (p.withdrawn OR NOT s.enabled OR NOT %(subscribe)s)
        """,
        {"subscribe": subscribe},
    )


async def expire(conn: Conn) -> int:
    """Take what has run out for what it is: renewals that never came through are asked for anew, the rest is over."""
    return await count_rows(
        conn,
        """
        UPDATE subscription SET
            state = CASE state WHEN 'active' THEN 'wanted' ELSE 'ended' END,
            reason = CASE state WHEN 'active' THEN coalesce(reason, 'the hub did not renew in time') ELSE reason END
        WHERE state IN ('active', 'unwanted') AND ends_at <= statement_timestamp()
        """,
    )


async def readdress(conn: Conn, *, base: str) -> int:
    """Let go of what hubs send to an address that is ours no more; they are asked anew with the present one."""
    return await count_rows(
        conn,
        """
        UPDATE subscription SET state = 'ended', reason = 'our address has changed',
            due_at = statement_timestamp()
        WHERE state IN ('wanted', 'active') AND NOT starts_with(callback, %(base)s || '/')
        """,
        {"base": base},
    )


async def candidates(conn: Conn, *, limit: int) -> list[int]:
    """Return the best hub of each watched source that has none in use: fewest failures, then the source's order."""
    found = await fetch_all(
        conn,
        _Candidate,
        """
        SELECT DISTINCT ON (p.source_id) p.id, p.source_id
        FROM subscription p JOIN source s ON s.id = p.source_id
        WHERE s.enabled AND NOT p.withdrawn
          AND (p.state IN ('offered', 'ended') OR (p.state = 'denied' AND p.due_at <= statement_timestamp()))
          AND NOT EXISTS (SELECT FROM subscription live WHERE live.source_id = p.source_id
                          AND live.state IN ('wanted', 'active'))
        ORDER BY p.source_id, p.failures, p.place LIMIT %(limit)s
        """,
        {"limit": limit},
    )
    return [row.id for row in found]


async def want(conn: Conn, subscription_id: int, *, callback: str, token: str, secret: str) -> None:
    """Decide for this hub of its source, with a path and a secret that no other hub has seen."""
    await conn.execute(
        """
        UPDATE subscription SET
            state = 'wanted', callback = %(callback)s, callback_key = %(key)s, secret = %(secret)s,
            due_at = greatest(due_at, statement_timestamp()), accepted = false, verified_at = NULL, ends_at = NULL,
            proofs = 0
        WHERE id = %(id)s AND state IN ('offered', 'ended', 'denied')
        """,
        {"id": subscription_id, "callback": callback, "key": callback_key(token), "secret": secret},
    )


async def claim_subscriptions(
    conn: Conn, *, limit: int, lease: timedelta, subscribe: bool
) -> list[ClaimedSubscription]:
    """Take those whose hub is to be asked now; only the unwanted ones, unless `subscribe`.

    From here on the hub's question whether we mean it is answered with yes: it may come before the hub's own answer.
    """
    return await fetch_all(
        conn,
        ClaimedSubscription,
        """
        WITH mine AS (
            SELECT id, accepted FROM subscription
            WHERE state IN ('wanted', 'active', 'unwanted') AND due_at <= statement_timestamp()
              AND (state = 'unwanted' OR %(subscribe)s)
            ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        )
        UPDATE subscription p SET
            claim = p.claim + 1, due_at = statement_timestamp() + %(lease)s, accepted = false,
            asked_at = CASE WHEN mine.accepted THEN p.asked_at ELSE statement_timestamp() END
        FROM mine, source s WHERE p.id = mine.id AND s.id = p.source_id
        RETURNING p.id, p.source_id, s.name AS source, p.topic, p.hub, p.state, p.callback, p.secret, p.failures,
            p.verified_at, p.ends_at, p.claim, mine.accepted AS unverified
        """,
        {"limit": limit, "lease": lease, "subscribe": subscribe},
    )


async def record_accepted(conn: Conn, claimed: ClaimedSubscription, *, verify_within: timedelta) -> None:
    """The hub took the request; unless it asks back within this time, that was a failure."""
    await conn.execute(
        """
        UPDATE subscription SET accepted = true, due_at = statement_timestamp() + %(within)s
        WHERE id = %(id)s AND claim = %(claim)s AND state = %(state)s
          AND (verified_at IS NULL OR verified_at < asked_at)
        """,
        {"id": claimed.id, "claim": claimed.claim, "state": claimed.state, "within": verify_within},
    )


async def record_refused(
    conn: Conn, claimed: ClaimedSubscription, *, failures: float, again_in: timedelta, reason: str
) -> None:
    """The hub could not be asked, or did not want to. Where the source names a better hub by now, that one is next."""
    await conn.execute(
        """
        UPDATE subscription p SET
            failures = %(failures)s, reason = %(reason)s, due_at = statement_timestamp() + %(again_in)s,
            state = CASE WHEN p.state = 'wanted' AND EXISTS (
                SELECT FROM subscription o WHERE o.source_id = p.source_id AND o.id <> p.id AND NOT o.withdrawn
                AND o.state IN ('offered', 'ended') AND o.failures < %(failures)s) THEN 'offered' ELSE p.state END
        WHERE p.id = %(id)s AND p.claim = %(claim)s AND p.state = %(state)s
          AND (p.verified_at IS NULL OR p.verified_at < p.asked_at)
        """,
        {
            "id": claimed.id,
            "claim": claimed.claim,
            "state": claimed.state,
            "failures": failures,
            "again_in": clean_span(again_in),
            "reason": clean_optional(reason, max_chars=MAX_REASON_CHARS),
        },
    )


async def end(conn: Conn, claimed: ClaimedSubscription, *, reason: str) -> None:
    """Ask this hub no more."""
    await conn.execute(
        "UPDATE subscription SET state = 'ended', reason = %(reason)s WHERE id = %(id)s AND claim = %(claim)s",
        {"id": claimed.id, "claim": claimed.claim, "reason": clean_text(reason, max_chars=MAX_REASON_CHARS)},
    )


async def find_callback(conn: Conn, key: bytes) -> Callback | None:
    """Return what stands behind the callback path with this key, None when nothing does."""
    return await fetch_one(
        conn,
        Callback,
        "SELECT"
        + _COLUMNS
        + """, s.enabled AND p.state IN ('active', 'wanted', 'unwanted') AS listening
        FROM subscription p JOIN source s ON s.id = p.source_id WHERE p.callback_key = %(key)s
        """,
        {"key": key},
    )


async def confirm(
    conn: Conn, subscription_id: int, *, granted: timedelta, renew_in: timedelta
) -> datetime | None:
    """The hub asks whether we mean it: yes, if we do. Returns until when it will push, None when we do not mean it.

    A source that is subscribed for the first time, or again after a gap, is visited at once: what came out between
    the last visit and now no hub would tell (w3c/websub#174).
    """
    return await fetch_value(
        conn,
        """
        WITH before AS (
            SELECT id, source_id, state FROM subscription
            WHERE id = %(id)s AND state IN ('wanted', 'active') AND asked_at IS NOT NULL FOR UPDATE
        ), gap AS (
            UPDATE source SET due_at = least(due_at, statement_timestamp())
            FROM before WHERE source.id = before.source_id AND before.state = 'wanted' AND source.enabled
        )
        UPDATE subscription p SET
            state = 'active', verified_at = statement_timestamp(), ends_at = statement_timestamp() + %(granted)s,
            due_at = statement_timestamp() + %(renew_in)s, accepted = false, failures = 0, reason = NULL
        FROM before WHERE p.id = before.id
        RETURNING p.ends_at
        """,
        {"id": subscription_id, "granted": clean_span(granted), "renew_in": clean_span(renew_in)},
    )


async def confirm_end(conn: Conn, subscription_id: int) -> bool:
    """The hub asks whether we want to leave: True, and it is over, if we do."""
    ended = await count_rows(
        conn,
        """
        UPDATE subscription SET state = 'ended', accepted = false, due_at = statement_timestamp()
        WHERE id = %(id)s AND state = 'unwanted'
        """,
        {"id": subscription_id},
    )
    return ended > 0


async def deny(conn: Conn, subscription_id: int, *, reason: str, again_in: timedelta) -> bool:
    """The hub says no: other hubs of the source come first now, this one after `again_in`."""
    denied = await count_rows(
        conn,
        """
        UPDATE subscription SET state = 'denied', accepted = false, reason = %(reason)s,
            failures = failures + %(weight)s, due_at = statement_timestamp() + %(again_in)s
        WHERE id = %(id)s AND state IN ('wanted', 'active')
        """,
        {
            "id": subscription_id,
            "reason": clean_text(reason, max_chars=MAX_REASON_CHARS),
            "weight": DENIED_WEIGHT,
            "again_in": clean_span(again_in),
        },
    )
    return denied > 0


async def list_push_states(conn: Conn, *, trust_after: int) -> dict[int, PushState]:
    """Return how push stands, by source id: of each source the hub that matters most."""
    rows: Sequence[PushState] = await fetch_all(
        conn,
        PushState,
        """
        SELECT DISTINCT ON (source_id) source_id, state, hub, topic, reason, verified_at, ends_at, last_push_at,
               pushes, forged, missed, state = 'active' AND ends_at > statement_timestamp()
               AND proofs >= %(trust_after)s AS trusted
        FROM subscription WHERE NOT withdrawn OR state IN ('active', 'unwanted')
        ORDER BY source_id, array_position(ARRAY['active', 'wanted', 'denied', 'offered', 'unwanted', 'ended'], state),
                 place
        """,
        {"trust_after": trust_after},
    )
    return {row.source_id: row for row in rows}
