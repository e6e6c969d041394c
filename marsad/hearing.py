"""Hearing: the part of the daemon that hubs call, and that asks them to; without [push] it only leaves them."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog

from marsad.configuration import Configuration, PushSettings, host_and_port
from marsad.errors import BadInput
from marsad.gateway import policy_of
from scheduler.clock import Tick
from scheduler.fleet import Fleet
from scheduler.means import Means
from scheduler.pushes import PushDesk, claim_pushed, keep_pushed, stay_at_pushed
from scheduler.subscribing import Terms, ask_hub, claim_asks, stay_at_asks, tend
from spiders.gate.gate import Gate
from spiders.listener import Listener
from storage.pushes import LeasedPush
from storage.subscriptions import ClaimedSubscription

log = structlog.get_logger()

ASKS_AT_ONCE = 4  # one hub serves many sources, and is not to be stormed
TENDED_EVERY, TENDED_EVERY_WHEN_OFF = 5, 60  # ticks of [collect] tick_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PushParts:
    """What the clock is to do for push, and the fleets that do it."""

    ticks: list[Tick]
    fleets: list[Fleet[Any]]


@asynccontextmanager
async def hearing(configuration: Configuration, means: Means) -> AsyncGenerator[PushParts]:
    """Listen where the operator says so, and have the hubs asked; pushes are read as soon as they are there."""
    push, tick = configuration.push, timedelta(seconds=configuration.collect.tick_seconds)
    terms = Terms(base=push.callback_url, lease=push.lease, subscribe=push.subscribe)
    async with AsyncExitStack() as stack:
        asks = _asks(means, await stack.enter_async_context(Gate(policy_of(configuration))), terms)
        pushes = _pushes(means, max(2, configuration.collect.concurrency // 4))
        every = tick * (TENDED_EVERY if push.listen else TENDED_EVERY_WHEN_OFF)
        ticks = [
            Tick(name="subscriptions", every=every, do=lambda: tend(means.db, terms)),
            Tick(name="hubs", every=every, do=asks.fill),
            Tick(name="pushes", every=tick, do=pushes.fill),
            Tick(name="stay at pushes", every=means.lease / 3, do=pushes.stay),
        ]
        if push.listen is not None:
            await _listen(stack, push, terms, means, pushes)
        yield PushParts(ticks=ticks, fleets=[asks, pushes])


def _asks(means: Means, door: Gate, terms: Terms) -> Fleet[ClaimedSubscription]:
    return Fleet(
        "hub",
        size=ASKS_AT_ONCE,
        claim=lambda room: claim_asks(means.db, terms, room=room),
        do=lambda claimed: ask_hub(means.db, door, terms, claimed),
        extend=stay_at_asks,
    )


def _pushes(means: Means, size: int) -> Fleet[LeasedPush]:
    return Fleet(
        "push",
        size=size,
        claim=lambda room: claim_pushed(means, room=room),
        do=lambda leased: keep_pushed(means, leased),
        extend=lambda leased: stay_at_pushed(means, leased),
    )


async def _listen(
    stack: AsyncExitStack, push: PushSettings, terms: Terms, means: Means, pushes: Fleet[LeasedPush]
) -> None:
    bell = asyncio.Event()
    await stack.enter_async_context(_answering(bell, pushes))
    desk = PushDesk(means.db, means.captures, terms, bell.set)
    host, port = host_and_port(push.listen or "")
    listener = Listener(desk, host=host, port=port, prefix=urlsplit(push.callback_url or "").path)
    try:
        await stack.enter_async_context(listener)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(
            f"push.listen: cannot listen on {push.listen}: {reason}; choose another port"
        ) from None
    log.info("push_listening", address=f"{host}:{listener.port}", callback=push.callback_url)


@asynccontextmanager
async def _answering(bell: asyncio.Event, pushes: Fleet[LeasedPush]) -> AsyncGenerator[None]:
    """Read what came as soon as the bell rings, not at the next tick."""

    async def answer() -> None:
        while True:
            await bell.wait()
            bell.clear()
            await pushes.fill()

    task = asyncio.create_task(answer())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
