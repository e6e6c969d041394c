import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from inspect import signature
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import brotli
import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.client_proto import ResponseHandler
from backports import zstd
from certificates import server_context, write_authority
from hostile import FLOOD_BYTES, LOOPBACK, Exchange, HostileOrigin, Told

from spiders.fetching import FailureKind, FetchFailed
from spiders.gate.body import Body
from spiders.gate.connector import BoundedResponseHandler, GuardedConnector
from spiders.gate.decoding import BodyDecoder
from spiders.gate.exchange import Answer, Call, Cut, GateError, PostReply
from spiders.gate.gate import Gate, tls_context
from spiders.gate.policy import GatePolicy

SHORT = timedelta(seconds=0.3)
MEGABYTE = 1 << 20
SMALL = GatePolicy(allow_networks=LOOPBACK, max_bytes=MEGABYTE, total_timeout_seconds=20)


@pytest.fixture
async def origin() -> AsyncIterator[HostileOrigin]:
    async with HostileOrigin() as hostile:
        yield hostile


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    async with Gate(SMALL) as opened:
        yield opened


async def get(gate: Gate, url: str, **options) -> Answer:
    return await gate.exchange(Call(method="GET", url=url, **options))


async def fault_of_get(gate: Gate, url: str, **options) -> GateError:
    with pytest.raises(GateError) as caught:
        await get(gate, url, **options)
    return caught.value


# --- where it will not go ---

NAMES = [
    "localhost",
    "LOCALHOST.",
    "ip6-localhost",
    "rebind.example",
    "mixed.example",
    "v6.example",
    "nat64.example",
]
REBINDING = {
    "rebind_example": ["127.0.0.1"],
    "mixed_example": ["93.184.215.14", "127.0.0.1"],
    "v6_example": ["::1"],
    "nat64_example": ["64:ff9b::7f00:1"],
    "localhost": ["127.0.0.1"],
    "localhost_": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
}
LITERALS = [
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
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[::5efe:127.0.0.1]",
]


@pytest.mark.parametrize("host", NAMES + LITERALS)
async def test_a_canary_on_loopback_is_never_touched(host: str, origin: HostileOrigin) -> None:
    origin.answers("/", body=b"the metadata service")
    policy = GatePolicy(allow_ports=frozenset({origin.port}))

    async with Gate(policy, resolver=Told(**REBINDING)) as gate:
        fault = await fault_of_get(gate, origin.url("/", host))
        reply = await gate.post(origin.url("/", host), headers={}, body=b"{}", timeout=SHORT)

    assert fault.kind is FailureKind.REFUSED
    assert fault.reason.startswith("refused: ")
    assert isinstance(reply, FetchFailed)
    assert reply.kind is FailureKind.REFUSED
    assert origin.connections == 0


async def test_the_systems_own_resolver_is_under_the_same_guard(origin: HostileOrigin) -> None:
    async with Gate(GatePolicy(allow_ports=frozenset({origin.port}))) as gate:
        fault = await fault_of_get(gate, origin.url("/", "localhost"))

    assert fault.kind is FailureKind.REFUSED
    assert origin.connections == 0


async def test_the_socket_itself_is_guarded_when_the_resolver_lies(origin: HostileOrigin) -> None:
    policy = GatePolicy(allow_ports=frozenset({origin.port}))
    async with Gate(policy, resolver=Told(liar_example=["127.0.0.1"])) as gate:
        session = gate._open()
        session.connector._resolver = Told(
            liar_example=["127.0.0.1"]
        )  # the guard around the resolver is gone

        fault = await fault_of_get(gate, origin.url("/", "liar.example"))

    assert fault.kind is FailureKind.REFUSED
    assert origin.connections == 0


async def test_a_name_that_moves_to_loopback_between_two_lookups_is_refused(origin: HostileOrigin) -> None:
    names = Told(moves_example=["127.0.0.1"])
    async with Gate(SMALL, resolver=names) as open_gate:
        origin.answers("/", body=b"hello")
        assert (await get(open_gate, origin.url("/", "moves.example"))).body == b"hello"
    before = origin.connections

    async with Gate(GatePolicy(allow_ports=frozenset({origin.port})), resolver=names) as gate:
        faults = [await fault_of_get(gate, origin.url("/", "moves.example")) for _ in range(20)]

    assert {fault.kind for fault in faults} == {FailureKind.REFUSED}
    assert origin.connections == before


async def test_environment_proxies_are_not_used(origin: HostileOrigin, gate: Gate, monkeypatch) -> None:
    async with HostileOrigin() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        origin.answers("/", body=b"direct")

        assert (await get(gate, origin.url("/"))).body == b"direct"
        assert proxy.connections == 0


# --- sizes ---


@pytest.mark.parametrize("length", ["Content-Length: 524288000\r\n", "Transfer-Encoding: chunked\r\n", ""])
async def test_an_endless_body_is_cut_and_what_was_read_is_kept(
    length: str, origin: HostileOrigin, gate: Gate
) -> None:
    piece = b"<item>Baghdad</item>" * 3000

    async def endless(exchange: Exchange) -> None:
        await exchange.send(f"HTTP/1.1 200 OK\r\n{length}\r\n".encode())
        await exchange.flood(b"%x\r\n%b\r\n" % (len(piece), piece) if "chunked" in length else piece)

    answer = await get(gate, origin.on("/", endless))

    assert answer.cut is Cut.SIZE
    assert len(answer.body) == MEGABYTE
    assert answer.body.startswith(b"<item>Baghdad</item>")
    assert origin.sent_bytes < FLOOD_BYTES / 4


async def _endless_fields(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    await exchange.flood(b"".join(b"X-%d: %b\r\n" % (number, b"a" * 1000) for number in range(50)))


async def _one_endless_field(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nX: ")
    await exchange.flood(b"a" * 60_000)


async def _endless_status_line(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 ")
    await exchange.flood(b"a" * 60_000)


async def _endless_early_hints(exchange: Exchange) -> None:
    await exchange.flood(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1000)


async def _endless_folded_field(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nX: a\r\n")
    await exchange.flood(b" folded\r\n" * 1000)


async def _seventy_kibibytes(exchange: Exchange) -> None:
    fields = b"".join(b"X-%d: %b\r\n" % (number, b"a" * 1000) for number in range(70))
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + fields + b"\r\n")


async def _three_hundred_fields(exchange: Exchange) -> None:
    fields = b"".join(b"X-%d: a\r\n" % number for number in range(300))
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + fields + b"\r\n")


@pytest.mark.parametrize(
    "fault",
    [
        _endless_fields,
        _one_endless_field,
        _endless_status_line,
        _endless_early_hints,
        _endless_folded_field,
        _seventy_kibibytes,
        _three_hundred_fields,
    ],
)
async def test_headers_out_of_bounds_end_the_exchange(fault, origin: HostileOrigin, gate: Gate) -> None:
    failed = await fault_of_get(gate, origin.on("/", fault))

    assert failed.kind is FailureKind.PROTOCOL
    assert origin.sent_bytes < FLOOD_BYTES / 8


async def test_endless_trailers_are_bounded_too(origin: HostileOrigin, gate: Gate) -> None:
    async def trailers(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnews\r\n0\r\n")
        await exchange.flood(b"".join(b"X-%d: %b\r\n" % (number, b"a" * 1000) for number in range(50)))

    answer = await get(gate, origin.on("/", trailers))

    assert answer.body == b"news"
    assert origin.sent_bytes < FLOOD_BYTES / 4


async def test_ordinary_large_headers_pass(origin: HostileOrigin, gate: Gate) -> None:
    url = origin.answers("/", body=b"news", Content_Security_Policy="a" * 20_000)

    assert (await get(gate, url)).body == b"news"


BOMB = bytes(32 << 20)
BOMBS = {
    "gzip": gzip.compress(BOMB),
    "gzip, gzip": gzip.compress(gzip.compress(BOMB)),
    "gzip, gzip, gzip": gzip.compress(gzip.compress(gzip.compress(BOMB))),
    "br": brotli.compress(BOMB, quality=1),
    "zstd": zstd.compress(BOMB),
    "br, gzip": gzip.compress(brotli.compress(BOMB, quality=1)),
}


@pytest.mark.parametrize("coding", BOMBS)
async def test_a_bomb_is_cut_at_the_limit(coding: str, origin: HostileOrigin, gate: Gate) -> None:
    url = origin.answers("/", body=BOMBS[coding], Content_Encoding=coding)

    answer = await get(gate, url)

    assert answer.cut is Cut.SIZE
    assert len(answer.body) == MEGABYTE


async def test_a_bomb_that_decodes_to_nothing_is_too_large(origin: HostileOrigin, gate: Gate) -> None:
    empty = gzip.compress(b"")
    url = origin.answers("/", body=empty * (4 * MEGABYTE // len(empty)), Content_Encoding="gzip")

    assert (await fault_of_get(gate, url)).kind is FailureKind.TOO_LARGE


# --- bodies that break ---


async def test_a_truncated_gzip_body_is_kept_and_said_to_be_cut(origin: HostileOrigin, gate: Gate) -> None:
    text = b"".join(b"<item>%d</item>" % number for number in range(20_000))
    url = origin.answers("/", body=gzip.compress(text)[:-2000], Content_Encoding="gzip")

    answer = await get(gate, url)

    assert answer.cut is Cut.BROKEN
    assert text.startswith(answer.body)
    assert len(answer.body) > len(text) // 2


@pytest.mark.parametrize("headers", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
async def test_a_body_that_breaks_off_is_kept_and_said_to_be_cut(
    headers: str, origin: HostileOrigin, gate: Gate
) -> None:
    async def breaks(exchange: Exchange) -> None:
        body = b"6\r\n<item>\r\n" if "chunked" in headers else b"<item>"
        await exchange.send(f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode() + body)

    answer = await get(gate, origin.on("/", breaks))

    assert answer.cut is Cut.BROKEN
    assert answer.body == b"<item>"


async def test_garbage_between_chunks_keeps_what_came_before(origin: HostileOrigin) -> None:
    headers_read = asyncio.Event()

    class Watched(Gate):
        def _judge_headers(self, response: aiohttp.ClientResponse) -> None:
            super()._judge_headers(response)
            headers_read.set()

    async def garbage(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<item>\r\n")
        await headers_read.wait()
        await exchange.send(b"not a chunk length\r\n")

    async with Watched(SMALL) as gate:
        answer = await get(gate, origin.on("/", garbage))

    assert answer.cut is Cut.BROKEN
    assert answer.body == b"<item>"


async def test_what_had_arrived_unread_when_the_connection_broke_is_kept() -> None:
    loop = asyncio.get_running_loop()
    content = aiohttp.StreamReader(BaseProtocol(loop), 1 << 16, loop=loop)
    content.feed_data(b"<item>")
    content.set_exception(aiohttp.ClientPayloadError("broke"))
    body = Body(100)

    cut = await body._read_all(content, BodyDecoder([], 100), "example.org")

    assert (cut, body.data) == (Cut.BROKEN, b"<item>")


async def test_a_connection_reset_before_the_answer_is_named(origin: HostileOrigin, gate: Gate) -> None:
    async def resets(exchange: Exchange) -> None:
        exchange.reset()

    fault = await fault_of_get(gate, origin.on("/", resets))

    assert fault.kind is FailureKind.CONNECT
    assert "127.0.0.1" in fault.reason


async def test_what_is_not_http_is_named(origin: HostileOrigin, gate: Gate) -> None:
    async def ssh(exchange: Exchange) -> None:
        await exchange.send(b"SSH-2.0-OpenSSH_9.2\r\n")

    assert (await fault_of_get(gate, origin.on("/", ssh))).kind is FailureKind.PROTOCOL


async def test_broken_compression_of_an_error_page_does_not_hide_its_status(
    origin: HostileOrigin, gate: Gate
) -> None:
    url = origin.answers(
        "/", "503 Service Unavailable", b"\xff" * 99, Content_Encoding="gzip", Retry_After="7"
    )

    answer = await get(gate, url)

    assert answer.status == 503
    assert ("Retry-After", "7") in answer.headers


# --- time ---


async def _drip_headers(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        await exchange.send(b"a")
        await asyncio.sleep(0.01)


async def _drip_body(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await exchange.send(b"a")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("fault", [Exchange.silence, _drip_headers, _drip_body])
async def test_a_slow_loris_is_ended_by_the_total_timeout(fault, origin: HostileOrigin, gate: Gate) -> None:
    async with asyncio.timeout(5):
        failed = await fault_of_get(gate, origin.on("/", fault), timeout=SHORT)

    assert failed.kind is FailureKind.TIMEOUT
    assert "0.3 s" in failed.reason


async def test_a_page_that_nearly_made_it_is_kept_when_the_time_is_up(
    origin: HostileOrigin, gate: Gate
) -> None:
    async def slow(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"news " * 10_000)
        await exchange.silence()

    answer = await get(gate, origin.on("/", slow), timeout=SHORT)

    assert answer.cut is Cut.SLOW
    assert answer.body == b"news " * 10_000


async def test_closing_the_gate_ends_what_is_under_way(origin: HostileOrigin) -> None:
    arrived = asyncio.Event()

    async def hangs(exchange: Exchange) -> None:
        arrived.set()
        await exchange.silence()

    async with Gate(SMALL) as gate:
        under_way = asyncio.create_task(fault_of_get(gate, origin.on("/", hangs)))
        await arrived.wait()

    async with asyncio.timeout(5):
        assert isinstance(await under_way, GateError)
    assert (await fault_of_get(gate, origin.url("/"))).kind is FailureKind.REFUSED


# --- TLS ---


async def test_a_certificate_is_verified_and_an_own_authority_can_be_trusted(tmp_path: Path) -> None:
    authority = write_authority(tmp_path)
    async with HostileOrigin(tls=server_context(tmp_path, "127.0.0.1")) as origin:
        url = origin.answers("/", body=b"secret news")
        async with Gate(SMALL) as gate:
            fault = await fault_of_get(gate, url)
        async with Gate(GatePolicy(allow_networks=LOOPBACK, trust_ca_files=(authority,))) as gate:
            trusted = await get(gate, url)

    assert fault.kind is FailureKind.TLS
    assert "trust_ca_files" in fault.reason
    assert trusted.body == b"secret news"


async def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    authority = write_authority(tmp_path)
    policy = GatePolicy(allow_networks=LOOPBACK, trust_ca_files=(authority,))
    async with HostileOrigin(tls=server_context(tmp_path, "127.0.0.9")) as origin, Gate(policy) as gate:
        fault = await fault_of_get(gate, origin.answers("/"))

    assert fault.kind is FailureKind.TLS


async def test_a_certificate_that_ran_out_is_refused(tmp_path: Path) -> None:
    policy = GatePolicy(allow_networks=LOOPBACK, trust_ca_files=(write_authority(tmp_path),))
    async with (
        HostileOrigin(tls=server_context(tmp_path, "127.0.0.1", days=-1)) as origin,
        Gate(policy) as gate,
    ):
        fault = await fault_of_get(gate, origin.answers("/"))

    assert fault.kind is FailureKind.TLS
    assert "expired" in fault.reason
    assert origin.seen == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_a_server_that_speaks_only_old_tls_is_refused(tmp_path: Path) -> None:
    policy = GatePolicy(allow_networks=LOOPBACK, trust_ca_files=(write_authority(tmp_path),))
    old = server_context(tmp_path, "127.0.0.1")
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with HostileOrigin(tls=old) as origin, Gate(policy) as gate:
        fault = await fault_of_get(gate, origin.answers("/"))

    assert fault.kind in (FailureKind.TLS, FailureKind.CONNECT)  # some servers hang up without an alert
    assert origin.seen == []


async def test_a_handshake_that_never_ends_is_given_up_in_time(gate: Gate) -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(deaf, "127.0.0.1", 0) as server, asyncio.timeout(5):
        port = server.sockets[0].getsockname()[1]
        fault = await fault_of_get(gate, f"https://127.0.0.1:{port}/", timeout=SHORT)

    assert fault.kind is FailureKind.TIMEOUT


async def test_plain_http_behind_https_is_named(gate: Gate) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await fault_of_get(gate, f"https://127.0.0.1:{port}/")

    assert fault.kind is FailureKind.TLS


def test_the_tls_context_asks_for_modern_tls() -> None:
    assert tls_context(GatePolicy()).minimum_version >= ssl.TLSVersion.TLSv1_2


# --- names ---


async def test_a_name_that_does_not_exist_is_named(gate: Gate) -> None:
    async with Gate(SMALL, resolver=Told()) as told:
        fault = await fault_of_get(told, "http://nowhere.example/")

    assert fault.kind is FailureKind.DNS
    assert "nowhere.example" in fault.reason
    assert "no such name" in fault.reason


async def test_a_name_with_thousands_of_addresses_is_tried_at_a_few(origin: HostileOrigin) -> None:
    many = [str(ip_address(int(ip_address("127.9.0.0")) + number)) for number in range(5000)]
    async with Gate(SMALL, resolver=Told(many_example=many)) as gate, asyncio.timeout(5):
        fault = await fault_of_get(gate, origin.url("/", "many.example"))

    assert fault.kind is FailureKind.CONNECT


# --- webhooks ---


async def test_a_post_is_sent_as_given_and_its_reply_is_read_to_4_kib(
    origin: HostileOrigin, gate: Gate
) -> None:
    url = origin.answers("/hook", "202 Accepted", b"k" * 100_000, X_Request_Id="7")

    reply = await gate.post(url, headers={"webhook-id": "msg_1"}, body='{"é":1}'.encode(), timeout=SHORT)

    assert isinstance(reply, PostReply)
    assert (reply.status, reply.body, reply.headers["x-request-id"]) == (202, b"k" * 4096, "7")
    assert (origin.seen[0].method, origin.seen[0].body) == ("POST", '{"é":1}'.encode())
    assert origin.seen[0].headers["webhook-id"] == "msg_1"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_post_is_never_redirected(status: str, origin: HostileOrigin, gate: Gate) -> None:
    url = origin.answers("/hook", status, Location=origin.url("/elsewhere"))

    reply = await gate.post(url, headers={}, body=b"{}", timeout=SHORT)

    assert isinstance(reply, PostReply)
    assert reply.status == int(status[:3])
    assert origin.paths() == ["/hook"]


async def test_a_post_is_told_when_to_come_back(origin: HostileOrigin, gate: Gate) -> None:
    url = origin.answers("/hook", "429 Too Many Requests", Retry_After="60")

    reply = await gate.post(url, headers={}, body=b"{}", timeout=SHORT)

    assert isinstance(reply, PostReply)
    assert reply.retry_after == timedelta(seconds=60)


async def test_a_webhook_that_hangs_or_drips_is_a_failure_in_time(origin: HostileOrigin, gate: Gate) -> None:
    async with asyncio.timeout(5):
        failed = await gate.post(origin.on("/hook", Exchange.silence), headers={}, body=b"{}", timeout=SHORT)

    assert isinstance(failed, FetchFailed)
    assert failed.kind is FailureKind.TIMEOUT


# --- what we rely on in aiohttp ---


async def test_aiohttp_still_has_the_private_hook_that_bounds_headers() -> None:
    async with Gate(SMALL) as gate:
        connector = gate._open().connector
        assert isinstance(connector, GuardedConnector)
        assert isinstance(connector._factory(), BoundedResponseHandler)
    assert list(signature(ResponseHandler.feed_data).parameters) == ["self", "data", "size"]
    assert list(signature(ResponseHandler.data_received).parameters) == ["self", "data"]
