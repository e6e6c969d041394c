import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hostile import HostileOrigin
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.spiders import Spider

from spiders.gate.handler import policy_from

ROOT = Path(__file__).parents[2]
# A spider such as a newcomer writes; it tells of each URL whether callback or errback came.
SPIDER = """
import json, sys
from scrapy import Request, Spider

class Plain(Spider):
    name = "plain"
    custom_settings = {"LOG_LEVEL": "ERROR"}

    async def start(self):
        for url in json.loads(self.urls):
            yield Request(url, errback=self.failed)

    def parse(self, response):
        yield {"url": response.meta.get("redirect_urls", [response.url])[0], "body": response.text,
               "flags": response.flags}

    def failed(self, failure):
        yield {"url": failure.request.meta.get("redirect_urls", [failure.request.url])[0],
               "error": type(failure.value).__name__, "reason": str(failure.value)}
"""


@pytest.fixture
async def origin() -> AsyncIterator[HostileOrigin]:
    async with HostileOrigin() as hostile:
        yield hostile


async def crawl(folder: Path, urls: list[str], *options: str) -> dict[str, dict]:
    """Run plain `scrapy runspider` from the project's folder and return what it yielded, by URL."""
    script, out = folder / "plain.py", folder / "out.jsonl"
    script.write_text(SPIDER)
    command = [sys.executable, "-m", "scrapy", "runspider", str(script), "-a", f"urls={json.dumps(urls)}"]
    process = await asyncio.create_subprocess_exec(
        *command, "-O", str(out), *options, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, log = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, log.decode()
    return {row["url"]: row for row in map(json.loads, out.read_text().splitlines())}


async def test_plain_scrapy_is_held_back_by_the_gate(origin: HostileOrigin, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    urls = [
        origin.answers("/", body=b"canary"),
        f"http://localhost:{origin.port}/",
        "http://169.254.169.254/",
        secret.as_uri(),
        "data:text/plain,x",
        "ftp://example.org/x",
    ]

    rows = await crawl(tmp_path, urls, "-s", f"GATE_ALLOW_PORTS={origin.port}")

    assert {row.get("error") for row in rows.values()} == {"GateError", "NotSupported"}
    assert set(rows) == set(urls)
    assert "allow_networks" in rows[urls[0]]["reason"]
    assert origin.connections == 0


async def test_plain_scrapy_reads_what_is_allowed_and_loses_no_redirect(
    origin: HostileOrigin, tmp_path: Path
) -> None:
    urls = [
        origin.answers("/page", body="بغداد".encode(), Content_Type="text/plain; charset=utf-8"),
        origin.answers("/old", "302 Found", Location="/page"),
        origin.answers("/self", "302 Found", Location="/self"),
        origin.answers("/out", "302 Found", Location="http://10.0.0.1/"),
        origin.answers("/file", "302 Found", Location="file:///etc/passwd"),
        origin.answers("/long", body=b"n" * 5000),
    ]

    rows = await crawl(tmp_path, urls, "-s", "GATE_ALLOW_NETWORKS=127.0.0.0/8", "-s", "DOWNLOAD_MAXSIZE=1000")

    assert set(rows) == set(urls)
    assert rows[urls[0]]["body"] == rows[urls[1]]["body"] == "بغداد"
    assert rows[urls[2]]["error"] == "IgnoreRequest"
    assert rows[urls[3]]["error"] == "GateError"
    assert rows[urls[4]]["error"] == "HttpError"
    assert (len(rows[urls[5]]["body"]), len(rows[urls[5]]["flags"])) == (1000, 1)


def _project_settings() -> Settings:
    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    return settings


def test_nothing_that_scrapy_brings_along_is_on_unless_we_named_it() -> None:
    settings = Crawler(Spider, _project_settings()).settings

    middlewares = settings.getwithbase("DOWNLOADER_MIDDLEWARES")
    extensions = settings.getwithbase("EXTENSIONS")
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")

    assert set(handlers) == {"http", "https"}
    assert not [name for name in map(str, [*middlewares, *extensions]) if _is_unwanted(name)]
    for name in (
        "REMOTE_CONTROL",
        "TELNETCONSOLE",
        "COOKIES",
        "RETRY",
        "HTTPPROXY",
        "METAREFRESH",
        "COMPRESSION",
    ):
        assert settings.getbool(f"{name}_ENABLED") is False, name
    assert settings.getbool("TWISTED_REACTOR_ENABLED") is False
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES") is True
    assert settings.getint("DOWNLOAD_MAXSIZE") == 16 << 20


def _is_unwanted(name: str) -> bool:
    unwanted = (
        "remote",
        "telnet",
        "cookies",
        "proxy",
        "retry",
        "robots",
        "httpcache",
        "MetaRefresh",
        "compression",
    )
    return any(each.lower() in name.lower() for each in unwanted)


def test_the_policy_is_read_from_the_settings() -> None:
    settings = _project_settings()
    settings.set("GATE_ALLOW_NETWORKS", "10.0.0.0/8,fd00::/8")
    settings.set("GATE_ALLOW_PORTS", "8000,9000")

    policy = policy_from(settings)

    assert [str(network) for network in policy.allow_networks] == ["10.0.0.0/8", "fd00::/8"]
    assert policy.allow_ports == {8000, 9000}
    assert policy.user_agent == settings["USER_AGENT"]
