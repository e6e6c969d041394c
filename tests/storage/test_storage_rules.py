"""Rules, concepts and channels: what is applied again changes nothing, what changes is noticed."""

import asyncio

import pytest
from storage_world import given_alert, given_article, given_channel, given_rule, given_source

from storage.alerts import ack_alert, list_alerts, raise_once
from storage.channels import (
    ChannelSpec,
    disable_channel,
    enable_channel,
    get_channel,
    list_channels,
    put_channel,
    remove_channel,
)
from storage.database import Database
from storage.matches import NewMatch, keep_match
from storage.rules import (
    ConceptSpec,
    RuleSpec,
    list_concepts,
    list_rules,
    put_concept,
    put_rule,
    remove_concept,
    remove_rule,
    ruleset_version,
)
from storage.stories import StoryJoin, get_story, join_or_start, join_story

RULE = RuleSpec(
    name="unrest\x00",
    query=None,
    definition={"score": {"threshold": 30, "terms": {"الرصاص": 20, "nan": float("nan")}}},
    languages=("ar", "en"),
    severity="high",
    alert=("ops",),
)


async def test_a_rule_reads_back_as_it_was_written(db: Database) -> None:
    async with db.transaction() as conn:
        rule_id = await put_rule(conn, RULE, origin="file")
        [stored] = await list_rules(conn)

    assert (stored.id, stored.name, stored.origin, stored.languages) == (
        rule_id,
        "unrest",
        "file",
        ("ar", "en"),
    )
    assert stored.definition["score"]["terms"] == {"الرصاص": 20, "nan": None}


async def test_the_ruleset_version_grows_with_changes_and_with_nothing_else(db: Database) -> None:
    async with db.transaction() as conn:
        versions = [await ruleset_version(conn)]

        async def changes(done: object) -> bool:
            versions.append(await ruleset_version(conn))
            return versions[-1] > versions[-2]

        concept, channel = (
            ConceptSpec(name="c", terms={"en": ["x"]}),
            ChannelSpec(name="k", kind="email", settings={}),
        )
        assert await changes(await put_rule(conn, RULE, origin="file"))
        assert not await changes(await put_rule(conn, RULE, origin="file"))
        assert await changes(await put_rule(conn, RULE, origin="hand"))
        assert await changes(await put_concept(conn, concept, origin="file"))
        assert not await changes(await put_concept(conn, concept, origin="file"))
        assert await changes(await put_channel(conn, channel, origin="file"))
        assert not await changes(await put_channel(conn, channel, origin="file"))
        assert await changes(await remove_rule(conn, RULE.name))
        assert await changes(await put_rule(conn, RULE, origin="hand"))
        assert await changes(await remove_concept(conn, "c"))
        assert await changes(await remove_channel(conn, "k"))
        assert await list_concepts(conn) == await list_channels(conn) == []


async def test_a_change_is_seen_no_sooner_than_its_version(db: Database) -> None:
    async with db.connection() as watcher:
        before = await ruleset_version(watcher)
        async with db.transaction() as conn:
            await put_rule(conn, RULE, origin="file")
            assert (await ruleset_version(watcher), await list_rules(watcher)) == (before, [])

        assert await ruleset_version(watcher) > before
        assert len(await list_rules(watcher)) == 1


async def test_a_removed_rule_that_comes_back_keeps_its_id_and_its_past(db: Database) -> None:
    async with db.transaction() as conn:
        alert = await given_alert(conn)
        rule = await given_rule(conn)
        assert await remove_rule(conn, "militia")
        assert not await remove_rule(conn, "militia")
        assert await list_rules(conn) == []
        assert [row.id for row in await list_alerts(conn)] == [alert]

        assert await given_rule(conn) == rule


async def test_the_same_settings_do_not_open_a_disabled_channel_but_others_do(db: Database) -> None:
    async with db.transaction() as conn:
        channel = await given_channel(conn)
        assert await disable_channel(conn, channel, "410 Gone")
        assert not await disable_channel(conn, channel, "later reason")
        await given_channel(conn)
        assert [one.disabled_reason for one in await list_channels(conn)] == ["410 Gone"]

        await put_channel(conn, ChannelSpec(name="ops", kind="webhook", settings={"url": "y"}), origin="test")
        stored = await get_channel(conn, channel)
        assert stored is not None
        assert stored.disabled_reason is None
        assert not await enable_channel(conn, channel)


async def test_a_rule_and_an_article_meet_once_and_reasons_are_filled_in(db: Database) -> None:
    async with db.transaction() as conn:
        rule, kept = await given_rule(conn), await given_article(conn, await given_source(conn))
        bare = NewMatch(rule_id=rule, article_id=kept.id, score=float("nan"), reasons=[])
        full = NewMatch(rule_id=rule, article_id=kept.id, score=3, reasons=[{"term": "x\x00", "start": 1}])
        other = NewMatch(rule_id=rule, article_id=kept.id, score=9, reasons=[{"term": "other"}])

        match = await keep_match(conn, bare)
        assert match is not None
        assert await keep_match(conn, full) is None
        assert await keep_match(conn, other) is None
        cursor = await conn.execute("SELECT id, score, reasons FROM match")
        assert await cursor.fetchall() == [(match, 3.0, [{"term": "x", "start": 1}])]


async def test_a_story_is_alerted_once_per_rule(db: Database) -> None:
    async with db.transaction() as conn:
        source, rule, other = (
            await given_source(conn),
            await given_rule(conn),
            await given_rule(conn, "other"),
        )
        one, two = await given_article(conn, source), await given_article(conn, source)
        story = (await join_or_start(conn, article_id=one.id, key=b"k" * 32, title="s", lang="en")).story_id
        assert await join_or_start(conn, article_id=two.id, key=b"k" * 32, title="s", lang="en") == StoryJoin(
            story_id=story, is_new=False
        )
        first = await keep_match(conn, NewMatch(rule_id=rule, article_id=one.id, reasons=[]))
        copy = await keep_match(conn, NewMatch(rule_id=rule, article_id=two.id, reasons=[]))
        third = await keep_match(conn, NewMatch(rule_id=other, article_id=two.id, reasons=[]))
        assert first
        assert copy
        assert third

        alert = await raise_once(conn, rule_id=rule, story_id=story, match_id=first)
        assert alert is not None
        assert await raise_once(conn, rule_id=rule, story_id=story, match_id=copy) is None
        assert (
            await raise_once(conn, rule_id=other, story_id=story, match_id=third, kind="summary") is not None
        )
        assert [row.rule for row in await list_alerts(conn)] == ["other", "militia"]
        assert [row.id for row in await list_alerts(conn, rule="militia")] == [alert]
        assert await ack_alert(conn, alert, "Amal")
        assert not await ack_alert(conn, alert, "Bassem")
        assert [row.acked_by for row in await list_alerts(conn, rule="militia")] == ["Amal"]


async def test_collectors_with_the_same_fingerprint_start_one_story(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        ids = [(await given_article(conn, source)).id for _ in range(6)]

    async def join(article_id: int) -> StoryJoin:
        async with db.transaction() as conn:
            return await join_or_start(conn, article_id=article_id, key=b"k" * 32, title="s", lang="en")

    joins = await asyncio.gather(*(join(article_id) for article_id in ids))
    assert len({join.story_id for join in joins}) == 1
    assert sum(join.is_new for join in joins) == 1
    async with db.connection() as conn:
        story = await get_story(conn, joins[0].story_id)
    assert story is not None
    assert (story.articles, story.outlets) == (6, 1)


async def test_an_article_joins_one_story_and_a_headline_of_last_week_starts_anew(db: Database) -> None:
    async with db.transaction() as conn:
        source = await given_source(conn)
        one, two = await given_article(conn, source), await given_article(conn, source)
        old = await join_or_start(conn, article_id=one.id, key=b"k" * 32, title="Weather", lang="en")
        assert (
            await join_or_start(conn, article_id=one.id, key=b"z" * 32, title="x", lang="en")
        ) == StoryJoin(story_id=old.story_id, is_new=False)
        assert not await join_story(conn, article_id=one.id, story_id=old.story_id)
        await conn.execute("UPDATE story SET started_at = now() - interval '7 days'")

        new = await join_or_start(conn, article_id=two.id, key=b"k" * 32, title="Weather", lang="en")
        assert new.is_new
        assert new.story_id != old.story_id


@pytest.mark.parametrize("title", ["\x00\ud800", "t" * 100_000, ""])
async def test_a_story_takes_any_title(db: Database, title: str) -> None:
    async with db.transaction() as conn:
        kept = await given_article(conn, await given_source(conn))
        joined = await join_or_start(conn, article_id=kept.id, key=b"k" * 32, title=title, lang="\x00")
        story = await get_story(conn, joined.story_id)

    assert story is not None
    assert story.lang == "und"
