"""`marsad rule backtest`: before a rule goes live, people see what it would have done."""

from datetime import timedelta
from pathlib import Path

import pytest
from archive import Archive
from command_line import CommandLine

from storage.database import Database

DAY = timedelta(days=1)


@pytest.fixture
def archive(db: Database) -> Archive:
    return Archive(db=db)


async def given_a_week(archive: Archive) -> None:
    """Five articles in three stories about Basra, one of them in Arabic, one about football, and one about rain."""
    await archive.keeps("Water is short in Basra again.", ago=5 * DAY, story="water")
    await archive.keeps("Basra: water is short.", ago=5 * DAY, story="water", source="Courier")
    await archive.keeps("انقطاع الماء عن البصرة مرة أخرى في الصيف", ago=3 * DAY, source="Tigris")
    await archive.keeps("The governor of Basra resigned.", ago=DAY)
    await archive.keeps("The football club of Basra won.", ago=DAY)
    await archive.keeps("Rain in Kirkuk.", ago=DAY)


async def test_hits_stories_languages_sources_terms_and_samples_are_told(
    marsad: CommandLine, dsn: str, db: Database, archive: Archive
) -> None:
    await given_a_week(archive)

    [row] = (
        await marsad.beside("--dsn", dsn, "rule", "backtest", "@basra NOT football", "--days", "9", "--json")
    ).rows

    assert (row["hits"], row["stories"], row["alerts"]) == (4, 3, 3)
    assert [day["hits"] for day in row["per_day"].values()] == [2, 1, 1]
    assert row["languages"] == {"en": 3, "ar": 1}
    assert row["sources"] == {"Herald": 2, "Courier": 1, "Tigris": 1}
    assert row["kept_away_by_not"]["hits"] == 1
    assert "football" in row["kept_away_by_not"]["samples"][0]["title"]
    assert 4.9 < row["covered_days"] < 5.1
    assert {sample["term"] for sample in row["samples"]} >= {"@basra: Basra"}
    assert any("*Basra*" in sample["passage"] for sample in row["samples"])
    assert (row["saved"], row["warnings"]) == (None, [])


async def test_the_terms_that_carry_the_rule_are_told_with_what_only_they_find(
    marsad: CommandLine, dsn: str, archive: Archive
) -> None:
    await given_a_week(archive)

    [row] = (
        await marsad.beside("--dsn", dsn, "rule", "backtest", "basra OR water OR kirkuk OR zubair", "--json")
    ).rows

    terms = {term["term"]: (term["hits"], term["lost_without"]) for term in row["terms"]}
    assert terms == {"basra": (4, 2), "water": (2, 0), "kirkuk": (1, 1)}
    assert row["met_by_no_hit"] == ["zubair"]


async def test_a_query_is_compared_with_the_saved_rule_that_it_would_replace(
    marsad: CommandLine, dsn: str, archive: Archive
) -> None:
    await given_a_week(archive)
    await archive.rule("South", "basra AND water", languages=("en",))

    query = ("rule", "backtest", "basra OR kirkuk", "--rule", "South")
    [row] = (await marsad.beside("--dsn", dsn, *query, "--json")).rows
    shown = await marsad.beside("--dsn", dsn, *query)

    assert (row["hits"], row["saved"]["hits"], row["gained"]["hits"], row["lost"]["hits"]) == (5, 2, 3, 0)
    assert "3 hits more, 0 fewer" in shown.out
    assert "Rain in Kirkuk" in shown.out.partition("new with this rule")[2]
    assert shown.err == ""


async def test_a_rule_of_a_watch_file_is_tried_with_its_own_concepts(
    marsad: CommandLine, dsn: str, archive: Archive, tmp_path: Path
) -> None:
    await given_a_week(archive)
    await archive.rule("Weather", "kirkuk")
    watch = tmp_path / "weather.toml"
    watch.write_text(
        '[concepts.weather]\nen = ["snow"]\n[[rules]]\nname = "Weather"\nquery = "@weather"\n'
        '[[rules]]\nname = "Scored"\nscore = { threshold = 10, terms = { basra = 5, water = 5 } }\n',
        encoding="utf-8",
    )

    of_file = ("rule", "backtest", "--watch", watch, "--json", "--rule")
    [weather] = (await marsad.beside("--dsn", dsn, *of_file, "Weather")).rows
    [scored] = (await marsad.beside("--dsn", dsn, *of_file, "Scored")).rows

    assert (weather["hits"], weather["lost"]["hits"]) == (0, 1)
    assert (scored["hits"], scored["saved"]) == (2, None)


async def test_what_would_flood_is_warned_of(marsad: CommandLine, dsn: str, archive: Archive) -> None:
    for number in range(60):
        await archive.keeps(f"Report {number} from Basra", ago=timedelta(hours=2))

    shown = await marsad.beside("--dsn", dsn, "rule", "backtest", "basra")

    assert "! this would have sent about 60 alerts a day: narrow it" in shown.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "nothing to hold: give a query, or --watch FILE, or --rule NAME"),
        (("--rule", "Noth"), "--rule Noth: no saved rule of this name; there are: none"),
        (("basra", "--rule", "Noth"), "no saved rule of this name"),
        (("(basra",), "query: column 1: this bracket is never closed"),
        (("@nobody",), "there is no concept @nobody"),
    ],
)
async def test_what_cannot_be_held_is_said_in_a_line(
    marsad: CommandLine, dsn: str, arguments: tuple[str, ...], complaint: str
) -> None:
    ended = await marsad.beside("--dsn", dsn, "rule", "backtest", *arguments)

    assert ended.code == 1
    assert complaint in ended.complaint
