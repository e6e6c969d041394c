"""The sweeper and the courier: what the queue forgets the ledger remembers; who lost its lease records nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from alerts.channels import Means
from alerts.outcome import ChannelGone, Delivered, Refused, TryLater, Unknown
from scheduler.courier import Courier, judge
from scheduler.queue import Queue
from scheduler.sweeper import sweep
from storage.alerts import raise_once
from storage.articles import NewArticle, keep_article, url_key
from storage.channels import ChannelSpec, put_channel
from storage.database import Database
from storage.deliveries import lease_message, ledger_counts, owe, record_attempt
from storage.matches import NewMatch, keep_match
from storage.rules import RuleSpec, put_rule
from storage.sources import SourceSpec, put_source, source_key
from storage.stories import join_or_start

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://paper.example/1"


async def _owed(db: Database, file: Path) -> str:
    """One alert owed to a channel that writes into a file; no queue was told of it."""
    async with db.transaction() as conn:
        spec = SourceSpec(key=source_key(URL), name="Paper", url=URL, every=timedelta(minutes=5))
        source_id = await put_source(conn, spec, origin="test")
        kept = await keep_article(
            conn, NewArticle(source_id=source_id, url_key=url_key(URL), url=URL, title="Basra")
        )
        story = await join_or_start(conn, article_id=kept.id, key=b"k" * 32, title="Basra", lang="en")
        rule = RuleSpec(
            name="Basra", query="basra", definition={}, languages=(), severity="high", alert=(), enabled=True
        )
        rule_id = await put_rule(conn, rule, origin="test")
        match_id = await keep_match(conn, NewMatch(rule_id=rule_id, article_id=kept.id, reasons=[]))
        channel = ChannelSpec(name="file", kind="file", settings={"path": str(file)})
        channel_id = await put_channel(conn, channel, origin="test")
        assert match_id is not None
        alert_id = await raise_once(conn, rule_id=rule_id, story_id=story.story_id, match_id=match_id)
        assert alert_id is not None
        await owe(conn, alert_id=alert_id, channel_id=channel_id, recipient="file", message_id="m1")
    return "m1"


async def test_a_message_that_the_queue_never_heard_of_is_delivered(
    dsn: str, db: Database, tmp_path: Path
) -> None:
    await _owed(db, tmp_path / "alerts.jsonl")
    courier, delivered = Courier(db, Means()), asyncio.Event()

    async def deliver(message_id: str) -> None:
        await courier.deliver(message_id)
        delivered.set()

    async with Queue(dsn, deliver) as queue:
        worker = asyncio.create_task(queue.work(concurrency=1))
        assert await sweep(db, queue) == 1
        await asyncio.wait_for(delivered.wait(), 20)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        assert await sweep(db, queue) == 0

    assert len((tmp_path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()) == 1


async def test_a_message_delivered_once_is_not_delivered_again_however_often_it_is_woken(
    db: Database, tmp_path: Path
) -> None:
    message_id = await _owed(db, tmp_path / "alerts.jsonl")
    courier = Courier(db, Means())

    await asyncio.gather(*(courier.deliver(message_id) for _ in range(5)))
    await courier.deliver(message_id)

    assert len((tmp_path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()) == 1


async def test_who_lost_its_lease_changes_nothing(db: Database, tmp_path: Path) -> None:
    message_id = await _owed(db, tmp_path / "alerts.jsonl")
    async with db.transaction() as conn:
        slow = await lease_message(conn, message_id, lease=timedelta(0))  # as if stopped beyond its lease
    assert slow is not None
    await Courier(db, Means()).deliver(message_id)

    async with db.transaction() as conn:
        recorded = await record_attempt(conn, slow, outcome="dead", detail="late", started_at=NOW)
        counts = await ledger_counts(conn)

    assert not recorded
    assert (counts["delivered"], counts.get("dead", 0)) == (1, 0)


def test_every_outcome_has_its_verdict_and_its_reason() -> None:
    def verdict(
        outcome: Delivered | TryLater | Unknown | Refused | ChannelGone, attempt: int = 1
    ) -> tuple[str, bool]:
        judged = judge(outcome, attempt=attempt, first_owed_at=NOW, now=NOW, rng=Random(1))
        assert judged.detail
        return judged.outcome, judged.retry_in is not None

    assert verdict(Delivered(detail="250 ok")) == ("delivered", False)
    assert verdict(TryLater(reason="451")) == ("retry", True)
    assert verdict(Unknown(reason="lost after DATA")) == ("unknown", True)
    assert verdict(Refused(reason="550")) == ("dead", False)
    assert verdict(ChannelGone(reason="410")) == ("dead", False)
    assert verdict(TryLater(reason="451"), attempt=1000) == ("dead", False)
