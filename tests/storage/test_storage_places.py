"""Articles are found by the places that they name; a page's places take the place of its entry's."""

from datetime import timedelta

import pytest
from storage_world import MINUTE, given_article, given_message, given_source

from storage.alerts import list_alerts
from storage.articles import LeasedPage, PageText, claim_due_pages, keep_page
from storage.contents import message_items
from storage.database import Conn, Database
from storage.places import (
    MAX_PLACES,
    ArticlePlace,
    PlacesOf,
    keep_entry_places,
    keep_page_places,
    places_named,
    places_of,
)
from storage.search import search_articles


def at(place: str, field: str = "title", **more: object) -> ArticlePlace:
    values: dict[str, object] = {
        "start_at": 0,
        "end_at": 5,
        "surface": place.title(),
        "reason": "named",
        **more,
    }
    return ArticlePlace(place=place, field=field, **values)  # type: ignore[arg-type]


async def given_place(conn: Conn, *places: ArticlePlace, is_new: bool = True, **more: object) -> int:
    kept = await given_article(conn, await given_source(conn), **more)
    await keep_entry_places(conn, [PlacesOf(article_id=kept.id, places=places, is_new=is_new)])
    return kept.id


async def test_places_come_back_as_they_were_kept_the_most_telling_first(db: Database) -> None:
    named = [
        at("basra", start_at=3, end_at=8, reason="named, and Iraq is named too"),
        at("zubair", "lead"),
        at("faw"),
    ]
    async with db.transaction() as conn:
        article = await given_place(conn, *named)
        await given_place(conn)

        assert await places_of(conn, article) == named
        assert await places_named(conn, [article]) == {article: ("basra", "zubair", "faw")}


async def test_an_article_is_found_by_any_of_the_places_asked_for(db: Database) -> None:
    async with db.transaction() as conn:
        first = await given_place(conn, at("basra"), at("basra", "lead"))
        second = await given_place(conn, at("zubair"))
        await given_place(conn, at("mosul"))
        await given_place(conn)

        found = await search_articles(conn, places=["basra", "zubair"])
        none = await search_articles(conn, places=["erbil"])
        everything = await search_articles(conn)

    assert [one.id for one in found] == [second, first]
    assert none == []
    assert len(everything) == 4


async def test_an_edited_entry_names_its_new_places_only(db: Database) -> None:
    async with db.transaction() as conn:
        article = await given_place(conn, at("basra"), at("faw", "body"))
        await keep_entry_places(conn, [PlacesOf(article_id=article, places=[at("mosul")])])

        assert await places_named(conn, [article]) == {article: ("mosul",)}


async def leased(conn: Conn) -> LeasedPage:
    [page] = await claim_due_pages(conn, limit=1, lease=MINUTE, per_host=1, pause=timedelta(0))
    return page


async def test_the_page_replaces_what_the_entry_named_and_an_edited_entry_leaves_its_body(
    db: Database,
) -> None:
    async with db.transaction() as conn:
        article = await given_place(conn, at("basra"), at("faw", "body"), page_wanted=True)
    async with db.transaction() as conn:
        await keep_page(conn, await leased(conn), PageText(title="", text="In Basra and Zubair"))
        await keep_page_places(conn, PlacesOf(article_id=article, places=[at("basra"), at("zubair", "body")]))
        assert await places_named(conn, [article]) == {article: ("basra", "zubair")}

        edited = PlacesOf(article_id=article, places=[at("mosul"), at("faw", "body")])
        await keep_entry_places(conn, [edited])

        assert {(one.place, one.field) for one in await places_of(conn, article)} == {
            ("mosul", "title"),
            ("zubair", "body"),
        }


async def test_a_message_knows_each_place_of_its_article_once(db: Database) -> None:
    async with db.transaction() as conn:
        await given_message(conn, "m1")
        [item] = await message_items(conn, "m1")
        assert item.places == []
        named = [at("zubair", reason="named, and Iraq is named too"), at("basra"), at("zubair", "body")]
        await keep_entry_places(conn, [PlacesOf(article_id=item.article_id, places=named)])

        [item] = await message_items(conn, "m1")

        [alert] = await list_alerts(conn)

    assert alert.places == ("zubair", "basra")
    assert item.places == [
        {"key": "zubair", "reason": "named, and Iraq is named too"},
        {"key": "basra", "reason": "named"},
    ]


async def test_a_list_of_all_towns_is_cut_and_what_strangers_wrote_is_cleaned(db: Database) -> None:
    many = [at(f"place-{n}") for n in range(MAX_PLACES + 50)]
    async with db.transaction() as conn:
        article = await given_place(conn, *many)
        hostile = await given_place(conn, at("basra", surface="Bas\x00ra" + "x" * 9000))

        assert len(await places_of(conn, article)) == MAX_PLACES
        [kept] = await places_of(conn, hostile)

    assert "\x00" not in kept.surface
    assert len(kept.surface) <= 500


@pytest.mark.parametrize("named", [[], [PlacesOf(article_id=1, places=(), is_new=True)]])
async def test_nothing_named_is_nothing_written(db: Database, named: list[PlacesOf]) -> None:
    async with db.transaction() as conn:
        await keep_entry_places(conn, named)
        assert await places_named(conn, [1]) == {}
