"""Finding a site's feeds, sitemaps and lists of articles: against a real server, through the gate."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hostile import LOOPBACK
from newssite import (
    HTML,
    XML,
    NewsSite,
    ago,
    feed,
    front_page,
    link_tag,
    news_sitemap,
    plain_sitemap,
    sitemap_index,
)

from scheduler.looking import Looker
from scheduler.reading import Reader, SourceJob
from spiders.collector import Collector
from spiders.discovery import (
    Brought,
    Candidate,
    Offer,
    Way,
    common_feeds,
    is_good,
    offer,
    ranked,
    recommended,
    sitemaps_named,
)
from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest
from spiders.gate.policy import GatePolicy
from spiders.sitelinks import links_of
from spiders.survey import MOST_REQUESTS, Surveyed, survey

TITLES = [
    "Protesters gather on Tahrir Square in Baghdad",
    "Governor of Basra orders an inquiry into the shooting",
    "Drought leaves the marshes dry for a third year",
    "Ministry announces a new electricity tariff",
    "Fire in the old market of Mosul is put out",
]
ARABIC = ["محتجون يتجمعون في ساحة التحرير وسط بغداد", "محافظ البصرة يأمر بفتح تحقيق في إطلاق النار"] * 3
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


@pytest.fixture
async def site() -> AsyncIterator[NewsSite]:
    async with NewsSite() as opened:
        yield opened


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with Collector(GatePolicy(allow_networks=LOOPBACK)) as opened:
        yield opened


class Surveyor:
    """Surveys as `marsad source add` does, with the reading in this process."""

    def __init__(self, collector: Collector, folder: Path) -> None:
        self._collector, self._path = collector, folder / "capture"
        self._looker = Looker(Reader())

    async def __call__(self, url: str, *, agent: str | None = "Marsad") -> Surveyed:
        return await survey(
            url,
            fetch=lambda one: self._collector.fetch(FetchRequest(url=one)),
            read=self._read,
            now=datetime.now(UTC),
            agent=agent,
        )

    async def _read(self, fetched: Fetched) -> Brought:
        self._path.write_bytes(fetched.body)
        return self._looker.look(
            SourceJob(path=str(self._path), url=fetched.final_url, content_type=fetched.content_type)
        )


@pytest.fixture
def look(collector: Collector, tmp_path: Path) -> Surveyor:
    return Surveyor(collector, tmp_path)


def best(found: Surveyed) -> list[str]:
    return [one.url for one in recommended(found.offers, now=datetime.now(UTC))]


# --- what the address is ---


@pytest.mark.parametrize(
    ("body", "kind"), [(feed(TITLES), "feed"), (news_sitemap(TITLES), "sitemap")], ids=["feed", "sitemap"]
)
async def test_a_feed_or_sitemap_is_taken_as_it_is(
    site: NewsSite, look: Surveyor, body: str, kind: str
) -> None:
    url = site.holds("/anything", body, HTML)

    found = await look(url)

    assert (found.direct, [(one.url, one.brought.kind) for one in found.offers]) == (True, [(url, kind)])
    assert site.asked == ["/robots.txt", "/anything"]


async def test_what_each_would_bring_is_told(site: NewsSite, look: Surveyor) -> None:
    newest = ago(hours=2).replace(microsecond=0)
    url = site.holds("/f", feed(ARABIC, title="صحيفة دجلة", lang="ar", newest=newest), XML)

    (one,) = (await look(url)).offers

    assert (one.entries, one.brought.newest, one.brought.lang) == (6, newest, "ar")
    assert (one.brought.title, one.brought.headlines) == ("صحيفة دجلة", (*ARABIC[:2], ARABIC[0]))


async def test_a_site_that_cannot_be_reached_is_not_searched(site: NewsSite, look: Surveyor) -> None:
    url = site.url("/")
    await site.__aexit__(None, None, None)

    found = await look(url)

    assert found.offers == ()
    assert found.problem is not None
    assert found.requests == 2


# --- where feeds are found ---


async def test_the_first_feed_that_the_page_names_is_recommended(site: NewsSite, look: Surveyor) -> None:
    head = (
        link_tag("/main.xml", title="All")
        + link_tag("/sport.xml", title="Sport")
        + link_tag("/comments/feed")
    )
    page = site.holds("/", front_page(TITLES, head=head))
    site.holds("/main.xml", feed(TITLES), XML)
    site.holds("/sport.xml", feed(TITLES[:3], base="https://courier.example/sport"), XML)
    site.holds("/comments/feed", feed(["I agree with every word of it"] * 9, title="Comments"), XML)

    found = await look(page)

    assert best(found) == [site.url("/main.xml")]
    assert [one.url for one in found.offers] == [
        site.url(path) for path in ("/main.xml", "/sport.xml", "/", "/comments/feed")
    ]
    assert not {"/feed/", "/rss", "/rss.xml"} & set(site.asked)


async def test_relative_addresses_obey_the_base_of_the_page(site: NewsSite, look: Surveyor) -> None:
    head = '<base href="/deep/er/">' + link_tag("../here.xml")
    page = site.holds("/news/today", front_page(TITLES, head=head))
    site.holds("/deep/here.xml", feed(TITLES), XML)

    assert best(await look(page)) == [site.url("/deep/here.xml")]


async def test_a_link_to_a_page_of_feeds_is_followed(site: NewsSite, look: Surveyor) -> None:
    page = site.holds("/", front_page(TITLES, foot='<a href="/rss">RSS</a>'))
    site.holds("/rss", '<html><body><p>Our feeds</p><a href="/rss/all.xml">All news</a></body></html>')
    site.holds("/rss/all.xml", feed(TITLES), XML)

    assert best(await look(page)) == [site.url("/rss/all.xml")]


async def test_news_sitemaps_of_robots_txt_are_looked_at_before_others(
    site: NewsSite, look: Surveyor
) -> None:
    page = site.holds("/", front_page(TITLES))
    named = "".join(
        f"Sitemap: {site.url(path)}\n"
        for path in ("/images.xml", "/a.xml", "/b.xml", "/tags.xml", "/news.xml")
    )
    site.holds("/robots.txt", f"User-agent: *\nDisallow:\n{named}", "text/plain")
    site.holds("/news.xml", news_sitemap([f"{title} again and again" for title in TITLES]), XML)
    site.holds("/a.xml", plain_sitemap([f"https://courier.example/a/{n}" for n in range(9)]), XML)

    found = await look(page)

    assert site.url("/news.xml") in [one.url for one in found.offers]
    assert best(found) == [site.url("/news.xml")]
    assert "/images.xml" not in site.asked


async def test_an_index_of_sitemaps_brings_what_its_newest_part_holds(site: NewsSite, look: Surveyor) -> None:
    parts = {site.url("/2024.xml"): ago(days=400), site.url("/2026.xml"): ago(hours=1)}
    url = site.holds("/sitemap.xml", sitemap_index(parts), XML)
    site.holds("/2026.xml", news_sitemap(TITLES), XML)

    (one,) = (await look(url)).offers

    assert (one.url, one.entries) == (url, len(TITLES))
    assert "/2024.xml" not in site.asked


async def test_common_addresses_are_tried_until_one_is_good(site: NewsSite, look: Surveyor) -> None:
    page = site.holds("/", front_page(TITLES))
    site.holds("/rss.xml", feed(TITLES), XML)

    found = await look(page)

    assert best(found) == [site.url("/rss.xml")]
    assert "/?feed=rss2" not in site.asked
    assert "/sitemap.xml" not in site.asked


async def test_a_stale_feed_does_not_end_the_search_and_the_page_itself_is_taken(
    site: NewsSite, look: Surveyor
) -> None:
    page = site.holds("/", front_page(TITLES, head=link_tag("/old.xml")))
    site.holds("/old.xml", feed(TITLES, newest=ago(days=200), base="https://courier.example/old"), XML)

    found = await look(page)

    assert best(found) == [page]
    old = next(one for one in found.offers if one.url.endswith("/old.xml"))
    assert any(problem.startswith("nothing new since 20") for problem in old.problems)


async def test_a_site_with_nothing_to_watch_says_so_after_few_requests(
    site: NewsSite, look: Surveyor
) -> None:
    page = site.holds("/", "<html><body><p>Under construction</p></body></html>")

    found = await look(page)

    assert best(found) == []
    assert found.problem is not None
    assert found.requests == len(site.asked) <= MOST_REQUESTS


async def test_a_site_that_names_hundreds_of_feeds_is_asked_for_few(site: NewsSite, look: Surveyor) -> None:
    tags = "".join(link_tag(f"/feed/{n}.xml") for n in range(400))
    anchors = "".join(f'<a href="/rss/{n}">feed</a>' for n in range(400))
    page = site.holds("/", front_page(TITLES, head=tags, foot=anchors))

    found = await look(page)

    assert found.requests == len(site.asked) <= MOST_REQUESTS


async def test_a_site_is_never_asked_for_more_than_two_things_at_once() -> None:
    under_way: list[str] = []
    most = 0

    async def fetch(url: str) -> Fetched | FetchFailed:
        nonlocal most
        under_way.append(url)
        most = max(most, len(under_way))
        for _ in range(20):  # rounds of the loop: whoever may start does
            await asyncio.sleep(0)
        under_way.remove(url)
        if url == "https://a.example/":
            return Fetched(url=url, final_url=url, status=200, headers={}, body=b"x", address=None)
        return FetchFailed(url=url, kind=FailureKind.GONE, reason="gone", status=404)

    async def read(fetched: Fetched) -> Brought:
        links = (Candidate(url=f"https://a.example/{n}.xml", way=Way.LINK) for n in range(10))
        return Brought(kind="listing", links=tuple(links))

    found = await survey("https://a.example/", fetch=fetch, read=read, now=NOW)

    assert found.requests > 10
    assert most == 2


async def test_a_front_page_that_refuses_us_does_not_hide_its_feed(site: NewsSite, look: Surveyor) -> None:
    page = site.holds("/", "Forbidden", status=403)
    site.holds("/feed/", feed(TITLES), XML)

    assert best(await look(page)) == [site.url("/feed/")]


async def test_the_new_address_of_a_site_that_moved_is_the_one_to_watch(
    site: NewsSite, look: Surveyor
) -> None:
    page = site.moves("/", "/en/")
    site.holds("/en/", front_page(TITLES, head=link_tag("feed.xml")))
    site.moves("/en/feed.xml", "/en/feed-of-today.xml", status=302)
    site.holds("/en/feed-of-today.xml", feed(TITLES), XML)

    found = await look(page)

    assert best(found) == [site.url("/en/feed.xml")]
    assert site.url("/en/") in [one.url for one in found.offers]


# --- robots.txt ---


async def test_what_robots_txt_forbids_is_not_asked_for_but_told(site: NewsSite, look: Surveyor) -> None:
    page = site.holds("/", front_page(TITLES, head=link_tag("/private/feed.xml")))
    site.holds("/private/feed.xml", feed(TITLES), XML)
    site.holds("/robots.txt", "User-agent: *\nDisallow: /private/\nDisallow: /feed\n", "text/plain")

    found = await look(page)

    assert not [path for path in site.asked if path.startswith(("/private", "/feed"))]
    told = next(one for one in found.offers if "/private/" in one.url)
    assert "robots.txt forbids it" in told.problems[0]
    assert best(await look(page, agent=None)) == [site.url("/private/feed.xml")]


async def test_an_address_that_robots_txt_forbids_is_refused_with_the_remedy(
    site: NewsSite, look: Surveyor
) -> None:
    url = site.holds("/feed.xml", feed(TITLES), XML)
    site.holds("/robots.txt", "User-agent: marsad\nDisallow: /\n", "text/plain")

    found = await look(url)

    assert found.problem is not None
    assert "--robots ignore" in found.problem
    assert site.asked == ["/robots.txt"]


# --- the pure parts ---


def page(*lines: str) -> bytes:
    return "".join(lines).encode()


def names(body: bytes, url: str = "https://news.example/") -> list[str]:
    return [one.url for one in links_of(body, url=url)]


def test_only_feeds_are_taken_for_feeds() -> None:
    body = page(
        link_tag("/wp-json/wp/v2/pages/1", media="application/json"),
        link_tag("/wp-json/oembed/1.0/embed?url=x", media="application/json+oembed"),
        link_tag("/ar/", media="text/html"),
        link_tag("/feed.json", media="application/json"),
        link_tag("/all", media="Application/RSS+XML; charset=utf-8"),
        '<a href="https://feedly.example/i/subscription/feed/https://news.example/rss">feedly</a>',
        '<a href="https://feeds.other.example/news">here</a>',
        '<a href="/2026/feedback-from-readers">feedback</a>',
        '<a href="javascript:rss()">x</a><a href="file:///rss.xml">y</a>',
        '<a href="/icons/rss.png">icon</a>',
    )

    assert names(body) == [
        "https://news.example/feed.json", "https://news.example/all", "https://feeds.other.example/news",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"\x00" * 100, b"<", b"<link " * 10_000, b"<div>" * 50_000])
def test_no_page_stops_the_search_for_links(body: bytes) -> None:
    assert links_of(body, url="https://news.example/") == ()


def test_a_hundred_thousand_links_are_looked_through_in_no_time() -> None:
    body = page(*(f'<a href="/rss/{n}">x</a>' for n in range(100_000)))

    assert len(names(body)) == 60


def test_sitemap_lines_are_read_as_sites_write_them() -> None:
    robots = (
        "\ufeffsitemap:/a.xml\r\nSITEMAP : https://b.example/b.xml # ours\nUser-agent: *\n"
        "Sitemap: ftp://x/c.xml\n#Sitemap: /no.xml\nSitemap: /news.xml\nSitemap: /a.xml\n"
    )

    found = sitemaps_named(robots.encode(), "https://a.example/robots.txt")

    assert [one.url for one in found] == [
        "https://a.example/news.xml", "https://a.example/a.xml", "https://b.example/b.xml",
    ]  # fmt: skip


def test_feeds_of_a_section_are_guessed_before_those_of_the_site() -> None:
    found = [one.url for one in common_feeds("https://a.example/arabic/iraq?x=1")]

    assert found[0] == "https://a.example/arabic/iraq/feed/"
    assert "https://a.example/feed/" in found


def an_offer(url: str, *, kind: str = "feed", lang: str = "en", n: int = 9, way: Way = Way.LINK) -> Offer:
    brought = Brought(
        kind=kind, lang=lang, addresses=tuple(f"{url}/{i}" for i in range(n)), headlines=("A",), newest=NOW
    )
    return offer(Candidate(url=url, way=way), url, brought, landed=url, now=NOW)


def test_the_best_feed_of_each_language_is_recommended_and_no_other() -> None:
    offers = [
        an_offer("https://a.example/en"),
        an_offer("https://a.example/en/sport"),
        an_offer("https://a.example/ar", lang="ar"),
        an_offer("https://a.example/ku", lang="ckb", way=Way.COMMON),
    ]

    assert [one.url for one in recommended(offers, now=NOW)] == [
        "https://a.example/en",
        "https://a.example/ar",
    ]


def test_what_brings_the_same_articles_is_offered_once() -> None:
    one = an_offer("https://a.example/rss")
    same = offer(Candidate(url="https://a.example/atom", way=Way.LINK), "x", one.brought, landed="x", now=NOW)

    assert ranked([one, same], given="https://a.example/", now=NOW) == [one]


def test_of_a_section_its_own_feed_comes_first() -> None:
    offers = [an_offer("https://a.example/feed"), an_offer("https://a.example/world/feed")]

    first, _ = ranked(offers, given="https://a.example/world/", now=NOW)
    assert first.url == "https://a.example/world/feed"


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/comments/feed",
        "https://a.example/?feed=comments-rss2",
        "https://a.example/yorumlar",
    ],
)
def test_readers_comments_are_never_recommended(url: str) -> None:
    assert not is_good(an_offer(url), now=NOW)
