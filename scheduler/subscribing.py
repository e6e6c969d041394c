"""Subscribing: hubs are asked to push, asked again before their word runs out, and told when we leave (WebSub)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from scheduler.pace import CEILING, LONGEST_BACKOFF
from spiders.websub import Ask, Mode, Post, Refused, ask, new_secret, new_token
from storage.database import Database, DatabaseError
from storage.pushes import hear, is_heard, pace_polls
from storage.subscriptions import (
    ClaimedSubscription,
    candidates,
    claim_subscriptions,
    end,
    expire,
    is_tended_by_us,
    readdress,
    record_accepted,
    record_refused,
    retire,
    want,
)

log = structlog.get_logger()

CLAIM = timedelta(minutes=3)  # longer than asking takes, redirects and all
VERIFY_WITHIN = timedelta(minutes=10)
FIRST_BACKOFF = timedelta(minutes=1)
GIVE_UP_LEAVING = 1.5  # failures; a hub that cannot be told stops by itself when its lease is over
TRUST_AFTER = 3  # pushes that were kept, and no news found by polling since: then polling may rest
DEAF_AFTER = timedelta(minutes=2)
SWITCHED_OFF_AFTER = timedelta(minutes=10)  # another process of this installation may be the one that listens
AT_ONCE = 100
NEVER_CALLED_BACK = "it took the request and never called back: can it reach [push] callback_url?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms we subscribe. `base` is the address that hubs call, None where nobody listens."""

    base: str | None
    lease: timedelta = timedelta(days=10)
    subscribe: bool = True

    @property
    def subscribing(self) -> bool:
        return self.subscribe and self.base is not None


async def tend(db: Database, terms: Terms) -> None:
    """Bring every subscription one step further; a clock tick. Sources whose hub is trusted are polled less."""
    async with db.transaction() as conn:
        if not await is_tended_by_us(conn):
            return
        if terms.base is None and await is_heard(conn, within=SWITCHED_OFF_AFTER):
            return
        await retire(conn, subscribe=terms.subscribing)
        await expire(conn)
        late = 0
        if terms.base is not None:
            late = await hear(conn, callback=terms.base, deaf_after=DEAF_AFTER)
            await readdress(conn, base=terms.base)
        if terms.base is not None and terms.subscribe:
            for subscription_id in await candidates(conn, limit=AT_ONCE):
                token = new_token()
                callback = f"{terms.base}/{token}"
                await want(conn, subscription_id, callback=callback, token=token, secret=new_secret())
        await pace_polls(conn, ceiling=CEILING, trust_after=TRUST_AFTER)
    if late:
        log.info("push_was_deaf", sources=late)


async def claim_asks(db: Database, terms: Terms, *, room: int) -> list[ClaimedSubscription]:
    """Take as many hubs to ask as there is room for."""
    async with db.connection() as conn:
        return await claim_subscriptions(conn, limit=room, lease=CLAIM, subscribe=terms.subscribing)


async def stay_at_asks(_: Sequence[ClaimedSubscription]) -> None:
    """A claim outlasts what asking takes: there is nothing to prolong."""


async def ask_hub(db: Database, door: Post, terms: Terms, claimed: ClaimedSubscription) -> None:
    """Ask one hub to push, or to stop; what it says is recorded and logged once."""
    if claimed.unverified:
        outcome = Refused(reason=NEVER_CALLED_BACK, weight=0.5)
    else:
        outcome = await ask(door, _request(claimed, terms))
    try:
        if isinstance(outcome, Refused):
            await _record_refusal(db, claimed, outcome)
            return
        async with db.connection() as conn:
            await record_accepted(conn, claimed, verify_within=VERIFY_WITHIN)
        log.info("push_asked", source=claimed.source, hub=outcome.hub, mode=_mode(claimed).value)
    except DatabaseError as error:  # the claim runs out and the hub is asked again, which does no harm
        log.error("push_not_kept", source=claimed.source, reason=str(error).strip())


def _request(claimed: ClaimedSubscription, terms: Terms) -> Ask:
    return Ask(
        mode=_mode(claimed),
        hub=claimed.hub,
        topic=claimed.topic,
        callback=claimed.callback,
        secret=claimed.secret,
        lease=terms.lease,
    )


def _mode(claimed: ClaimedSubscription) -> Mode:
    return Mode.UNSUBSCRIBE if claimed.state == "unwanted" else Mode.SUBSCRIBE


async def _record_refusal(db: Database, claimed: ClaimedSubscription, refused: Refused) -> None:
    failures = claimed.failures + refused.weight
    again_in = back_off(failures, refused.retry_after)
    leaving = claimed.state == "unwanted"
    async with db.connection() as conn:
        if leaving and failures >= GIVE_UP_LEAVING:
            await end(conn, claimed, reason=f"it could not be told that we left: {refused.reason}")
            log.info("push_ended", source=claimed.source, hub=claimed.hub, reason=refused.reason)
            return
        await record_refused(conn, claimed, failures=failures, again_in=again_in, reason=refused.reason)
    log.warning(
        "push_refused",
        source=claimed.source,
        hub=claimed.hub,
        reason=refused.reason,
        again_in_seconds=round(again_in.total_seconds()),
    )


def back_off(
    failures: float, retry_after: timedelta | None = None, rng: random.Random | None = None
) -> timedelta:
    """When to ask again: doubling with the weight of failures, with jitter; Retry-After is obeyed; a day at most."""
    doubled = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(failures, 12.0))
    wait = max(doubled, min(retry_after or timedelta(0), LONGEST_BACKOFF))
    return wait * (rng or random).uniform(1.0, 1.2)
