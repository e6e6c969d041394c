"""What a page states of itself: microdata beside JSON-LD, tags, authors, live blogs."""

import json
from datetime import UTC, datetime

import pytest

from spiders.entries import Page
from spiders.readers.page import read_page

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://news.example.org/2026/basra-march"
PARAGRAPHS = [
    "Thousands of people marched through the centre of Basra on Saturday evening to protest against power cuts.",
    "The provincial council said that two transmission lines had failed and that repairs would take until Friday.",
    "Witnesses said the march ended peacefully before midnight, although several roads stayed closed on Sunday.",
]
TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def read(body: str, head: str = "") -> Page:
    page = f"<html><head><title>March in Basra</title>{head}</head><body>{body}</body></html>"
    return read_page(page.encode(), url=URL, now=NOW)


def ld(**fields: object) -> str:
    stated = json.dumps(
        {"@context": "https://schema.org", "@type": "NewsArticle", **fields}, ensure_ascii=False
    )
    return f"<script type='application/ld+json'>{stated}</script>"


MICRODATA = f"""
<article itemscope itemtype="http://schema.org/NewsArticle">
  <h1 itemprop="headline">Thousands march in Basra</h1>
  <span itemprop="author" itemscope itemtype="https://schema.org/Person"><a itemprop="url" href="/a">
    <span itemprop="name">Jane Doe</span></a></span>
  <div itemprop="publisher" itemscope itemtype="https://schema.org/Organization">
    <meta itemprop="name" content="Example News"><meta itemprop="datePublished" content="2001-01-01"></div>
  <time itemprop="datePublished" datetime="2026-11-21T22:10:00+03:00">yesterday</time>
  <meta itemprop="dateModified" content="2026-11-22T08:00:00+03:00">
  <meta itemprop="keywords" content="Basra, Electricity">
  <div itemprop="articleBody">{TEXT}</div>
</article>"""


def test_microdata_states_headline_times_author_and_tags():
    page = read(MICRODATA)
    assert page.title == "Thousands march in Basra"
    assert page.published == datetime(2026, 11, 21, 19, 10, tzinfo=UTC)
    assert page.modified == datetime(2026, 11, 22, 5, tzinfo=UTC)
    assert (page.authors, page.tags) == (("Jane Doe",), ("Basra", "Electricity"))


def test_json_ld_goes_before_microdata():
    page = read(MICRODATA, ld(datePublished="2026-11-20T10:00:00Z", author="John Roe"))
    assert (page.published, page.authors) == (datetime(2026, 11, 20, 10, tzinfo=UTC), ("John Roe",))


def test_microdata_of_other_things_is_not_the_articles():
    teaser = "<div itemscope itemtype='https://schema.org/Event'><time itemprop='datePublished' datetime='2020-01-01'>"
    page = read(f"<article>{TEXT}</article>{teaser}</time></div>", ld(datePublished="2026-11-20T10:00:00Z"))
    assert page.published == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_tags_come_from_every_place_that_carries_them_each_once():
    head = ld(keywords=["Basra", {"@type": "DefinedTerm", "name": "Power cuts"}])
    head += "<meta name='news_keywords' content='basra, Iraq; protests'>"
    head += "<meta property='article:tag' content='#Electricity'><meta property='article:tag' content='https://x.org/t'>"
    page = read(
        f"<article>{TEXT}</article><a rel='tag nofollow' href='/t/1'>البصرة</a><a rel='tag' href='/2'>42</a>",
        head,
    )
    assert page.tags == ("Basra", "Power cuts", "Iraq", "protests", "Electricity", "البصرة")


def test_no_more_than_fifty_tags_are_kept():
    page = read(f"<article>{TEXT}</article>", ld(keywords=", ".join(f"tag number {n}" for n in range(90))))
    assert len(page.tags) == 50


@pytest.mark.parametrize(
    ("author", "names"),
    [
        (
            [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Organization", "name": "Example News"}],
            ("Jane Doe",),
        ),
        (
            [{"@type": "Person", "name": "https://x.org/jane"}, "Jane Doe", "@jane", "jane@x.org"],
            ("Jane Doe",),
        ),
        ({"@type": "Organization", "name": "Example Agency"}, ("Example Agency",)),
        ({"@type": "Organization", "name": "Example News"}, ()),
        ([{"@type": "Person", "name": ["زينب علي", "Jane Doe"]}], ("زينب علي", "Jane Doe")),
    ],
)
def test_authors_are_people_else_the_agency_that_signed_never_addresses(
    author: object, names: tuple[str, ...]
):
    head = ld(author=author) + "<meta property='og:site_name' content='Example News'>"
    assert read(f"<article>{TEXT}</article>", head).authors == names


def live(**fields: object) -> str:
    posts = [
        {"@type": "BlogPosting", "headline": f"Post {n}", "articleBody": text}
        for n, text in enumerate(PARAGRAPHS)
    ]
    return ld(**{"@type": "LiveBlogPosting", "headline": "March in Basra", "liveBlogUpdate": posts, **fields})


def test_a_live_blog_has_all_its_posts_in_their_order():
    page = read(
        "<main><p>Follow the march in Basra here, minute by minute, with our reporters.</p></main>", live()
    )
    assert [page.text.index(paragraph) for paragraph in PARAGRAPHS] == sorted(
        map(page.text.index, PARAGRAPHS)
    )


def test_posts_that_the_page_shows_are_not_said_twice():
    page = read(f"<main><article>{TEXT}</article></main>", live())
    assert all(page.text.count(paragraph) == 1 for paragraph in PARAGRAPHS)


@pytest.mark.parametrize(
    ("fields", "goes_on"),
    [
        ({}, True),
        ({"coverageEndTime": "2026-11-23T00:00:00Z"}, True),
        ({"coverageEndTime": "2026-11-22T11:59:00Z"}, False),
        ({"@type": "NewsArticle"}, False),
    ],
)
def test_a_live_blog_is_live_until_the_end_it_states(fields: dict[str, object], goes_on: bool):
    assert read(f"<article>{TEXT}</article>", live(**fields)).live is goes_on
