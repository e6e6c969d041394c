"""Listing pages: all the news on them and nothing else, found without being told where they stand."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from spiders.entries import SourceReading
from spiders.readers.listing import read_listing
from spiders.readers.selectors import check_selectors
from tests.spiders.listings import NOW, PAGES, Page


def read(page: Page) -> SourceReading:
    return read_listing(page.html, url=page.url, now=NOW)


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_all_the_news_of_a_page_and_nothing_else_is_found(page: Page):
    reading = read(page)

    assert (reading.kind, reading.error) == ("listing", None)
    root = page.url.rstrip("/")
    wanted = {(path and root + path, title, ago) for path, title, ago in page.news}
    found = {(one.url, one.title, one.published and NOW - one.published) for one in reading.entries}
    assert found == wanted


def selected(html: str, **selectors: str) -> SourceReading:
    return read_listing(html, url="https://news.example/now", now=NOW, selectors=selectors)


ROWS = """
<html lang="ar"><body><div class="r"><b>10:05</b><h3>انفجار في بغداد</h3><p>تفاصيل</p><a href="/a/1">x</a></div>
<div class="r"><b>9:40</b><h3>هدوء في البصرة</h3></div><div class="ad"><h3>إعلان</h3></div></body></html>"""


def test_the_operators_selectors_go_before_what_is_found_without():
    reading = selected(ROWS, item="div.r", title="h3", summary=".//p", time="b", zone="Asia/Baghdad")

    assert (reading.kind, reading.error) == ("listing", None)
    assert [(one.url, one.title, one.summary) for one in reading.entries] == [
        ("https://news.example/a/1", "انفجار في بغداد", "تفاصيل"),
        (None, "هدوء في البصرة", ""),
    ]
    assert [one.published for one in reading.entries] == [
        datetime(2026, 11, 22, 7, 5, tzinfo=UTC),
        datetime(2026, 11, 22, 6, 40, tzinfo=UTC),
    ]


def test_selectors_may_name_attributes_in_css_and_in_xpath():
    html = '<ul><li data-u="/n/1" data-t="1795341600">One of them</li><li data-u="/n/2">Two</li></ul>'

    for link, stamp in (("::attr(data-u)", "::attr(data-t)"), ("./@data-u", "./@data-t")):
        entries = selected(html, item="//li", link=link, time=stamp).entries
        assert [one.url for one in entries] == ["https://news.example/n/1", "https://news.example/n/2"]
        assert [one.published for one in entries] == [datetime(2026, 11, 22, 10, tzinfo=UTC), None]


@pytest.mark.parametrize(
    ("selectors", "says"),
    [
        ({"item": "div[", "title": "h3"}, 'item = "div[" is neither CSS nor XPath'),
        ({"item": "//div[", "title": "h3"}, 'item = "//div[" is neither CSS nor XPath'),
        ({"item": "div", "time": ".//x(("}, 'time = ".//x((" is neither CSS nor XPath'),
        ({"item": "//x:y"}, "Undefined namespace prefix"),
        ({"item": "//*[nothing()]"}, "neither CSS nor XPath"),
        ({"item": "div", "zone": "Mars/Olympus"}, 'zone = "Mars/Olympus" is no time zone'),
        ({"item": "div", "zone": "../../etc/passwd"}, "is no time zone"),
        (
            {"item": "div", "colour": "red"},
            "colour is not known; known: item, link, title, time, summary, zone",
        ),
        ({"title": "h3"}, "item is missing"),
    ],
)
def test_a_bad_selector_is_refused_in_one_line_before_and_while_reading(selectors: dict[str, str], says: str):
    problem = check_selectors(selectors)
    reading = read_listing(ROWS, url="https://news.example/", now=NOW, selectors=selectors)

    assert problem
    assert says in problem
    assert "\n" not in problem
    assert (reading.error, reading.entries) == (problem, ())


def test_good_selectors_are_not_refused_and_finding_nothing_is_told():
    assert (
        check_selectors({"item": "article.card > h2 a", "time": ".//time/@datetime", "zone": "Asia/Dubai"})
        is None
    )

    assert selected(ROWS, item="div.gone").error == "the selector item = 'div.gone' finds nothing on the page"


def test_an_item_without_a_link_keeps_its_id_while_its_age_goes_on():
    def page(minutes: int) -> str:
        rows = (
            f"<li><i>قبل {minutes + n} دقيقة</i><p>عاجل: انفجار رقم {n} يهز العاصمة بغداد</p></li>"
            for n in range(3)
        )
        return f"<ul>{''.join(rows)}</ul>"

    first, later = (
        read_listing(page(minutes), url="https://news.example/", now=NOW).entries for minutes in (3, 9)
    )

    assert len({one.id for one in first}) == 3
    assert [one.id for one in later] == [one.id for one in first]
    assert [one.url for one in first] == [None] * 3
    assert later[0].published == NOW - timedelta(minutes=9)


def test_a_page_of_text_with_a_menu_is_no_listing():
    menu = "".join(f"<li><a href='/section-{n}'>Section {n}</a></li>" for n in range(30))
    reading = read_listing(
        f"<nav>{menu}</nav><ul>{menu}</ul><p>Words.</p>", url="https://news.example/", now=NOW
    )

    assert (reading.entries, bool(reading.error)) == ((), True)


@pytest.mark.parametrize(
    "html",
    [
        "<a href='/n/123456'>x</a>" * 20_000,
        "".join(f"<a href='/n/{n}'>x</a>" for n in range(5_000)),
        "".join(
            f"<div><a href='/news/{n}/a-b-c-d'><img></a><p>{'word ' * 8}</p></div>" for n in range(2_000)
        ),
        "<div>" * 240 + "<a href='/n/123456'>read</a>" * 300 + "text " * 500_000,
        "<p><i>5 minutes ago</i>" * 5_000,
        "<a href='/n/1234567'>" + "<span>" * 20_000 + "x",
        "<script type='application/json'>" + '[{"a":' * 100_000 + "</script>",
        "<script>window.x = " * 20_000,
    ],
)
def test_no_page_takes_long(html: str):
    start = time.process_time()
    read_listing(f"<html><body>{html}", url="https://news.example/", now=NOW)

    assert time.process_time() - start < 5
