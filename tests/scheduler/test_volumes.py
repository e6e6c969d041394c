"""Rules about volume, on a real database: told once when it begins, never of blind time, and nothing is lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from psycopg.sql import SQL, Literal

from alerts.channels import Means
from scheduler.courier import Courier
from scheduler.queue import Queue
from scheduler.ruleset import Rulebook, load_ruleset
from scheduler.volumes import weigh_volumes
from storage.alerts import AlertRow, list_alerts
from storage.articles import NewArticle, keep_article, url_key
from storage.channels import ChannelSpec, put_channel
from storage.coverage import SLOT
from storage.database import Database
from storage.deliveries import due_messages, list_deliveries
from storage.matches import NewMatch, keep_match
from storage.rules import RuleSpec, put_rule
from storage.sources import SourceSpec, put_source, source_key
from storage.stories import join_or_start
from storage.volumes import RuleStanding, counted_since, list_standings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
SPIKE = {"spike": {"query": "tahrir", "window": "1d", "baseline": "14d", "factor": 3, "min": 8}}
COUNT = {"count": {"query": "tahrir", "at_least": 5, "within": "1h"}}
ABSENCE = {"absence": {"query": "tahrir", "for": "6h"}}
_numbers = count(1)


class _Rules(Rulebook):
    """The rules as they stand in the database, with no reader to hand them to."""

    def __init__(self) -> None:
        pass

    async def read(self, db: Database) -> None:
        async with db.connection() as conn:
            self._current = await load_ruleset(conn)


@dataclass(kw_only=True)
class Desk:
    """A rule that counts, sources that answer, a file that hears; its clock is the test's."""

    db: Database
    queue: Queue
    path: Path
    rules: _Rules = field(default_factory=_Rules)
    rule_id: int = 0

    async def asks(self, definition: dict[str, Any], *languages: str) -> None:
        rule = RuleSpec(
            name="Tahrir",
            query=None,
            definition=definition,
            languages=languages,
            severity="high",
            alert=(),
        )
        async with self.db.transaction() as conn:
            self.rule_id = await put_rule(conn, rule, origin="test")
        await self.rules.read(self.db)

    async def has_sources(self, *langs: str) -> None:
        for lang in langs:
            url = f"https://{next(_numbers)}.example/feed"
            source = SourceSpec(key=source_key(url), name=f"Paper {lang}", url=url, every=HOUR, lang=lang)
            async with self.db.transaction() as conn:
                await put_source(conn, source, origin="test")
                await conn.execute(
                    "UPDATE source SET last_status = 'new', due_at = now() + interval '1 hour' WHERE url = %s",
                    (url,),
                )

    async def fails(self, lang: str) -> None:
        async with self.db.transaction() as conn:
            await conn.execute("UPDATE source SET last_status = 'failed' WHERE lang = %s", (lang,))

    async def was_watched(self, since: datetime, until: datetime, *langs: str) -> None:
        async with self.db.transaction() as conn:
            await conn.execute(
                """
                INSERT INTO coverage (slot, lang, sources, seeing)
                SELECT slot, lang, 1, 1
                FROM generate_series(%s::timestamptz, %s, %s::interval) AS slot, unnest(%s::text[]) AS lang
                ON CONFLICT (slot, lang) DO UPDATE SET seeing = 1
                """,
                (since, until - SLOT, SLOT, list(langs or ("ar", "en"))),
            )

    async def passes(self, since: datetime, until: datetime) -> None:
        """The time went by, watched, and the rule was looked at meanwhile."""
        await self.was_watched(since, until)
        async with self.db.transaction() as conn:
            await conn.execute("UPDATE volume SET looked_at = %s", (until,))

    async def hears(self, *at: datetime, lang: str = "en", copies: int = 1, **more: Any) -> None:
        """So many stories that met the rule, each carried by `copies` articles of the first source."""
        async with self.db.transaction() as conn:
            for moment in at:
                key = f"story {next(_numbers)}".encode().ljust(32)
                for _ in range(copies):
                    await self._one(conn, moment, key, lang, more)

    async def _one(self, conn: Any, moment: datetime, key: bytes, lang: str, more: dict[str, Any]) -> None:
        url = f"https://paper.example/{next(_numbers)}"
        cursor = await conn.execute("SELECT min(id) FROM source")
        [source_id] = await cursor.fetchone()
        article = NewArticle(
            source_id=source_id, url_key=url_key(url), url=url, title=f"Tahrir {url[-4:]}", lang=lang, **more
        )
        kept = await keep_article(conn, article)
        await join_or_start(conn, article_id=kept.id, key=key, title=article.title, lang=lang)
        match = await keep_match(
            conn, NewMatch(rule_id=self.rule_id, article_id=kept.id, lang=lang, reasons=[])
        )
        await conn.execute("UPDATE article SET first_seen = %s WHERE id = %s", (moment, kept.id))
        await conn.execute("UPDATE match SET created_at = %s WHERE id = %s", (moment, match))

    async def weighs(self, now: datetime = NOW) -> int:
        return await weigh_volumes(self.db, self.queue, self.rules, now=now)

    async def learned(self, days: int = 15, *, a_day: int = 3, until: datetime = NOW - DAY) -> None:
        """Days of watching with as many stories each."""
        await self.weighs(until - days * DAY)
        async with self.db.transaction() as conn:
            await counted_since(conn, self.rule_id, until - days * DAY)
        await self.passes(until - days * DAY, until)
        for day in range(days):
            await self.hears(*(until - day * DAY - (n + 1) * 4 * HOUR for n in range(a_day)))

    async def standing(self) -> RuleStanding:
        async with self.db.connection() as conn:
            [standing] = await list_standings(conn)
        return standing

    async def alerts(self) -> list[AlertRow]:
        async with self.db.connection() as conn:
            return list(reversed(await list_alerts(conn)))

    async def told(self) -> list[dict[str, Any]]:
        """What the file has heard, all due messages delivered."""
        courier = Courier(self.db, Means())
        async with self.db.connection() as conn:
            due = await due_messages(conn, limit=100)
        for message in due:
            await courier.deliver(message)
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []


@pytest.fixture
async def desk(db: Database, dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async def ignore(message_id: str) -> None:
        del message_id

    path = tmp_path / "alerts.jsonl"
    async with db.transaction() as conn:
        await put_channel(
            conn, ChannelSpec(name="file", kind="file", settings={"path": str(path)}), origin="test"
        )
    async with Queue(dsn, ignore) as queue:
        made = Desk(db=db, queue=queue, path=path)
        await made.has_sources("en", "ar")
        yield made


def spread(number: int, *, within: timedelta = 8 * HOUR, until: datetime = NOW) -> Sequence[datetime]:
    return [until - within * (n + 1) / (number + 1) for n in range(number)]


async def test_a_spike_is_told_once_with_its_numbers_its_past_and_its_stories(desk: Desk) -> None:
    await desk.asks(SPIKE)
    await desk.learned()
    await desk.passes(NOW - DAY, NOW)
    assert await desk.weighs(NOW - HOUR) == 0
    await desk.hears(*spread(10), copies=2)
    await desk.hears(*spread(4), lang="ar")

    assert [await desk.weighs(NOW + n * timedelta(minutes=1)) for n in range(3)] == [1, 0, 0]

    [alert] = await desk.alerts()
    assert (alert.kind, alert.rule, alert.story_title) == ("spike", "Tahrir", None)
    assert alert.detail is not None
    assert alert.detail.startswith("14 stories in 1d, usually 3 (at this time of the week 3)")
    [line] = await desk.told()
    [volume] = line["volumes"]
    assert (line["type"], line["items"], line["total"]) == ("alert.volume", [], 1)
    assert (volume["kind"], volume["count"], volume["usual"], volume["severity"]) == (
        "spike",
        14,
        3.0,
        "high",
    )
    assert volume["languages"] == [{"lang": "en", "count": 10}, {"lang": "ar", "count": 4}]
    assert len(volume["stories"]) == 5
    assert [span["count"] for span in volume["history"]] == [3] * 14 + [14]
    assert (volume["blind_total"], volume["sources_total"]) == (0, 2)


async def test_a_surge_is_told_again_when_it_doubles_and_ends_before_it_is_told_anew(desk: Desk) -> None:
    await desk.asks(SPIKE)
    await desk.learned()
    await desk.passes(NOW - DAY, NOW)
    await desk.hears(*spread(14))
    assert await desk.weighs() == 1

    later = NOW + 2 * HOUR
    await desk.hears(*spread(20, within=HOUR, until=later))
    assert await desk.weighs(later) == 1
    await desk.hears(*spread(40, within=HOUR, until=later + HOUR))
    assert await desk.weighs(later + HOUR) == 0
    await desk.passes(NOW, NOW + 2 * DAY)
    assert await desk.weighs(NOW + 2 * DAY) == 0
    assert (await desk.standing()).open == 0
    assert [alert.kind for alert in await desk.alerts()] == ["spike", "spike"]
    first, second = await desk.told()
    assert (first["volumes"][0]["told_before"], second["volumes"][0]["told_before"]) == (None, 14)


async def test_a_spike_learns_first_and_says_so(desk: Desk) -> None:
    await desk.asks(SPIKE)
    await desk.learned(3)
    await desk.passes(NOW - DAY, NOW)
    await desk.hears(*spread(30))

    assert await desk.weighs() == 0
    assert (await desk.standing()).detail == "learning what is usual: watched for 3.0 of 7.0 days"


async def test_what_a_first_look_brings_is_no_spike(desk: Desk) -> None:
    await desk.asks(SPIKE)
    await desk.learned()
    await desk.passes(NOW - DAY, NOW)
    await desk.hears(*spread(30), fresh=False)

    assert await desk.weighs() == 0


async def test_days_in_which_nobody_looked_are_not_days_without_stories(desk: Desk) -> None:
    await desk.asks(SPIKE)
    await desk.learned(8, a_day=5)
    async with desk.db.transaction() as conn:  # the week before, the service was down
        await counted_since(conn, desk.rule_id, NOW - 15 * DAY)
    await desk.passes(NOW - DAY, NOW)
    await desk.hears(*spread(13))

    assert await desk.weighs() == 0
    assert "usually 5" in (await desk.standing()).detail


async def test_what_comes_in_at_once_after_an_outage_is_no_spike(desk: Desk) -> None:
    await desk.asks(SPIKE)
    await desk.learned(until=NOW - 3 * DAY)
    await desk.passes(NOW - 20 * HOUR, NOW)  # for more than two days before, the service was down
    await desk.hears(*spread(13))

    assert await desk.weighs() == 0
    assert "13 stories in 1d, usually 3" in (await desk.standing()).detail


async def test_a_rule_that_was_switched_off_learns_anew(desk: Desk) -> None:
    await desk.asks(SPIKE)
    await desk.learned()
    await desk.was_watched(NOW - DAY, NOW)  # by others: this rule was not looked at
    await desk.hears(*spread(30))

    assert await desk.weighs() == 0
    assert (await desk.standing()).since == NOW


async def test_languages_are_counted_each_for_itself(desk: Desk) -> None:
    await desk.asks({"spike": {**SPIKE["spike"], "per": "lang"}})
    await desk.learned(a_day=4)
    await desk.passes(NOW - DAY, NOW)
    await desk.hears(*spread(6))
    await desk.hears(*spread(9), lang="ar")

    assert await desk.weighs() == 1
    [line] = await desk.told()
    assert [(one["lang"], one["count"], one["usual"]) for one in line["volumes"]] == [("ar", 9, 0.0)]


async def test_so_many_stories_in_an_hour_are_told_once_and_copies_count_once(desk: Desk) -> None:
    await desk.asks(COUNT)
    await desk.hears(*spread(4, within=HOUR), copies=3)
    assert await desk.weighs() == 0

    await desk.hears(NOW)
    assert await desk.weighs() == 1
    assert await desk.weighs(NOW + timedelta(minutes=1)) == 0
    assert await desk.weighs(NOW + 2 * HOUR) == 0
    await desk.hears(*spread(5, within=HOUR, until=NOW + 4 * HOUR))
    assert await desk.weighs(NOW + 4 * HOUR) == 1
    assert [one["volumes"][0]["count"] for one in await desk.told()] == [5, 5]


async def test_a_silence_is_told_when_it_begins_and_again_only_after_something_came(desk: Desk) -> None:
    await desk.asks(ABSENCE)
    await desk.weighs(NOW - 10 * HOUR)
    await desk.was_watched(NOW - 10 * HOUR, NOW + 20 * HOUR)
    await desk.hears(NOW - 7 * HOUR)

    assert [await desk.weighs(NOW + n * HOUR) for n in range(-7, 2)] == [0, 0, 0, 0, 0, 0, 1, 0, 0]
    await desk.hears(NOW + 2 * HOUR)
    assert [await desk.weighs(NOW + n * HOUR) for n in range(2, 10)] == [0, 0, 0, 0, 0, 0, 1, 0]
    volumes = [line["volumes"][0] for line in await desk.told()]
    assert [(one["kind"], one["since"]) for one in volumes] == [
        ("absence", "2026-11-23T05:00:00Z"),
        ("absence", "2026-11-23T14:00:00Z"),
    ]


async def test_time_without_sight_is_not_silence(desk: Desk) -> None:
    await desk.asks(ABSENCE)
    await desk.weighs(NOW - 10 * HOUR)
    await desk.was_watched(NOW - 10 * HOUR, NOW - 7 * HOUR)  # then the service was down for seven hours

    assert await desk.weighs() == 0
    await desk.was_watched(NOW, NOW + 3 * HOUR)
    assert await desk.weighs(NOW + 2 * HOUR) == 0
    assert await desk.weighs(NOW + 3.1 * HOUR) == 1


async def test_sources_that_fail_make_no_silence_and_are_named_where_there_is_one(desk: Desk) -> None:
    await desk.asks(ABSENCE, "en", "ar")
    await desk.fails("ar")
    await desk.weighs(NOW - 8 * HOUR)
    await desk.was_watched(NOW - 8 * HOUR, NOW, "en")
    assert [await desk.weighs(NOW + n * HOUR) for n in range(-7, 1)] == [0, 0, 0, 0, 0, 1, 0, 0]

    [volume] = (await desk.told())[0]["volumes"]
    assert (volume["blind_sources"], volume["blind_total"], volume["sources_total"]) == (
        ["Paper ar"],
        1,
        2,
    )


async def test_blind_sources_of_its_languages_are_no_silence(desk: Desk) -> None:
    await desk.asks(ABSENCE, "ar")
    await desk.fails("ar")
    await desk.weighs(NOW - 8 * HOUR)
    await desk.was_watched(NOW - 8 * HOUR, NOW, "en")

    assert [await desk.weighs(NOW + n * HOUR) for n in range(-7, 1)] == [0] * 8
    assert "watched for 0" in (await desk.standing()).detail


async def test_a_rule_that_asks_something_else_learns_anew(desk: Desk) -> None:
    await desk.asks(COUNT)
    await desk.hears(*spread(5, within=HOUR))
    assert await desk.weighs() == 1

    await desk.asks({"count": {**COUNT["count"], "query": "basra"}})
    assert await desk.weighs(NOW + timedelta(minutes=1)) == 1
    standing = await desk.standing()
    assert (standing.since, standing.open) == (NOW + timedelta(minutes=1), 1)


async def test_processes_that_tick_at_once_tell_once(desk: Desk) -> None:
    await desk.asks(COUNT)
    await desk.hears(*spread(6, within=HOUR))

    raised = await asyncio.gather(*(desk.weighs() for _ in range(4)))

    assert sum(raised) == 1
    assert len(await desk.told()) == 1


async def test_a_rule_that_cannot_be_weighed_keeps_no_other_from_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.asks(COUNT)
    await desk.hears(*spread(6, within=HOUR))
    async with desk.db.transaction() as conn:
        broken = RuleSpec(
            name="A", query=None, definition=COUNT, languages=(), severity="low", alert=(), enabled=True
        )
        await put_rule(conn, broken, origin="test")
    await desk.rules.read(desk.db)
    async with desk.db.transaction() as conn:
        await conn.execute("UPDATE rule SET removed_at = now() WHERE name = 'A'")
        await conn.execute(SQL("ALTER TABLE volume ADD CHECK (rule_id = {})").format(Literal(desk.rule_id)))

    assert await desk.weighs() == 1


async def test_recipients_of_the_rules_channels_alone_are_owed(desk: Desk) -> None:
    await desk.asks(COUNT)
    await desk.hears(*spread(5, within=HOUR))
    await desk.weighs()

    async with desk.db.connection() as conn:
        rows = await list_deliveries(conn)
    assert [(row.kind, row.about, row.channel, row.state) for row in rows] == [
        ("count", "Tahrir", "file", "due")
    ]
