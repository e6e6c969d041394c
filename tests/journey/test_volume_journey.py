"""From papers to one message about their number; and kill -9 between the decision and its delivery."""

import asyncio
import signal
from pathlib import Path

import pytest
from newsroom import Newsroom, matching, newsroom

from storage.database import Database

pytestmark = pytest.mark.slow

RULES = """
[[rules]]
name = "Militia in Basra, many"
count = { query = 'militia AND basra', at_least = 3, within = "1h" }
"""


async def matched(room: Newsroom, number: int) -> None:
    """Wait until so many articles are on record as meeting the rule."""
    async with asyncio.timeout(40):
        while True:
            async with room.db.connection() as conn:
                cursor = await conn.execute("SELECT count(*) FROM match")
                if await cursor.fetchone() == (number,):
                    return
            await asyncio.sleep(0.1)  # rows of another process: there is no event to wait for


async def test_a_kill_after_the_decision_or_after_its_commit_tells_of_it_once(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db, rules=RULES) as room:
        for key in ("one", "two", "three"):
            room.paper.publish("paper", matching(key))
        await room.daemon.start()
        await matched(room, 3)
        await room.daemon.kill()
        assert await room.ledger() == {}  # no story alerts by itself

        for point in ("cp15", "cp16"):
            await room.daemon.start({"MARSAD_CRASHPOINT": point})
            assert await room.daemon.ended() == -signal.SIGKILL, room.daemon.log
        await room.daemon.start()
        await room.hooks.wait_for(1, 40)
        await room.mailbox.wait_for(1, 40)
        await room.settled(delivered=2)

        [call], [mail] = room.hooks.received, room.mailbox.mails
        assert call.payload["type"] == "alert.volume"
        assert (call.payload["volumes"][0]["kind"], call.payload["volumes"][0]["count"]) == ("count", 3)
        assert mail.message["Subject"] == "[medium] Militia in Basra, many: 3 stories in 1 h"
        async with db.connection() as conn:
            cursor = await conn.execute("SELECT count(*) FROM alert")
            assert await cursor.fetchone() == (1,)
