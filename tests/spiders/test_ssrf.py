"""One table: every place that must not be reached, through every door that strangers can write an address on."""

import importlib.util
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from xml.sax.saxutils import quoteattr

import pytest
import pytest_asyncio
from hostile import HostileOrigin, Told

from spiders import websub
from spiders.collector import Collector
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest
from spiders.gate.gate import Gate
from spiders.gate.policy import GatePolicy
from spiders.opml import read_opml
from spiders.readers.source import read_source
from spiders.robots import request_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "localhost",
    "LOCALHOST.",
    "rebind.example",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.43518",
    "0xA9FEA9FE",
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[::5efe:10.0.0.1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[ff02::1]",
    "[100::1]",
    "[3fff::1]",
]
SCHEMES = [
    "unix:///run/x",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "data:text/plain,x",
    "ftp://127.0.0.1/",
]
TWO_PARSERS = ["http://127.0.0.1:{port}\\@public.example/", "http://public.example#@127.0.0.1:{port}/"]
OWN_PORT = "http://93.184.215.14:5432/"  # a public address of ours, where our database might listen
LIES = {name: ["127.0.0.1"] for name in ("localhost", "localhost_", "rebind_example")}


@dataclass(frozen=True, kw_only=True)
class World:
    """A site that may be fetched from, and canaries on loopback that must stay silent."""

    site: HostileOrigin
    canaries: tuple[HostileOrigin, ...]
    collector: Collector
    gate: Gate

    @property
    def port(self) -> int:
        return self.canaries[0].port

    def targets(self) -> list[str]:
        at_canary = [f"http://{host}:{self.port}/" for host in HOSTS]
        return [*at_canary, *SCHEMES, *(each.format(port=self.port) for each in TWO_PARSERS), OWN_PORT]

    def heard(self) -> int:
        return sum(canary.connections for canary in self.canaries)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        canary = await enter(HostileOrigin())
        canaries = [canary]
        with suppress(OSError):  # a machine without IPv6
            canaries.append(await enter(HostileOrigin(host="::1", port=canary.port)))
        only_the_site = (ip_network("127.0.0.2/32"),)
        policy = GatePolicy(allow_networks=only_the_site, allow_ports=frozenset({canary.port}))
        yield World(
            site=await enter(HostileOrigin(host="127.0.0.2")),
            canaries=tuple(canaries),
            collector=await enter(Collector(policy, resolver=Told(**LIES))),
            gate=await enter(Gate(policy, resolver=Told(**LIES))),
        )


# --- the doors: each gives what came of it, one answer for each time an address was followed ---

Outcome = Fetched | FetchFailed | websub.Accepted | websub.Refused | object
Door = Callable[[World, str], Awaitable[Iterable[Outcome]]]


async def source(world: World, target: str) -> Iterable[Outcome]:
    return [await world.collector.fetch(FetchRequest(url=target))]


def redirect(status: int) -> Door:
    async def follow(world: World, target: str) -> Iterable[Outcome]:
        start = world.site.answers(f"/{status}", f"{status} Go", Location=_in_a_header(target))
        return [await world.collector.fetch(FetchRequest(url=start))]

    return follow


async def robots(world: World, target: str) -> Iterable[Outcome]:
    return [await world.collector.fetch(request_for(target.rstrip("/")))]


async def robots_redirect(world: World, target: str) -> Iterable[Outcome]:
    world.site.answers("/robots.txt", "301 Go", Location=_in_a_header(target))
    return [await world.collector.fetch(request_for(world.site.url("").rstrip("/")))]


async def webhook(world: World, target: str) -> Iterable[Outcome]:
    patience = timedelta(seconds=2)
    return [await world.gate.post(target, headers={}, body=b"{}", timeout=patience)]


async def hub(world: World, target: str) -> Iterable[Outcome]:
    return [await _subscribe(world, target)]


async def hub_redirect(world: World, target: str) -> Iterable[Outcome]:
    return [await _subscribe(world, world.site.answers("/hub", "307 Go", Location=_in_a_header(target)))]


async def _subscribe(world: World, hub_url: str) -> Outcome:
    request = websub.Ask(
        mode=websub.Mode.SUBSCRIBE,
        hub=hub_url,
        topic="https://news.example/feed",
        callback="https://marsad.example/push/x",
        secret="s" * 32,
        lease=timedelta(days=1),
    )
    return await websub.ask(world.gate, request)


async def feed_links(world: World, target: str) -> Iterable[Outcome]:
    feed = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><link rel="self" href={quoteattr(target)}/>
    <link rel="hub" href={quoteattr(target)}/><link rel="prev-archive" href={quoteattr(target)}/>
    <entry><id>1</id><title>news</title><link href={quoteattr(target)}/></entry></feed>"""
    reading = read_source(feed.encode(), url=world.site.url("/feed"))
    found = {reading.older, reading.self_url, *(entry.url for entry in reading.entries)} - {None}
    fetched = [await world.collector.fetch(FetchRequest(url=str(url))) for url in found]
    return [*fetched, *[await _subscribe(world, each) for each in reading.hubs]]


async def sitemap(world: World, target: str) -> Iterable[Outcome]:
    body = f"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{_escaped(target)}</loc></url>
    </urlset>"""
    reading = read_source(body.encode(), url=world.site.url("/sitemap.xml"))
    return [await world.collector.fetch(FetchRequest(url=each.url)) for each in reading.entries if each.url]


async def opml(world: World, target: str) -> Iterable[Outcome]:
    body = f"""<opml version="2.0"><body><outline type="rss" text="x" xmlUrl={quoteattr(target)}/></body></opml>"""
    listed = read_opml(body.encode())
    return [await world.collector.fetch(FetchRequest(url=each.url)) for each in listed.outlines]


def proxy(scheme: str) -> Door:
    async def through(world: World, target: str) -> Iterable[Outcome]:
        if target == OWN_PORT:  # a proxy may stand at any public place
            return []
        way = target.replace("http:", f"{scheme}:", 1)
        return [await world.collector.fetch(FetchRequest(url="http://news.example/", proxy=way))]

    return through


DOORS: dict[str, Door] = {
    "source": source,
    **{f"redirect {status}": redirect(status) for status in (301, 302, 303, 307, 308)},
    "robots.txt": robots,
    "robots.txt redirect": robots_redirect,
    "webhook": webhook,
    "hub": hub,
    "hub redirect": hub_redirect,
    "links of a feed": feed_links,
    "sitemap": sitemap,
    "opml": opml,
    "http proxy": proxy("http"),
    "socks proxy": proxy("socks5h"),
}


def _in_a_header(target: str) -> str:
    return target.encode().decode("latin-1").replace("\n", "")


def _escaped(target: str) -> str:
    return quoteattr(target)[1:-1]


def _is_refused(outcome: Outcome) -> bool:
    if isinstance(outcome, FetchFailed):
        return outcome.kind is FailureKind.REFUSED and outcome.reason.startswith("refused: ")
    return isinstance(outcome, websub.Refused)


@pytest.mark.parametrize("door", DOORS)
async def test_no_door_leads_to_a_place_that_must_not_be_reached(door: str, world: World) -> None:
    outcomes = {target: list(await DOORS[door](world, target)) for target in world.targets()}

    went = {target: each for target, found in outcomes.items() for each in found if not _is_refused(each)}
    assert went == {}
    assert world.heard() == 0
    tried = sum(bool(found) for found in outcomes.values())
    assert tried >= len(HOSTS) - 12  # readers drop what is no URL at all; the rest must have come to the gate


async def test_a_page_that_refreshes_itself_elsewhere_is_the_page_and_nothing_more(world: World) -> None:
    for target in world.targets():
        refresh = f"0; url={target}"
        page = f"<meta http-equiv='refresh' content={quoteattr(refresh)}>".encode()
        url = world.site.answers("/refresh", body=page, Refresh=_in_a_header(refresh))

        result = await world.collector.fetch(FetchRequest(url=url))

        assert isinstance(result, Fetched)
        assert result.final_url == url
    assert world.heard() == 0


@pytest.mark.campaign
@pytest.mark.skipif(
    importlib.util.find_spec("playwright") is None or shutil.which("chromium") is None,
    reason="needs the extra `browser` and /usr/bin/chromium",
)
async def test_a_rendered_page_reaches_none_of_these_places(world: World) -> None:
    tries = f"""const targets = {json.dumps(world.targets())};
    for (const target of targets) {{
      try {{ fetch(target, {{mode: 'no-cors'}}).catch(() => 0) }} catch (error) {{}}
      try {{ new WebSocket(target.replace('http:', 'ws:')) }} catch (error) {{}}
      const link = document.createElement('link'); link.rel = 'preconnect'; link.href = target;
      document.head.append(link);
    }}
    document.title = `${{targets.length}} tried`;"""
    page = f"<html><head></head><body><script>{tries}</script></body>".encode()
    url = world.site.answers("/page", body=page, Content_Type="text/html; charset=utf-8")

    result = await world.collector.fetch(FetchRequest(url=url, browser=True, timeout=timedelta(seconds=20)))

    assert isinstance(result, Fetched), result
    assert f"<title>{len(world.targets())} tried</title>".encode() in result.body
    assert world.heard() == 0


async def test_the_canaries_do_hear_whoever_is_let_through(world: World) -> None:
    open_to_all = GatePolicy(allow_networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")))
    before = [canary.connections for canary in world.canaries]
    async with Gate(open_to_all) as gate:
        for canary, host in zip(world.canaries, ("127.0.0.1", "[::1]"), strict=False):
            await gate.post(
                f"http://{host}:{canary.port}/", headers={}, body=b"", timeout=timedelta(seconds=2)
            )

    heard = [canary.connections - old for canary, old in zip(world.canaries, before, strict=True)]
    assert heard == [1] * len(world.canaries)
    for canary in world.canaries:
        canary.connections = 0
