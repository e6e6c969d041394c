"""What a site forbids is not fetched, is said, and costs no alert of what it does not forbid."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import ECHO, PAPER, matching, newsroom

from marsad.demo.outlets import Story
from storage.database import Database
from storage.sources import list_sources

pytestmark = pytest.mark.slow

OLD = datetime.now(UTC) - timedelta(days=30)


async def test_forbidden_pages_and_sources_are_left_alone_and_their_entries_still_alert(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db, outlets=(PAPER, ECHO)) as room:
        room.paper.forbids("/paper/story/", "/echo/")
        room.paper.publish("paper", Story(key="old", title="Harbour dredged", text="Ships.", published=OLD))
        await room.daemon.start()
        await room.daemon.wait_for_event("visited", source=PAPER.name)
        await room.daemon.wait_for_event("visited", source=ECHO.name)
        story = matching("one")

        room.paper.publish("paper", story)
        await room.hear_of([story])
        page = await room.daemon.wait_for_event("page", url=room.paper.story_url("paper", story))
        assert await room.daemon.stop() == 0

        assert (page["failed"], "again_in_seconds" in page) == ("blocked", False)
        assert "robots.txt forbids this address" in page["reason"]
        async with db.connection() as conn:
            errors = {source.name: source.last_error for source in await list_sources(conn)}
        assert errors[PAPER.name] is None
        assert 'set robots = "ignore"' in str(errors[ECHO.name])
        asked = dict(room.paper.requests)
        assert asked.pop("/robots.txt") == 1
        assert {path.split("/")[1] for path in asked} == {"paper"}
        assert not any("/story/" in path for path in asked)
