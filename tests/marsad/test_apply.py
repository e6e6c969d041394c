"""Apply: the database becomes what the watch files say, once, and what people made by hand stays."""

from dataclasses import replace
from datetime import timedelta

from marsad.apply import apply, plan
from marsad.watchfile import WatchSet
from storage.channels import ChannelSpec, list_channels, put_channel
from storage.database import Database
from storage.rules import ConceptSpec, RuleSpec, list_concepts, list_rules, put_rule
from storage.sources import SourceSpec, list_sources, put_source, source_key


def source(name: str, url: str) -> SourceSpec:
    return SourceSpec(key=source_key(url), name=name, url=url, every=timedelta(minutes=5))


def rule(name: str, query: str) -> RuleSpec:
    return RuleSpec(
        name=name, query=query, definition={}, languages=(), severity="medium", alert=(), enabled=True
    )


COURIER = source("Courier", "https://courier.example/feed")
WANTED = WatchSet(
    sources=(COURIER, source("Herald", "https://herald.example/feed")),
    concepts=(ConceptSpec(name="militia", terms={"en": ["militia"], "ar": ["ميليشيا"]}),),
    rules=(rule("Militia", "@militia"), rule("Floods", "flood")),
    channels=(ChannelSpec(name="desk", kind="email", settings={"to": ["desk@example.org"]}),),
)


async def names(db: Database) -> dict[str, list[str]]:
    async with db.connection() as conn:
        return {
            "channels": sorted(c.name for c in await list_channels(conn)),
            "concepts": sorted(c.name for c in await list_concepts(conn)),
            "rules": sorted(r.name for r in await list_rules(conn)),
            "sources": sorted(s.name for s in await list_sources(conn)),
        }


async def test_the_plan_is_shown_without_being_made_and_then_made(db: Database) -> None:
    planned = await plan(db, WANTED)
    assert await names(db) == {"channels": [], "concepts": [], "rules": [], "sources": []}

    made = await apply(db, WANTED)

    assert made == planned
    assert [str(change) for change in made] == [
        "+ channel desk",
        "+ concept militia",
        "+ rule Militia",
        "+ rule Floods",
        "+ source Courier",
        "+ source Herald",
    ]
    assert await names(db) == {
        "channels": ["desk"],
        "concepts": ["militia"],
        "rules": ["Floods", "Militia"],
        "sources": ["Courier", "Herald"],
    }


async def test_a_second_apply_is_empty(db: Database) -> None:
    await apply(db, WANTED)

    assert await plan(db, WANTED) == []
    assert await apply(db, WANTED) == []


async def test_what_changed_is_changed_and_what_left_the_files_leaves(db: Database) -> None:
    await apply(db, WANTED)
    other = replace(
        WANTED,
        sources=(replace(COURIER, every=timedelta(minutes=1), lang="en"),),
        rules=(replace(WANTED.rules[0], severity="high"),),
    )

    assert sorted(str(change) for change in await apply(db, other)) == [
        "- rule Floods",
        "- source Herald",
        "~ rule Militia (severity)",
        "~ source Courier (every, lang)",
    ]
    assert await plan(db, other) == []


async def test_the_kind_that_a_visit_found_out_is_no_difference(db: Database) -> None:
    await apply(db, WANTED)
    async with db.transaction() as conn:
        await conn.execute("UPDATE source SET kind = 'feed'")

    assert await plan(db, WANTED) == []


async def test_things_made_by_hand_are_left_alone(db: Database) -> None:
    async with db.transaction() as conn:
        await put_source(conn, source("Mine", "https://mine.example/feed"), origin="hand")
        await put_rule(conn, rule("Mine", "basra"), origin="hand")

    await apply(db, WANTED)
    await apply(db, WatchSet())

    found = await names(db)
    assert (found["sources"], found["rules"]) == (["Mine"], ["Mine"])


async def test_the_terminal_is_told_for_as_long_as_there_is_no_other_channel(db: Database) -> None:
    await apply(db, replace(WANTED, channels=()))
    assert (await names(db))["channels"] == ["terminal"]

    await apply(db, WANTED)
    assert (await names(db))["channels"] == ["desk"]


async def test_a_channel_made_by_hand_is_enough(db: Database) -> None:
    async with db.transaction() as conn:
        await put_channel(conn, ChannelSpec(name="mine", kind="terminal", settings={}), origin="hand")

    await apply(db, replace(WANTED, channels=()))

    assert (await names(db))["channels"] == ["mine"]
