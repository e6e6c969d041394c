"""Incidents on record: open once per kind and subject, brought up to date while they last, closed by name."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage_world import given_source

from storage.database import Database
from storage.incidents import (
    MAX_DETAIL_CHARS,
    MAX_RULES,
    NewIncident,
    close_incident,
    close_incidents,
    list_incidents,
    list_open_incidents,
    open_incident,
    open_incidents,
)

SINCE = datetime(2026, 11, 22, 6, 10, tzinfo=UTC)
DEAD = NewIncident(
    source_id=None,
    subject="paper",
    kind="dead",
    since=SINCE,
    detail="no answer",
    remedy="look at it",
    rules=("Basra", "Unrest"),
)


async def test_trouble_of_a_kind_is_open_once_per_subject_and_brought_up_to_date(db: Database) -> None:
    async with db.transaction() as conn:
        first = await open_incident(conn, DEAD)
        later = replace(DEAD, since=SINCE + timedelta(hours=1), detail="still none", rules=("Basra",))

        assert first is not None
        assert await open_incident(conn, DEAD) is None
        assert await open_incident(conn, later) is None
        [found] = await list_open_incidents(conn)

    assert (found.id, found.since, found.detail, found.rules) == (first, SINCE, "still none", ("Basra",))
    assert (found.closed_at, found.told_at, found.source_name) == (None, None, None)


async def test_of_many_that_open_the_same_trouble_at_once_one_does(db: Database) -> None:
    async def work() -> int | None:
        async with db.transaction() as conn:
            return await open_incident(conn, DEAD)

    opened = await asyncio.gather(*(work() for _ in range(6)))

    assert len([one for one in opened if one is not None]) == 1


async def test_other_kinds_and_other_subjects_are_incidents_of_their_own(db: Database) -> None:
    async with db.transaction() as conn:
        ids = await open_incidents(
            conn, [DEAD, replace(DEAD, kind="slow"), DEAD, replace(DEAD, subject="radio")]
        )

        assert [one is None for one in ids] == [False, False, True, False]
        assert len(await list_open_incidents(conn)) == 3
        assert [one.kind for one in await list_open_incidents(conn, subject="paper")] == ["dead", "slow"]


async def test_what_was_closed_can_open_again_as_another_incident(db: Database) -> None:
    async with db.transaction() as conn:
        first = await open_incident(conn, DEAD)

        assert await close_incident(conn, kind="dead", subject="paper")
        assert not await close_incident(conn, kind="dead", subject="paper")
        assert await list_open_incidents(conn) == []
        second = await open_incident(conn, DEAD)
        history = await list_incidents(conn, limit=10)

        assert [one.id for one in history] == [second, first]
        assert history[0].closed_at is None
        assert history[1].closed_at is not None
        assert [one.id for one in await list_incidents(conn, limit=10, before_id=second)] == [first]


async def test_only_the_named_kinds_of_the_named_subject_are_closed(db: Database) -> None:
    async with db.transaction() as conn:
        await open_incidents(
            conn,
            [DEAD, replace(DEAD, kind="slow"), replace(DEAD, kind="stale"), replace(DEAD, subject="radio")],
        )

        assert await close_incidents(conn, "paper", {"dead", "slow", "empty"}) == 2
        assert await close_incidents(conn, "paper", ()) == 0
        assert {(one.subject, one.kind) for one in await list_open_incidents(conn)} == {
            ("paper", "stale"),
            ("radio", "dead"),
        }


async def test_an_incident_of_a_source_names_it(db: Database) -> None:
    async with db.transaction() as conn:
        source_id = await given_source(conn, name="Paper of Basra")
        await open_incidents(conn, [replace(DEAD, source_id=source_id), replace(DEAD, subject="queue")])
        [found] = await list_open_incidents(conn, source_id=source_id)

    assert (found.source_name, found.source_url) == ("Paper of Basra", "https://news.example/feed")


async def test_what_strangers_wrote_is_cleaned_and_cut(db: Database) -> None:
    hostile = "\x00\x1b\ud800said" + "x" * 9000
    rules = tuple(f"rule {n}\x00" for n in range(MAX_RULES + 5))
    new = NewIncident(
        source_id=None,
        subject=hostile,
        kind="dead",
        since=datetime.max.replace(tzinfo=UTC),
        detail=hostile,
        remedy=hostile,
        rules=rules,
    )
    async with db.transaction() as conn:
        await open_incident(conn, new)
        [found] = await list_open_incidents(conn, subject=hostile)

        assert await close_incidents(conn, hostile, ("dead",)) == 1
    assert found.detail.startswith("saidx")
    assert len(found.detail) == MAX_DETAIL_CHARS
    assert len(found.rules) == MAX_RULES
    assert found.rules[0] == "rule 0"
    assert found.since <= found.opened_at
