"""`scrapy crawl NAME`: every spider by plain command line, through the gate, against a server on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "spiders" / "sites"
FEED = (
    b'<rss version="2.0"><channel><title>W</title><item><title>Basra march</title><link>/story/1</link>'
    b"<guid>g1</guid><pubDate>Tue, 25 Jun 2024 00:07:00 +0100</pubDate></item></channel></rss>"
)
PAGE = (
    b"<html lang='en'><head><title>Basra march</title></head><body><article><h1>Basra march</h1><p>Thousands of people"
    b" marched through the centre of Basra on Saturday evening to protest against long power cuts.</p>"
    b"</article></body></html>"
)
INDEX = (
    b"<sitemapindex><sitemap><loc>http://HOST/news.xml</loc></sitemap>"
    b"<sitemap><loc>http://HOST/gone.xml</loc></sitemap></sitemapindex>"
)
NEWS = b"<urlset><url><loc>http://HOST/story/2</loc><lastmod>2026-11-01</lastmod></url></urlset>"


class Newspaper(BaseHTTPRequestHandler):
    """Serves what `papers` holds; everything else is a 404."""

    def __init__(self, papers: dict[str, tuple[str, bytes]], *arguments: object) -> None:
        self.papers = papers
        super().__init__(*arguments)

    def do_GET(self) -> None:
        kind, body = self.papers.get(self.path, ("text/plain", b""))
        body = body.replace(b"HOST", self.headers["Host"].encode())
        self.send_response(200 if self.path in self.papers else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def newspaper() -> Iterator[str]:
    papers = {
        "/feed.xml": ("application/rss+xml", FEED),
        "/story/1": ("text/html", PAGE),
        "/index.xml": ("application/xml", INDEX),
        "/news.xml": ("application/xml", NEWS),
        "/story/basra-13412345": ("text/html", (PAGES / "skynews/story-2026.html").read_bytes()),
        "/arabia": ("text/html; charset=utf-8", (PAGES / "skynewsarabia/breaking.html").read_bytes()),
    }
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Newspaper, papers)) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def crawl(name: str, url: str, tmp_path: Path, *more: str) -> list[dict[str, object]]:
    rows = tmp_path / "rows.jsonl"
    port = urlsplit(url).port
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "scrapy",
                "crawl",
                name,
                "-a",
                f"url={url}",
                "-o",
                f"{rows}:jsonlines",
                *more,
            ),
            *("-s", "GATE_ALLOW_NETWORKS=127.0.0.0/8", "-s", f"GATE_ALLOW_PORTS={port}", "-L", "ERROR"),
        ],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "SCRAPY_SETTINGS_MODULE"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return [json.loads(line) for line in rows.read_text().splitlines()] if rows.exists() else []


def test_feed_yields_entries_and_their_pages(newspaper: str, tmp_path: Path):
    entry, page = crawl("feed", f"{newspaper}/feed.xml", tmp_path, "-a", "pages=yes")

    assert entry == {
        "id": "g1",
        "url": f"{newspaper}/story/1",
        "title": "Basra march",
        "summary": "",
        "published": "2024-06-24T23:07:00Z",
        "updated": None,
        "authors": [],
        "lang": None,
    }
    assert (page["id"], page["kind"], page["title"]) == ("g1", "article", "Basra march")
    assert "long power cuts" in str(page["text"])


def test_newssitemap_follows_an_index_and_names_the_child_that_is_gone(newspaper: str, tmp_path: Path):
    rows = {row["url"]: row for row in crawl("newssitemap", f"{newspaper}/index.xml", tmp_path)}
    assert rows[f"{newspaper}/story/2"]["published"] == "2026-11-01T00:00:00Z"
    assert rows[f"{newspaper}/gone.xml"]["error"] == "the server answered 404"


def test_listing_says_why_a_page_lists_nothing(newspaper: str, tmp_path: Path):
    (row,) = crawl("listing", f"{newspaper}/story/1", tmp_path)
    assert "no list of articles" in str(row["error"])


def test_skynews_reads_a_story_by_its_own_rules(newspaper: str, tmp_path: Path):
    (page,) = crawl("skynews", f"{newspaper}/story/basra-13412345", tmp_path)
    assert (page["site"], page["authors"], page["published"]) == (
        "skynews",
        ["Jane Doe"],
        "2026-09-28T15:04:40Z",
    )


def test_skynewsarabia_reads_breaking_news_without_addresses(newspaper: str, tmp_path: Path):
    rows = crawl("skynewsarabia", f"{newspaper}/arabia", tmp_path)
    assert len(rows) == 3
    assert rows[0]["url"] is None
    assert rows[0]["published"]
