"""Site spiders: every outlet's pages, rebuilt small, against their expected JSON; and what outlets share."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spiders.crawl.rows import zulu
from spiders.readers.page import read_page
from spiders.readers.source import read_source
from spiders.sites import outlets, site_for
from spiders.sites.site import Site

PAGES = Path(__file__).parent / "sites"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EXPECTED = sorted(str(path.relative_to(PAGES).with_suffix("")) for path in PAGES.rglob("*.json"))


def expected(name: str) -> dict[str, Any]:
    return json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))


def html(name: str) -> bytes:
    return (PAGES / f"{name}.html").read_bytes()


def read(name: str) -> dict[str, Any]:
    """The recorded page read as its address says: a listing when entries are expected of it, else an article."""
    url = expected(name)["url"]
    if "entries" in expected(name):
        reading = read_source(html(name), url=url, now=NOW)
        entries = [
            {
                "url": e.url,
                "title": e.title,
                "summary": e.summary,
                "published": zulu(e.published),
                "lang": e.lang,
            }
            for e in reading.entries
        ]
        return {"url": url, "kind": reading.kind, "lang": reading.lang, "entries": entries}
    page = read_page(html(name), url=url, now=NOW)
    told = {key: getattr(page, key) for key in expected(name)}
    times = {key: zulu(told[key]) for key in ("published", "modified")}
    return told | times | {key: list(told[key]) for key in ("authors", "tags")}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_page_reads_as_its_expected_json(name: str):
    assert read(name) == expected(name)


def test_every_page_has_its_expected_json_and_every_outlet_an_article():
    assert sorted(str(path.relative_to(PAGES).with_suffix("")) for path in PAGES.rglob("*.html")) == EXPECTED
    with_article = {name.partition("/")[0] for name in EXPECTED if "text" in expected(name)}
    assert with_article == set(outlets())


def test_every_article_is_read_by_its_own_outlet():
    for name in EXPECTED:
        told = expected(name)
        assert told.get("site", told["kind"].removeprefix("site:")) == name.partition("/")[0]


@pytest.mark.parametrize("name", ["skynews/story-2020", "aljazeera/article-2019", "bbcarabic/article-2016"])
def test_a_page_of_an_older_design_is_read_by_the_older_version(name: str):
    site = outlets()[name.partition("/")[0]]
    text, url = html(name).decode(), expected(name)["url"]

    whole = site.read_page(text, url=url, now=NOW)
    assert whole is not None
    assert whole.text == expected(name)["text"]
    assert replace(site, versions=site.versions[:1]).read_page(text, url=url, now=NOW) is None


def test_a_page_that_fits_two_designs_is_read_by_the_newer():
    site = outlets()["skynews"]
    old, new = html("skynews/story-2020").decode(), html("skynews/story-2026").decode()
    both = new.replace("</main>", old[old.index("<div class") : old.index("</body>")] + "</main>")

    page = site.read_page(both, url=expected("skynews/story-2026")["url"], now=NOW)
    assert page is not None
    assert (page.title, page.text) == tuple(expected("skynews/story-2026")[key] for key in ("title", "text"))


@pytest.mark.parametrize(
    ("end", "live"), [("2026-11-22T11:00:00Z", False), ("2026-11-22T13:00:00Z", True), ("soon", True)]
)
def test_a_live_blog_goes_on_until_its_end_has_come(end: str, live: bool):
    body = html("aljazeera/live").replace(b"2026-11-23T06:00:00Z", end.encode())
    assert read_page(body, url=expected("aljazeera/live")["url"], now=NOW).live is live


def test_a_live_blog_is_known_by_its_markup_alone():
    body = html("skynews/live").replace(b"LiveBlogPosting", b"NewsArticle")
    assert read_page(body, url=expected("skynews/live")["url"], now=NOW).live


def test_times_without_a_zone_are_those_of_the_outlet():
    story = html("skynews/story-2026").replace(b'<time data-testid="article-date"', b"<span")
    page = read_page(story, url=expected("skynews/story-2026")["url"], now=NOW)
    assert zulu(page.published) == "2026-09-28T15:04:40Z"  # JSON-LD says 16:04:40, by London's summer clock


def test_a_page_too_deep_for_the_parser_is_left_to_general_reading_and_loses_no_word():
    rest = (
        b"<p>The word that matters is Diyala.</p>" + b"<p>More of the story, further down the page.</p>" * 200
    )
    nested = b"<div>" * 300 + rest + b"</div>" * 300
    body = html("skynews/story-2026").replace(b"<h3>", nested + b"<h3>")

    page = read_page(body, url=expected("skynews/story-2026")["url"], now=NOW)
    assert "The word that matters is Diyala." in page.text
    assert page.degraded


def test_a_section_of_an_outlet_without_known_markup_is_no_article():
    section = expected("rudaw/article")["url"].rpartition("/")[0]
    assert outlets()["rudaw"].read_page(html("rudaw/article").decode(), url=section, now=NOW) is None


def test_an_item_without_address_keeps_its_id_while_its_time_moves_on():
    url = expected("skynewsarabia/breaking")["url"]
    first = read_source(html("skynewsarabia/breaking"), url=url, now=NOW)
    moved = html("skynewsarabia/breaking").replace("21 دقيقة".encode(), "35 دقيقة".encode())
    later = read_source(moved, url=url, now=NOW)

    assert [entry.id for entry in first.entries] == [entry.id for entry in later.entries]


def test_a_refusal_of_the_content_network_is_blocked_and_no_article():
    body = b"""<html><head><title>ERROR: The request could not be satisfied</title></head><body><h1>403 ERROR</h1>
    Request blocked. We can't connect to the server. <pre>Generated by cloudfront (CloudFront)</pre></body></html>"""

    assert read_page(body, url="https://www.skynewsarabia.com/middle-east/1896008", now=NOW).kind == "blocked"
    reading = read_source(body, url="https://www.skynewsarabia.com/breaking-news", now=NOW)
    assert reading.entries == ()
    assert reading.error
    assert reading.error.startswith("blocked:")


def test_a_page_in_a_new_design_is_still_read_by_general_means():
    body = b"""<html lang="en"><head><title>Flood warning for Mosul - Sky News</title></head><body><article>
    <div class="brand-new"><h1>Flood warning for Mosul</h1><p>The Tigris rose by two metres overnight in Mosul, the
    water ministry said, and asked people to leave the banks.</p><p>Engineers opened a second gate of the dam on
    Sunday evening.</p></div></article></body></html>"""
    page = read_page(body, url="https://news.sky.com/story/flood-warning-for-mosul-13400000", now=NOW)
    assert "The Tigris rose" in page.text


def test_a_listing_in_a_new_design_is_still_read_by_general_means():
    links = "".join(
        f'<div class="new"><a href="/story/mosul-{n}-{13400000 + n}">The river rises again in Mosul {n}</a></div>'
        for n in range(5)
    )
    body = f"<html><head><title>World</title></head><body><main>{links}</main></body></html>".encode()
    reading = read_source(body, url="https://news.sky.com/world", now=NOW)
    assert (reading.kind, len(reading.entries)) == ("listing", 5)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://news.sky.com/story/x-1", "skynews"),
        ("https://www.skynewsarabia.com/", "skynewsarabia"),
        ("https://skynewsarabia.com/", "skynewsarabia"),
        ("https://nasional.kompas.com/read/2025/05/28/1/x", "kompas"),
        ("https://en.irna.ir/news/85012345/x", "irna"),
        ("https://www.bbc.com/arabic/articles/c1", "bbcarabic"),
        ("https://www.bbc.com/arabic", "bbcarabic"),
        ("https://www.bbc.com/arabics", None),
        ("https://www.bbc.com/news/world-middle-east-1", None),
        ("https://news.sky.com.evil.example/", None),
        ("https://evilkompas.com/", None),
        ("https://sky.com/", None),
        ("http://[broken", None),
        ("not a url", None),
    ],
)
def test_an_outlet_is_known_by_its_host(url: str, name: str | None):
    site = site_for(url)
    assert (site.name if site else None) == name


def test_a_kind_names_the_outlet_wherever_its_pages_come_from():
    site = site_for("http://127.0.0.1/x", kind="site:rudaw")
    assert isinstance(site, Site)
    assert site.name == "rudaw"
    assert site_for("https://news.sky.com/world", kind="site:nobody") is outlets()["skynews"]
    assert site_for("http://127.0.0.1/x", kind="feed") is None


@pytest.mark.parametrize(
    ("url", "lang"),
    [
        ("https://www.rudaw.net/sorani/x", "ckb"),
        ("https://www.rudaw.net/kurmanci/x", "kmr"),
        ("https://www.rudaw.net/", None),
    ],
)
def test_an_address_may_tell_the_language(url: str, lang: str | None):
    assert outlets()["rudaw"].lang_of(url) == lang
