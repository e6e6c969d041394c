"""Reading pages: the article whole, block pages named, and no text lost to markup."""

import gzip
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.children import ChildFailed, Children
from spiders.entries import Page
from spiders.readers.page import read_page
from spiders.readers.service import PAGE, SOURCE_READING, ReadJob

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://news.example.org/2026/basra-march"
PARAGRAPHS = [
    "Thousands of people marched through the centre of Basra on Saturday evening to protest against power cuts.",
    "The provincial council said that two transmission lines had failed and that repairs would take until Friday.",
    "Witnesses said the march ended peacefully before midnight, although several roads stayed closed on Sunday.",
]


def article(*, head: str = "", before: str = "", after: str = "", inside: str = "") -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>March in Basra - Example News</title>{head}</head><body>{before}"
        f"<main><article><h1>March in Basra</h1>{text}{inside}</article></main>{after}</body></html>"
    ).encode()


def read(body: bytes) -> Page:
    return read_page(body, url=URL, now=NOW)


def ld(**fields: object) -> str:
    stated = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **fields})
    return f"<script type='application/ld+json'>{stated}</script>"


def test_an_article_is_its_paragraphs_and_nothing_beside_them():
    page = read(
        article(
            before="<nav><ul><li><a href='/a'>World</a></li><li><a href='/b'>Sport news of the day</a></li></ul></nav>",
            inside="<ul class='related-links'><li><a href='/c'>Ten more stories you should read today</a></li></ul>"
            "<p><a href='/d'>Read also: football results of the weekend</a></p>",
            after="<footer><p>All rights reserved by Example News, printed in Erbil</p></footer>",
        )
    )
    assert page.text == "\n".join(PARAGRAPHS)
    assert (page.kind, page.title, page.lang, page.degraded) == ("article", "March in Basra", "en", None)


def test_dates_authors_and_address_come_from_what_the_page_states():
    stated = ld(
        headline="March in Basra",
        datePublished="2026-11-21T22:10:00+03:00",
        dateModified="2026-11-22T08:00:00+03:00",
        author=[{"@type": "Person", "name": "Jane Doe"}, {"@type": "Organization", "name": "Example News"}],
    )
    page = read(article(head=stated + "<link rel='canonical' href='/2026/basra-march'>"))

    assert page.published == datetime(2026, 11, 21, 19, 10, tzinfo=UTC)
    assert page.modified == datetime(2026, 11, 22, 5, tzinfo=UTC)
    assert (page.authors, page.canonical_url) == (("Jane Doe",), URL)


def test_broken_json_ld_costs_nothing_but_itself():
    broken = "<script type='application/ld+json'>{\"@type\": </script>"
    head = broken + "<meta property='article:published_time' content='2026-11-21T10:00:00Z'>"
    page = read(article(head=head))
    assert page.published == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert page.text == "\n".join(PARAGRAPHS)


def test_a_comma_too_many_in_json_ld_is_forgiven():
    head = ld(datePublished="2026-11-21T10:00:00Z").replace("}", ",}")
    assert read(article(head=head)).published == datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_the_standfirst_belongs_to_the_text():
    lead = "Power cuts of twenty hours a day have driven people onto the streets."
    page = read(
        article(
            head=f"<meta name='description' content='{lead}'>",
            before=f"<header><p class='lead'>{lead}</p></header>",
        )
    )
    assert page.text.startswith(lead)


def test_text_that_only_json_ld_carries_is_found():
    body = "<p>" + "</p><p>".join(PARAGRAPHS) + "</p>"
    stated = ld(headline="March in Basra", articleBody=body)
    page = read(
        f"<html><head><title>x</title>{stated}</head><body><div id='app'></div></body></html>".encode()
    )
    assert page.text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("depth", [255, 300, 5000, 100_000])
def test_an_article_under_hundreds_of_boxes_is_found_by_stripping(depth: int):
    start = time.process_time()
    deep = (
        "<div>" * depth + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS * 10) + "</div>" * depth
    )
    page = read(f"<html><head><title>Deep</title></head><body>{deep}</body></html>".encode())

    assert all(paragraph in page.text for paragraph in PARAGRAPHS)
    assert page.kind == "article"
    assert time.process_time() - start < 10


def test_an_article_below_a_short_text_and_hundreds_of_boxes_is_found_by_stripping():
    deep = "<div>" * 400 + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS * 10) + "</div>" * 400
    page = read(f"<html><body><p>{'We value your privacy. ' * 5}</p>{deep}</body></html>".encode())
    assert PARAGRAPHS[2] in page.text
    assert page.degraded


def test_a_long_page_of_which_next_to_nothing_was_found_is_stripped():
    lines = "".join(f"<td>{paragraph}</td>" for paragraph in PARAGRAPHS * 20)
    page = read(f"<html><body><header><table><tr>{lines}</tr></table></header></body></html>".encode())
    assert PARAGRAPHS[0] in page.text


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (
            "ERROR: The request could not be satisfied",
            "403 ERROR Request blocked. Generated by cloudfront (CloudFront)",
        ),
        ("Just a moment...", "Enable JavaScript and cookies to continue"),
        ("Attention Required! | Cloudflare", "Sorry, you have been blocked"),
        ("Access Denied", "You don't have permission to access this server. Reference&#32;&#35;18.5"),
        ("403 Forbidden", "nginx"),
    ],
)
def test_a_refusal_is_blocked_and_no_article(title: str, words: str):
    page = read(
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{words}</p></body></html>".encode()
    )
    assert (page.kind, page.text) == ("blocked", "")
    assert page.title == title


def test_an_article_about_a_blocked_bridge_is_no_refusal():
    body = article().replace(b"March in Basra", b"Access denied: army closes bridge in Mosul")
    assert read(body).kind == "article"


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"<html></html>", b"<html><body><script>x()</script></body></html>"]
)
def test_nothing_is_called_empty(body: bytes):
    page = read(body)
    assert (page.kind, page.text) == ("empty", "")


def test_a_front_page_is_a_listing_and_no_article():
    rows = "".join(
        f"<li><a href='/news/{n}0012-one-more-story-of-the-day'>One more story of the day, number {n}</a></li>"
        for n in range(12)
    )
    page = read(
        f"<html><head><title>News</title></head><body><main><ul>{rows}</ul></main></body></html>".encode()
    )
    assert page.kind == "listing"
    assert "number 11" in page.text


def test_a_gzip_page_is_opened():
    assert read(gzip.compress(article())).text == "\n".join(PARAGRAPHS)


def test_an_arabic_page_in_its_old_encoding_is_read():
    text = "<html><head><meta charset='windows-1256'><title>البصرة</title></head><body><article>" + (
        "<p>خرج مئات المحتجين في مدينة البصرة جنوبي العراق مساء السبت احتجاجا على انقطاع الكهرباء.</p>" * 3
    )
    assert "مدينة البصرة" in read(text.encode("cp1256")).text


async def test_a_page_that_costs_too_much_is_cut_off_and_its_words_are_still_found(tmp_path: Path):
    capture = tmp_path / "page.html"
    capture.write_bytes(article(inside="<p>x" * 600_000))
    job = ReadJob(path=str(capture), url=URL).model_dump_json()
    async with Children("spiders.readers.service:open_reader", count=1, cpu_seconds=2) as children:
        with pytest.raises(ChildFailed, match="cpu"):
            await children.run("page", job)
        page = PAGE.validate_json(await children.run("strip", job))

    assert PARAGRAPHS[0] in page.text
    assert page.title == "March in Basra - Example News"
    assert page.degraded


async def test_a_source_on_disk_is_read_in_a_child(tmp_path: Path):
    capture = tmp_path / "feed.xml"
    capture.write_text(
        "<rss version='2.0'><channel><item><title>بغداد</title><link>/1</link></item></channel></rss>"
    )
    job = ReadJob(path=str(capture), url=URL).model_dump_json()
    async with Children("spiders.readers.service:open_reader", count=1) as children:
        reading = SOURCE_READING.validate_json(await children.run("source", job))
    assert [(entry.title, entry.url) for entry in reading.entries] == [
        ("بغداد", "https://news.example.org/1")
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400)
    | st.text(max_size=400).map(lambda text: f"<html><body>{text}".encode("utf-8", "replace"))
)
def test_no_bytes_raise(body: bytes):
    assert read(body).kind in ("article", "listing", "blocked", "empty")
