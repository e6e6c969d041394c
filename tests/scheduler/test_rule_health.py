"""Rules that fall silent, flood or are slow: said once, as incidents, and over by themselves."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from archive import Archive

from scheduler.rulehealth import tell_slow, watch_rules
from scheduler.rulestanding import standings
from storage.database import Database
from storage.incidents import Incident, list_incidents, list_open_incidents

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = 40 * DAY


@pytest.fixture
async def archive(db: Database) -> Archive:
    """A paper that brought sixty articles a day in two languages for a month."""
    archive = Archive(db=db)
    await archive.fills(days=30, a_day=60, langs=("en", "ar"))
    return archive


async def old_rule(archive: Archive, name: str, **more: object) -> int:
    id_ = await archive.rule(name, "basra", **more)
    async with archive.db.connection() as conn:
        await conn.execute("UPDATE rule SET changed_at = now() - %s WHERE id = %s", (LONG_AGO, id_))
    return id_


async def matched(
    archive: Archive, rule: int, *, every: timedelta, until: timedelta, replayed: bool = False
) -> None:
    """The rule met articles regularly for four weeks, the last time `until` ago."""
    async with archive.db.connection() as conn:
        await conn.execute(
            """
            INSERT INTO match (rule_id, article_id, score, lang, reasons, created_at, replayed)
            SELECT %(rule)s, a.id, 1, 'en', '[]', at, %(replayed)s
            FROM (SELECT at, row_number() OVER () AS n
                  FROM generate_series(now() - interval '28 days', now() - %(until)s::interval,
                                       %(every)s::interval) AS at) AS moments
            JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM article) AS a USING (n)
            """,
            {"rule": rule, "every": every, "until": until, "replayed": replayed},
        )


async def alerted(archive: Archive, rule: int, counts: Sequence[int]) -> None:
    """The rule alerted so often in the last 24 hours, in those before, and so on."""
    async with archive.db.connection() as conn:
        await conn.execute(
            """
            WITH moments AS (
                SELECT (row_number() OVER ()) AS n, now() - interval '1 day' * (ago - 0.5) AS at
                FROM unnest(%(counts)s::int[]) WITH ORDINALITY AS days(count, ago), generate_series(1, count)
            ), met AS (
                INSERT INTO match (rule_id, article_id, score, lang, reasons, created_at)
                SELECT %(rule)s, a.id, 1, 'en', '[]', now() FROM moments
                JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM article) AS a USING (n)
                RETURNING id, article_id
            )
            INSERT INTO alert (rule_id, story_id, match_id, kind, created_at)
            SELECT %(rule)s, sa.story_id, met.id, 'story', moments.at
            FROM met JOIN story_article sa USING (article_id)
            JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM article) AS a ON a.id = met.article_id
            JOIN moments USING (n)
            """,
            {"rule": rule, "counts": list(counts)},
        )


async def open_now(db: Database) -> dict[tuple[str, str], Incident]:
    async with db.connection() as conn:
        return {(one.kind, one.subject): one for one in await list_open_incidents(conn)}


async def test_a_rule_that_fell_silent_is_said_once_and_over_when_it_matches_again(archive: Archive) -> None:
    rule = await old_rule(archive, "Basra")
    await matched(archive, rule, every=2 * HOUR, until=3 * DAY)

    assert await watch_rules(archive.db) == 1
    [incident] = (await open_now(archive.db)).values()
    assert (incident.kind, incident.subject, incident.rules) == ("rule_silent", "rule:Basra", ("Basra",))
    assert "where about 2" in incident.detail
    assert "articles in its languages came since" in incident.detail

    assert await watch_rules(archive.db) == 1
    async with archive.db.connection() as conn:
        assert len(await list_incidents(conn, limit=9)) == 1
        await conn.execute("UPDATE match SET created_at = now() WHERE id = (SELECT max(id) FROM match)")

    assert await watch_rules(archive.db) == 0
    assert await open_now(archive.db) == {}


async def test_a_silence_goes_on_however_long_it_lasts(archive: Archive) -> None:
    rule = await old_rule(archive, "Basra")
    await matched(archive, rule, every=2 * HOUR, until=3 * DAY)
    await watch_rules(archive.db)

    async with archive.db.connection() as conn:  # as if a hundred days went by
        await conn.execute("UPDATE match SET created_at = created_at - interval '100 days'")
        await conn.execute("UPDATE incident SET since = since - interval '100 days'")
        await conn.execute("UPDATE rule SET changed_at = changed_at - interval '100 days'")

    assert await watch_rules(archive.db) == 1


async def test_a_rule_that_is_changed_or_switched_off_is_no_longer_silent(archive: Archive) -> None:
    for name in ("Basra", "Kirkuk"):
        await matched(archive, await old_rule(archive, name), every=2 * HOUR, until=3 * DAY)
    assert await watch_rules(archive.db) == 2

    await archive.rule("Basra", "basra OR zubair")
    await archive.rule("Kirkuk", "basra", enabled=False)

    assert await watch_rules(archive.db) == 0


async def test_what_is_steady_or_new_or_only_replayed_is_not_silent(archive: Archive) -> None:
    await matched(archive, await old_rule(archive, "Steady"), every=2 * HOUR, until=2 * HOUR)
    await matched(archive, await archive.rule("New", "basra"), every=2 * HOUR, until=3 * DAY)
    await matched(archive, await old_rule(archive, "Replayed"), every=2 * HOUR, until=3 * DAY, replayed=True)

    edited = await old_rule(archive, "Edited")
    await matched(archive, edited, every=2 * HOUR, until=3 * DAY)
    async with archive.db.connection() as conn:
        await conn.execute("UPDATE rule SET changed_at = now() - interval '10 days' WHERE id = %s", (edited,))

    assert await watch_rules(archive.db) == 0


async def test_what_a_replay_finds_does_not_end_a_silence_or_hide_one(archive: Archive) -> None:
    rule = await old_rule(archive, "Basra")
    await matched(archive, rule, every=2 * HOUR, until=3 * DAY)
    async with archive.db.connection() as conn:
        await conn.execute(
            "INSERT INTO match (rule_id, article_id, score, lang, reasons, replayed) "
            "SELECT %s, max(id), 1, 'en', '[]', true FROM article",
            (rule,),
        )

    assert await watch_rules(archive.db) == 1
    assert await watch_rules(archive.db) == 1


async def test_a_rule_is_not_silent_while_nothing_comes_in_its_languages(archive: Archive) -> None:
    for name, languages in (("Kurdish", ("ckb",)), ("Arabic", ("ar",))):
        await matched(
            archive, await old_rule(archive, name, languages=languages), every=2 * HOUR, until=3 * DAY
        )

    assert await watch_rules(archive.db) == 1
    assert set(await open_now(archive.db)) == {("rule_silent", "rule:Arabic")}


async def test_on_a_fresh_installation_nothing_is_said(db: Database) -> None:
    archive = Archive(db=db)
    rule = await archive.rule("Basra", "basra")
    await archive.fills(days=2, a_day=300)
    await alerted(archive, rule, [300, 200])

    assert await watch_rules(db) == 0


async def test_a_rule_that_floods_is_said_and_over_when_the_day_is_calm(archive: Archive) -> None:
    await alerted(archive, await old_rule(archive, "Basra"), [90, *[4] * 27])

    assert await watch_rules(archive.db) == 1
    [incident] = (await open_now(archive.db)).values()
    assert (incident.kind, incident.subject) == ("rule_flooding", "rule:Basra")
    assert incident.detail.startswith("90 alerts within a day, where 3.9 are usual")

    async with archive.db.connection() as conn:
        await conn.execute("UPDATE alert SET created_at = created_at - interval '1 day'")
    assert await watch_rules(archive.db) == 0


async def test_a_slow_rule_is_named_for_a_day(archive: Archive) -> None:
    await old_rule(archive, "Slow")
    await tell_slow(archive.db, ["Slow"])
    await tell_slow(archive.db, ["Slow"])

    assert set(await open_now(archive.db)) == {("rule_slow", "rule:Slow")}
    assert await watch_rules(archive.db) == 1

    async with archive.db.connection() as conn:
        await conn.execute("UPDATE incident SET opened_at = opened_at - interval '25 hours'")
    assert await watch_rules(archive.db) == 0


async def test_every_rule_says_how_it_stands(archive: Archive) -> None:
    await matched(archive, await old_rule(archive, "Silent"), every=2 * HOUR, until=3 * DAY)
    await matched(archive, await old_rule(archive, "Well"), every=2 * HOUR, until=2 * HOUR)
    await old_rule(archive, "Never")
    await old_rule(archive, "Kurdish", languages=("ckb",))
    await archive.rule("Young", "basra")
    await old_rule(archive, "Off", enabled=False)
    await matched(archive, await archive.rule("Edited", "basra"), every=12 * HOUR, until=20 * DAY)
    async with archive.db.connection() as conn:
        await conn.execute("UPDATE rule SET changed_at = now() - interval '10 days' WHERE name = 'Edited'")
    await watch_rules(archive.db)

    found = {one.activity.name: one for one in await standings(archive.db, datetime.now(UTC))}

    assert {name: one.state for name, one in found.items()} == {
        "Edited": "no match",
        "Kurdish": "new",
        "Never": "never matched",
        "Off": "off",
        "Silent": "silent",
        "Well": "well",
        "Young": "new",
    }
    assert found["Never"].why.startswith("not once in 28 days and ")
    assert (found["Well"].activity.day, found["Well"].activity.week) == (11, 83)
    assert found["Well"].activity.total > 300
