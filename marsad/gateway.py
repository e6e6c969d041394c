"""What the operator's settings make of the one gate: a collector for sources, and a door for messages."""

import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from alerts.channels import Means
from alerts.webhook import PostFailed
from marsad.configuration import Configuration, GateSettings
from marsad.errors import BadInput
from spiders.access import AccessError, read_private
from spiders.collector import Collector
from spiders.fetching import FailureKind, FetchFailed
from spiders.gate.exchange import PostReply
from spiders.gate.gate import Gate
from spiders.gate.policy import GatePolicy
from spiders.gate.proxies import Proxy, read_proxy

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
        proxy=_proxy_of(gate),
    )


def _proxy_of(gate: GateSettings) -> Proxy | None:
    if gate.proxy is not None:
        text, where = gate.proxy, "gate.proxy"
    elif gate.proxy_file is not None:
        text, where = _secret(gate.proxy_file), str(gate.proxy_file)
    else:
        return None
    proxy = read_proxy(text)
    if isinstance(proxy, Proxy):
        return proxy
    raise BadInput(f"{where}: {proxy.reason}")


def _secret(path: Path) -> str:
    try:
        return read_private(path)
    except AccessError as error:
        raise BadInput(str(error)) from None


@asynccontextmanager
async def open_collector(configuration: Configuration) -> AsyncGenerator[Collector]:
    """The collector that fetches sources and pages."""
    policy = policy_of(configuration)
    async with Collector(
        policy,
        concurrency=IN_FLIGHT,
        per_host=configuration.collect.per_host,
        browser_path=configuration.gate.browser_path,
    ) as collector:
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
