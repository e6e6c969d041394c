"""WebSub's protocol: hubs found, requests made, questions read, signatures checked; and the listener's closed doors."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from ipaddress import ip_network

import aiohttp
import pytest
from hostile import Exchange, HostileOrigin
from websub_hub import WebSubHub, signature

from spiders import listener as listening
from spiders.gate.gate import Gate
from spiders.gate.policy import GatePolicy
from spiders.listener import Bucket, Delivery, Listener, Taken
from spiders.websub import (
    Accepted,
    Ask,
    Intent,
    Mode,
    Refused,
    ask,
    fault_of_signature,
    find_offer,
    new_secret,
    new_token,
    parse_intent,
    parse_links,
    same_topic,
)
from storage.database import DatabaseError
from storage.subscriptions import Callback, callback_key

FEED = "https://news.example/rss"
HUB = "https://hub.example/"
OPEN = GatePolicy(allow_networks=(ip_network("127.0.0.0/8"),))


# --- hubs ---


def test_link_headers_come_before_what_the_feed_says() -> None:
    headers = {"link": f'<{HUB}>; rel="hub", </canonical>; rel=self'}

    offer = find_offer(
        headers, final_url=FEED, self_url="https://other.example/", hubs=["https://in.feed.example/"]
    )

    assert offer is not None
    assert (offer.hubs, offer.topic, offer.base_url) == ((HUB,), "https://news.example/canonical", FEED)


def test_without_link_headers_the_feed_is_believed() -> None:
    offer = find_offer({}, final_url=FEED, self_url="/feed", hubs=["//hub.example/"])

    assert offer is not None
    assert (offer.hubs, offer.topic) == (("https://hub.example/",), "https://news.example/feed")


def test_a_feed_that_does_not_name_itself_is_called_by_its_address() -> None:
    offer = find_offer({"link": f"<{HUB}>; rel=hub"}, final_url=FEED, self_url=None, hubs=[])

    assert offer is not None
    assert offer.topic == FEED


def test_hubs_by_http_are_asked_by_https_first() -> None:
    offer = find_offer(
        {}, final_url=FEED, self_url=FEED, hubs=["http://hub.example/", "http://x.example:81/"]
    )

    assert offer is not None
    assert offer.hubs == ("https://hub.example/", "http://hub.example/", "http://x.example:81/")


@pytest.mark.parametrize(
    "hub", ["javascript:alert(1)", "ftp://hub.example/", "file:///etc/passwd", "http://[", "http://"]
)
def test_what_is_no_web_address_is_no_hub(hub: str) -> None:
    assert find_offer({}, final_url=FEED, self_url=FEED, hubs=[hub]) is None


@pytest.mark.parametrize(
    ("header", "links"),
    [
        ('<a>; rel="hub self", <b>; title="x, y"; rel=hub', [("hub", "a"), ("self", "a"), ("hub", "b")]),
        ('<a> rel="hub"', [("hub", "a")]),  # without the semicolon: idno#771
        ("<a>; REL='HUB'", [("hub", "a")]),
        ("<<<<>>>; rel", []),
        ("<a>; xrel=hub", []),
        ("<http://[>; rel=hub", []),
    ],
)
def test_link_headers_as_they_come(header: str, links: list[tuple[str, str]]) -> None:
    base = "https://news.example/"

    assert parse_links(header, base=base) == [(rel, base + url) for rel, url in links]


# --- asking ---


def request(hub: str, mode: Mode = Mode.SUBSCRIBE) -> Ask:
    return Ask(
        mode=mode,
        hub=hub,
        topic=FEED,
        callback=f"http://127.0.0.1:9/push/{new_token()}",
        secret=new_secret(),
        lease=timedelta(days=10),
    )


async def test_a_request_says_all_that_the_protocol_asks_for() -> None:
    async with WebSubHub() as hub, Gate(OPEN) as gate:
        hub.asks_back = False
        asked = request(hub.url)

        assert await ask(gate, asked) == Accepted(hub=hub.url)

        [seen] = hub.requests.items
        assert (seen.mode, seen.topic, seen.callback) == ("subscribe", FEED, asked.callback)
        assert (seen.secret, seen.lease_seconds) == (asked.secret, 864_000)
        assert 64 <= len(asked.secret) < 200


@pytest.mark.parametrize("status", [307, 308])
async def test_a_hub_may_send_us_to_another(status: int) -> None:
    async with WebSubHub() as hub, Gate(OPEN) as gate:
        hub.asks_back = False
        hub.answer_next(status, {"Location": "/hub/other"})

        assert await ask(gate, request(hub.url)) == Accepted(hub=f"{hub.url}/other")
        assert [seen.status for seen in hub.requests.items] == [status, 202]


async def test_a_hub_that_sends_us_in_circles_is_left() -> None:
    async with WebSubHub() as hub, Gate(OPEN) as gate:
        for _ in range(9):
            hub.answer_next(307, {"Location": "/hub"})

        assert isinstance(await ask(gate, request(hub.url)), Refused)
        assert len(hub.requests.items) == 4


@pytest.mark.parametrize("status", [301, 302, 303, 400, 404, 410, 429, 500, 503])
async def test_what_is_no_yes_is_a_refusal_with_its_weight(status: int) -> None:
    async with WebSubHub() as hub, Gate(OPEN) as gate:
        hub.answer_next(status, {"Retry-After": "120", "Location": "/hub/elsewhere"})

        refused = await ask(gate, request(hub.url))

        assert isinstance(refused, Refused)
        assert refused.weight == {404: 3.0, 410: 3.0, 429: 0.5, 500: 0.5, 503: 0.5}.get(status, 1.0)
        assert refused.retry_after == timedelta(minutes=2)
        assert str(status) in refused.reason
        assert len(hub.requests.items) == 1


async def test_hubs_are_strangers_to_the_gate() -> None:
    async with WebSubHub() as hub, Gate(GatePolicy()) as strict, Gate(OPEN) as gate:
        refused = await ask(strict, request(hub.url))
        assert isinstance(refused, Refused)
        assert "refused" in refused.reason

        hub.answer_next(308, {"Location": "http://169.254.169.254/hub"})
        redirected = await ask(gate, request(hub.url))
        assert isinstance(redirected, Refused)
        assert redirected.weight == 3.0
        assert len(hub.requests.items) == 1


# --- questions and signatures ---


def test_a_question_is_read_whole() -> None:
    query = {"hub.mode": "subscribe", "hub.topic": FEED, "hub.challenge": "abc", "hub.lease_seconds": "60"}

    assert parse_intent(query) == Intent(
        mode=Mode.SUBSCRIBE, topic=FEED, challenge="abc", lease=timedelta(minutes=1)
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"hub.mode": "publish"},
        {"hub.mode": ""},
        {"hub.topic": ""},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 1001},
        {"hub.challenge": "a\x00b"},
        {"hub.challenge": "é"},
    ],
)
def test_what_is_no_question_is_not_answered(wrong: Mapping[str, str]) -> None:
    query = {"hub.mode": "subscribe", "hub.topic": FEED, "hub.challenge": "abc", **wrong}

    assert parse_intent(query) is None


@pytest.mark.parametrize("seconds", ["", "0", "-5", "1e9", "x", "9" * 11])
def test_a_lease_that_says_nothing_is_ours_to_choose(seconds: str) -> None:
    query = {"hub.mode": "subscribe", "hub.topic": FEED, "hub.challenge": "a", "hub.lease_seconds": seconds}
    intent = parse_intent(query)

    assert intent is not None
    assert intent.lease is None


def test_a_topic_is_the_same_however_it_is_encoded() -> None:
    assert same_topic("https://news.example/%66eed?a=b%2Fc", "https://news.example/feed?a=b/c")
    assert not same_topic("https://news.example/feed", "https://news.example/feed2")
    assert not same_topic("http://[", FEED)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_a_push_is_believed_by_its_signature_alone(algorithm: str) -> None:
    secret, body = new_secret(), "ميليشيا".encode()
    right = signature(body, secret=secret, algorithm=algorithm)

    assert fault_of_signature(right, secret=secret, body=body) is None
    assert fault_of_signature(right.upper(), secret=secret, body=body) is None
    assert fault_of_signature(right, secret=secret, body=body + b" ") == "its signature is wrong"
    assert fault_of_signature(right, secret=new_secret(), body=body) == "its signature is wrong"
    assert fault_of_signature(right[:-1], secret=secret, body=body) == "its signature is wrong"


@pytest.mark.parametrize("header", [None, "", "sha256", "md5=00", "sha256=", "=", "sha256=é", "none=x"])
def test_what_is_not_signed_is_not_believed(header: str | None) -> None:
    assert fault_of_signature(header, secret="s", body=b"") is not None


# --- the listener ---


class OneDoor:
    """A desk that knows one callback, says yes to everything, and keeps what it gets."""

    def __init__(self) -> None:
        self.token = new_token()
        self.taken: list[Delivery] = []
        self.looked_up = 0
        self.fails: Exception | None = None
        self.answers = Taken.TAKEN
        self.busy = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def find(self, key: bytes) -> Callback | None:
        self.looked_up += 1
        if key != callback_key(self.token):
            return None
        return Callback(
            id=1,
            source_id=1,
            source="Paper",
            topic=FEED,
            hub=HUB,
            state="active",
            callback="",
            secret="s",
            failures=0.0,
            verified_at=None,
            ends_at=None,
            listening=True,
        )

    async def answer(self, callback: Callback, intent: Intent) -> bool:
        return intent.topic == callback.topic

    async def take(self, callback: Callback, delivery: Delivery) -> Taken:
        self.busy.set()
        await self.go_on.wait()
        if self.fails:
            raise self.fails
        self.taken.append(delivery)
        return self.answers

    def told(self) -> None:
        pass


@asynccontextmanager
async def _open(desk: OneDoor) -> AsyncIterator[str]:
    async with Listener(desk, host="127.0.0.1", port=0, prefix="/push") as listener:
        yield f"http://127.0.0.1:{listener.port}"


async def _call(method: str, url: str, **options: object) -> tuple[int, bytes, Mapping[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, **options) as response,  # type: ignore[arg-type]
    ):
        return response.status, await response.read(), response.headers


@asynccontextmanager
async def _dialled(origin: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


QUESTION = {"hub.mode": "subscribe", "hub.topic": FEED, "hub.challenge": "ch4llenge"}


async def test_a_challenge_comes_back_as_bytes_that_no_browser_runs() -> None:
    desk = OneDoor()
    async with _open(desk) as origin:
        status, body, headers = await _call("GET", f"{origin}/push/{desk.token}", params=QUESTION)

        assert (status, body) == (200, b"ch4llenge")
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "aiohttp" not in headers["Server"]
        status, body, _ = await _call(
            "GET", f"{origin}/push/{desk.token}", params={**QUESTION, "hub.topic": "x"}
        )
        assert (status, body) == (404, b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/push"),
        ("GET", "/push/"),
        ("GET", "/push/{token}/"),
        ("POST", "/push/../push/x{token}"),
        ("POST", "/hook/{token}"),
        ("PUT", "/push/{token}"),
        ("DELETE", "/push/{token}"),
        ("HEAD", "/push/{token}"),
        ("OPTIONS", "/push/{token}"),
        ("GET", "/push/{other}"),
        ("POST", "/push/{other}"),
    ],
)
async def test_nothing_else_exists(method: str, path: str) -> None:
    desk = OneDoor()
    async with _open(desk) as origin:
        url = origin + path.format(token=desk.token, other=new_token())

        status, body, _ = await _call(method, url, params=QUESTION, data=b"x" if method == "POST" else None)

        assert (status, body) == (404, b"")
        assert desk.taken == []


async def test_a_push_is_handed_over_as_it_came() -> None:
    desk, body = OneDoor(), bytes(range(256)) * 1000
    async with _open(desk) as origin:
        headers = {"X-Hub-Signature": "sha1=00", "Content-Type": "application/atom+xml", "Cookie": "a=b"}
        status, _, _ = await _call(
            "POST", f"{origin}/push/{desk.token}", data=body, headers=headers, expect100=True
        )

        assert status == 202
        [delivery] = desk.taken
        assert (delivery.body, delivery.signature, delivery.address) == (body, "sha1=00", "127.0.0.1")
        assert delivery.headers["content-type"] == "application/atom+xml"
        assert "cookie" not in delivery.headers


async def test_what_could_not_be_kept_is_not_acknowledged() -> None:
    desk = OneDoor()
    async with _open(desk) as origin:
        for failure in (DatabaseError("gone"), OSError(28, "No space left on device")):
            desk.fails = failure
            status, _, headers = await _call("POST", f"{origin}/push/{desk.token}", data=b"x")
            assert (status, headers["Retry-After"]) == (503, "60")

        desk.fails, desk.answers = None, Taken.GONE
        assert (await _call("POST", f"{origin}/push/{desk.token}", data=b"x"))[0] == 410


async def test_a_push_too_large_or_compressed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "MAX_BODY_BYTES", 1000)
    desk = OneDoor()

    async def drip() -> AsyncIterator[bytes]:  # without Content-Length
        for _ in range(20):
            yield b"x" * 100

    async with _open(desk) as origin:
        url = f"{origin}/push/{desk.token}"
        assert (await _call("POST", url, data=b"x" * 1001))[0] == 413
        assert (await _call("POST", url, data=drip()))[0] == 413
        assert (await _call("POST", url, data=b"x", headers={"Content-Encoding": "gzip"}))[0] == 415
        assert (await _call("POST", url, data=b"x" * 1000))[0] == 202
        assert len(desk.taken) == 1


async def test_one_hub_holds_only_so_many_places() -> None:
    desk = OneDoor()
    desk.go_on.clear()
    async with _open(desk) as origin:
        url = f"{origin}/push/{desk.token}"
        held = []
        for _ in range(listening.MAX_BODIES_OF_ONE):
            desk.busy.clear()
            held.append(asyncio.create_task(_call("POST", url, data=b"x")))
            await desk.busy.wait()

        assert (await _call("POST", url, data=b"x"))[0] == 503
        desk.go_on.set()
        assert [(await call)[0] for call in held] == [202, 202]
        assert (await _call("POST", url, data=b"x"))[0] == 202


async def test_strangers_cannot_make_us_look_up_paths_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "MANY_UNKNOWN", (0.001, 3.0))
    desk = OneDoor()
    async with _open(desk) as origin:
        assert (await _call("GET", f"{origin}/push/{desk.token}", params=QUESTION))[0] == 200
        statuses = [(await _call("GET", f"{origin}/push/{new_token()}"))[0] for _ in range(6)]

        assert statuses == [404, 404, 503, 503, 503, 503]
        assert desk.looked_up == 3
        assert (await _call("GET", f"{origin}/push/{desk.token}", params=QUESTION))[0] == 200, (
            "we know this one"
        )


async def test_one_path_is_not_called_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "MANY_CALLS", (0.001, 2.0))
    desk = OneDoor()
    async with _open(desk) as origin:
        calls = [await _call("POST", f"{origin}/push/{desk.token}", data=b"x") for _ in range(5)]

        assert [status for status, _, _ in calls] == [202, 202, 202, 429, 429]
        assert calls[-1][2]["Retry-After"] == "30"


def test_a_bucket_fills_again() -> None:
    bucket = Bucket(1e12, 2.0)

    assert all(bucket.take() for _ in range(50))
    empty = Bucket(0.0, 2.0)
    assert [empty.take() for _ in range(3)] == [True, True, False]


async def test_who_connects_and_says_nothing_is_shown_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "HEADER_SECONDS", 0.2)
    async with _open(OneDoor()) as origin, _dialled(origin) as (reader, writer), asyncio.timeout(5):
        writer.write(b"POST /push/x HTTP/1.1\r\nX: ")

        with suppress(ConnectionError):
            assert await reader.read() == b""


async def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "BODY_SECONDS", 0.2)
    desk = OneDoor()
    async with _open(desk) as origin, _dialled(origin) as (reader, writer), asyncio.timeout(5):
        writer.write(f"POST /push/{desk.token} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx".encode())

        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        assert desk.taken == []


async def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "MAX_CONNECTIONS", 2)
    async with _open(OneDoor()) as origin, _dialled(origin), _dialled(origin):
        with pytest.raises(aiohttp.ClientError):
            await _call("GET", f"{origin}/")


async def test_a_hub_that_never_answers_costs_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.websub.ASK_TIMEOUT", timedelta(seconds=0.3))

    async def silent(exchange: Exchange) -> None:
        await exchange.silence()

    async with HostileOrigin(faults={"/hub": silent}) as origin, Gate(OPEN) as gate:
        refused = await ask(gate, request(origin.url("/hub")))

        assert isinstance(refused, Refused)
        assert refused.weight == 0.5
