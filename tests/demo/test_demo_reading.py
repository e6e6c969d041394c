"""What the newspaper prints is read by our own readers: all five kinds of source, and the article pages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from marsad.demo.newspaper import Newspaper
from marsad.demo.outlets import OutletKind
from marsad.demo.stories import DemoStory, script
from spiders.readers.page import read_page
from spiders.readers.source import read_source

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KINDS = {
    OutletKind.RSS: "feed",
    OutletKind.ATOM: "feed",
    OutletKind.JSON: "feed",
    OutletKind.SITEMAP: "sitemap",
    OutletKind.LISTING: "listing",
}


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with Newspaper(script().outlets, clock=lambda: NOW) as newspaper:
        for old in script().archive:
            newspaper.publish(old.outlet, old.story(NOW))
        yield newspaper


async def fetch(url: str) -> tuple[bytes, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.read(), answer.headers["Content-Type"]


@pytest.mark.parametrize("outlet", script().outlets, ids=lambda outlet: outlet.kind)
async def test_every_story_of_a_source_is_read_with_its_link_and_title(paper: Newspaper, outlet) -> None:
    body, content_type = await fetch(paper.url(outlet.key))

    reading = read_source(body, url=paper.url(outlet.key), content_type=content_type)

    wanted = {
        paper.story_url(outlet.key, old.story(NOW)): old.title
        for old in script().archive
        if old.outlet == outlet.key
    }
    assert reading.kind == KINDS[outlet.kind]
    assert reading.error is None
    assert {entry.url: entry.title for entry in reading.entries if entry.url in wanted} == wanted


@pytest.mark.parametrize("outlet", script().outlets, ids=lambda outlet: outlet.kind)
async def test_a_source_yields_nothing_but_stories(paper: Newspaper, outlet) -> None:
    body, content_type = await fetch(paper.url(outlet.key))

    reading = read_source(body, url=paper.url(outlet.key), content_type=content_type)

    assert all("/story/" in (entry.url or "") for entry in reading.entries)


@pytest.mark.parametrize("outlet", script().outlets, ids=lambda outlet: outlet.kind)
async def test_the_dates_of_a_source_are_read(paper: Newspaper, outlet) -> None:
    body, content_type = await fetch(paper.url(outlet.key))

    reading = read_source(body, url=paper.url(outlet.key), content_type=content_type)

    wanted = {old.story(NOW).published for old in script().archive if old.outlet == outlet.key}
    assert {entry.published for entry in reading.entries} == wanted


@pytest.mark.parametrize("told", script().breaking, ids=lambda told: told.key)
async def test_an_article_page_is_read_whole(paper: Newspaper, told: DemoStory) -> None:
    url = paper.publish(told.outlets[0], told.story())
    body, content_type = await fetch(url)

    page = read_page(body, url=url, content_type=content_type)

    assert (page.kind, page.title, page.published) == ("article", told.title, NOW)
    assert page.text.split() == told.text.split()
