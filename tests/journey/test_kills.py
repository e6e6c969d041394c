"""kill -9 between any two steps of the way: nothing is lost, nothing is told under a second id.

`make test` kills once at each point, `make fault` ten times at each and at random moments, with seeds.
"""

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

import pytest
from newsroom import Newsroom, matching, newsroom

from marsad.demo.newspaper import Fault
from marsad.demo.outlets import Story
from storage.database import Database

pytestmark = pytest.mark.slow

# Where the process dies by itself (storage/crashpoint.py), named as in docs/way-of-an-article.md.
POINTS = {
    "cp01": "source leased",
    "cp03": "body complete",
    "cp04": "raw bytes on disk, no row",
    "cp05": "capture in place, not read",
    "cp06": "read and matched, nothing kept",
    "cp07": "articles inserted, transaction open",
    "cp10": "alerts and deliveries inserted, transaction open",
    "cp08": "transaction committed",
    "cp11": "message leased",
    "cp13": "accepted by the receiver, not recorded",
    "cp14": "recorded, job not acknowledged",
}
# While messages go out several are under way at once: each may be seen twice, and can be told by its id.
REPEATED_UNDER_ONE_ID = {"cp11", "cp13", "cp14"}
KILLS = 10


async def _die_and_come_back(room: Newsroom, point: str, stories: list[Story]) -> None:
    for story in stories:
        room.paper.publish("paper", story)
    await room.daemon.start({"MARSAD_CRASHPOINT": point})
    assert await room.daemon.ended() == -signal.SIGKILL, room.daemon.log
    await room.daemon.start()


async def _check(room: Newsroom, stories: list[Story], *, repeats: int = 0) -> None:
    """All told, each under one id and that at most `repeats` times again; the way is open for what comes next."""
    await room.hear_of(stories)
    after = matching("after")
    room.paper.publish("paper", after)
    await room.hear_of([after])
    told = len(stories) + 1
    await room.settled(delivered=told * 2)
    assert await room.daemon.stop() == 0, room.daemon.log
    assert room.second_ids() == {}
    assert {title for title, _ in room.hooked()} == {s.title for s in (*stories, after)}
    for told_ids in (room.hooked(), room.mailed()):
        assert max(Counter(told_ids).values()) <= 1 + repeats
    assert await room.ledger() == {"delivered": told * 2}


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_loses_nothing_and_tells_nothing_twice(
    point: str, tmp_path: Path, dsn: str, db: Database
) -> None:
    stories = [matching("one"), matching("two")]
    async with newsroom(tmp_path, dsn, db) as room:
        await _die_and_come_back(room, point, stories)

        await _check(room, stories, repeats=1 if point in REPEATED_UNDER_ONE_ID else 0)


async def test_a_kill_in_the_middle_of_a_body_loses_nothing(tmp_path: Path, dsn: str, db: Database) -> None:
    async with newsroom(tmp_path, dsn, db) as room:
        story = matching("one")
        room.paper.publish("paper", story)
        room.paper.breaks("paper", fault=Fault.SILENT)
        await room.daemon.start()
        await room.paper.wait_for_visits("paper", 1, seconds=40)
        await room.daemon.kill()
        room.paper.recovers("paper")
        await room.daemon.start()

        await _check(room, [story])


async def test_a_kill_while_the_receiver_answers_repeats_one_id_at_most(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, dsn, db) as room:
        story = matching("one")
        room.paper.publish("paper", story)
        await room.daemon.start()
        await room.hooks.wait_for_calls(1, seconds=40)
        await room.daemon.kill()
        await room.daemon.start()

        await _check(room, [story], repeats=1)


async def test_a_kill_between_two_migrations_is_taken_up_again(
    tmp_path: Path, empty_dsn: str, db: Database
) -> None:
    async with newsroom(tmp_path, empty_dsn, db) as room:
        await room.daemon.start({"MARSAD_CRASHPOINT": "cp17"})
        assert await room.daemon.ended() == -signal.SIGKILL
        await room.daemon.start()
        story = matching("one")
        room.paper.publish("paper", story)

        await room.hear_of([story])


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(KILLS))
@pytest.mark.parametrize("point", POINTS)
async def test_campaign_kills_at_each_point(
    point: str, seed: int, tmp_path: Path, dsn: str, db: Database
) -> None:
    rng = random.Random(f"{point}-{seed}")
    stories = [matching(f"{seed}-{number}") for number in range(rng.randint(1, 6))]
    async with newsroom(tmp_path, dsn, db) as room:
        await _die_and_come_back(room, point, stories)

        await _check(room, stories, repeats=1 if point in REPEATED_UNDER_ONE_ID else 0)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(KILLS * 2))
async def test_campaign_kills_at_random_moments(seed: int, tmp_path: Path, dsn: str, db: Database) -> None:
    """Five kills in a row at moments that the seed draws, while stories keep breaking."""
    rng = random.Random(seed)
    async with newsroom(tmp_path, dsn, db) as room:
        stories = [matching(f"r{seed}-{number}") for number in range(10)]
        waiting = list(stories)
        room.paper.publish("paper", waiting.pop())
        for _ in range(5):
            await room.daemon.start()
            await room.daemon.wait_for_event("ready", after=len(room.daemon.events))
            for _ in range(rng.randint(1, 2)):
                if waiting:
                    room.paper.publish("paper", waiting.pop())
            await asyncio.sleep(rng.uniform(0.0, 2.0))  # the moment of the kill is what is drawn here
            await room.daemon.kill()
        for story in waiting:
            room.paper.publish("paper", story)
        await room.daemon.start()

        await _check(room, stories, repeats=5)


def test_every_point_stands_in_the_code() -> None:
    """A point that nobody passes any more would test nothing."""
    root = Path(__file__).parents[2]
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("scheduler", "storage")
        for path in (root / folder).rglob("*.py")
    )

    assert [point for point in POINTS if f'crashpoint("{point}")' not in code] == []
