"""The daemon of the bench: Marsad's real parts in a process of their own, on the bench's feeds and the pack's rules."""

import asyncio
import json
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from marsad.configuration import CollectSettings, Configuration, GateSettings, LogSettings
from marsad.daemon import Role, running
from marsad.logs import set_up_logs
from marsad.watchfile import WatchSet, load_watch
from storage.channels import ChannelSpec
from storage.sources import SourceSpec, source_key

EVERY = timedelta(hours=1)  # nothing falls due by itself while the bench runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the daemon is told at its start, as JSON on standard input."""

    home: str
    urls: list[str]
    role: Role
    hook_url: str
    hook_secret: str


def watch_of(order: Order) -> WatchSet:
    """The pack's rules and concepts, over the bench's sources; alerts go to the bench's webhook."""
    sources = tuple(
        SourceSpec(key=source_key(url), name=f"Paper {number}", url=url, every=EVERY, pages=False)
        for number, url in enumerate(order.urls)
    )
    hook = ChannelSpec(
        name="hook", kind="webhook", settings={"url": order.hook_url, "secret": order.hook_secret}
    )
    return replace(load_watch(["iraq"]), sources=sources, channels=(hook,))


def configuration_of(order: Order) -> Configuration:
    """Marsad's own defaults, but for the networks that it may reach."""
    return Configuration(
        home=Path(order.home),
        gate=GateSettings(allow_networks=(ip_network("127.0.0.0/8"),)),
        collect=CollectSettings(tick_seconds=0.2),
        log=LogSettings(format="json"),
    )


async def serve(order: Order) -> None:
    """Run until standard input ends; say on standard output where the database is, once all is up."""
    configuration = configuration_of(order)
    async with running(configuration, watch_of(order), role=order.role) as daemon:
        print(json.dumps({"dsn": daemon.store.dsn}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """`python -m bench.daemon`, its order in the first line of standard input."""
    order = Order(**json.loads(sys.stdin.readline()))
    with (Path(order.home) / f"{order.role}.log").open("w", encoding="utf-8") as log:
        set_up_logs(configuration_of(order).log, log)
        asyncio.run(serve(order))


if __name__ == "__main__":
    main()
