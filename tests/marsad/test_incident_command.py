"""What is wrong, seen from the command line: incidents, and the alerts and dead letters about them."""

from datetime import UTC, datetime, timedelta

import pytest
from command_line import CommandLine

from scheduler.incidents import tell_incidents
from scheduler.queue import Queue
from storage.channels import ChannelSpec, put_channel
from storage.database import Database
from storage.deliveries import due_messages, lease_message, record_attempt
from storage.incidents import NewIncident, close_incident, open_incident
from storage.sources import SourceSpec, put_source, source_key

SINCE = datetime(2026, 11, 22, 6, 10, tzinfo=UTC)
URL = "https://paper.example/feed"
MINUTE = timedelta(minutes=1)


async def given_trouble(dsn: str, db: Database) -> None:
    """A blocked source, of which the desk could not be told, and a queue that was held up for a while."""
    async with db.transaction() as conn:
        spec = SourceSpec(key=source_key(URL), name="Paper\tof Basra", url=URL, every=5 * MINUTE)
        source_id = await put_source(conn, spec, origin="test")
        blocked = NewIncident(
            source_id=source_id,
            subject=spec.key,
            kind="blocked",
            since=SINCE,
            detail="status 403:\na challenge page",
            remedy="visit it less often",
            rules=("Basra", "Unrest", "Water", "Oil", "Press"),
        )
        await open_incident(conn, blocked)
        desk = ChannelSpec(name="desk", kind="email", settings={"to": ["desk@example.org"]})
        await put_channel(conn, desk, origin="test")

    async def ignore(message_id: str) -> None:
        del message_id

    async with Queue(dsn, ignore) as queue:
        assert await tell_incidents(db, queue) == 1
    async with db.transaction() as conn:
        [message_id] = await due_messages(conn, limit=9)
        leased = await lease_message(conn, message_id, lease=MINUTE)
        assert leased is not None
        await record_attempt(conn, leased, outcome="dead", detail="550 no such user", started_at=SINCE)
        over = NewIncident(
            source_id=None, subject="queue", kind="queue", since=SINCE, detail="late", remedy="wait", rules=()
        )
        await open_incident(conn, over)
        await close_incident(conn, kind="queue", subject="queue")


async def test_open_incidents_are_listed_with_blind_rules_and_remedy(
    marsad: CommandLine, dsn: str, db: Database
) -> None:
    await given_trouble(dsn, db)

    shown = await marsad.beside("--dsn", dsn, "incident", "list")
    [row] = (await marsad.beside("--dsn", dsn, "incident", "list", "--json")).rows

    [line] = shown.out.splitlines()
    cells = line.split("\t")
    assert cells[:-1] == [
        "2026-11-22T06:10:00Z",
        "blocked",
        "Paper of Basra",
        "status 403: a challenge page",
        "Basra, Unrest, Water and 2 more",
        "visit it less often",
    ]
    assert (row["kind"], row["url"], row["since"]) == ("blocked", URL, "2026-11-22T06:10:00Z")
    assert (len(row["blind_rules"]), row["closed_at"]) == (5, None)
    assert row["told_at"] is not None


async def test_the_history_shows_what_is_over_too(marsad: CommandLine, dsn: str, db: Database) -> None:
    await given_trouble(dsn, db)

    shown = await marsad.beside("--dsn", dsn, "incident", "list", "--all")
    rows = (await marsad.beside("--dsn", dsn, "incident", "list", "--all", "--json", "--limit", "1")).rows

    assert [line.split("\t")[1] for line in shown.out.splitlines()] == ["queue", "blocked"]
    assert shown.out.splitlines()[0].split("\t")[4:7] == ["none", "wait", "no"]
    assert shown.out.splitlines()[1].endswith("\topen")
    assert [row["kind"] for row in rows] == ["queue"]
    assert rows[0]["closed_at"] is not None


async def test_alerts_and_dead_letters_of_incidents_are_shown_like_others(
    marsad: CommandLine, dsn: str, db: Database
) -> None:
    await given_trouble(dsn, db)

    alerts = await marsad.beside("--dsn", dsn, "alert", "list")
    [alert] = (await marsad.beside("--dsn", dsn, "alert", "list", "--json")).rows
    [letter] = (await marsad.beside("--dsn", dsn, "alert", "dead", "--json")).rows
    again = await marsad.beside("--dsn", dsn, "alert", "replay", letter["message_id"])

    [line] = alerts.out.splitlines()
    assert line.split("\t")[2:6] == [
        "(incident)",
        "blocked: status 403: a challenge page",
        "Paper of Basra",
        "1 dead",
    ]
    assert (alert["kind"], alert["rule"], alert["trouble"], alert["deliveries"]) == (
        "incident",
        None,
        "blocked",
        {"dead": 1},
    )
    assert (letter["kind"], letter["about"], letter["rule"]) == ("incident", "blocked: Paper\tof Basra", None)
    assert "1 message is due again" in again.out


@pytest.mark.parametrize("limit", ["0", "x"])
async def test_a_limit_that_is_none_is_wrong_usage(marsad: CommandLine, limit: str) -> None:
    ended = await marsad.beside("incident", "list", "--limit", limit)

    assert ended.code == 2
    assert "--limit" in ended.complaint
