"""Telling of incidents: one message per recipient and tick, none for a flicker, and never by the broken way."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import Means
from scheduler.courier import Courier, notice_of
from scheduler.incidents import FLAPPING, MOST_REOPENINGS, Telling, decide, tell_incidents
from scheduler.queue import Queue
from storage.alerts import list_alerts
from storage.channels import ChannelSpec, disable_channel, put_channel
from storage.database import Database
from storage.deliveries import (
    due_messages,
    lease_message,
    ledger_counts,
    list_attempts,
    list_deliveries,
    record_attempt,
    replay,
)
from storage.incidents import NewIncident, close_incidents, list_incidents, open_incident, open_incidents
from storage.sources import SourceSpec, put_source, source_key
from storage.telling import Untold, begin_telling, raise_openings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def queue(dsn: str) -> AsyncIterator[Queue]:
    """A queue whose wake-ups nobody answers: what is owed stands in the ledger."""

    async def ignore(message_id: str) -> None:
        del message_id

    async with Queue(dsn, ignore) as opened:
        yield opened


def trouble(subject: str = "paper", kind: str = "dead", **more: Any) -> NewIncident:
    values: dict[str, Any] = {
        "source_id": None,
        "since": NOW - timedelta(hours=3),
        "detail": "no answer within 30 s",
        "remedy": "open it in a browser",
        "rules": ("Basra", "Unrest"),
        **more,
    }
    return NewIncident(subject=subject, kind=kind, **values)


async def given_desk(db: Database, name: str = "desk", *to: str, incidents: bool = False) -> int:
    settings = {"to": list(to or (f"{name}@example.org",))}
    async with db.transaction() as conn:
        spec = ChannelSpec(name=name, kind="email", settings=settings, incidents=incidents)
        return await put_channel(conn, spec, origin="test")


async def opens(db: Database, *new: NewIncident) -> None:
    async with db.transaction() as conn:
        await open_incidents(conn, new or [trouble()])


async def closes(db: Database, subject: str = "paper", kind: str = "dead") -> None:
    async with db.transaction() as conn:
        assert await close_incidents(conn, subject, (kind,)) == 1


async def time_passes(db: Database, span: timedelta) -> None:
    """Everything on record about incidents happened that much earlier."""
    async with db.transaction() as conn:
        await conn.execute(
            """
            UPDATE incident SET opened_at = opened_at - %(span)s, closed_at = closed_at - %(span)s,
                told_at = told_at - %(span)s, settled_at = settled_at - %(span)s
            """,
            {"span": span},
        )
        await conn.execute("UPDATE alert SET created_at = created_at - %(span)s", {"span": span})


async def told(db: Database) -> dict[str, dict[str, set[str]]]:
    """What each recipient is owed, message by message: kinds of alert and what they are about."""
    found: dict[str, dict[str, set[str]]] = {}
    async with db.connection() as conn:
        for row in await list_deliveries(conn, limit=10_000):
            messages = found.setdefault(row.recipient, {})
            messages.setdefault(row.message_id, set()).add(f"{row.kind} {row.about}")
    return found


async def said(db: Database, recipient: str = "desk@example.org") -> list[set[str]]:
    """The messages to one recipient, in order."""
    return list(reversed((await told(db)).get(recipient, {}).values()))


async def test_all_that_opened_is_one_message_to_each_recipient(db: Database, queue: Queue) -> None:
    await given_desk(db, "desk", "a@example.org", "b@example.org")
    await given_desk(db, "night", "a@example.org")
    await opens(db, trouble("paper"), trouble("radio"), trouble("radio", "slow"))

    assert await tell_incidents(db, queue) == 3
    assert await tell_incidents(db, queue) == 0

    everything = {"incident dead: paper", "incident dead: radio", "incident slow: radio"}
    assert {to: list(messages.values()) for to, messages in (await told(db)).items()} == {
        "a@example.org": [everything],
        "b@example.org": [everything],
    }


async def test_of_processes_that_tick_at_once_one_tells_and_nobody_gets_two_messages(
    db: Database, queue: Queue
) -> None:
    await given_desk(db)
    await opens(db, *(trouble(f"source {n}") for n in range(300)))

    counts = await asyncio.gather(*(tell_incidents(db, queue) for _ in range(5)))

    assert sum(counts) == 300
    [message] = await said(db)
    assert len(message) == 300


async def test_while_one_process_tells_no_other_does(db: Database, queue: Queue) -> None:
    await given_desk(db)
    await opens(db)

    async with db.transaction() as conn:
        assert await begin_telling(conn)
        assert await tell_incidents(db, queue) == 0
    assert await tell_incidents(db, queue) == 1


async def test_an_incident_is_raised_once_even_when_it_is_told_twice(db: Database) -> None:
    async with db.transaction() as conn:
        incident_id = await open_incident(conn, trouble())
        assert incident_id is not None

        assert len(await raise_openings(conn, [incident_id])) == 1
        assert await raise_openings(conn, [incident_id]) == []
        assert len(await list_alerts(conn)) == 1


async def test_a_telling_that_fails_is_done_again_whole(db: Database, queue: Queue) -> None:
    await given_desk(db)
    await opens(db)

    class Torn(Queue):
        async def wake(self, conn: Any, wakes: Any) -> None:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await tell_incidents(db, Torn(db.dsn, queue.wake))  # type: ignore[arg-type]

    assert await said(db) == []
    assert await tell_incidents(db, queue) == 1
    assert len(await said(db)) == 1


async def test_channels_that_ask_for_incidents_are_told_and_no_others(db: Database, queue: Queue) -> None:
    await given_desk(db, "desk")
    await given_desk(db, "ops", incidents=True)
    await opens(db)

    await tell_incidents(db, queue)

    assert set(await told(db)) == {"ops@example.org"}


async def test_a_channel_in_trouble_is_told_of_by_the_others(db: Database, queue: Queue) -> None:
    await given_desk(db, "desk")
    await given_desk(db, "night")
    await opens(db, trouble("channel:desk", "channel"), trouble("paper"))

    await tell_incidents(db, queue)

    assert await said(db, "desk@example.org") == [{"incident dead: paper"}]
    assert await said(db, "night@example.org") == [{"incident channel: channel:desk", "incident dead: paper"}]


async def test_when_the_only_channel_that_asked_is_in_trouble_the_rest_are_told(
    db: Database, queue: Queue
) -> None:
    await given_desk(db, "desk")
    await given_desk(db, "ops", incidents=True)
    await opens(db, trouble("channel:ops", "channel"), trouble("paper"))

    await tell_incidents(db, queue)

    assert await said(db, "ops@example.org") == [{"incident dead: paper"}]
    assert await said(db, "desk@example.org") == [{"incident channel: channel:ops"}]


async def test_what_nobody_can_be_told_of_is_told_as_soon_as_somebody_can(db: Database, queue: Queue) -> None:
    desk = await given_desk(db)
    async with db.transaction() as conn:
        await disable_channel(conn, desk, "410")
    await opens(db)
    assert await tell_incidents(db, queue) == 0

    await given_desk(db, "night")

    assert await tell_incidents(db, queue) == 1
    assert await said(db, "night@example.org") == [{"incident dead: paper"}]


async def test_a_channel_that_cannot_be_read_does_not_silence_the_others(db: Database, queue: Queue) -> None:
    async with db.transaction() as conn:
        broken = ChannelSpec(name="a", kind="fax", settings={})
        await put_channel(conn, broken, origin="test")
    await given_desk(db)
    await opens(db)

    assert await tell_incidents(db, queue) == 1


async def test_what_was_told_is_told_to_be_over_once(db: Database, queue: Queue) -> None:
    await given_desk(db)
    await opens(db)
    await tell_incidents(db, queue)
    await closes(db)

    assert await tell_incidents(db, queue) == 1
    assert await tell_incidents(db, queue) == 0
    assert await said(db) == [{"incident dead: paper"}, {"recovery dead: paper"}]


async def test_what_opened_and_closed_before_it_was_told_is_not_told(db: Database, queue: Queue) -> None:
    await given_desk(db)
    await opens(db)
    await closes(db)

    assert await tell_incidents(db, queue) == 0
    assert await said(db) == []


async def test_what_closes_and_opens_again_between_two_ticks_is_still_what_was_told(
    db: Database, queue: Queue
) -> None:
    await given_desk(db)
    await opens(db)
    await tell_incidents(db, queue)
    await closes(db)
    await opens(db)

    assert await tell_incidents(db, queue) == 0
    await closes(db)
    assert await tell_incidents(db, queue) == 1
    assert await said(db) == [{"incident dead: paper"}, {"recovery dead: paper"}]


async def test_what_flaps_is_told_once_an_hour_with_the_count(db: Database, queue: Queue) -> None:
    await given_desk(db)
    for _ in range(12):  # open for five minutes, well for five, over two hours
        await opens(db)
        await tell_incidents(db, queue)
        await time_passes(db, 5 * MINUTE)
        await closes(db)
        await tell_incidents(db, queue)
        await time_passes(db, 5 * MINUTE)

    async with db.connection() as conn:
        raised = await list_alerts(conn, limit=100)
    openings = [alert.created_at for alert in raised if alert.kind == "incident"]
    assert len(openings) == MOST_REOPENINGS + 2 + 1, "each of the first five, then one an hour"
    [last, before, *_] = openings
    assert last - before >= FLAPPING - MINUTE
    async with db.transaction() as conn:
        flapping = (await list_deliveries(conn, alert_id=raised[0].id))[0]
        leased = await lease_message(conn, flapping.message_id, lease=MINUTE)
    assert leased is not None
    assert leased.incidents is not None
    assert leased.incidents.items[0].times > MOST_REOPENINGS


async def test_the_end_of_what_flapped_is_told_once_for_all_of_it(db: Database, queue: Queue) -> None:
    await given_desk(db)
    await opens(db)
    await tell_incidents(db, queue)
    for _ in range(MOST_REOPENINGS + 1):  # between two ticks
        await closes(db)
        await opens(db)
    assert await tell_incidents(db, queue) == 1, "that it flaps"
    await closes(db)
    await time_passes(db, FLAPPING + MINUTE)

    assert await tell_incidents(db, queue) == 1
    assert await tell_incidents(db, queue) == 0
    assert [kind for message in await said(db) for kind in message] == [
        "incident dead: paper",
        "incident dead: paper",
        "recovery dead: paper",
    ]


async def test_after_the_flapping_people_know_how_it_stands(db: Database, queue: Queue) -> None:
    await given_desk(db)
    for _ in range(8):
        await opens(db)
        await tell_incidents(db, queue)
        await closes(db)
        await tell_incidents(db, queue)
    held = len(await said(db))

    await time_passes(db, FLAPPING + MINUTE)
    await tell_incidents(db, queue)

    messages = await said(db)
    assert len(messages) == held + 1
    assert messages[-1] == {"recovery dead: paper"}


async def test_what_opens_soon_after_a_telling_waits_and_gathers(db: Database, queue: Queue) -> None:
    await given_desk(db)
    await opens(db)
    await tell_incidents(db, queue, pause=5 * MINUTE)
    await opens(db, trouble("radio"))
    await tell_incidents(db, queue, pause=5 * MINUTE)
    await opens(db, trouble("tv"))
    assert await tell_incidents(db, queue, pause=5 * MINUTE) == 0

    await time_passes(db, 6 * MINUTE)

    assert await tell_incidents(db, queue, pause=5 * MINUTE) == 2
    assert await said(db) == [{"incident dead: paper"}, {"incident dead: radio", "incident dead: tv"}]


@pytest.mark.parametrize(
    ("changes", "way"),
    [
        ({}, Telling.TELL),
        ({"believed": True}, Telling.TAKE_OVER),
        ({"opened": [NOW] * 5}, Telling.TELL),
        ({"opened": [NOW] * 5, "believed": True}, Telling.TELL),
        ({"opened": [NOW - MINUTE] * 5, "last_told_at": NOW - MINUTE}, Telling.HOLD),
        ({"opened": [NOW - MINUTE] * 5, "last_told_at": NOW - 2 * MINUTE}, Telling.TELL),
        ({"opened": [NOW - MINUTE] * 4, "last_told_at": NOW - MINUTE}, Telling.TELL),
        ({"opened": [NOW - 2 * FLAPPING] * 9}, Telling.TELL),
        ({"is_open": False}, Telling.SETTLE),
        ({"is_open": False, "was_told": True}, Telling.TELL),
        ({"is_open": False, "was_told": True, "back": True}, Telling.HOLD),
        ({"is_open": False, "was_told": True, "opened": [NOW] * 5, "last_told_at": NOW}, Telling.HOLD),
        ({"is_open": False, "was_told": True, "opened": [NOW] * 5}, Telling.TELL),
    ],
)
def test_each_incident_goes_its_way(changes: dict[str, Any], way: Telling) -> None:
    values: dict[str, Any] = {
        "id": 1,
        "kind": "dead",
        "subject": "paper",
        "is_open": True,
        "was_told": False,
        "opened": [NOW],
        "last_told_at": None,
        "believed": False,
        "back": False,
        **changes,
    }

    assert decide(Untold(**values), NOW) is way


async def given_file(db: Database, path: Path) -> None:
    async with db.transaction() as conn:
        spec = ChannelSpec(name="file", kind="file", settings={"path": str(path)})
        await put_channel(conn, spec, origin="test")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_an_incident_arrives_as_an_alert_that_names_the_blind_rules(
    dsn: str, db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "alerts.jsonl"
    await given_file(db, path)
    async with db.transaction() as conn:
        url = "https://paper.example/feed"
        spec = SourceSpec(key=source_key(url), name="Paper", url=url, every=5 * MINUTE)
        source_id = await put_source(conn, spec, origin="test")
        await open_incident(conn, trouble(spec.key, "blocked", source_id=source_id))
        await open_incident(conn, trouble("queue", "queue", rules=()))
    courier, delivered = Courier(db, Means()), asyncio.Event()

    async def deliver(message_id: str) -> None:
        await courier.deliver(message_id)
        delivered.set()

    async with Queue(dsn, deliver) as queue:
        worker = asyncio.create_task(queue.work(concurrency=1))
        await tell_incidents(db, queue)
        await asyncio.wait_for(delivered.wait(), 20)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)

    [line] = lines(path)
    assert (line["type"], line["items"], line["total"]) == ("alert.incident", [], 2)
    held_up, blocked = line["incidents"]
    assert (blocked["name"], blocked["kind"], blocked["state"]) == ("Paper", "blocked", "opened")
    assert (blocked["blind_rules"], blocked["since"]) == (["Basra", "Unrest"], "2026-11-22T09:00:00Z")
    assert (held_up["name"], held_up["source"], held_up["blind_total"]) == ("queue", False, 0)
    assert (line["trouble"]["sources"], line["trouble"]["parts"]) == (1, 1)
    assert line["trouble"]["blind_rules"] == ["Basra", "Unrest"]


async def test_a_message_of_incidents_keeps_the_ledgers_promises(
    db: Database, queue: Queue, tmp_path: Path
) -> None:
    path = tmp_path / "alerts.jsonl"
    await given_file(db, path)
    await opens(db)
    await tell_incidents(db, queue)
    async with db.transaction() as conn:
        [message_id] = await due_messages(conn, limit=9)
        slow = await lease_message(conn, message_id, lease=timedelta(0))  # as if killed while sending
    assert slow is not None

    courier = Courier(db, Means())
    await asyncio.gather(*(courier.deliver(message_id) for _ in range(5)))

    async with db.transaction() as conn:
        assert not await record_attempt(conn, slow, outcome="dead", detail="late", started_at=NOW)
        assert (await ledger_counts(conn))["delivered"] == 1
        assert [attempt.accepted for attempt in await list_attempts(conn, message_id)] == [True, False]
        assert await replay(conn) == 0
    assert [line["id"] for line in lines(path)] == [message_id]


async def test_three_hundred_incidents_are_counted_and_the_first_ones_loaded(
    db: Database, queue: Queue
) -> None:
    await given_desk(db)
    many = [trouble(f"source {n}", rules=(f"rule {n % 90}",)) for n in range(250)]
    await opens(db, *many, *(trouble(f"source {n}", "slow", rules=()) for n in range(50)))
    await opens(db, trouble("wide", "blocked", rules=tuple(f"rule {n}" for n in range(400))))
    await tell_incidents(db, queue)

    async with db.transaction() as conn:
        [message_id] = await due_messages(conn, limit=9)
        leased = await lease_message(conn, message_id, lease=MINUTE)
    assert leased is not None
    notice = notice_of(leased)

    assert len(notice.troubles) == 200
    assert (notice.troubles[0].kind, notice.troubles[0].blind) == ("blocked", 400)
    assert notice.extent is not None
    assert [(tally.kind, tally.count) for tally in notice.extent.tallies] == [
        ("dead", 250),
        ("slow", 50),
        ("blocked", 1),
    ]
    assert (notice.extent.parts, notice.extent.blind_total) == (251, 400)
    assert len(notice.extent.blind) == 50


async def test_history_remembers_when_people_were_told(db: Database, queue: Queue) -> None:
    await given_desk(db)
    await opens(db)
    await tell_incidents(db, queue)
    await closes(db)
    await tell_incidents(db, queue)

    async with db.connection() as conn:
        [incident] = await list_incidents(conn, limit=10)
        recovery, opening = await list_alerts(conn)

    assert incident.told_at is not None
    assert incident.closed_at is not None
    assert incident.opened_at <= incident.told_at <= incident.closed_at
    assert (opening.kind, opening.trouble, opening.source, opening.rule) == (
        "incident",
        "dead",
        "paper",
        None,
    )
    assert (recovery.kind, recovery.deliveries) == ("recovery", {"due": 1})
