"""Replay: what a rule would have met before it was there, on record once, told once, whoever stops it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from archive import Archive

from scheduler import retrospect
from scheduler.replay import Replayed, replay
from storage.channels import ChannelSpec, put_channel
from storage.database import Database
from storage.deliveries import due_messages, lease_message
from storage.rules import StoredRule, list_rules

DAY = timedelta(days=1)


@pytest.fixture
def archive(db: Database) -> Archive:
    return Archive(db=db)


async def given_news(archive: Archive) -> None:
    """Three articles in two stories about Basra, one too old, one about rain, and a rule on Basra."""
    await archive.keeps("Water is short in Basra again.", ago=5 * DAY, story="water")
    await archive.keeps("Basra: water is short.", ago=4 * DAY, story="water", source="Courier")
    await archive.keeps("The governor of Basra resigned.", ago=DAY)
    await archive.keeps("Basra was calm last year.", ago=200 * DAY)
    await archive.keeps("Rain in Kirkuk.", ago=DAY)
    await archive.rule("South", "basra")


async def the_rule(db: Database, name: str = "South") -> StoredRule:
    async with db.connection() as conn:
        return {rule.name: rule for rule in await list_rules(conn)}[name]


def unseen(what: str, done: int, total: int) -> None:
    del what, done, total


async def replayed(archive: Archive, *, alert: bool = False, days: int = 30) -> Replayed:
    return await replay(archive.db, await the_rule(archive.db), days=days, alert=alert, progress=unseen)


async def rows(db: Database, sql: str) -> list[Any]:
    async with db.connection() as conn:
        return await (await conn.execute(sql)).fetchall()  # type: ignore[arg-type]


async def a_desk(db: Database, name: str = "desk") -> None:
    async with db.transaction() as conn:
        spec = ChannelSpec(name=name, kind="email", settings={"to": ["desk@example.org"]})
        await put_channel(conn, spec, origin="test")


async def test_what_is_stored_goes_on_record_once_with_its_reasons(archive: Archive) -> None:
    await given_news(archive)

    first = await replayed(archive)
    again = await replayed(archive)

    assert (first.found, first.added, first.told) == (3, 3, None)
    assert (again.found, again.added, again.resumed_at) == (3, 0, 0)
    matches = await rows(
        archive.db,
        "SELECT m.replayed, m.version_id = v.id, m.reasons->0->>'surface' FROM match m "
        "JOIN article_version v USING (article_id) ORDER BY m.id",
    )
    assert matches == [(True, True, "Basra")] * 3
    assert await rows(archive.db, "SELECT * FROM alert") == []
    assert await rows(archive.db, "SELECT * FROM replay") == []


async def test_with_alert_each_recipient_is_owed_one_summary_of_what_is_new_to_them(archive: Archive) -> None:
    await given_news(archive)
    await a_desk(archive.db)
    await replayed(archive)

    told = (await replayed(archive, alert=True)).told
    again = (await replayed(archive, alert=True)).told

    assert told is not None
    assert (told.stories, told.named, told.recipients) == (2, 2, 1)
    assert again is not None
    assert again.stories == 0
    async with archive.db.transaction() as conn:
        [message_id] = await due_messages(conn, limit=9)
        leased = await lease_message(conn, message_id, lease=DAY)
    assert leased is not None
    assert [(item.kind, item.rule, item.title) for item in leased.items] == [
        ("summary", "South", "Water is short in Basra again."),
        ("summary", "South", "The governor of Basra resigned."),
    ]


async def test_of_very_many_stories_the_newest_are_told_and_all_count_as_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.replay.MOST_TOLD", 1)
    await given_news(archive)
    await a_desk(archive.db)

    told = (await replayed(archive, alert=True)).told

    assert told is not None
    assert (told.stories, told.named) == (2, 1)
    [(title,)] = await rows(
        archive.db,
        "SELECT st.title FROM delivery d JOIN alert al ON al.id = d.alert_id JOIN story st ON st.id = al.story_id",
    )
    assert title == "The governor of Basra resigned."


async def test_where_there_is_nobody_to_tell_nothing_counts_as_told(archive: Archive) -> None:
    await given_news(archive)

    told = (await replayed(archive, alert=True)).told
    await a_desk(archive.db)
    later = (await replayed(archive, alert=True)).told

    assert told is not None
    assert later is not None
    assert (told.stories, told.recipients) == (0, 0)
    assert (later.stories, later.recipients) == (2, 1)


async def test_a_story_that_was_alerted_as_it_came_is_not_told_again(archive: Archive) -> None:
    await given_news(archive)
    await a_desk(archive.db)
    await replayed(archive)
    async with archive.db.connection() as conn:
        await conn.execute(
            "INSERT INTO alert (rule_id, story_id, match_id, kind) SELECT m.rule_id, sa.story_id, m.id, 'story' "
            "FROM match m JOIN story_article sa USING (article_id) ORDER BY m.id LIMIT 1"
        )

    told = (await replayed(archive, alert=True)).told

    assert told is not None
    assert told.stories == 1


async def test_a_replay_that_was_stopped_goes_on_behind_what_it_kept(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrospect, "BATCH", 2)
    for number in range(7):
        await archive.keeps(f"Report {number} from Basra.", ago=DAY)
    await archive.rule("South", "basra")

    def stops(what: str, done: int, total: int) -> None:
        assert (what, total) == ("looking back", 7)
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await replay(archive.db, await the_rule(archive.db), days=9, alert=False, progress=stops)
    assert await rows(archive.db, "SELECT count(*) FROM match") == [(4,)]
    done = await replayed(archive, days=9)

    assert (done.resumed_at, done.held, done.found, done.added) == (4, 7, 7, 7)


@pytest.mark.parametrize("change", ["query", "days", "age"])
async def test_what_is_asked_otherwise_or_much_later_begins_anew(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(retrospect, "BATCH", 1)
    await given_news(archive)

    def stops(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await replay(archive.db, await the_rule(archive.db), days=30, alert=False, progress=stops)
    if change == "query":
        await archive.rule("South", "basra OR kirkuk")
    if change == "age":
        async with archive.db.connection() as conn:
            await conn.execute("UPDATE replay SET touched_at = now() - interval '2 days'")
    done = await replayed(archive, days=29 if change == "days" else 30)

    assert (done.resumed_at, done.found) == (0, 4 if change == "query" else 3)


async def test_two_replays_at_once_record_each_match_once(archive: Archive) -> None:
    await given_news(archive)
    await a_desk(archive.db)

    both = await asyncio.gather(replayed(archive, alert=True), replayed(archive, alert=True))

    assert sum(one.added for one in both) == 3
    assert sum(one.told.stories for one in both if one.told) == 2
    assert await rows(archive.db, "SELECT count(*) FROM delivery") == [(2,)]


async def test_a_rule_about_volume_gets_its_past_and_alerts_nobody(archive: Archive) -> None:
    await given_news(archive)
    await a_desk(archive.db)
    await archive.rule("South", None, definition={"count": {"query": "basra", "at_least": 2, "within": "1h"}})

    done = await replayed(archive, alert=True)

    assert (done.found, done.told) == (3, None)
    assert await rows(archive.db, "SELECT * FROM alert") == []
