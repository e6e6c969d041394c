import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from inspect import signature
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest
from certificates import server_context, write_authority
from hostile import HostileOrigin, Told
from ways_out import HttpProxy, SocksProxy

from spiders.collector import Collector
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest
from spiders.gate.addresses import Refusal
from spiders.gate.exchange import Answer, Call, GateError, PostReply
from spiders.gate.gate import Gate
from spiders.gate.policy import GatePolicy
from spiders.gate.proxies import Proxy, read_proxy

KINDS = [HttpProxy, SocksProxy]
FAR = "news.example"  # only the proxy knows where it is


def proxy_of(url: str) -> Proxy:
    proxy = read_proxy(url)
    assert isinstance(proxy, Proxy), proxy
    return proxy


def policy_for(url: str | None, origin: HostileOrigin, **options) -> GatePolicy:
    """Nothing but the public web is open, and the port on which the test's origin listens."""
    return GatePolicy(proxy=proxy_of(url) if url else None, allow_ports=frozenset({origin.port}), **options)


async def get(gate: Gate, url: str, **options) -> Answer:
    return await gate.exchange(Call(method="GET", url=url, **options))


async def fault_of_get(gate: Gate, url: str, **options) -> GateError:
    with pytest.raises(GateError) as caught:
        await get(gate, url, **options)
    return caught.value


@pytest.fixture
async def origin() -> AsyncIterator[HostileOrigin]:
    async with HostileOrigin() as hostile:
        yield hostile


@pytest.fixture
def no_lookups(monkeypatch) -> list[str]:
    """Every name that this process asks the system for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def watched(host, *args, **options):
        if not str(host).startswith("127."):
            asked.append(str(host))
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    return asked


# --- everything goes through it ---


@pytest.mark.parametrize("kind", KINDS)
async def test_pages_and_posts_go_through_the_proxy_and_no_name_is_looked_up_here(
    kind, origin: HostileOrigin, no_lookups: list[str]
) -> None:
    origin.answers("/feed", body=b"<rss/>")
    names = Told()
    async with kind(knows={FAR: ("127.0.0.1", origin.port)}) as way:
        async with Gate(policy_for(way.url, origin), resolver=names) as gate:
            answer = await get(gate, origin.url("/feed", FAR))
            reply = await gate.post(
                origin.url("/feed", FAR), headers={}, body=b"{}", timeout=timedelta(seconds=5)
            )

        assert (answer.body, answer.address) == (b"<rss/>", None)
        assert isinstance(reply, PostReply)
        assert (way.asked, way.connections, origin.connections) == ([FAR, FAR], 2, 2)
    assert names.asked == []
    assert no_lookups == []
    assert {seen.headers["host"] for seen in origin.seen} == {f"{FAR}:{origin.port}"}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_collector_follows_redirects_through_the_proxy(kind, origin: HostileOrigin) -> None:
    origin.answers("/new", body=b"<rss/>")
    names = Told()
    async with kind(knows={FAR: ("127.0.0.1", origin.port)}) as way:
        old = origin.answers("/old", "301 Moved", Location=origin.url("/new", FAR)).replace("127.0.0.1", FAR)
        async with Collector(policy_for(way.url, origin), resolver=names) as collector:
            result = await collector.fetch(FetchRequest(url=old))

        assert isinstance(result, Fetched), result
        assert (result.body, result.moved_to) == (b"<rss/>", origin.url("/new", FAR))
        assert way.asked == [FAR, FAR]
    assert FAR not in names.asked


@pytest.mark.parametrize("kind", KINDS)
async def test_tls_is_verified_behind_the_proxy_and_the_certificate_is_told(kind, tmp_path: Path) -> None:
    authority = write_authority(tmp_path)
    place = "93.184.215.14"  # a public address, which the proxy dials for us
    async with HostileOrigin(tls=server_context(tmp_path, place)) as origin:
        url = origin.answers("/", body=b"secret news").replace("127.0.0.1", place)
        async with kind(knows={place: ("127.0.0.1", origin.port)}) as way:
            async with Gate(policy_for(way.url, origin, trust_ca_files=(authority,))) as gate:
                answer = await get(gate, url)
            async with Gate(policy_for(way.url, origin)) as gate:
                fault = await fault_of_get(gate, url)

    assert answer.body == b"secret news"
    assert answer.certificate is not None
    assert len(answer.certificate) == 64
    assert (fault.kind, "trust_ca_files" in fault.reason) == (FailureKind.TLS, True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tls", [False, True])
async def test_a_login_is_given_to_the_proxy_and_to_nobody_else(kind, tls: bool, tmp_path: Path) -> None:
    authority, place = write_authority(tmp_path), "93.184.215.14"
    async with HostileOrigin(tls=server_context(tmp_path, place) if tls else None) as origin:
        url = origin.answers("/", body=b"news").replace("127.0.0.1", place)
        async with kind(knows={place: ("127.0.0.1", origin.port)}, login="us:pa:ss") as way:
            with_login = way.url.replace("://", "://us:pa%3Ass@")
            async with Gate(policy_for(with_login, origin, trust_ca_files=(authority,))) as gate:
                answer = await get(gate, url)
            async with Gate(policy_for(way.url, origin, trust_ca_files=(authority,))) as gate:
                fault = await fault_of_get(gate, url)

    assert answer.body == b"news"
    assert fault.kind is FailureKind.CONNECT
    assert way.url in fault.reason
    if kind is SocksProxy or tls:  # a plain request is passed on by this proxy as it came
        assert not any(
            "pa:ss" in str(seen.headers) or "proxy-authorization" in seen.headers for seen in origin.seen
        )


# --- and nothing beside it ---


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
@pytest.mark.parametrize("tls", [False, True])
async def test_when_the_proxy_is_down_nothing_goes_out_directly(
    scheme: str, tls: bool, origin: HostileOrigin, no_lookups: list[str]
) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound and deaf: whoever dials it is turned away
        proxy = f"{scheme}://127.0.0.1:{reserved.getsockname()[1]}"
        names = Told(news_example=["127.0.0.1"])
        policy = policy_for(proxy, origin, allow_networks=(ip_network("127.0.0.0/8"),))
        async with Gate(policy, resolver=names) as gate:
            url = origin.url("/", FAR)
            fault = await fault_of_get(gate, url.replace("http:", "https:") if tls else url)

    assert fault.kind is FailureKind.CONNECT
    assert proxy in fault.reason
    assert (origin.connections, FAR in names.asked, no_lookups) == (0, False, [])


@pytest.mark.parametrize("kind", KINDS)
async def test_what_the_proxy_cannot_reach_is_a_failure_with_its_words(kind, tmp_path: Path) -> None:
    async with kind() as way, Gate(GatePolicy(proxy=proxy_of(way.url))) as gate:
        fault = await fault_of_get(gate, f"https://{FAR}/")

    assert fault.kind is FailureKind.CONNECT
    assert way.url in fault.reason
    assert FAR in fault.reason


async def test_a_proxy_that_says_nothing_is_given_up_in_time() -> None:
    async with HostileOrigin() as deaf:
        policy = GatePolicy(proxy=proxy_of(f"socks5h://127.0.0.1:{deaf.port}"), total_timeout_seconds=0.3)
        async with Gate(policy) as gate:
            fault = await fault_of_get(gate, f"http://{FAR}/")

    assert fault.kind in (FailureKind.TIMEOUT, FailureKind.CONNECT)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "printer.local", "metadata.google.internal", "intranet"],
)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_local_name_is_not_handed_to_a_proxy(kind, host: str) -> None:
    async with kind() as way, Gate(GatePolicy(proxy=proxy_of(way.url))) as gate:
        fault = await fault_of_get(gate, f"http://{host}/")

        assert fault.kind is FailureKind.REFUSED
        assert way.connections == 0


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://[::1]/", "http://10.0.0.1/", "http://news.example:22/"]
)
async def test_private_addresses_and_odd_ports_are_refused_before_the_proxy_hears_of_them(url: str) -> None:
    async with SocksProxy() as way, Gate(GatePolicy(proxy=proxy_of(way.url))) as gate:
        assert (await fault_of_get(gate, url)).kind is FailureKind.REFUSED
        assert way.connections == 0


async def test_an_onion_address_is_never_looked_up(no_lookups: list[str]) -> None:
    async with Gate(GatePolicy()) as gate:
        fault = await fault_of_get(gate, "http://abcdefghij234567.onion/")

    assert fault.kind is FailureKind.REFUSED
    assert "[gate] proxy" in fault.reason
    assert no_lookups == []


# --- a proxy for one source ---


@pytest.mark.parametrize("kind", KINDS)
async def test_a_source_may_have_a_proxy_of_its_own_inside_an_allowed_network(
    kind, origin: HostileOrigin
) -> None:
    origin.answers("/", body=b"news")
    loopback = (ip_network("127.0.0.0/8"),)
    async with kind(knows={FAR: ("127.0.0.1", origin.port)}) as way:
        async with Collector(policy_for(None, origin, allow_networks=loopback)) as collector:
            result = await collector.fetch(FetchRequest(url=origin.url("/", FAR), proxy=way.url))
        async with Collector(policy_for(None, origin)) as collector:
            refused = await collector.fetch(FetchRequest(url=origin.url("/", FAR), proxy=way.url))

        assert isinstance(result, Fetched), result
        assert isinstance(refused, FetchFailed)
        assert refused.kind is FailureKind.REFUSED
        assert (way.connections, origin.connections) == (1, 1)


async def test_the_proxy_of_a_source_may_be_the_operators_own_with_its_login(origin: HostileOrigin) -> None:
    origin.answers("/", body=b"news")
    async with SocksProxy(knows={FAR: ("127.0.0.1", origin.port)}, login="us:er") as way:
        policy = policy_for(way.url.replace("://", "://us:er@"), origin)
        async with Collector(policy) as collector:
            result = await collector.fetch(FetchRequest(url=origin.url("/", FAR), proxy=way.url))

    assert isinstance(result, Fetched), result


async def test_a_name_of_a_proxy_that_leads_inside_is_refused(origin: HostileOrigin) -> None:
    async with SocksProxy() as way:
        inside = f"socks5h://proxy.example:{way.port}"
        async with Gate(GatePolicy(), resolver=Told(proxy_example=["127.0.0.1"])) as gate:
            socks = await fault_of_get(gate, f"http://{FAR}/", proxy=inside)
            http = await fault_of_get(gate, f"http://{FAR}/", proxy=inside.replace("socks5h", "http"))

        assert (socks.kind, http.kind, way.connections) == (FailureKind.REFUSED, FailureKind.REFUSED, 0)


@pytest.mark.parametrize(
    "text",
    [
        "socks5://127.0.0.1:9050",
        "socks5h://127.0.0.1",
        "127.0.0.1:9050",
        "https://127.0.0.1:9050",
        "http://127.0.0.1:3128/path",
        "http://0x7f.1:3128",
        "http://us:CANARY@0x7f.1:3128",
        "us:CANARY@10.0.0.1:3128",
        "file:///etc/passwd",
        "",
    ],
)
def test_what_is_no_proxy_is_refused_with_the_remedy_and_without_its_password(text: str) -> None:
    refusal = read_proxy(text)

    assert isinstance(refusal, Refusal)
    assert "write " in refusal.reason
    assert "CANARY" not in refusal.reason


def test_a_password_shows_neither_in_the_place_nor_in_the_text_of_a_proxy() -> None:
    proxy = proxy_of("http://us:CANARY@proxy.example:3128")

    assert proxy.password == "CANARY"
    assert "CANARY" not in f"{proxy} {proxy.place} {proxy.url}"


def test_a_password_at_a_source_is_refused() -> None:
    refusal = GatePolicy().way_out("http://us:CANARY@proxy.example:3128")

    assert isinstance(refusal, Refusal)
    assert "proxy_file" in refusal.reason
    assert "CANARY" not in refusal.reason


def test_aiohttp_still_has_the_private_hooks_that_hand_names_to_a_proxy() -> None:
    names = signature(aiohttp.TCPConnector._wrap_create_connection).parameters
    existing = signature(aiohttp.TCPConnector._wrap_existing_connection).parameters

    assert list(names) == ["self", "args", "addr_infos", "req", "timeout", "client_error", "kwargs"]
    assert list(existing) == ["self", "args", "req", "timeout", "client_error", "kwargs"]
