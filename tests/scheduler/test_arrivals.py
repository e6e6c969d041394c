"""Arrivals: feeds that change their ids, serve their archive again or turn over; no old alert, no lost news."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import pytest_asyncio
from databases import drop_database, make_database
from infirmary import Infirmary, Paper, infirmary

from storage.database import open_database

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Item:
    title: str
    link: str
    guid: str | None = None
    published: datetime | None = None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ward(server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Infirmary]:
    dsn = await make_database(server)
    async with (
        open_database(dsn, max_size=4) as db,
        infirmary(db, dsn, tmp_path_factory.mktemp("ward")) as open_ward,
    ):
        yield open_ward
    await drop_database(server, dsn)


def rss(items: Sequence[Item], head: str = "") -> bytes:
    def written(item: Item) -> str:
        guid = f'<guid isPermaLink="false">{item.guid}</guid>' if item.guid else ""
        date = f"<pubDate>{format_datetime(item.published)}</pubDate>" if item.published else ""
        return f"<item><title>{item.title}</title><link>{item.link}</link>{guid}{date}</item>"

    head = f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Paper</title>{head}'
    return f"{head}{''.join(map(written, items))}</channel></rss>".encode()


def stories(paper: Paper, start: int, number: int, *, dated: bool = True, base: str = "http") -> list[Item]:
    """`number` different stories about Basra, the newest first."""
    return [
        Item(
            title=f"Basra council session {paper.source_id}/{n} ends without a vote on the port",
            link=f"{base}://paper.example/{paper.source_id}/{n}",
            guid=f"id-{paper.source_id}-{n}",
            published=NOW - timedelta(minutes=5 * (1000 - n)) if dated else None,
        )
        for n in range(start + number - 1, start - 1, -1)
    ]


async def count(paper: Paper) -> tuple[int, dict[str, int]]:
    """How many articles are stored, and how many alerts of each kind were raised, for this paper."""
    async with paper.ward.means.db.connection() as conn:
        cursor = await conn.execute("SELECT count(*) FROM article WHERE source_id = %s", (paper.source_id,))
        row = await cursor.fetchone()
        cursor = await conn.execute(
            """
            SELECT al.kind, count(*) FROM alert al JOIN match m ON m.id = al.match_id
            JOIN article a ON a.id = m.article_id WHERE a.source_id = %s GROUP BY al.kind
            """,
            (paper.source_id,),
        )
        return row[0] if row else 0, {kind: number async for kind, number in cursor}


async def known(ward: Infirmary, number: int = 20, *, dated: bool = True) -> tuple[Paper, list[Item]]:
    paper = await ward.admit()
    items = stories(paper, 0, number, dated=dated)
    paper.says(rss(items))
    await paper.is_visited()
    return paper, items


@pytest.mark.parametrize("dated", [True, False])
async def test_new_ids_for_all_entries_bring_nothing_new(ward: Infirmary, dated: bool) -> None:
    paper, items = await known(ward, dated=dated)
    before = await count(paper)

    paper.says(
        rss([Item(title=i.title, link=i.link, guid=f"new-{i.guid}", published=i.published) for i in items])
    )
    await paper.is_visited()

    assert await count(paper) == before


@pytest.mark.parametrize("dated", [True, False])
async def test_new_addresses_and_ids_for_all_entries_bring_nothing_new(ward: Infirmary, dated: bool) -> None:
    paper, items = await known(ward, dated=dated)
    before = await count(paper)

    moved = [
        Item(title=i.title, link=i.link.replace("http://paper", "https://www.paper") + ".html", guid=f"x{i.guid}",
             published=i.published)
        for i in items
    ]  # fmt: skip
    paper.says(rss(moved))
    await paper.is_visited(2)

    assert await count(paper) == before
    assert await paper.troubles() == set()


async def test_ids_that_are_all_equal_or_missing_hide_nothing(ward: Infirmary) -> None:
    paper = await ward.admit()
    items = stories(paper, 0, 10)
    same = [Item(title=i.title, link=i.link, guid="one", published=i.published) for i in items]
    paper.says(rss(same))
    await paper.is_visited()
    paper.says(rss([Item(title=i.title, link=i.link, published=i.published) for i in items]))
    await paper.is_visited()

    assert (await count(paper))[0] == 10


async def test_an_id_that_is_used_again_for_other_news_is_news(ward: Infirmary) -> None:
    paper, items = await known(ward)
    stored, alerts = await count(paper)

    fresh = Item(title="Militia storms a checkpoint in Basra", link=f"{items[0].link}-b", guid=items[0].guid)
    paper.says(rss([fresh, *items[1:]]))
    await paper.is_visited()

    assert await count(paper) == (stored + 1, {**alerts, "story": alerts.get("story", 0) + 1})


async def test_the_same_headline_on_a_later_day_is_news(ward: Infirmary) -> None:
    paper, items = await known(ward)
    stored, _ = await count(paper)
    async with ward.means.db.connection() as conn:
        await conn.execute("UPDATE article SET first_seen = now() - interval '9 days' WHERE source_id = %s",
                           (paper.source_id,))  # fmt: skip

    again = Item(title=items[3].title, link=f"{items[3].link}/again", guid="again", published=NOW)
    paper.says(rss([again, *items]))
    await paper.is_visited()

    assert (await count(paper))[0] == stored + 1


async def test_an_archive_that_is_served_is_one_summary_and_the_news_in_it_alerts(ward: Infirmary) -> None:
    paper, items = await known(ward)
    stored, alerts = await count(paper)

    archive = [
        Item(title=f"Basra in the year {1000 + n}: chapter {paper.source_id}", link=f"http://paper.example/old/{n}",
             published=NOW - (400 + n) * DAY)
        for n in range(300)
    ]  # fmt: skip
    news = [
        Item(title=f"Basra: {what} this morning", link=f"http://paper.example/new/{n}", published=NOW)
        for n, what in enumerate(["bridge closed", "port on strike", "three arrested"])
    ]
    paper.says(rss([*archive[:150], *news, *items, *archive[150:]]))
    await paper.is_visited()

    now_stored, now_alerts = await count(paper)
    assert now_stored == stored + 303
    assert now_alerts["story"] == alerts.get("story", 0) + 3
    assert now_alerts["summary"] == alerts.get("summary", 0) + 300


async def test_a_few_entries_with_old_dates_are_told_one_by_one(ward: Infirmary) -> None:
    paper, items = await known(ward)
    _, alerts = await count(paper)

    late = [
        Item(
            title=f"Basra report number {n} is released",
            link=f"http://paper.example/late/{n}",
            published=NOW - 90 * DAY,
        )
        for n in range(3)
    ]
    paper.says(rss([*late, *items]))
    await paper.is_visited()

    assert (await count(paper))[1]["story"] == alerts.get("story", 0) + 3


async def test_a_gap_is_closed_from_the_archive_documents_of_the_feed(ward: Infirmary) -> None:
    paper, _ = await known(ward, 10)
    host = paper.url.removesuffix(paper.path)
    newest, middle, oldest = stories(paper, 40, 15), stories(paper, 25, 15), stories(paper, 8, 17)

    paper.says(rss(newest, f'<atom:link rel="next" href="{host}/page2-{paper.source_id}"/>'))
    ward.origin.answers(
        f"/page2-{paper.source_id}",
        body=rss(middle, f'<atom:link rel="next" href="/page3-{paper.source_id}"/>'),
    )
    ward.origin.answers(f"/page3-{paper.source_id}", body=rss(oldest))
    await paper.is_visited()

    assert (await count(paper))[0] == 55
    assert await paper.troubles() == set()


async def test_a_gap_is_closed_from_the_pages_of_wordpress(ward: Infirmary) -> None:
    paper = await ward.admit(url=ward.origin.url("/wp/feed/", host="127.0.90.1"))
    paper.path = "/wp/feed/"
    paper.says(rss(stories(paper, 0, 10)))
    await paper.is_visited()

    paper.says(rss(stories(paper, 20, 10)))
    ward.origin.answers("/wp/feed/?paged=2", body=rss(stories(paper, 9, 11)))
    await paper.is_visited()

    assert (await count(paper))[0] == 30
    assert await paper.troubles() == set()


async def test_a_gap_is_closed_from_the_news_sitemap_that_the_site_names(ward: Infirmary) -> None:
    paper, items = await known(ward, 10)
    host = paper.url.removesuffix(paper.path)
    map_ = f"/news-sitemap-{paper.source_id}.xml"
    missed = [*stories(paper, 10, 10), *items[:2]]
    urls = "".join(
        f"<url><loc>{i.link}</loc><news:news><news:title>{i.title}</news:title><news:publication_date>"
        f"{i.published:%Y-%m-%dT%H:%M:%SZ}</news:publication_date></news:news></url>"
        for i in missed
    )
    ward.origin.answers(
        map_,
        body=(
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
        ).encode(),
    )
    ward.origin.answers("/robots.txt", body=f"Sitemap: {host}{map_}\n".encode())

    paper.says(rss(stories(paper, 20, 10)))
    await paper.is_visited()
    ward.origin.faults.pop("/robots.txt")

    assert (await count(paper))[0] == 30
    assert await paper.troubles() == set()


async def test_a_gap_that_nothing_closes_is_said(ward: Infirmary) -> None:
    paper, _ = await known(ward, 10)

    paper.says(rss(stories(paper, 50, 10)))
    await paper.is_visited()

    assert await paper.troubles() == {"overflow"}
    paper.says(rss(stories(paper, 52, 10)))
    await paper.is_visited()
    assert await paper.troubles() == set()


async def test_an_index_of_sitemaps_leads_to_its_newest_sitemap(ward: Infirmary) -> None:
    paper = await ward.admit()
    host = paper.url.removesuffix(paper.path)
    child = f"/child-{paper.source_id}.xml"
    urls = "".join(
        f"<url><loc>{i.link}</loc><lastmod>2026-11-20</lastmod></url>" for i in stories(paper, 0, 7)
    )
    schema = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ward.origin.answers(child, body=f"<urlset {schema}>{urls}</urlset>".encode())
    paper.says(
        f"<sitemapindex {schema}><sitemap><loc>{host}/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap>"
        f"<sitemap><loc>{host}{child}</loc><lastmod>2026-11-20</lastmod></sitemap></sitemapindex>".encode()
    )

    await paper.is_visited(2)

    assert (await count(paper))[0] == 7
    assert await paper.troubles() == set()


async def test_a_live_blog_is_looked_at_again_and_each_update_is_a_version_that_can_alert(
    ward: Infirmary,
) -> None:
    paper = await ward.admit(pages=True)
    host = paper.url.removesuffix(paper.path)
    blog = f"/live-{paper.source_id}"
    first = (
        "The council met in the morning and postponed its vote on the budget until the afternoon session. "
        * 3
    )
    later = (
        "Militia fighters then closed the road to Basra, the governor said, and shots were heard at the port. "
        * 3
    )
    paper.says(rss([Item(title="Council live: what happens today", link=f"{host}{blog}", published=NOW)]))
    ward.origin.answers(blog, body=live_page(first), Content_Type="text/html")
    await paper.is_visited()
    await ward.read_pages()

    ward.origin.answers(blog, body=live_page(later, first), Content_Type="text/html")
    async with ward.means.db.connection() as conn:
        await conn.execute("UPDATE page SET due_at = now() WHERE state = 'due'")
    await ward.read_pages()

    async with ward.means.db.connection() as conn:
        cursor = await conn.execute(
            "SELECT v.text FROM article_version v JOIN article a ON a.id = v.article_id "
            "WHERE a.source_id = %s AND v.of = 'page' ORDER BY v.number",
            (paper.source_id,),
        )
        versions = [text async for (text,) in cursor]
    assert ["Militia" in text for text in versions] == [False, True]
    assert (await count(paper))[1] == {"story": 1}


def live_page(*updates: str) -> bytes:
    """A live blog that goes on, its newest update first."""
    posts = ",".join(
        f'{{"@type": "BlogPosting", "headline": "Update", "articleBody": "{text}"}}' for text in updates
    )
    said = (
        '{"@context": "https://schema.org", "@type": "LiveBlogPosting", "headline": "Council live", '
        f'"datePublished": "{NOW:%Y-%m-%dT%H:%M:%SZ}", "liveBlogUpdate": [{posts}]}}'
    )
    shown = "".join(f"<article><h2>Update</h2><p>{text}</p></article>" for text in updates)
    head = f'<title>Council live</title><script type="application/ld+json">{said}</script>'
    body = f"<main><h1>Council live</h1>{shown}</main>"
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()
