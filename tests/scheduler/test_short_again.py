"""A source that reads short and says the same again is not read anew: a bomb costs its seconds once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from infirmary import Infirmary, Paper, infirmary

from storage.database import Database
from storage.visits import list_visits

BROKEN = "<rss version='2.0'><channel><item><title>Report from Basra</title></item><item><zzz></item></channel></rss>"


@pytest.fixture
async def ward(db: Database, dsn: str, tmp_path: Path) -> AsyncIterator[Infirmary]:
    async with infirmary(db, dsn, tmp_path) as opened:
        yield opened


async def _outcomes(ward: Infirmary, paper: Paper) -> list[tuple[str, int]]:
    async with ward.means.db.connection() as conn:
        return [
            (visit.outcome, visit.entries) for visit in reversed(await list_visits(conn, paper.source_id))
        ]


async def test_the_same_short_bytes_are_read_once_and_still_told_as_short(ward: Infirmary) -> None:
    paper = await ward.admit()
    paper.says(BROKEN.encode())

    await paper.is_visited(3)

    assert await _outcomes(ward, paper) == [("new", 1), ("unchanged", 0), ("unchanged", 0)]
    assert "short" in await paper.troubles()


async def test_the_same_bytes_without_entries_are_read_each_time(ward: Infirmary) -> None:
    paper = await ward.admit()
    paper.says(b"<rss version='2.0'><channel></channel></rss>")

    await paper.is_visited(3)

    assert await _outcomes(ward, paper) == [("empty", 0)] * 3
    assert "empty" in await paper.troubles()
