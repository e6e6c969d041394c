"""An article is kept once per URL, with every text it ever had, whatever its publisher sends."""

import asyncio
from datetime import UTC, datetime, timedelta

from storage_world import MINUTE, article, by, given_article, given_source

from storage.articles import (
    LeasedPage,
    NewArticle,
    PageOutcome,
    PageText,
    claim_due_pages,
    finish_page,
    get_article,
    keep_article,
    keep_articles,
    keep_page,
    known_keys,
    list_versions,
    recent_articles,
    release_page,
    search_articles,
    text_hash,
    tsquery_term,
    url_key,
)
from storage.database import Database
from storage.stories import join_or_start

URL = "https://news.example/1"


async def pages(
    db: Database, *, limit: int = 50, per_host: int = 50, lease: timedelta = MINUTE
) -> list[LeasedPage]:
    async with db.transaction() as conn:
        return await claim_due_pages(conn, limit=limit, lease=lease, per_host=per_host)


async def test_a_url_is_kept_once_also_from_another_source(db: Database) -> None:
    async with db.transaction() as conn:
        one, two = await given_source(conn), await given_source(conn, "https://other.example/")
        first = await keep_article(conn, article(one, URL, title="Title", text="Words"))
        again = await keep_article(conn, article(two, URL, title="TITLE ", text="words."))

        assert first.is_new
        assert first.version_id is not None
        assert (again.id, again.is_new, again.version_id) == (first.id, False, None)
        assert len(await list_versions(conn, first.id)) == 1


async def test_other_words_at_the_same_url_are_a_new_version_and_each_text_counts_once(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        first = await keep_article(conn, article(source, URL, title="Ten killed", lexemes=("ten",)))
        edit = await keep_article(conn, article(source, URL, title="Twelve killed", lexemes=("twelve",)))
        back = await keep_article(conn, article(source, URL, title="Ten killed", lexemes=("ten",)))
        known = await known_keys(conn, [url_key(URL), url_key("unknown")])
        now = await get_article(conn, first.id)
        versions = await list_versions(conn, first.id)

    assert edit.version_id is not None
    assert back.version_id is None, (
        "a feed that swings between two texts adds two versions, not one per visit"
    )
    assert [(version.number, version.title) for version in versions] == [
        (1, "Ten killed"),
        (2, "Twelve killed"),
    ]
    assert now is not None
    assert (now.title, now.version) == ("Twelve killed", 2)
    assert {key: value.entry_hash for key, value in known.items()} == {url_key(URL): text_hash("Ten killed")}


async def test_a_reused_entry_id_with_new_words_is_a_new_article(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        kept = [
            await given_article(
                conn, source, f"https://news.example/{n}", entry_id="same", title=f"Report {n}"
            )
            for n in range(3)
        ]

    assert all(one.is_new for one in kept)


async def test_a_moved_entry_with_its_old_words_is_the_old_article(db: Database) -> None:
    async with db.transaction() as conn:
        source, other = await given_source(conn), await given_source(conn, "https://other.example/")
        old = await given_article(conn, source, "http://news.example/1", entry_id="7", title="Same words")
        moved = await given_article(
            conn, source, "https://news.example/one", entry_id="7", title="Same words"
        )
        elsewhere = await given_article(
            conn, other, "https://other.example/1", entry_id="7", title="Same words"
        )

    assert (moved.id, moved.is_new) == (old.id, False)
    assert elsewhere.is_new, "entry ids mean nothing outside their source"


async def test_many_articles_are_answered_in_the_order_given(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        await given_article(conn, source, "https://news.example/3", title="T3")
        urls = [f"https://news.example/{n}" for n in (5, 3, 1, 5)]

        kept = await keep_articles(conn, [article(source, url, title=f"T{url[-1]}") for url in urls])

        assert [one.is_new for one in kept] == [True, False, True, False]
        assert kept[0].id == kept[3].id
        assert await keep_articles(conn, []) == []


async def test_collectors_with_the_same_articles_keep_each_once_without_a_deadlock(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)

    async def collect(turn: int) -> int:
        urls = [f"https://news.example/{n}" for n in range(40)]
        async with db.transaction() as conn:
            kept = await keep_articles(
                conn, [article(source, url) for url in (urls if turn % 2 else urls[::-1])]
            )
        return sum(one.is_new for one in kept)

    assert sum(await asyncio.gather(*(collect(turn) for turn in range(4)))) == 40


async def test_huge_and_poisoned_fields_are_kept_and_found(db: Database) -> None:
    poison = "\x00\ud800بغداد\ufffe"
    async with db.transaction() as conn:
        source = await given_source(conn, "https://[bad/\x00", name=poison, tags=(poison,))
        new = NewArticle(
            source_id=source,
            url_key=url_key("u" * 100_000 + "\ud800"),
            url="https://news.example/" + "u" * 100_000,
            entry_id="e" * 100_000 + poison,
            title=poison * 10_000,
            summary=poison,
            text="كلمة " * 200_000 + poison,
            authors=(poison,) * 1000,
            tags=("t" * 10_000, ""),
            published=datetime.max,  # noqa: DTZ901
            published_raw=poison * 1000,
            updated=datetime.min,  # noqa: DTZ901
            lexemes=(*(f"{n}" * 100 for n in range(20_000)), "بغداد"),
            page_wanted=True,
        )
        kept = await keep_article(conn, new)
        again = await keep_article(conn, new)
        found = await get_article(conn, kept.id)

    assert again.id == kept.id
    assert not again.is_new
    assert found is not None
    assert found.title.startswith("بغداد")
    assert (found.source_name, found.source_tags, found.published, found.updated) == (
        "بغداد",
        ("بغداد",),
        None,
        None,
    )
    assert len(found.authors) == 50
    assert len(await pages(db)) == 1


async def test_pages_are_leased_by_one_worker_at_a_time_and_few_of_a_host(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        for n in range(60):
            host = "big" if n % 2 else n
            await given_article(conn, source, f"https://{host}.example/{n}", page_wanted=True)
        await given_article(conn, source, "https://unwanted.example/")

    async def work() -> list[LeasedPage]:
        mine: list[LeasedPage] = []
        while got := await pages(db, limit=5, per_host=3):
            mine += got
        return mine

    leased = [page for part in await asyncio.gather(*(work() for _ in range(4))) for page in part]
    assert len(leased) == len({page.article_id for page in leased}) == 33
    assert len([page for page in leased if "//big." in page.url]) == 3


async def test_a_worker_counts_the_pages_that_another_is_just_claiming(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        for n in range(2):
            await given_article(conn, source, f"https://same.example/{n}", page_wanted=True)

    async with db.transaction() as conn:
        assert len(await claim_due_pages(conn, limit=1, lease=MINUTE, per_host=1)) == 1
        assert await pages(db, per_host=1) == []


async def test_a_page_becomes_the_article_and_a_stale_lease_changes_nothing(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn, tier=2, tags=("daily",), country="IQ", kind="feed", name="Daily")
        kept = await given_article(
            conn,
            source,
            URL,
            title="Title",
            summary="Lead",
            tags=("iraq",),
            page_wanted=True,
            lexemes=("old",),
        )
        story = await join_or_start(conn, article_id=kept.id, key=b"k" * 32, title="Title", lang="en")
    [stale] = await pages(db, lease=timedelta(0))
    [page] = await pages(db)
    assert (page.source_name, page.source_kind, page.tier, page.country) == ("Daily", "feed", 2, "IQ")
    assert (page.tags, page.source_tags, page.story_id) == (("iraq",), ("daily",), story.story_id)
    assert (stale.attempts, page.attempts) == (1, 2)

    async with db.transaction() as conn:
        assert not await finish_page(conn, stale, PageOutcome(state="failed"))
        whole = PageText(
            title="",
            text="The whole text",
            authors=("A. Writer",),
            lang="en",
            canonical_url=URL + "?c",
            degraded="stripped",
            lexemes=("whole",),
        )
        version = await keep_page(conn, page, whole)
        assert await finish_page(conn, page, PageOutcome(state="read"))
        assert not await finish_page(conn, page, PageOutcome(state="failed"))
        found = await get_article(conn, kept.id)
        assert [(v.id, v.of) for v in await list_versions(conn, kept.id)][1] == (version, "page")
        assert await keep_page(conn, page, PageText(title="", text="the whole TEXT!")) == version
        old_and_new = await search_articles(conn, narrowing=by("'old' & 'whole'"))

    assert found is not None
    assert (found.title, found.text, found.summary, found.authors) == (
        "Title",
        "The whole text",
        "Lead",
        ("A. Writer",),
    )
    assert (found.lang, found.canonical_url, found.degraded, found.version) == (
        "en",
        URL + "?c",
        "stripped",
        2,
    )
    assert [one.id for one in old_and_new] == [kept.id]
    assert await pages(db) == []


async def test_a_page_is_retried_when_it_is_due_and_handed_back_without_counting(db: Database) -> None:
    async with db.transaction() as conn:
        kept = await given_article(conn, await given_source(conn), page_wanted=True)
    [page] = await pages(db)
    async with db.transaction() as conn:
        await release_page(conn, page)
    [page] = await pages(db)
    assert page.attempts == 1

    async with db.transaction() as conn:
        assert await finish_page(
            conn, page, PageOutcome(state="retry", retry_in=timedelta(hours=1), error="503")
        )
    assert await pages(db) == []
    async with db.transaction() as conn:
        await conn.execute("UPDATE page SET due_at = now() WHERE article_id = %s", (kept.id,))
    assert len(await pages(db)) == 1


async def test_an_edit_of_the_entry_has_the_page_read_again_and_keeps_its_text_until_then(
    db: Database,
) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        kept = await keep_article(conn, article(source, URL, title="Before", page_wanted=True))
    [page] = await pages(db)
    async with db.transaction() as conn:
        await keep_page(conn, page, PageText(title="Before", text="Full text"))
        await finish_page(conn, page, PageOutcome(state="read"))
        await keep_article(conn, article(source, URL, title="After", page_wanted=True))
        found = await get_article(conn, kept.id)

    assert found is not None
    assert (found.title, found.text, found.version) == ("After", "Full text", 3)
    assert [again.article_id for again in await pages(db)] == [kept.id]


async def test_search_finds_by_lexemes_and_every_filter(db: Database) -> None:
    async with db.transaction() as conn:
        one, two = await given_source(conn), await given_source(conn, "https://other.example/")
        a = await given_article(conn, one, lang="ar", lexemes=("عراق", "بغداد"))
        b = await given_article(conn, two, lang="en", lexemes=("iraq", "o'hara"))
        c = await given_article(conn, one, lang="en", lexemes=("iraq",))
        now = datetime.now(UTC)

        async def found(**what: object) -> list[int]:
            return [hit.id for hit in await search_articles(conn, **what)]  # type: ignore[arg-type]

        assert await found() == [c.id, b.id, a.id]
        assert await found(narrowing=by(tsquery_term("iraq"))) == [c.id, b.id]
        assert await found(narrowing=by(f"{tsquery_term('عراق')} & {tsquery_term('بغداد')}")) == [a.id]
        assert await found(narrowing=by(tsquery_term("o'hara"))) == [b.id]
        assert await found(narrowing=by(tsquery_term("بغ", prefix=True))) == [a.id]
        assert await found(lang="en", source=one) == [c.id]
        assert await found(before_id=c.id, limit=1) == [b.id]
        assert await found(since=now + MINUTE) == []
        assert await found(until=now - MINUTE) == []
        assert [hit.id for hit in await recent_articles(conn, after_id=a.id, limit=1)] == [b.id]


def test_a_text_hash_feels_words_only() -> None:
    assert text_hash("Ten killed", "in  Basra") == text_hash("ten KILLED!", "In Basra.")
    assert text_hash("ten", "killed") != text_hash("ten killed", "")
    assert text_hash("قتل عشرة") != text_hash("قتل عشر")
