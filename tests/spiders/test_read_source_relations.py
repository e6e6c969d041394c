"""Where else a source points: older pages, itself, its hubs, its site; and every kind found in the content."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from spiders.entries import SourceReading
from spiders.readers.feed import read_feed
from spiders.readers.jsonfeed import read_json_feed
from spiders.readers.sitemap import read_sitemap
from spiders.readers.source import read_source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://feeds.example.org/rss/world.xml"
ITEM = "<item><title>One</title><link>https://example.org/1</link></item>"
ATOM = "http://www.w3.org/2005/Atom"


def rss(links: str, *, spaces: str = f'xmlns:atom="{ATOM}"') -> SourceReading:
    return read_feed(
        f'<rss version="2.0" {spaces}><channel><title>W</title>{links}{ITEM}</channel></rss>',
        url=URL,
        now=NOW,
    )


def atom(links: str) -> SourceReading:
    return read_feed(
        f'<feed xmlns="{ATOM}"><title>A</title>{links}<entry><id>urn:1</id><title>One</title>'
        '<link rel="next" href="https://example.org/not-the-feeds"/></entry></feed>',
        url=URL,
        now=NOW,
    )


def test_a_feeds_hubs_self_and_site_are_read_from_atom_and_from_rss():
    links = (
        '<{0}link rel="self" href="https://example.org/self.xml"/><{0}link rel="hub" href="https://hub.example.com/"/>'
        '<{0}link rel="hub" href="https://hub2.example.com/"/><{0}link rel="hub" href="javascript:alert(1)"/>'
    )
    readings = (
        atom(links.format("") + '<link href="https://example.org/"/>'),
        rss("<link>https://example.org/</link>" + links.format("atom:")),
        rss("<link>https://example.org/</link>" + links.format("atom:"), spaces=""),
    )

    for one in readings:
        assert one.self_url == "https://example.org/self.xml"
        assert one.hubs == ("https://hub.example.com/", "https://hub2.example.com/")
        assert one.site_url == "https://example.org/"


@pytest.mark.parametrize(
    ("links", "older"),
    [
        ('<link rel="next" href="?page=2"/>', "https://feeds.example.org/rss/world.xml?page=2"),
        (
            '<link rel="next" href="?page=2"/><link rel="prev-archive" href="/2026/10.xml"/>',
            "https://feeds.example.org/2026/10.xml",
        ),
        (
            '<link rel="http://www.iana.org/assignments/relation/next" href="/2"/>',
            "https://feeds.example.org/2",
        ),
        (f'<link rel="next" href="{URL}"/>', None),
        ('<link rel="next" href="file:///etc/passwd"/>', None),
        ('<link rel="previous" href="/newer"/>', None),
        ("", None),
    ],
)
def test_the_older_page_of_a_feed_is_its_archive_else_its_next_page(links: str, older: str | None):
    assert atom(links).older == older
    assert rss(links.replace("<link", "<atom:link")).older == older


def test_a_json_feed_names_its_next_page_its_hubs_and_its_site():
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "home_page_url": "https://example.org/",
        "feed_url": "https://example.org/feed.json",
        "next_url": "/feed.json?page=2",
        "hubs": [
            {"type": "rssCloud", "url": "https://c.example/"},
            {"type": "WebSub", "url": "https://h.example/"},
            7,
        ],
        "items": [{"id": "1", "title": "One"}],
    }
    reading = read_json_feed(json.dumps(feed), url=URL, now=NOW)

    assert (reading.older, reading.self_url) == (
        "https://feeds.example.org/feed.json?page=2",
        "https://example.org/feed.json",
    )
    assert (reading.hubs, reading.site_url) == (("https://h.example/",), "https://example.org/")
    odd = {**feed, "next_url": 7, "hubs": "x", "feed_url": None, "home_page_url": []}
    assert read_json_feed(json.dumps(odd), url=URL, now=NOW).hubs == ()


def index(*children: tuple[str, str]) -> SourceReading:
    rows = "".join(
        f"<sitemap><loc>{loc}</loc>{f'<lastmod>{mod}</lastmod>' if mod else ''}</sitemap>"
        for loc, mod in children
    )
    text = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
    return read_sitemap(text, url="https://example.org/sitemap.xml", now=NOW)


@pytest.mark.parametrize(
    ("children", "newest"),
    [
        ((("/a.xml", "2026-11-20"), ("/b.xml", "2026-11-22T10:00:00Z"), ("/c.xml", "")), "/b.xml"),
        ((("/s-2026-09.xml", ""), ("/s-2026-11.xml", ""), ("/s-2026-10.xml", "")), "/s-2026-11.xml"),
        ((("/2025/12/31.xml", ""), ("/2026/01/02.xml", "")), "/2026/01/02.xml"),
        ((("/pages.xml", ""), ("/news.xml.gz", ""), ("/sitemap-2026-11.xml", "")), "/news.xml.gz"),
        (
            (("/post-sitemap1.xml", ""), ("/post-sitemap2.xml", ""), ("/page-sitemap9.xml", "")),
            "/post-sitemap2.xml",
        ),
        ((("/page.xml", "2026-11-22"), ("/post.xml", "2026-11-22")), "/post.xml"),
        ((("/one.xml", ""), ("/two.xml", "")), "/one.xml"),
    ],
)
def test_an_index_leads_to_its_newest_sitemap(children: tuple[tuple[str, str], ...], newest: str):
    assert index(*children).older == f"https://example.org{newest}"


def test_an_index_never_leads_to_itself_nor_a_sitemap_to_anything():
    assert index(("https://example.org/sitemap.xml", "")).older is None
    page = "<urlset><url><loc>https://example.org/a</loc></url></urlset>"
    assert read_sitemap(page, url="https://example.org/s.xml", now=NOW).older is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f"<rss version='0.92'><channel><title>x</title>{ITEM}</channel></rss>", "feed"),
        (f"<rss><channel><title>x</title>{ITEM}</channel></rss>", "feed"),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'>"
            f"<channel><title>x</title></channel>{ITEM}</rdf:RDF>",
            "feed",
        ),
        (
            "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>One</title><id>1</id>"
            "<issued>2026-11-22T10:00:00Z</issued></entry></feed>",
            "feed",
        ),
        ('{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1, "title": "One"}]}', "feed"),
        ("<urlset><url><loc>https://example.org/One</loc></url></urlset>", "sitemap"),
        ("https://example.org/One\nhttps://example.org/Two\n", "sitemap"),
    ],
)
def test_a_kind_is_found_in_the_content_whatever_the_answer_calls_it(body: str, kind: str):
    for raw in (body.encode(), gzip.compress(body.encode())):
        for said in ("text/html", "application/octet-stream", None):
            reading = read_source(raw, url=URL, content_type=said, now=NOW)
            assert (reading.kind, reading.error, len(reading.entries) >= 1) == (kind, None, True)


def test_a_news_sitemap_keeps_keywords_and_ignores_the_captions_of_its_images():
    reading = read_sitemap(
        "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9' xmlns:i='http://www.google.com/schemas/sitemap-image/1.1'>"
        "<url><loc>https://example.org/a</loc><lastmod>2026-11-22T11:00:00Z</lastmod>"
        "<n:news><n:publication><n:name>P</n:name><n:language>ku</n:language></n:publication>"
        "<n:publication_date>2026-11-22T10:00:00Z</n:publication_date><n:title>Headline</n:title>"
        "<n:keywords>Iraq, Basra</n:keywords></n:news>"
        "<i:image><i:loc>https://cdn.example.org/x.jpg</i:loc><i:title>Caption</i:title></i:image></url></urlset>",
        url=URL,
        now=NOW,
    )
    one = reading.entries[0]

    assert (one.url, one.title, one.tags, one.lang) == (
        "https://example.org/a",
        "Headline",
        ("Iraq", "Basra"),
        "ku",
    )
    assert (one.published, one.updated) == (
        datetime(2026, 11, 22, 10, tzinfo=UTC),
        datetime(2026, 11, 22, 11, tzinfo=UTC),
    )
