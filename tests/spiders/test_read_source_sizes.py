"""Sources far too long: the newest thousand come out, from whichever end, in the time and memory a child has (R18)."""

import gzip
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from spiders.readers.ends import both_ends
from spiders.readers.source import read_source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHILD_SECONDS = 10
FILLING = "word " * 400


def huge_rss(count: int, *, newest_first: bool) -> bytes:
    start = NOW - timedelta(minutes=count)
    order = range(count, 0, -1) if newest_first else range(1, count + 1)
    items = (
        f"<item><title>Story {n}</title><guid>g{n}</guid>"
        f"<pubDate>{start + timedelta(minutes=n):%a, %d %b %Y %H:%M:%S GMT}</pubDate>"
        f"<description>{FILLING}</description></item>"
        for n in order
    )
    return f"<rss version='2.0'><channel><title>W</title>{''.join(items)}</channel></rss>".encode()


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_feed_too_long_to_be_read_the_newest_thousand_are_kept(newest_first: bool):
    body = huge_rss(9_000, newest_first=newest_first)
    assert len(body) > 16 << 20
    start = time.process_time()

    reading = read_source(body, url="https://e.org/rss", now=NOW)

    assert {entry.id for entry in reading.entries} == {f"g{9_000 - n}" for n in range(1000)}
    assert reading.partial
    assert reading.error
    assert "longer than 16 MiB" in reading.error
    assert time.process_time() - start < CHILD_SECONDS


@pytest.mark.campaign
def test_of_a_million_bare_items_the_first_and_the_last_are_looked_at():
    items = "".join(f"<item><guid>{n}</guid></item>" for n in range(1_000_000))
    body = gzip.compress(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), 1)
    tracemalloc.start()
    start = time.process_time()

    reading = read_source(body, url="https://e.org/rss", now=NOW)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(reading.entries) == 1000
    assert reading.partial
    assert time.process_time() - start < 2 * CHILD_SECONDS  # tracing doubles it
    assert peak < 400 << 20


def test_no_entry_is_made_of_two_where_the_middle_was_left_out():
    rows = [f"<url><loc>https://e.org/{n}</loc></url>" for n in range(3000)]
    raw = f"<urlset>{''.join(rows)}</urlset>".encode()

    for body in (raw, gzip.compress(raw)):
        for most_bytes in range(4000, 4090, 7):
            opened = both_ends(body, most_bytes=most_bytes)
            assert opened.short
            assert len(opened.body) <= most_bytes
            text = opened.body.decode().removeprefix("<urlset>").removesuffix("</urlset>")
            assert all(row + "</url>" in rows for row in text.split("</url>") if row)


def test_a_body_that_fits_is_left_as_it_is():
    for raw in (b"", b"x", b"<rss>" * 100):
        assert both_ends(raw).body == raw
        assert both_ends(gzip.compress(raw)) == both_ends(raw)
    assert both_ends(gzip.compress(b"x" * 100)[:-9]).short
