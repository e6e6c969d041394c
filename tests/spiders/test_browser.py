import asyncio
import importlib.util
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from hostile import Exchange, HostileOrigin, Told

from spiders.collector import Collector
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest
from spiders.gate.policy import GatePolicy

HERE = importlib.util.find_spec("playwright") is not None and shutil.which("chromium") is not None
needs_browser = pytest.mark.skipif(not HERE, reason="needs the extra `browser` and /usr/bin/chromium")
pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser for all
TIME = timedelta(seconds=20)
# What may be reached stands on 127.0.0.2 and .3; what a page must not reach listens on 127.0.0.1.
NOT_127_0_0_1 = GatePolicy(allow_networks=(ip_network("127.0.0.2/31"),))


def page(script: str, *, head: str = "") -> bytes:
    return f"<html><head><meta charset='utf-8'>{head}</head><body><main></main><script>{script}</script>".encode()


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[HostileOrigin]:
    async with HostileOrigin(host="127.0.0.2") as origin:
        yield origin


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def collector() -> AsyncIterator[Collector]:
    async with Collector(NOT_127_0_0_1, resolver=Told()) as opened:
        yield opened


async def render(collector: Collector, url: str, **options) -> Fetched:
    options = {"timeout": TIME, **options}
    result = await collector.fetch(FetchRequest(url=url, browser=True, **options))
    assert isinstance(result, Fetched), result
    return result


WRITES = """
addEventListener('load', async () => {
  const answer = await fetch('/api/story', {headers: {'X-Requested-With': 'XMLHttpRequest'}});
  const story = await answer.json();
  document.querySelector('main').innerHTML = `<h1>${story.title}</h1><p>${story.text}</p>`;
});
"""


@needs_browser
async def test_a_page_that_scripts_write_comes_whole_with_the_headers_of_its_answer(
    site: HostileOrigin, collector: Collector
) -> None:
    story = '{"title": "انفجار في البصرة", "text": "%s"}' % ("قتل ثلاثة. " * 50)
    site.answers("/api/story", body=story.encode(), Content_Type="application/json")
    site.answers("/app.js", body=WRITES.encode(), Content_Type="text/javascript")
    site.answers("/photo.jpg", body=b"x")
    url = site.answers(
        "/story",
        body=page("", head="<script src='/app.js'></script><img src='/photo.jpg'>"),
        Content_Type="text/html; charset=windows-1256",
        X_Seen="yes",
        ETag='"7"',
    )
    moved = site.answers("/old", "301 Moved", Location="/story")

    result = await render(collector, moved, headers={"X-Key": "secret"}, etag='"7"')

    text = result.body.decode()
    assert "<h1>انفجار في البصرة</h1>" in text
    assert "قتل ثلاثة. " * 50 in text
    assert (result.status, result.headers["x-seen"], result.final_url, result.moved_to) == (
        200,
        "yes",
        url,
        url,
    )
    assert result.content_type == "text/html; charset=utf-8"
    assert result.address == "127.0.0.2"
    assert result.seconds > 0
    assert sorted(site.paths()) == ["/api/story", "/app.js", "/old", "/story"]  # each once, no picture
    assert {seen.headers.get("x-key") for seen in site.seen} == {"secret"}
    assert not any("if-none-match" in seen.headers for seen in site.seen)


REACHES_OUT = """
const port = %d, spots = ['127.0.0.1', 'localhost', '[::1]'];
const frame = document.createElement('iframe'); frame.src = `http://127.0.0.1:${port}/frame`;
document.body.append(frame);
for (const spot of spots) {
  fetch(`http://${spot}:${port}/fetch`, {mode: 'no-cors'}).catch(() => 0);
  fetch(`http://${spot}:${port}/post`, {method: 'POST', mode: 'no-cors', body: 'x'}).catch(() => 0);
  navigator.sendBeacon(`http://${spot}:${port}/beacon`, 'x');
  new Image().src = `http://${spot}:${port}/image`;
  new EventSource(`http://${spot}:${port}/events`);
  try { new WebSocket(`ws://${spot}:${port}/socket`) } catch (error) {}
  for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'preload', 'stylesheet', 'icon', 'modulepreload']) {
    const link = document.createElement('link');
    link.rel = rel; link.href = `http://${spot}:${port}/${rel}`; link.as = 'script'; document.head.append(link);
  }
}
const code = `for (const spot of ['127.0.0.1', 'localhost']) {
  fetch('http://' + spot + ':${port}/worker', {mode: 'no-cors'}).catch(() => 0);
  try { new WebSocket('ws://' + spot + ':${port}/worker-socket') } catch (error) {}
}`;
new Worker(URL.createObjectURL(new Blob([code])));
navigator.serviceWorker?.register('/sw.js').catch(() => 0);
try {
  const turn = {urls: `turn:127.0.0.1:${port}?transport=tcp`, username: 'a', credential: 'b'};
  const peer = new RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${port}`}, turn]});
  peer.createDataChannel('x'); peer.createOffer().then(offer => peer.setLocalDescription(offer));
} catch (error) {}
fetch('/bounce').catch(() => 0);
window.open(`http://127.0.0.1:${port}/popup`);
setTimeout(() => { document.querySelector('main').textContent = 'all was tried'; }, 400);
"""


@needs_browser
async def test_nothing_that_a_page_tries_gets_past_the_gate(
    site: HostileOrigin, collector: Collector
) -> None:
    heard: list[bytes] = []

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            heard.append(data)

    async with HostileOrigin() as canary:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            Ear, local_addr=("127.0.0.1", canary.port)
        )
        site.answers("/bounce", "302 Found", Location=canary.url("/redirected"))
        site.answers("/sw.js", body=b"fetch('/x')", Content_Type="text/javascript")
        url = site.answers("/", body=page(REACHES_OUT % canary.port), Content_Type="text/html")

        result = await render(collector, url)
        transport.close()

        assert b"all was tried" in result.body
        assert (canary.connections, heard) == (0, [])
    assert set(site.paths()) == {"/", "/bounce"}


@needs_browser
async def test_secrets_of_a_source_do_not_go_to_other_origins_that_its_page_asks(
    site: HostileOrigin, collector: Collector
) -> None:
    async with HostileOrigin(host="127.0.0.3") as abroad:
        abroad.answers("/api", body=b"{}", Access_Control_Allow_Origin="*")
        site.answers("/api", body=b"{}")
        script = f"fetch('/api'); fetch('{abroad.url('/api')}')"
        url = site.answers("/", body=page(script), Content_Type="text/html")

        await render(collector, url, headers={"Authorization": "Bearer canary"})

    assert [seen.headers.get("authorization") for seen in site.seen] == ["Bearer canary"] * 2
    assert [seen.path for seen in abroad.seen] == ["/api"]
    assert "canary" not in str(abroad.seen)


@needs_browser
@pytest.mark.campaign
async def test_a_page_that_never_rests_is_taken_as_it_is_and_one_that_hangs_fails_in_time(
    site: HostileOrigin, collector: Collector
) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.silence()

    site.on("/silent", silent)
    restless = site.answers(
        "/restless", body=page("document.title = 'news'; fetch('/silent')"), Content_Type="text/html"
    )
    hangs = site.answers("/hangs", body=page("while (true) {}"), Content_Type="text/html")
    after = site.answers("/after", body=page("document.title = 'after'"), Content_Type="text/html")

    taken = await render(collector, restless, timeout=timedelta(seconds=4))
    async with asyncio.timeout(20):
        failed = await collector.fetch(FetchRequest(url=hangs, browser=True, timeout=timedelta(seconds=2)))
    next_one = await render(collector, after)

    assert b"<title>news</title>" in taken.body
    assert isinstance(failed, FetchFailed)
    assert (failed.kind, failed.url) == (FailureKind.TIMEOUT, hangs)
    assert b"<title>after</title>" in next_one.body


@needs_browser
@pytest.mark.campaign
async def test_a_document_that_scripts_blow_up_is_cut_at_the_limit(
    site: HostileOrigin, collector: Collector
) -> None:
    script = "String.prototype.slice = () => 'x'.repeat(1 << 26); document.body.append('y'.repeat(5e6))"
    url = site.answers("/", body=page(script), Content_Type="text/html")

    result = await render(collector, url, max_bytes=100_000)

    assert result.truncated
    assert len(result.body) == 100_000


@needs_browser
async def test_a_feed_or_a_failure_needs_no_browser(site: HostileOrigin, collector: Collector) -> None:
    feed = await render(collector, site.answers("/feed", body=b"<rss/>", Content_Type="application/rss+xml"))
    missing = await collector.fetch(FetchRequest(url=site.url("/none"), browser=True))
    refused = await collector.fetch(FetchRequest(url="http://127.0.0.1/", browser=True))

    assert feed.body == b"<rss/>"
    assert isinstance(missing, FetchFailed)
    assert missing.kind is FailureKind.GONE
    assert isinstance(refused, FetchFailed)
    assert refused.kind is FailureKind.REFUSED


@needs_browser
@pytest.mark.campaign
async def test_closing_the_collector_leaves_no_process_behind(site: HostileOrigin) -> None:
    url = site.answers("/", body=page("document.title = 'x'"), Content_Type="text/html")
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    async with Collector(NOT_127_0_0_1) as collector:
        await render(collector, url)
        grown = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
        listening = [each for child in grown for each in _listening(child)]

    gone, alive = psutil.wait_procs(grown, timeout=5)
    assert len(gone) > 2
    assert alive == []
    assert listening == []


def _listening(process: psutil.Process) -> list[object]:
    try:
        return [each for each in process.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    except psutil.Error:
        return []


@needs_browser
@pytest.mark.campaign
async def test_a_worn_browser_is_replaced_and_killed(site: HostileOrigin, monkeypatch) -> None:
    monkeypatch.setattr("spiders.chromium._PAGES_UNTIL_RESTART", 2)
    url = site.answers("/", body=page("document.title = 'x'"), Content_Type="text/html")
    used = []
    async with Collector(NOT_127_0_0_1) as collector:
        for _ in range(3):
            await render(collector, url)
            used.append(collector._browser._running)

    assert [each is used[0] for each in used] == [True, True, False]
    assert not used[0].browser.is_connected()


@needs_browser
@pytest.mark.campaign
@pytest.mark.parametrize("victim", ["node", "chromium"])
async def test_a_browser_that_is_killed_is_replaced_and_stops_nobody_from_closing(
    victim: str, site: HostileOrigin
) -> None:
    url = site.answers("/", body=page("document.title = 'x'"), Content_Type="text/html")
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    async with asyncio.timeout(60), Collector(NOT_127_0_0_1) as collector:
        await render(collector, url)
        grown = [each for each in psutil.Process().children(recursive=True) if each.pid not in before]
        for process in grown:
            if process.is_running() and victim in process.name():
                process.kill()
        await collector.fetch(FetchRequest(url=url, browser=True))  # may find out, and fail
        await render(collector, url)
        grown = [each for each in psutil.Process().children(recursive=True) if each.pid not in before]
        for process in grown:
            if process.is_running() and victim in process.name():
                process.kill()

    _, alive = psutil.wait_procs(grown, timeout=5)
    assert alive == []


async def test_without_the_extra_the_remedy_is_said_and_nothing_is_fetched(
    site: HostileOrigin, collector: Collector, monkeypatch
) -> None:
    monkeypatch.setattr("spiders.chromium.importlib.util.find_spec", lambda name: None)

    failed = await collector.fetch(FetchRequest(url=site.answers("/", body=b"<p>"), browser=True))

    assert isinstance(failed, FetchFailed)
    assert failed.kind is FailureKind.REFUSED
    assert "pip install 'marsad[browser]'" in failed.reason
    assert site.connections == 0


@needs_browser
async def test_a_browser_that_is_not_there_or_does_not_start_is_named(
    site: HostileOrigin, tmp_path: Path
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    url = site.answers("/", body=b"<p>", Content_Type="text/html")
    said = []
    for path in (tmp_path / "none", broken):
        async with Collector(NOT_127_0_0_1, browser_path=path) as collector:
            failed = await collector.fetch(FetchRequest(url=url, browser=True))
            assert isinstance(failed, FetchFailed)
            said.append((failed.kind, failed.reason))

    assert {kind for kind, _ in said} == {FailureKind.REFUSED}
    assert "browser_path" in said[0][1]
    assert "does not start" in said[1][1]
    assert "\n" not in said[1][1]
