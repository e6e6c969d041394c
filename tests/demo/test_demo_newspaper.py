"""The newspaper serves every kind of source well formed, answers 304 rightly, and breaks as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from lxml import etree, html

from marsad.demo.newspaper import Fault, Newspaper, UnknownOutletError
from marsad.demo.outlets import Outlet, OutletKind, Story

NOON = datetime(2020, 11, 25, 12, 0, tzinfo=UTC)
OUTLETS = [
    Outlet(
        key=str(kind), name=f"Paper & <{kind}>", lang="ar" if kind == "atom" else "en", kind=kind, window=3
    )
    for kind in OutletKind
]
STORY = Story(
    key="basra-fire",
    title='Fire & "smoke" in <Basra>',
    text="The first paragraph.\n\nThe second\nparagraph.",
    author="Hala Jabbar",
    tags=("Basra", "oil"),
)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def paper(clock: Clock) -> AsyncIterator[Newspaper]:
    async with Newspaper(OUTLETS, clock=clock) as newspaper:
        yield newspaper


async def get(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str], bytes]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


def titles_and_links(kind: str, body: bytes) -> list[tuple[str, str]]:
    if kind == OutletKind.JSON:
        return [(item["title"], item["url"]) for item in json.loads(body)["items"]]
    if kind == OutletKind.LISTING:
        links = html.fromstring(body).cssselect("a.ui-story-headline")
        return [(link.get("data-title"), link.get("href")) for link in links]
    tree = etree.fromstring(body)
    paths = {
        OutletKind.RSS: ("//*[local-name()='item']/title/text()", "//*[local-name()='item']/link/text()"),
        OutletKind.ATOM: (
            "//*[local-name()='entry']/*[local-name()='title']/text()",
            "//*[local-name()='entry']/*[local-name()='link']/@href",
        ),
        OutletKind.SITEMAP: ("//*[local-name()='title']/text()", "//*[local-name()='loc']/text()"),
    }
    title, link = paths[OutletKind(kind)]
    return list(zip(tree.xpath(title), tree.xpath(link), strict=True))


@pytest.mark.parametrize("kind", OutletKind)
async def test_a_published_story_stands_in_the_source_with_its_markup_escaped(
    paper: Newspaper, kind: OutletKind
) -> None:
    url = paper.publish(kind, STORY)

    status, headers, body = await get(paper.url(kind))

    assert (status, titles_and_links(kind, body)) == (200, [(STORY.title, url)])
    assert "charset=utf-8" in headers["Content-Type"]


@pytest.mark.parametrize("kind", OutletKind)
async def test_the_source_shows_the_newest_stories_first_and_no_more_than_its_window(
    paper: Newspaper, clock: Clock, kind: OutletKind
) -> None:
    for n in range(5):
        paper.publish(kind, replace(STORY, key=f"n{n}", title=f"Number {n}"))
        clock.passes(minutes=1)

    _, _, body = await get(paper.url(kind))

    assert [title for title, _ in titles_and_links(kind, body)] == ["Number 4", "Number 3", "Number 2"]


async def test_the_article_page_holds_the_whole_text_and_its_dates(paper: Newspaper) -> None:
    url = paper.publish("rss", STORY)

    _, _, body = await get(url)

    page = html.fromstring(body)
    linked = json.loads(page.xpath("//script[@type='application/ld+json']/text()")[0])
    assert [p.text for p in page.cssselect("[data-testid=article-body] p")] == STORY.paragraphs
    assert page.cssselect("[data-testid=article-header-title]")[0].text == STORY.title
    assert (linked["headline"], linked["datePublished"]) == (STORY.title, "2020-11-25T12:00:00Z")


@pytest.mark.parametrize("kind", OutletKind)
async def test_an_unchanged_source_is_not_sent_twice(
    paper: Newspaper, clock: Clock, kind: OutletKind
) -> None:
    paper.publish(kind, STORY)
    clock.passes(seconds=2)
    _, headers, _ = await get(paper.url(kind))

    by_etag, _, body = await get(paper.url(kind), {"If-None-Match": headers["ETag"]})
    by_date, _, _ = await get(paper.url(kind), {"If-Modified-Since": headers["Last-Modified"]})

    assert (by_etag, by_date, body) == (304, 304, b"")
    assert paper.not_modified[kind] == 2


async def test_a_new_story_ends_the_304s(paper: Newspaper, clock: Clock) -> None:
    clock.passes(seconds=2)
    _, headers, _ = await get(paper.url("rss"))
    clock.passes(seconds=2)

    paper.publish("rss", STORY)

    assert (await get(paper.url("rss"), {"If-None-Match": headers["ETag"]}))[0] == 200
    assert (await get(paper.url("rss"), {"If-Modified-Since": headers["Last-Modified"]}))[0] == 200


async def test_two_changes_in_one_second_are_both_seen_by_clients_that_know_only_dates(
    paper: Newspaper, clock: Clock
) -> None:
    paper.publish("rss", STORY)
    _, headers, _ = await get(paper.url("rss"))
    paper.publish("rss", replace(STORY, key="another"))

    assert "Last-Modified" not in headers


async def test_an_etag_decides_against_a_date(paper: Newspaper, clock: Clock) -> None:
    clock.passes(seconds=2)
    _, headers, _ = await get(paper.url("rss"))

    answer = await get(
        paper.url("rss"), {"If-None-Match": '"other"', "If-Modified-Since": headers["Last-Modified"]}
    )

    assert answer[0] == 200


async def test_an_edited_story_keeps_its_address_and_its_first_date(paper: Newspaper, clock: Clock) -> None:
    url = paper.publish("json", STORY)
    clock.passes(hours=1)

    assert paper.publish("json", replace(STORY, title="Corrected")) == url
    _, _, body = await get(paper.url("json"))
    (item,) = json.loads(body)["items"]
    assert (item["title"], item["date_published"], item["date_modified"]) == (
        "Corrected",
        "2020-11-25T12:00:00Z",
        "2020-11-25T13:00:00Z",
    )


async def test_a_withdrawn_story_is_gone(paper: Newspaper) -> None:
    url = paper.publish("rss", STORY)

    paper.withdraw("rss", STORY)

    assert (await get(url))[0] == 410
    assert titles_and_links("rss", (await get(paper.url("rss")))[2]) == []


async def test_an_outlet_breaks_alone_and_recovers(paper: Newspaper) -> None:
    paper.breaks("rss", status=503, retry_after="120")

    status, headers, _ = await get(paper.url("rss"))
    assert (status, headers["Retry-After"]) == (503, "120")
    assert (await get(paper.url("atom")))[0] == 200

    paper.recovers()
    assert (await get(paper.url("rss")))[0] == 200


async def test_a_challenge_is_a_page_with_status_200_and_no_story(paper: Newspaper) -> None:
    paper.publish("rss", STORY)
    paper.breaks("rss", fault=Fault.CHALLENGE)

    status, headers, body = await get(paper.url("rss"))

    assert status == 200
    assert "text/html" in headers["Content-Type"]
    assert STORY.slug.encode() not in body


async def test_a_cut_feed_ends_in_the_middle(paper: Newspaper) -> None:
    paper.publish("rss", STORY)
    paper.breaks("rss", fault=Fault.CUT)

    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring((await get(paper.url("rss")))[2])


async def test_a_reset_drops_the_connection(paper: Newspaper) -> None:
    paper.breaks("rss", fault=Fault.RESET)

    with pytest.raises(aiohttp.ClientConnectionError):
        await get(paper.url("rss"))


async def test_a_silent_outlet_takes_the_request_and_says_nothing(paper: Newspaper) -> None:
    paper.goes_silent("rss")
    asked = asyncio.create_task(get(paper.url("rss")))

    await paper.wait_for_visits("rss", 1)

    assert not asked.done()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)


async def test_requests_are_counted_by_address(paper: Newspaper) -> None:
    url = paper.publish("rss", STORY)
    for address in (paper.url("rss"), paper.url("rss"), url, f"{paper.origin}/robots.txt"):
        await get(address)

    assert (paper.visits("rss"), paper.requests["/rss/rss.xml"]) == (2, 2)
    assert (paper.requests["/robots.txt"], paper.requests[url.removeprefix(paper.origin)]) == (1, 1)


async def test_an_unknown_outlet_is_named_with_those_that_exist(paper: Newspaper) -> None:
    with pytest.raises(UnknownOutletError, match="no outlet 'times'; there are atom, json"):
        paper.publish("times", STORY)
    assert (await get(f"{paper.origin}/times/rss.xml"))[0] == 404
