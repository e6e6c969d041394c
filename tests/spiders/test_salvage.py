"""Salvage: the entries of a source that killed its reader, by linear means, flagged, with no word of them lost."""

import time
from datetime import UTC, datetime
from itertools import product

import pytest

from spiders.entries import Entry, SourceReading
from spiders.readers.salvage import SALVAGED, salvage_source
from spiders.readers.source import read_source

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://paper.example/feed"
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Paper</title><link>https://paper.example/</link>
<item><title>Militia enters &amp; leaves Basra</title><link>/1</link><guid>g1</guid>
 <pubDate>Sun, 22 Nov 2026 10:00:00 +0300</pubDate>
 <description>&lt;p&gt;Shots &amp;amp; fire&lt;/p&gt;</description></item>
<item><title><![CDATA[مقتل <b>عنصر</b> في البصرة]]></title><link>https://paper.example/2</link>
 <content:encoded><![CDATA[<p>النص كله</p>]]></content:encoded></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title>
<entry><id>tag:1</id><title type="html">Curfew in &lt;i&gt;Kirkuk&lt;/i&gt;</title>
<updated>2026-11-22T09:00:00Z</updated>
<link rel="edit" href="/edit"/><link href="https://paper.example/k?a=1&amp;b=2"/>
<summary>Until dawn</summary></entry></feed>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "items": [
{"id": "j1", "url": "/j1", "title": "Protest \\u0628\\u063a\\u062f\\u0627\\u062f \\"now\\"",
 "authors": [{"name": "A", "url": "/a"}],
 "content_text": "In Baghdad", "date_published": "2026-11-22T09:00:00Z"}]}"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://paper.example/s</loc><news:news><news:publication_date>2026-11-22T09:00:00Z
</news:publication_date><news:title>Bridge closed in Mosul</news:title></news:news></url></urlset>"""
N = 30_000
HOSTILE = (
    "<item>",
    "<item",
    "<title>",
    "<link ",
    "<!--",
    "<![CDATA[",
    "<a:",
    '{"a":',
    '"\\"',
    "{",
    '"id":',
    "<link href='",
)


def _salvaged(text: str) -> SourceReading:
    return salvage_source(text.encode(), url=URL, why="cpu", now=NOW)


def _core(entry: Entry) -> tuple[object, ...]:
    return entry.id, entry.url, entry.title, entry.summary, entry.content, entry.published


@pytest.mark.parametrize("text", [RSS, ATOM, SITEMAP], ids=["rss", "atom", "sitemap"])
def test_what_is_salvaged_of_a_sound_source_is_what_is_read_of_it(text: str) -> None:
    whole = read_source(text.encode(), url=URL, now=NOW)

    found = _salvaged(text)

    assert found.kind == whole.kind
    assert found.entries
    assert [_core(e)[1:] for e in found.entries] == [_core(e)[1:] for e in whole.entries]


def test_a_json_feed_is_salvaged_even_without_its_end() -> None:
    found = _salvaged(JSON[:-2])

    assert [_core(e)[:4] for e in found.entries] == [
        ("j1", "https://paper.example/j1", 'Protest بغداد "now"', "In Baghdad")
    ]


def test_salvage_says_what_it_is() -> None:
    assert _salvaged(RSS).error == f"{SALVAGED} cpu"
    assert _salvaged("<html><p>nothing").entries == ()


def test_an_item_that_never_ends_stops_at_the_next() -> None:
    found = _salvaged("<rss><item><title>One<link>https://p.example/1</link><item><title>Two</title></rss>")

    assert [e.title.split(" ")[0] for e in found.entries] == ["One", "Two"]


def test_a_million_items_are_salvaged_at_both_ends() -> None:
    items = "".join(f"<item><title>Number {n}</title></item>" for n in range(200_000))

    titles = [entry.title for entry in _salvaged(f"<rss>{items}</rss>").entries]

    assert (len(titles), titles[0], titles[-1]) == (1000, "Number 0", "Number 199999")


def test_salvage_is_linear_on_what_is_hostile() -> None:
    slowest, what = 0.0, ""
    for outer, inner in product(("", "<item>", "["), HOSTILE):
        text = outer + inner * N
        began = time.process_time()
        _salvaged(text)
        if (took := time.process_time() - began) > slowest:
            slowest, what = took, outer + inner

    assert slowest < 2, what
