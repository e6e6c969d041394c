"""Push, in real parts: a hub, a paper, a daemon; what is pushed is told within seconds, and nothing else is."""

import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import Newsroom, matching, newsroom
from websub_hub import WebSubHub

from marsad.demo.outlets import Story
from storage.database import Database

pytestmark = pytest.mark.slow

OLD = datetime.now(UTC) - timedelta(days=30)
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The Test Paper</title><link>http://paper.example/</link>
<item><title>{title}</title><link>{link}</link><guid>{link}</guid><description>{text}</description>
<pubDate>{date:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item></channel></rss>"""


def pushed(room: Newsroom, story: Story) -> bytes:
    """What a hub sends of a story that no poll can find yet."""
    link = room.paper.story_url("paper", story)
    return RSS.format(title=story.title, link=link, text=story.text, date=datetime.now(UTC)).encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def pushing(
    folder: Path, dsn: str, db: Database, hub: WebSubHub, *more_hubs: str, crashpoint: str = ""
) -> AsyncIterator[tuple[Newsroom, str]]:
    """A newsroom whose paper names a hub and is polled once an hour; the daemon runs and has subscribed."""
    async with newsroom(folder, dsn, db) as room:
        topic = room.paper.url("paper")
        links = ", ".join(f'<{url}>; rel="hub"' for url in (*more_hubs, hub.url))
        room.paper.announce("paper", {"Link": f'{links}, <{topic}>; rel="self"'})
        room.paper.publish("paper", Story(key="old", title="Harbour dredged", text="Ships.", published=OLD))
        room.daemon.watch = room.daemon.watch.replace('every = "1s"', 'every = "1h"')
        port = free_port()
        push = {"listen": f"127.0.0.1:{port}", "callback_url": f"http://127.0.0.1:{port}/push"}
        room.daemon.settings = {**room.daemon.settings, "push": push}
        await room.daemon.start({"MARSAD_CRASHPOINT": crashpoint} if crashpoint else None)
        await hub.verified.wait_for(1, seconds=40)
        yield room, topic


async def test_a_pushed_story_is_told_within_two_seconds(tmp_path: Path, dsn: str, db: Database) -> None:
    async with WebSubHub() as hub, pushing(tmp_path, dsn, db, hub) as (room, topic):
        story, forged = matching("one"), matching("forged")
        assert await hub.push(topic, pushed(room, forged), secret="not the secret") == 202
        assert await hub.push(topic, pushed(room, forged), headers={"X-Hub-Signature": ""}) == 202

        started = time.monotonic()
        assert await hub.push(topic, pushed(room, story)) == 202
        await room.hooks.wait_for(1, seconds=10)

        assert time.monotonic() - started < 2.0
        await room.daemon.wait_for_event("pushed", new=1, alerts=1)
        await room.daemon.wait_for_event("push_discarded", reason="its signature is wrong")
        await room.daemon.wait_for_event("push_discarded", reason="it is not signed")
        assert [title for title, _ in room.hooked()] == [story.title]
        secret = hub.subscriptions[topic].secret
        assert await room.daemon.stop() == 0
        assert secret not in room.daemon.log, "secrets are never logged"


async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, dsn: str, db: Database) -> None:
    read_after_the_answer = pushing(tmp_path, dsn, db, hub := WebSubHub(), crashpoint="cp22")
    async with hub, read_after_the_answer as (room, topic):
        story = matching("one")

        assert await hub.push(topic, pushed(room, story)) == 202
        assert await room.daemon.ended() == -signal.SIGKILL
        await room.daemon.start()

        await room.hear_of([story])
        assert room.second_ids() == {}


@pytest.mark.campaign
async def test_a_subscription_is_renewed_before_it_ends(tmp_path: Path, dsn: str, db: Database) -> None:
    async with WebSubHub(lease_seconds=4) as hub, pushing(tmp_path, dsn, db, hub) as (room, topic):
        started = time.monotonic()
        await hub.verified.wait_for(3, seconds=12)

        assert time.monotonic() - started < 8
        assert {request.callback for request in hub.requests.items} == {hub.subscriptions[topic].callback}
        assert not [e for e in room.daemon.events if e.get("event") == "push_refused"]


@pytest.mark.campaign
async def test_a_hub_that_is_gone_gives_way_to_the_next(tmp_path: Path, dsn: str, db: Database) -> None:
    async with WebSubHub() as gone, WebSubHub() as hub:
        gone.answer_next(410)
        async with pushing(tmp_path, dsn, db, hub, gone.url) as (room, topic):
            refused = await room.daemon.wait_for_event("push_refused", hub=gone.url)
            assert refused["again_in_seconds"] >= 60

            assert await hub.push(topic, pushed(room, matching("one"))) == 202
            await room.hooks.wait_for(1)
            [asked], [used] = gone.requests.items, hub.requests.items
            assert asked.secret != used.secret
            assert asked.callback != used.callback


@pytest.mark.campaign
async def test_a_source_that_is_watched_no_more_is_unsubscribed(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with WebSubHub() as hub, pushing(tmp_path, dsn, db, hub) as (room, topic):
        callback = hub.subscriptions[topic].callback
        start, end = room.daemon.watch.index("[[sources]]"), room.daemon.watch.index("[[rules]]")
        room.daemon.watch = room.daemon.watch[:start] + room.daemon.watch[end:]
        room.daemon.hang_up()

        await hub.verified.wait_for(2, seconds=20)

        assert hub.verified.items[-1] == ("unsubscribe", topic)
        assert await hub.send(callback, b"late", {}) == 410
