"""What the operator's settings make of the one gate: a collector for sources, and a door for messages."""

import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TextIO

from alerts.channels import Means
from alerts.webhook import PostFailed
from marsad.configuration import Configuration
from spiders.collector import Collector
from spiders.fetching import FailureKind, FetchFailed
from spiders.gate.exchange import PostReply
from spiders.gate.gate import Gate
from spiders.gate.policy import GatePolicy

IN_FLIGHT = 256  # the fleets bound what is under way; this only bounds sockets


def policy_of(configuration: Configuration) -> GatePolicy:
    """The gate's policy as the operator set it."""
    gate = configuration.gate
    return GatePolicy(
        allow_networks=gate.allow_networks,
        ports=frozenset(gate.ports),
        trust_ca_files=gate.trust_ca_files,
        user_agent=gate.user_agent,
        total_timeout_seconds=configuration.collect.timeout_seconds,
    )


@asynccontextmanager
async def open_collector(configuration: Configuration) -> AsyncGenerator[Collector]:
    """The collector that fetches sources and pages."""
    policy = policy_of(configuration)
    async with Collector(policy, concurrency=IN_FLIGHT, per_host=configuration.collect.per_host) as collector:
        yield collector


@asynccontextmanager
async def open_means(configuration: Configuration, stream: TextIO | None = None) -> AsyncGenerator[Means]:
    """What sending needs: the mail server, the gate for webhooks, the terminal."""
    async with Gate(policy_of(configuration)) as gate:
        yield Means(server=configuration.smtp, post=_Door(gate), stream=stream or sys.stdout)


class _Door:
    """Posts through the gate and answers as `alerts` expects."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout: timedelta,  # noqa: ASYNC109 (the caller's patience is part of the call)
    ) -> PostReply | PostFailed:
        reply = await self._gate.post(url, headers=headers, body=body, timeout=timeout)
        if isinstance(reply, FetchFailed):
            return PostFailed(reply.reason, refused=reply.kind is FailureKind.REFUSED)
        return reply
