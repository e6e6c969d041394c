"""Lexemes of older forms: never relied on, made anew newest first, by one at a time, in nobody's way."""

from datetime import timedelta

from storage_world import MINUTE, article, by, given_article, given_source

from storage.articles import LeasedPage, PageText, claim_due_pages, keep_article, keep_page, search_articles
from storage.database import Conn, Database
from storage.lexemes import MERGE_UP_TO
from storage.reindexing import (
    MAX_EARLIER,
    Outdated,
    Reindexed,
    count_outdated,
    keep_reindexed,
    outdated_articles,
    take_turn,
)
from storage.search import candidate_ids

NEW = 2
URL = "https://news.example/1"
MANY = tuple(f"w{n}" for n in range(MERGE_UP_TO + 1))


async def outdated(conn: Conn, **more: object) -> list[Outdated]:
    values = {"forms_version": NEW, "limit": 100, "most_bytes": 100_000, "most_chars": 1000, **more}
    return await outdated_articles(conn, **values)  # type: ignore[arg-type]


async def version_of(conn: Conn, id_: int) -> int:
    cursor = await conn.execute("SELECT forms_version FROM article WHERE id = %s", (id_,))
    [(version,)] = await cursor.fetchall()
    return version


async def found(conn: Conn, word: str, *, forms: int = NEW) -> list[int]:
    """What search finds for the word, and a walk over everything that is left to look at."""
    searched = sorted(hit.id for hit in await search_articles(conn, narrowing=by(f"'{word}'", forms=forms)))
    assert list(await candidate_ids(conn, narrowing=by(f"'{word}'", forms=forms))) == searched
    return searched


async def test_no_search_relies_on_lexemes_of_other_forms(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        old = await given_article(conn, source, lexemes=("basrah",), forms_version=NEW - 1)
        now = await given_article(conn, source, lexemes=("basra",), forms_version=NEW)
        await given_article(conn, source, lexemes=("rain",), forms_version=NEW)
        newer = await given_article(conn, source, lexemes=("basra'",), forms_version=NEW + 1)

        assert await found(conn, "basra") == [old.id, now.id, newer.id]
        assert await count_outdated(conn, forms_version=NEW) == 1


async def test_the_newest_are_made_anew_first_as_many_as_fit(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        ids = [(await given_article(conn, source, text="x" * 400)).id for _ in range(5)]
        await given_article(conn, source, forms_version=NEW)

        assert [one.id for one in await outdated(conn)] == ids[::-1]
        assert [one.id for one in await outdated(conn, limit=2)] == ids[:-3:-1]
        assert [one.id for one in await outdated(conn, most_bytes=500)] == ids[:-3:-1]
        assert [one.id for one in await outdated(conn, most_bytes=1)] == [ids[-1]]
        assert [one.id for one in await outdated(conn, without={ids[-1], ids[0]})] == ids[-2:0:-1]
        assert {one.text for one in await outdated(conn, most_chars=3)} == {"xxx"}


async def test_what_an_article_said_before_its_edits_comes_along_within_bounds(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        for n in range(MAX_EARLIER + 5):
            await keep_article(conn, article(source, URL, title=f"Title {n}", text=f"text {n}"))
        await given_article(conn, source, title="Never edited")

        [unedited, edited] = await outdated(conn)
    assert unedited.earlier == ()
    assert edited.title == "Title 14"
    assert edited.earlier[0].split() == ["Title", "14", "text", "14"]
    assert len(edited.earlier) == MAX_EARLIER


async def test_new_lexemes_take_the_place_of_the_old_ones(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        kept = await given_article(conn, source, lexemes=("basrah",))
        [one] = await outdated(conn)
        done = await keep_reindexed(
            conn, [Reindexed(id=one.id, mark=one.mark, lexemes=["basra\0"])], forms_version=NEW
        )

        assert done == 1
        assert await outdated(conn) == []
        assert (await found(conn, "basra"), await found(conn, "basrah")) == ([kept.id], [])


async def test_an_article_that_changed_meanwhile_is_left_for_the_next_turn(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        kept = await keep_article(conn, article(source, URL, title="Before", lexemes=("before",)))
        [read] = await outdated(conn)
    async with db.transaction() as conn:
        await keep_article(conn, article(source, URL, title="After", lexemes=("after",), forms_version=NEW))

    async with db.transaction() as conn:
        late = [Reindexed(id=read.id, mark=read.mark, lexemes=["before"])]
        assert await keep_reindexed(conn, late, forms_version=NEW) == 0
        assert await found(conn, "after") == [kept.id]
        assert [(one.title, one.earlier[1].strip()) for one in await outdated(conn)] == [("After", "Before")]


async def test_nobody_waits_for_an_article_that_somebody_is_changing(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        busy, free = [await given_article(conn, source) for _ in range(2)]

    async with db.transaction() as writer, db.transaction() as conn:
        await writer.execute("SELECT FROM article WHERE id = %s FOR UPDATE", (busy.id,))
        await conn.execute("SET LOCAL lock_timeout = '100ms'")
        rows = [Reindexed(id=one.id, mark=one.mark, lexemes=["new"]) for one in await outdated(conn)]
        assert await keep_reindexed(conn, rows, forms_version=NEW) == 1
        assert [one.id for one in await outdated(conn)] == [busy.id]
        assert await version_of(conn, free.id) == NEW


async def test_one_process_at_a_time_has_the_turn(db: Database) -> None:
    async with db.transaction() as one, db.transaction() as two:
        assert await take_turn(one)
        assert not await take_turn(two)

    async with db.transaction() as two:
        assert await take_turn(two)


async def test_lexemes_that_join_older_ones_are_as_old_as_these(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        kept = await keep_article(conn, article(source, URL, title="Before", forms_version=NEW - 1))
        await keep_article(conn, article(source, URL, title="After", forms_version=NEW, page_wanted=True))
        after_edit = await version_of(conn, kept.id)
        await keep_page(conn, await leased(conn), PageText(title="", text="Whole", forms_version=NEW))

        assert (after_edit, await version_of(conn, kept.id)) == (NEW - 1, NEW - 1)


async def test_the_words_of_a_long_page_are_found_after_its_entry_was_edited(db: Database) -> None:
    """More lexemes than can join others: the entry's take their place until all are made anew."""
    async with db.transaction() as conn:
        source = await given_source(conn)
        first = article(source, URL, title="Before", lexemes=("a",), forms_version=NEW, page_wanted=True)
        kept = await keep_article(conn, first)
        page = PageText(title="", text="The page", lexemes=MANY, forms_version=NEW)
        await keep_page(conn, await leased(conn), page)
        assert await found(conn, MANY[-1]) == [kept.id]

        edit = article(source, URL, title="After", lexemes=("after",), forms_version=NEW)
        await keep_article(conn, edit)

        assert await found(conn, MANY[-1]) == [kept.id]
        assert [one.text for one in await outdated(conn)] == ["The page"]


async def leased(conn: Conn) -> LeasedPage:
    [page] = await claim_due_pages(conn, limit=1, lease=MINUTE, per_host=9, pause=timedelta(0))
    return page
