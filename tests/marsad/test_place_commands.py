"""`marsad place` and `marsad search --place`: which places there are, and what was written of them."""

from datetime import timedelta

from command_line import CommandLine

from rules.search import FORMS_VERSION
from storage.articles import NewArticle, keep_article, url_key
from storage.database import Database
from storage.places import ArticlePlace, PlacesOf, keep_entry_places
from storage.sources import SourceSpec, put_source, source_key

FEED = "https://news.example/feed"


async def given_fire(db: Database, number: int, place: str) -> None:
    url = f"https://news.example/{number}"
    source = SourceSpec(key=source_key(FEED), name="News", url=FEED, every=timedelta(minutes=5))
    async with db.transaction() as conn:
        article = NewArticle(
            source_id=await put_source(conn, source, origin="test"),
            url_key=url_key(url),
            url=url,
            title=f"A fire in {place.title()}",
            lang="en",
            lexemes=("fire",),
            forms_version=FORMS_VERSION,
        )
        kept = await keep_article(conn, article)
        named = ArticlePlace(
            place=place,
            field="title",
            start_at=10,
            end_at=10 + len(place),
            surface=place.title(),
            reason="named",
        )
        await keep_entry_places(conn, [PlacesOf(article_id=kept.id, places=[named], is_new=True)])


def test_a_name_in_any_script_is_found(marsad: CommandLine) -> None:
    found = marsad.run("place", "find", "الزبير", "--json")

    rows = {row["key"]: row for row in found.rows}
    assert rows.keys() == {"zubair", "zubair-district"}
    assert rows["zubair"]["in"] == ["zubair-district", "basra", "iraq"]
    assert (rows["zubair"]["lat"], rows["zubair"]["lon"], rows["zubair"]["approximate"]) == (
        30.39,
        47.71,
        False,
    )


def test_a_list_is_of_one_kind_in_one_place(marsad: CommandLine) -> None:
    listed = marsad.run("place", "list", "--kind", "bridge", "--in", "baghdad", "--json")

    keys = {row["key"] for row in listed.rows}
    assert "jumhuriya-bridge" in keys
    assert "zaytoun-bridge" not in keys


def test_a_place_or_kind_that_is_not_is_said_in_one_line(marsad: CommandLine) -> None:
    nowhere = marsad.run("place", "find", "Atlantis")
    unkind = marsad.run("place", "list", "--kind", "volcano")
    search = marsad.run("search", "fire", "--place", "Atlantis")

    assert [ended.code for ended in (nowhere, unkind, search)] == [1, 1, 1]
    assert "Atlantis: no place of Iraq that we know; see marsad place list" in nowhere.err
    assert "volcano: no such kind of place; known: airport" in unkind.err
    assert nowhere.err.count("\n") == unkind.err.count("\n") == search.err.count("\n") == 1


async def test_search_finds_what_names_a_place_or_one_in_it(
    marsad: CommandLine, dsn: str, db: Database
) -> None:
    for number, place in enumerate(["zubair", "mosul", "basra"]):
        await given_fire(db, number, place)

    found = await marsad.beside("--dsn", dsn, "search", "fire", "--place", "basra", "--json")
    shown = await marsad.beside("--dsn", dsn, "search", "fire", "--place", "الزبير")

    assert [row["places"] for row in found.rows] == [["basra"], ["zubair"]]
    assert "Basra > Zubair" in shown.out
