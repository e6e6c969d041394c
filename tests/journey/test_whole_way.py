"""The whole way, in real parts: from a published story to what people receive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import ECHO, PAPER, Newsroom, matching, newsroom

from marsad.demo.outlets import Outlet, OutletKind, Story
from storage.database import Database

pytestmark = pytest.mark.slow

OLD = datetime.now(UTC) - timedelta(days=30)


async def _first_look(room: Newsroom, *outlets: str) -> None:
    await room.daemon.start()
    for name in outlets:
        await room.daemon.wait_for_event("visited", source=name)


async def test_a_matching_article_is_alerted_once_on_every_channel(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db) as room:
        room.paper.publish("paper", Story(key="old", title="Harbour dredged", text="Ships.", published=OLD))
        await _first_look(room, PAPER.name)
        story = matching("one")

        room.paper.publish("paper", story)
        room.paper.publish("paper", Story(key="two", title="Bakers strike in Lyon", text="No bread."))
        await room.hear_of([story])
        await room.daemon.wait_for_event("page", url=room.paper.story_url("paper", story))
        assert await room.daemon.stop() == 0

        assert [title for title, _ in room.hooked()] == [story.title]
        assert len(room.mailbox.mails) == 1
        assert await room.ledger() == {"delivered": 2}


async def test_copies_of_a_story_are_counted_and_not_told_again(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db, outlets=(PAPER, ECHO)) as room:
        for outlet in ("paper", "echo"):
            room.paper.publish(outlet, Story(key="old", title="Harbour dredged", text="", published=OLD))
        await _first_look(room, PAPER.name, ECHO.name)
        story = matching("copied")

        room.paper.publish("paper", story)
        await room.hear_of([story])
        after = len(room.daemon.events)
        room.paper.publish("echo", story)
        await room.daemon.wait_for_event("visited", source=ECHO.name, new=1, after=after)
        assert await room.daemon.stop() == 0

        assert len(room.hooks.received) == 1
        assert len(room.mailbox.mails) == 1


async def test_the_first_look_at_an_archive_is_one_message(tmp_path: Path, dsn: str, db: Database) -> None:
    async with newsroom(tmp_path, dsn, db) as room:
        for number in range(5):
            old = matching(f"old-{number}")
            room.paper.publish("paper", Story(key=old.key, title=old.title, text=old.text, published=OLD))
        await _first_look(room, PAPER.name)

        await room.hooks.wait_for(1)
        await room.mailbox.wait_for(1)
        assert await room.daemon.stop() == 0

        (call,) = room.hooks.received
        assert call.payload["type"] == "alert.summary"
        assert len(call.payload["items"]) == 5
        assert len(room.mailbox.mails) == 1


async def test_a_word_that_stands_only_in_the_full_text_still_alerts(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db) as room:
        room.paper.publish("paper", Story(key="old", title="Harbour dredged", text="Ships.", published=OLD))
        await _first_look(room, PAPER.name)
        lead = "The governor spoke to reporters on Tuesday about the year ahead and the works planned."
        body = "He said that no militia would be tolerated in Basra, and that the police had their orders."
        story = Story(
            key="deep", title="Governor presents his plans", text=f"{lead}\n\n{body}\n\n{lead} {body}"
        )

        room.paper.publish("paper", story)
        await room.hear_of([story])

        assert room.hooks.received[0].payload["items"][0]["reasons"][0]["field"] == "body"


@pytest.mark.parametrize("kind", list(OutletKind))
async def test_every_kind_of_source_leads_to_an_alert(
    kind: OutletKind, tmp_path: Path, dsn: str, db: Database
) -> None:
    outlet = Outlet(key="paper", name=f"Paper as {kind}", lang="en", kind=kind)
    async with newsroom(tmp_path, dsn, db, outlets=(outlet,)) as room:
        for number in range(4):  # a listing is recognised by its repetition
            title = f"Harbour dredged for the {number + 2}nd time this year"
            room.paper.publish("paper", Story(key=f"old-{number}", title=title, text="Ships.", published=OLD))
        await _first_look(room, outlet.name)
        story = matching("one")

        room.paper.publish("paper", story)
        await room.hear_of([story])


async def test_a_restart_tells_nothing_again_and_misses_nothing_meanwhile(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db) as room:
        before, while_away = matching("before"), matching("away")
        room.paper.publish("paper", before)
        await _first_look(room, PAPER.name)
        await room.hear_of([before])
        assert await room.daemon.stop() == 0

        room.paper.publish("paper", while_away)
        await room.daemon.start()
        await room.hear_of([while_away])
        assert await room.daemon.stop() == 0

        assert len(room.hooks.received) == 2
        assert len(room.mailbox.mails) == 2
        assert room.second_ids() == {}


async def test_an_outage_of_both_channels_delays_and_loses_nothing(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db) as room:
        room.hooks.answer_next(503, {"Retry-After": "1"}, times=2)
        room.mailbox.refuse_next(451, verb="RCPT", times=1)
        story = matching("late")
        room.paper.publish("paper", story)
        await _first_look(room, PAPER.name)

        await room.hooks.wait_for(1, seconds=90)
        assert [title for title, _ in room.hooked()] == [story.title]
        assert len({call.id for call in room.hooks.calls}) == 1
        await room.daemon.wait_for_event("retry", channel="desk")


async def test_the_rule_set_that_is_reloaded_matches_from_then_on(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db) as room:
        room.paper.publish("paper", Story(key="old", title="Harbour dredged", text="Ships.", published=OLD))
        await _first_look(room, PAPER.name)

        room.daemon.watch += "\n[[rules]]\nname = 'Bakers'\nquery = 'bakers'\n"
        after = room.daemon.hang_up()
        await room.daemon.wait_for_event("watch_files_taken", after=after)
        story = Story(key="bread", title="Bakers strike in Lyon", text="No bread.")
        room.paper.publish("paper", story)
        await room.hear_of([story])
