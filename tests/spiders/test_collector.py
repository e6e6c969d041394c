import asyncio
import gzip
import hashlib
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_network
from itertools import count

import psutil
import pytest
from certificates import server_context, write_authority
from hostile import LOOPBACK, Exchange, HostileOrigin, Told

from spiders.collector import Collector
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest, FetchResult, NotModified
from spiders.gate.policy import GatePolicy

POLICY = GatePolicy(allow_networks=LOOPBACK)
NAMES = Told(a_example=["127.0.0.1"], b_example=["127.0.0.1"])
SHORT = timedelta(seconds=0.3)


@pytest.fixture
async def origin() -> AsyncIterator[HostileOrigin]:
    async with HostileOrigin() as hostile:
        yield hostile


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with Collector(POLICY, resolver=NAMES) as opened:
        yield opened


async def fetched(collector: Collector, url: str, **options) -> Fetched:
    result = await collector.fetch(FetchRequest(url=url, **options))
    assert isinstance(result, Fetched), result
    return result


async def failed(collector: Collector, url: str, **options) -> FetchFailed:
    result = await collector.fetch(FetchRequest(url=url, **options))
    assert isinstance(result, FetchFailed), result
    assert "\n" not in result.reason
    assert result.url == url
    return result


# --- what comes back ---


async def test_a_page_comes_back_with_its_headers_and_the_address_dialled(origin, collector) -> None:
    url = origin.answers("/feed", body="<rss>بغداد</rss>".encode(), ETag='"7"', Content_Type="text/xml")

    page = await fetched(collector, url)

    assert page.body.decode() == "<rss>بغداد</rss>"
    assert (page.status, page.etag, page.content_type) == (200, '"7"', "text/xml")
    assert (page.address, page.final_url, page.redirects, page.moved_to) == ("127.0.0.1", url, (), None)
    assert not page.truncated


async def test_a_request_says_who_asks_and_nothing_about_language_or_where_from(origin, collector) -> None:
    await fetched(collector, origin.answers("/", body=b"x"))

    sent = origin.seen[0].headers
    assert "Marsad" in sent["user-agent"]
    assert "rss" in sent["accept"]
    assert not {"accept-language", "referer", "cookie", "origin"} & set(sent)


async def test_compressed_pages_arrive_decoded(origin, collector) -> None:
    url = origin.answers("/", body=gzip.compress(b"<rss/>"), Content_Encoding="gzip")

    page = await fetched(collector, url)

    assert page.body == b"<rss/>"
    assert "content-encoding" not in page.headers


async def test_validators_are_sent_and_304_means_nothing_new(origin, collector) -> None:
    url = origin.answers("/feed", "304 Not Modified")

    result = await collector.fetch(FetchRequest(url=url, etag='"7"', last_modified="yesterday"))

    assert result == NotModified(url=url, final_url=url)
    assert origin.seen[0].headers["if-none-match"] == '"7"'
    assert origin.seen[0].headers["if-modified-since"] == "yesterday"


async def test_a_304_that_nobody_asked_for_is_a_failure(origin, collector) -> None:
    assert (await failed(collector, origin.answers("/", "304 Not Modified"))).kind is FailureKind.HTTP


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, FailureKind.BLOCKED),
        (403, FailureKind.BLOCKED),
        (429, FailureKind.BLOCKED),
        (451, FailureKind.BLOCKED),
        (404, FailureKind.GONE),
        (410, FailureKind.GONE),
        (400, FailureKind.HTTP),
        (500, FailureKind.HTTP),
        (503, FailureKind.HTTP),
        (599, FailureKind.HTTP),
        (204, FailureKind.HTTP),
        (300, FailureKind.HTTP),
    ],
)
async def test_each_status_is_named_for_what_it_is(status: int, kind: FailureKind, origin, collector) -> None:
    failure = await failed(collector, origin.answers("/", f"{status} Some Words"))

    assert (failure.kind, failure.status) == (kind, status)
    assert f"127.0.0.1 answered {status}" in failure.reason


async def test_a_challenge_counts_as_blocked(origin, collector) -> None:
    url = origin.answers("/", "503 Service Unavailable", Cf_Mitigated="challenge")

    assert (await failed(collector, url)).kind is FailureKind.BLOCKED


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120), ("-1", 0), ("1000000000", 86_400), ("soon", None)]
)
async def test_retry_after_is_handed_on(value: str, seconds: int | None, origin, collector) -> None:
    failure = await failed(collector, origin.answers("/", "429 Too Many Requests", Retry_After=value))

    assert failure.retry_after == (None if seconds is None else timedelta(seconds=seconds))


async def test_an_oversized_body_is_cut_and_keeps_its_validators(origin, collector) -> None:
    page = await fetched(collector, origin.answers("/", body=b"n" * 50_000, ETag='"7"'), max_bytes=10_000)

    assert (page.body, page.truncated, page.etag) == (b"n" * 10_000, True, '"7"')


async def test_a_body_that_broke_off_loses_its_validators_so_that_the_rest_is_fetched_again(
    origin, collector
) -> None:
    async def breaks(exchange: Exchange) -> None:
        await exchange.send(
            b'HTTP/1.1 200 OK\r\nETag: "7"\r\nLast-Modified: x\r\nContent-Length: 99\r\n\r\nnews'
        )

    page = await fetched(collector, origin.on("/", breaks))

    assert (page.body, page.truncated, page.etag, page.last_modified) == (b"news", True, None, None)


async def test_headers_in_foreign_bytes_do_not_break_the_fetch(origin, collector) -> None:
    async def foreign(exchange: Exchange) -> None:
        await exchange.send(
            b"HTTP/1.1 200 \xc8\xdb\xcf\xc7\xcf\r\nX: \xc8\xdb\xcf\xc7\xcf\r\nContent-Length: 1\r\n\r\nx"
        )

    assert (await fetched(collector, origin.on("/", foreign))).body == b"x"


# --- what goes wrong ---


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "data:,x",
        "ftp://h/",
        "http://u:p@h/",
        "x",
        "",
    ],
)
async def test_what_the_policy_refuses_is_refused_with_the_reason(url: str, collector) -> None:
    failure = await failed(collector, url)

    assert failure.kind is FailureKind.REFUSED
    assert failure.reason.startswith("refused: ")


async def test_a_private_address_names_the_remedy(collector) -> None:
    failure = await failed(collector, "http://10.0.0.1/")

    assert failure.reason == (
        "refused: 10.0.0.1 is a private address; allow it with [gate] allow_networks if you mean it"
    )


async def test_a_name_that_answers_with_loopback_is_refused_and_the_canary_stays_silent(origin) -> None:
    policy = GatePolicy(allow_ports=frozenset({origin.port}))
    async with Collector(policy, resolver=NAMES) as guarded:
        failure = await failed(guarded, origin.url("/", "a.example"))

    assert failure.kind is FailureKind.REFUSED
    assert "127.0.0.1" in failure.reason
    assert origin.connections == 0


async def test_an_unknown_name_a_closed_port_and_a_reset_are_told_apart(origin, collector) -> None:
    async with HostileOrigin() as gone:
        closed = gone.url("/")

    async def resets(exchange: Exchange) -> None:
        exchange.reset()

    assert (await failed(collector, "http://nowhere.example/")).kind is FailureKind.DNS
    assert (await failed(collector, closed)).kind is FailureKind.CONNECT
    assert (await failed(collector, origin.on("/reset", resets))).kind is FailureKind.CONNECT


async def test_a_server_that_hangs_ends_at_the_timeout(origin, collector) -> None:
    async with asyncio.timeout(5):
        failure = await failed(collector, origin.on("/", Exchange.silence), timeout=SHORT)

    assert failure.kind is FailureKind.TIMEOUT


async def test_an_own_header_that_cannot_be_sent_is_a_failure_and_not_a_crash(origin, collector) -> None:
    failure = await failed(collector, origin.answers("/"), headers={"X-Key": "a\r\nInjected: b"})

    assert "header" in failure.reason.lower()
    assert origin.seen == []


# --- redirects ---


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_and_only_a_permanent_one_moves_the_source(
    status: int, origin, collector
) -> None:
    new = origin.answers("/new", body=b"news")
    old = origin.answers("/old", f"{status} Moved", Location="/new")

    page = await fetched(collector, old)

    assert (page.url, page.final_url, page.redirects, page.body) == (old, new, (old,), b"news")
    assert page.moved_to == (new if status in (301, 308) else None)


async def test_one_temporary_hop_makes_the_whole_way_temporary(origin, collector) -> None:
    origin.answers("/c", body=b"news")
    origin.answers("/b", "302 Found", Location="/c")

    assert (await fetched(collector, origin.answers("/a", "301 Moved", Location="/b"))).moved_to is None


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://2130706433/",
        "file:///etc/passwd",
        "data:text/html,<p>x",
        "ftp://example.org/",
        "javascript:alert(1)",
        "http://user:pw@example.org/",
        "//169.254.169.254\\@example.org/",
    ],
)
async def test_a_redirect_to_where_we_do_not_go_is_refused(target: str, origin, collector) -> None:
    failure = await failed(collector, origin.answers("/", "302 Found", Location=target))

    assert failure.kind is FailureKind.REFUSED
    assert "redirects" in failure.reason
    assert origin.connections == 1


async def test_a_redirect_to_a_name_that_answers_with_loopback_never_reaches_the_canary(origin) -> None:
    async with HostileOrigin(host="127.0.0.2") as canary:
        policy = GatePolicy(
            allow_networks=(ip_network("127.0.0.1/32"),), allow_ports=frozenset({canary.port})
        )
        names = Told(canary_example=["127.0.0.2"])
        async with Collector(policy, resolver=names) as guarded:
            url = origin.answers("/", "302 Found", Location=canary.url("/", "canary.example"))
            failure = await failed(guarded, url)

        assert failure.kind is FailureKind.REFUSED
        assert canary.connections == 0


async def test_circles_and_endless_ways_end_in_a_typed_error(origin, collector) -> None:
    numbers = count()
    origin.answers("/ping", "302 Found", Location="/pong")
    origin.answers("/pong", "302 Found", Location="/ping")

    async def grows(exchange: Exchange) -> None:
        path = f"/grows{next(numbers)}"
        origin.on(path, grows)
        await exchange.answer("302 Found", Location=path)

    circle = await failed(collector, origin.url("/ping"))
    itself = await failed(collector, origin.answers("/self", "302 Found", Location="/self"))
    endless = await failed(collector, origin.on("/grows", grows))
    nowhere = await failed(collector, origin.answers("/nowhere", "302 Found"))

    assert {each.kind for each in (circle, itself, endless, nowhere)} == {FailureKind.REDIRECT}
    assert "circle" in circle.reason
    assert "more than 5" in endless.reason
    assert len([path for path in origin.paths() if path.startswith("/grows")]) == 6


async def test_a_redirect_to_itself_that_sets_a_cookie_succeeds_and_the_cookie_is_forgotten(
    origin, collector
) -> None:
    async def cookie_wall(exchange: Exchange) -> None:
        if exchange.seen.headers.get("cookie") == "seen=1":
            await exchange.answer(body=b"behind the wall")
        else:
            await exchange.answer("302 Found", Location="/wall", Set_Cookie="seen=1; Path=/; HttpOnly")

    url = origin.on("/wall", cookie_wall)

    assert (await fetched(collector, url)).body == b"behind the wall"
    assert (await fetched(collector, url)).body == b"behind the wall"
    assert [each.headers.get("cookie") for each in origin.seen] == [None, "seen=1", None, "seen=1"]


async def test_nothing_of_ours_crosses_to_another_origin(origin, collector) -> None:
    secrets = {"Authorization": "Bearer t", "Cookie": "k=1", "X-Api-Key": "s", "Accept-Language": "ar"}
    async with HostileOrigin() as other:
        target = other.answers("/landing", body=b"x")
        url = origin.answers("/", "302 Found", Location=target, Set_Cookie="s=1")

        await fetched(collector, url, headers=secrets, etag='"7"', last_modified="yesterday")

        (landed,) = other.seen
    leaked = {"authorization", "cookie", "x-api-key", "if-none-match", "if-modified-since", "referer"}
    assert not leaked & set(landed.headers)
    assert landed.headers["accept-language"] == "ar"


async def test_what_stayed_behind_does_not_return_on_the_way_back(origin, collector) -> None:
    origin.answers("/end", body=b"x")
    async with HostileOrigin() as other:
        origin.answers(
            "/", "302 Found", Location=other.answers("/via", "302 Found", Location=origin.url("/end"))
        )
        await fetched(collector, origin.url("/"), headers={"Authorization": "Bearer t"}, etag='"7"')

    assert [("authorization" in each.headers, "if-none-match" in each.headers) for each in origin.seen] == [
        (True, True),
        (False, False),
    ]


async def test_within_an_origin_everything_goes_along(origin, collector) -> None:
    origin.answers("/end", "304 Not Modified")
    url = origin.answers("/", "302 Found", Location="/end")

    result = await collector.fetch(FetchRequest(url=url, headers={"X-Api-Key": "s"}, etag='"7"'))

    assert result == NotModified(url=url, final_url=origin.url("/end"))
    assert origin.seen[1].headers["x-api-key"] == "s"


async def test_a_location_in_raw_bytes_is_followed(origin, collector) -> None:
    arabic, windows = "/خبر".encode(), b"/\xce\xc8\xd1"
    origin.answers("/%D8%AE%D8%A8%D8%B1", body=b"utf-8")
    origin.answers("/%CE%C8%D1", body=b"windows-1256")

    async def to(exchange: Exchange, location: bytes) -> None:
        await exchange.send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")

    assert (await fetched(collector, origin.on("/a", lambda each: to(each, arabic)))).body == b"utf-8"
    assert (await fetched(collector, origin.on("/b", lambda each: to(each, windows)))).body == b"windows-1256"


async def test_the_time_counts_over_all_hops(origin, collector) -> None:
    async def slow_hop(exchange: Exchange) -> None:
        await asyncio.sleep(0.2)
        await exchange.answer("302 Found", Location=exchange.seen.path + "x")

    for length in range(1, 6):
        origin.on("/" + "x" * length, slow_hop)

    assert (await failed(collector, origin.url("/x"), timeout=SHORT)).kind is FailureKind.TIMEOUT
    assert len(origin.seen) <= 3


# --- manners and neighbours ---


async def test_at_most_two_at_once_go_to_one_host_and_others_are_not_held_up(origin, collector) -> None:
    enough, release = asyncio.Event(), asyncio.Event()

    async def holds(exchange: Exchange) -> None:
        if origin.open_now == 2:
            enough.set()
        await release.wait()
        await exchange.answer(body=b"x")

    url = origin.on("/", holds)
    tasks = [asyncio.create_task(fetched(collector, url)) for _ in range(8)]
    await enough.wait()
    async with HostileOrigin(host="127.0.0.3") as other:
        await fetched(collector, other.answers("/", body=b"x"))
    release.set()
    await asyncio.gather(*tasks)

    assert origin.most_open == 2
    assert len(origin.seen) == 8


async def test_the_total_is_bounded_over_all_hosts(origin) -> None:
    full, release = asyncio.Event(), asyncio.Event()
    names = [f"{letter}.example" for letter in "abcdef"]

    async def holds(exchange: Exchange) -> None:
        if origin.open_now == 3:
            full.set()
        await release.wait()
        await exchange.answer(body=b"x")

    origin.on("/", holds)
    told = Told(**{name: ["127.0.0.1"] for name in names})
    async with Collector(POLICY, concurrency=3, resolver=told) as bounded:
        tasks = [asyncio.create_task(fetched(bounded, origin.url("/", name))) for name in names]
        await full.wait()
        release.set()
        await asyncio.gather(*tasks)

    assert origin.most_open == 3


async def test_cancelling_a_fetch_cancels_it_and_gives_its_turn_back(origin, collector) -> None:
    arrived = asyncio.Event()

    async def hangs(exchange: Exchange) -> None:
        arrived.set()
        await exchange.silence()

    tasks: list[asyncio.Task[FetchResult]] = [
        asyncio.create_task(collector.fetch(FetchRequest(url=origin.on("/hang", hangs), timeout=SHORT)))
        for _ in range(4)
    ]
    await arrived.wait()
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    async with asyncio.timeout(5):
        assert (await fetched(collector, origin.answers("/", body=b"x"))).body == b"x"


async def test_leaving_the_collector_ends_what_is_under_way(origin) -> None:
    arrived = asyncio.Event()

    async def hangs(exchange: Exchange) -> None:
        arrived.set()
        await exchange.silence()

    async with asyncio.timeout(5):
        async with Collector(POLICY) as collector:
            request = FetchRequest(url=origin.on("/", hangs))
            under_way_and_waiting = [asyncio.create_task(collector.fetch(request)) for _ in range(5)]
            await arrived.wait()
        results = await asyncio.gather(*under_way_and_waiting, collector.fetch(request))
        assert all(isinstance(result, FetchFailed) for result in results)


async def test_no_port_is_opened_and_no_dangerous_handler_is_there() -> None:
    before = _listening()
    async with Collector(POLICY) as collector:
        handlers = collector._crawler.engine.downloader.handlers

        assert _listening() == before
        assert sorted(handlers._schemes) == ["http", "https"]
        assert collector._crawler.extensions.middlewares == ()


async def test_two_hundred_pages_leave_nothing_behind(origin, collector) -> None:
    url = origin.answers("/", body=b"x")
    for _ in range(5):
        await asyncio.gather(*(fetched(collector, url) for _ in range(40)))

    assert collector._turns._hosts == {}
    assert not collector._crawler.engine.downloader.active


def _listening() -> set[tuple[str, int]]:
    found = psutil.Process().net_connections(kind="inet")
    return {tuple(each.laddr) for each in found if each.status == psutil.CONN_LISTEN}


# --- what is told besides ---


async def test_the_time_on_the_wire_is_counted_over_all_hops_and_the_wait_for_a_turn_is_not(origin) -> None:
    let_go, arrived = asyncio.Event(), asyncio.Event()

    async def waits(exchange: Exchange) -> None:
        arrived.set()
        await let_go.wait()
        await exchange.answer(body=b"x")

    async def naps(exchange: Exchange) -> None:
        await asyncio.sleep(0.1)
        await exchange.answer("302 Found", Location="/end")

    origin.answers("/end", body=b"x")
    waits_url, naps_url = origin.on("/waits", waits), origin.on("/naps", naps)
    async with Collector(POLICY, per_host=1) as collector:
        first = asyncio.create_task(collector.fetch(FetchRequest(url=waits_url)))
        await arrived.wait()
        second = asyncio.create_task(collector.fetch(FetchRequest(url=naps_url)))
        asyncio.get_running_loop().call_later(0.4, let_go.set)
        held, hopped = await first, await second
        missing = await collector.fetch(FetchRequest(url=origin.url("/none")))

    assert held.seconds >= 0.4
    assert 0.1 <= hopped.seconds < 0.4
    assert 0 < missing.seconds < 0.4


async def test_nothing_new_behind_a_permanent_redirect_says_where_it_moved(origin, collector) -> None:
    origin.answers("/new", "304 Not Modified")
    moved = origin.answers("/old", "308 Moved", Location="/new")
    for_now = origin.answers("/away", "302 Found", Location="/new")

    results = [await collector.fetch(FetchRequest(url=url, etag='"7"')) for url in (moved, for_now)]

    assert all(isinstance(result, NotModified) for result in results)
    assert [result.moved_to for result in results] == [origin.url("/new"), None]


async def test_the_certificate_of_the_final_host_is_told_and_changes_with_it(
    tmp_path, origin, collector
) -> None:
    authority = write_authority(tmp_path)
    trusting = GatePolicy(allow_networks=LOOPBACK, trust_ca_files=(authority,))
    told = []
    for _ in range(2):
        async with (
            HostileOrigin(tls=server_context(tmp_path, "127.0.0.1")) as secure,
            Collector(trusting) as both,
        ):
            der = ssl.PEM_cert_to_DER_cert(_certificate_of(tmp_path / "127.0.0.1.pem"))
            url = secure.answers("/feed", body=b"x")
            page = await fetched(both, origin.answers("/", "302 Found", Location=url))
            unchanged = secure.answers("/unchanged", "304 Not Modified")
            same = await both.fetch(FetchRequest(url=unchanged, etag="1"))
            assert isinstance(same, NotModified)
            assert page.certificate == same.certificate == hashlib.sha256(der).hexdigest()
            told.append(page.certificate)

    assert told[0] != told[1]
    assert (await fetched(collector, origin.answers("/plain", body=b"x"))).certificate is None


def _certificate_of(path) -> str:
    text = path.read_text()
    return text[text.index("-----BEGIN CERTIFICATE") :]


async def test_a_server_that_offers_http_2_is_spoken_to_in_http_1(tmp_path) -> None:
    authority = write_authority(tmp_path)
    context = server_context(tmp_path, "127.0.0.1")
    context.set_alpn_protocols(["h2", "http/1.1"])
    policy = GatePolicy(allow_networks=LOOPBACK, trust_ca_files=(authority,))
    async with HostileOrigin(tls=context) as secure, Collector(policy) as collector:
        page = await fetched(collector, secure.answers("/", body=b"news"))

    assert page.body == b"news"
