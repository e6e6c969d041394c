"""OPML in and out: other readers' lists as they really are, and lists made to do harm."""

import resource
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import quoteattr

import pytest

from spiders.opml import MOST_BYTES, OpmlError, Outline, read_opml, write_opml

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def opml(body: str, *, head: str = "", doctype: str = "") -> bytes:
    return f'<?xml version="1.0"?>{doctype}<opml version="2.0"><head>{head}</head><body>{body}</body></opml>'.encode()


def outline(url: str, *, text: str = "A paper", more: str = "") -> str:
    return f'<outline type="rss" text={quoteattr(text)} xmlUrl={quoteattr(url)} {more}/>'


ONE = outline("https://a.example/feed")


def urls(body: bytes) -> list[str]:
    return [one.url for one in read_opml(body).outlines]


# --- lists as readers write them ---


def test_folders_and_categories_become_tags() -> None:
    body = f'<outline text="Iraq"><outline text="Wires">{outline("https://a.example/1")}</outline></outline>'
    with_category = outline("https://a.example/2", more='category="/Politics/Basra,daily"')

    nested, categorised = read_opml(opml(body + with_category)).outlines

    assert nested.tags == ("Iraq", "Wires")
    assert categorised.tags == ("Politics", "Basra", "daily")


def test_opml_1_with_attributes_in_any_case_is_read() -> None:
    body = '<outline title="صحيفة" XMLURL="https://a.example/feed" htmlurl="https://a.example/" language="ar-iq"/>'

    (one,) = read_opml(opml(body, head="<title>Mine</title>").replace(b"2.0", b"1.0")).outlines

    assert (one.name, one.site_url, one.lang) == ("صحيفة", "https://a.example/", "ar")


def test_an_address_in_two_folders_is_one_feed_with_both_tags() -> None:
    read = read_opml(opml(f'<outline text="A">{ONE}</outline><outline text="B">{ONE}</outline>'))

    assert [one.tags for one in read.outlines] == [("A", "B")]
    assert read.repeated == 1


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("feed://a.example/f", "http://a.example/f"),
        ("feed:https://a.example/f", "https://a.example/f"),
        (" https://a.example/f ", "https://a.example/f"),
    ],
)
def test_addresses_as_old_readers_wrote_them_are_read(written: str, meant: str) -> None:
    assert urls(opml(outline(written))) == [meant]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://a.example/f", "javascript:alert(1)", "data:text/xml,x", "feed", "/feed",
        "gopher://a.example/", "feed:file:///etc/passwd", "unix:/run/x",
    ],
)  # fmt: skip
def test_what_is_not_on_the_web_is_refused_by_name_and_the_rest_is_kept(url: str) -> None:
    read = read_opml(opml(outline(url, text="Odd") + ONE))

    assert [one.url for one in read.outlines] == ["https://a.example/feed"]
    assert [(one.name, url in one.reason) for one in read.refused] == [("Odd", True)]


def test_a_bare_ampersand_is_a_letter_and_changes_no_address() -> None:
    body = opml(
        '<outline text="War & peace &nbsp; &copy;" xmlUrl="https://a.example/?a=1&b=2&copy=3"/>' + ONE
    )

    first, second = read_opml(body).outlines

    assert (first.url, first.name) == ("https://a.example/?a=1&b=2&copy=3", "War & peace ©")
    assert second.url == "https://a.example/feed"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1256"])
def test_a_list_in_another_encoding_is_read(encoding: str) -> None:
    text = opml(outline("https://a.example/1", text="صحيفة الصباح الجديد العراقية اليومية")).decode()
    declared = text.replace('"1.0"?', f'"1.0" encoding="{encoding.removesuffix("-sig")}"?', 1)

    assert read_opml(declared.encode(encoding)).outlines[0].name == "صحيفة الصباح الجديد العراقية اليومية"


def test_broken_markup_loses_no_feed_in_silence() -> None:
    read = read_opml(
        opml(f"<outline text='A'>{ONE}{outline('https://a.example/2')}").replace(b"</body>", b"")
    )
    cut = read_opml(opml(ONE + outline("https://a.example/2") + ONE[:40]).partition(b"</body>")[0])

    assert len(read.outlines) == 2
    assert len(cut.outlines) == 2
    assert cut.note == "broken markup at line 1: 3 of 3 outlines were read, look them over"


# --- lists made to do harm (HAZARDS S35, R16) ---

LAUGHS = '<!DOCTYPE opml [<!ENTITY a0 "lol">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
)
BOMBS = {
    "laughs": (LAUGHS + "]>", "&a11;"),
    "quadratic": (f'<!DOCTYPE opml [<!ENTITY a11 "{"x" * 500_000}">]>', "&a11;" * 1000),
    "file": ('<!DOCTYPE opml [<!ENTITY a11 SYSTEM "file:///etc/passwd">]>', "&a11;"),
    "network": ('<!DOCTYPE opml [<!ENTITY a11 SYSTEM "http://127.0.0.1:9/x">]>', "&a11;"),
    "parameter": ('<!DOCTYPE opml [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>', ""),
    "dtd": ('<!DOCTYPE opml SYSTEM "file:///etc/passwd">', ""),
    "recursive": ('<!DOCTYPE opml [<!ENTITY a11 "&b;"><!ENTITY b "&a11;">]>', "&a11;"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_entity_is_expanded_and_the_feeds_beside_it_are_kept(bomb: str) -> None:
    doctype, reference = BOMBS[bomb]
    body = (
        f'<outline text="{reference}" xmlUrl="https://b.example/{reference[:6]}">{reference}</outline>{ONE}'
    )
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    read = read_opml(opml(body, doctype=doctype))

    assert "https://a.example/feed" in [one.url for one in read.outlines]
    assert not any("root:" in one.name or "lollol" in one.name for one in read.outlines)
    assert time.monotonic() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 128 << 10


def test_a_bomb_in_utf_16_is_no_other_bomb() -> None:
    doctype, reference = BOMBS["file"]
    text = opml(f'<outline text="{reference}" xmlUrl="https://b.example/1"/>', doctype=doctype).decode()

    assert read_opml(text.encode("utf-16")).outlines[0].name == reference


def test_folders_nested_without_end_are_refused_in_one_line() -> None:
    with pytest.raises(OpmlError, match="nested deeper than 256"):
        read_opml(opml('<outline text="f">' * 10_000 + ONE + "</outline>" * 10_000))


def test_a_hundred_thousand_feeds_are_read_in_seconds_and_more_are_refused() -> None:
    many = "".join(f'<outline text="n" xmlUrl="https://a.example/{n}"/>' for n in range(100_000))
    started = time.monotonic()

    assert len(read_opml(opml(many)).outlines) == 100_000
    assert time.monotonic() - started < 10
    with pytest.raises(OpmlError, match="100001 outlines, more than the 100000"):
        read_opml(opml(many + ONE))


def test_more_than_sixteen_mebibytes_are_refused() -> None:
    with pytest.raises(OpmlError, match="longer than 16 MiB; split it"):
        read_opml(b"x" * (MOST_BYTES + 1))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not XML"),
        (b"hello", "not XML"),
        (b"\x00\xff\xfe" * 50, "not XML"),
        (b"<html><body>Sign in</body></html>", "a web page"),
        (b"<rss version='2.0'><channel/></rss>", "a feed"),
        (b"<opml version='2.0'><head/></opml>", "without a body"),
        (b"<subscriptions/>", "begins with <subscriptions>"),
    ],
)
def test_what_is_no_opml_is_called_by_its_name_in_one_line(body: bytes, said: str) -> None:
    with pytest.raises(OpmlError) as refused:
        read_opml(body)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


# --- there and back ---

SOURCES = [
    Outline(url="https://a.example/feed?x=1&y=2", name='شفق نيوز "عاجل" <1> & more', lang="ar", country="IQ",
            tags=("wire", "politics/economy"), tier=2, every=timedelta(minutes=5)),
    Outline(url="https://b.example/rss", name="Kompas", lang="id", tags=("international",), every=timedelta(hours=1)),
    Outline(url="https://c.example/", name="No folder"),
    Outline(url="https://d.example/", name="Rudaw", lang="ckb", country="IQ"),
]  # fmt: skip


def test_what_is_exported_comes_back_as_it_was() -> None:
    written = write_opml(SOURCES, title="Marsad", now=NOW)

    back = {one.url: one for one in read_opml(written.encode()).outlines}

    assert back == {one.url: one for one in SOURCES}


def test_an_export_has_a_folder_for_each_country_else_for_the_first_tag() -> None:
    written = write_opml(SOURCES, title="Marsad", now=NOW)

    assert '<outline text="IQ">' in written
    assert '<outline text="international">' in written
    assert written.startswith("<?xml version='1.0' encoding='utf-8'?>\n<opml xmlns:marsad=")
    assert "<dateCreated>Sun, 22 Nov 2026 19:00:00 GMT</dateCreated>" in written


def test_letters_that_xml_cannot_hold_do_not_stop_an_export() -> None:
    written = write_opml([replace(SOURCES[2], name="bell\x07 \x00 \ud800")], title="x", now=NOW)

    assert read_opml(written.encode()).outlines[0].name == "bell"
