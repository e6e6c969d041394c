"""Volumes, coverage and episodes: stories counted once and in their window, and each episode told once."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from storage_world import given_article, given_rule, given_source

from storage.alerts import ack_alert, list_alerts
from storage.coverage import SLOT, blind_sources, note_coverage, source_languages, watched_slots
from storage.database import Conn, Database
from storage.episodes import (
    Telling,
    begin_episode,
    end_episode,
    keep_above,
    open_episodes,
    raise_telling,
    tell_again,
)
from storage.matches import NewMatch, keep_match
from storage.stories import join_or_start
from storage.telling import database_time
from storage.volumes import (
    Counted,
    begin_anew,
    count_stories,
    counted_since,
    languages_of,
    last_heard,
    leave_volume,
    list_standings,
    take_volume,
    top_stories,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TELLING = Telling(kind="count", number=1, figures={"count": 5}, detail="5 stories")


async def met(conn: Conn, rule_id: int, at: datetime, key: str, lang: str = "en", **more: object) -> int:
    """An article of this story that met the rule, first seen at this time."""
    source_id = await given_source(conn, f"https://{more.pop('paper', 'one')}.example/feed")
    kept = await given_article(conn, source_id, lang=lang, **more)
    await join_or_start(conn, article_id=kept.id, key=key.encode().ljust(32), title=key, lang=lang)
    match = await keep_match(conn, NewMatch(rule_id=rule_id, article_id=kept.id, lang=lang, reasons=[]))
    await conn.execute("UPDATE article SET first_seen = %s WHERE id = %s", (at, kept.id))
    await conn.execute("UPDATE match SET created_at = %s WHERE id = %s", (at, match))
    return kept.id


async def test_a_window_counts_stories_and_not_copies_by_when_they_were_first_seen(db: Database) -> None:
    async with db.transaction() as conn:
        rule, other = await given_rule(conn), await given_rule(conn, "other")
        for _ in range(3):
            await met(conn, rule, NOW - HOUR, "copied")
        await met(conn, rule, NOW, "now", lang="ar")
        await met(conn, rule, NOW - 25 * HOUR, "yesterday")
        await met(conn, rule, NOW - 26 * HOUR, "copied")
        await met(conn, rule, NOW - HOUR, "archive", fresh=False)
        await met(conn, rule, NOW + HOUR, "later")
        await met(conn, rule, NOW - 49 * HOUR, "long ago")
        await met(conn, other, NOW - HOUR, "of another rule")

        whole = await count_stories(conn, rule, now=NOW, window=DAY, windows=2)
        parts = await count_stories(conn, rule, now=NOW, window=DAY, windows=1, by_language=True)

    assert whole == [Counted(ago=0, part="", stories=2), Counted(ago=1, part="", stories=2)]
    assert parts == [Counted(ago=0, part="ar", stories=1), Counted(ago=0, part="en", stories=1)]


async def test_the_top_stories_are_those_that_most_outlets_carry(db: Database) -> None:
    async with db.transaction() as conn:
        rule = await given_rule(conn)
        for n in range(4):
            await met(conn, rule, NOW - n * HOUR, f"small {n}")
        for paper in ("one", "two", "three"):
            await met(conn, rule, NOW - 5 * HOUR, "large", lang="ar", paper=paper)

        top = await top_stories(conn, rule, since=NOW - DAY, until=NOW, part="", limit=2)
        arabic = await top_stories(conn, rule, since=NOW - DAY, until=NOW, part="ar", limit=2)
        shares = await languages_of(conn, rule, since=NOW - DAY, until=NOW, part="")

    assert [(story.outlets, story.lang) for story in top] == [(3, "ar"), (1, "en")]
    assert top[1].first_seen == NOW
    assert [story.outlets for story in arabic] == [3]
    assert [(share.lang, share.stories) for share in shares] == [("en", 4), ("ar", 1)]


async def test_a_slot_is_watched_when_half_of_the_sources_of_the_languages_answer(db: Database) -> None:
    async with db.transaction() as conn:
        for n, (lang, status) in enumerate(
            [
                ("ar", "new"),
                ("ar", "unchanged"),
                ("ckb", "failed"),
                ("ckb", "new"),
                ("ckb", None),
                (None, "failed"),
            ]
        ):
            source = await given_source(conn, f"https://{n}.example/feed", lang=lang)
            await conn.execute(
                "UPDATE source SET last_status = %s, due_at = now() + interval '1 minute' WHERE id = %s",
                (status, source),
            )
        await note_coverage(conn, NOW)
        await note_coverage(conn, NOW + SLOT + timedelta(minutes=3))
        await conn.execute("UPDATE source SET due_at = now() - interval '1 day' WHERE lang = 'ar'")  # overdue
        await note_coverage(conn, NOW + 2 * SLOT)

        async def watched(*langs: str) -> list[datetime]:
            return await watched_slots(conn, langs=langs or None, since=NOW, until=NOW + DAY)

        assert await watched("ar") == [NOW, NOW + SLOT]  # the source without a language counts among them
        assert await watched("ckb") == []
        assert await watched() == [NOW, NOW + SLOT]
        assert await source_languages(conn) == ["ar", "ckb"]
        blind = await blind_sources(conn, langs=["ckb"])
        assert (blind.sources, blind.blind) == (4, 3)


async def test_coverage_is_forgotten_when_no_baseline_reaches_back_to_it(db: Database) -> None:
    async with db.transaction() as conn:
        await given_source(conn)
        for days in (0, 99, 200):
            await note_coverage(conn, NOW + days * DAY)
        cursor = await conn.execute("SELECT slot FROM coverage ORDER BY slot")
        assert [slot for (slot,) in await cursor.fetchall()] == [NOW + 200 * DAY]


async def test_a_rule_is_taken_by_one_process_at_a_time(db: Database) -> None:
    async with db.transaction() as conn:
        rule = await given_rule(conn)
        assert await take_volume(conn, rule, asks="a", now=NOW) is not None
    async with db.transaction() as first, db.transaction() as second:
        taken = await take_volume(first, rule, asks="b", now=NOW + HOUR)
        assert taken is not None
        assert (taken.asks, taken.since, taken.state) == ("a", NOW, "learn")
        assert await take_volume(second, rule, asks="b", now=NOW + HOUR) is None


async def test_what_is_asked_anew_is_learned_anew_and_a_replay_gives_the_past_back(db: Database) -> None:
    async with db.transaction() as conn:
        rule = await given_rule(conn)
        assert not await counted_since(conn, rule, NOW - DAY)
        await take_volume(conn, rule, asks="a", now=NOW)
        await begin_episode(conn, rule, part="", kind="count", now=NOW, told=5)
        await leave_volume(conn, rule, now=NOW, heard_at=NOW, state="rest", detail="d" * 9999)

        begun = await begin_anew(conn, rule, asks="b", now=NOW + HOUR)
        assert (begun.asks, begun.since, begun.heard_at, begun.state) == ("b", NOW + HOUR, None, "learn")
        assert await open_episodes(conn, rule) == []
        assert await counted_since(conn, rule, NOW - DAY)
        assert not await counted_since(conn, rule, NOW)
        [standing] = await list_standings(conn)
    assert (standing.rule, standing.since, standing.open) == ("militia", NOW - DAY, 0)
    assert len(standing.detail) <= 500


async def test_the_last_story_is_heard_also_when_it_is_matched_late(db: Database) -> None:
    async with db.transaction() as conn:
        rule = await given_rule(conn)
        await met(conn, rule, NOW - 8 * HOUR, "old")
        await met(conn, rule, NOW - timedelta(minutes=5), "just before")
        await met(conn, rule, NOW, "an archive", fresh=False)

        assert await last_heard(conn, rule, after=NOW, until=NOW) == NOW - timedelta(minutes=5)
        assert await last_heard(conn, rule, after=NOW + HOUR, until=NOW + HOUR) is None


async def test_an_episode_opens_once_and_each_telling_of_it_is_one_alert(db: Database) -> None:
    async with db.transaction() as conn:
        rule = await given_rule(conn)
        episode = await begin_episode(conn, rule, part="", kind="count", now=NOW, told=5)
        assert episode is not None
        assert await begin_episode(conn, rule, part="", kind="count", now=NOW, told=6) is None
        assert await begin_episode(conn, rule, part="ar", kind="count", now=NOW, told=6) is not None

        alert = await raise_telling(conn, rule, episode, TELLING)
        assert alert is not None
        assert await raise_telling(conn, rule, episode, TELLING) is None
        assert await tell_again(conn, episode, told=10) == 2
        await keep_above(conn, episode, now=NOW + HOUR)
        [whole, _] = await open_episodes(conn, rule)
        assert (whole.told, whole.tellings, whole.above_at) == (10, 2, NOW + HOUR)

        await end_episode(conn, episode, now=NOW + DAY)
        assert await begin_episode(conn, rule, part="", kind="count", now=NOW + DAY, told=7) is not None
        [row] = await list_alerts(conn, rule="militia")
        assert (row.kind, row.detail, row.source, row.story_id) == ("count", "5 stories", "", None)
        assert await ack_alert(conn, alert, "Amal")


async def test_an_alert_of_volume_has_figures_and_no_story(db: Database) -> None:
    async with db.transaction() as conn:
        rule = await given_rule(conn)
        await begin_episode(conn, rule, part="", kind="spike", now=await database_time(conn), told=5)

    with pytest.raises(psycopg.errors.CheckViolation):
        async with db.transaction() as conn:
            await conn.execute("INSERT INTO alert (rule_id, kind) VALUES (%s, 'spike')", (rule,))
