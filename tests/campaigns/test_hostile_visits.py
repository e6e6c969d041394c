"""A thousand hostile inputs all the way to the database: every visit ends on record, nothing is refused or thrown."""

import asyncio
import os
import random
import time
from pathlib import Path

import pytest
from hostile_inputs import CORPORA, inputs
from infirmary import Paper, infirmary
from structlog.testing import capture_logs
from test_hostile_inputs import SEED, corpus_seeds, demo_seeds

from storage.database import Database
from storage.visits import list_visits

SIZE = int(os.environ.get("MARSAD_VISITS_SIZE", "1000"))
VISITS_EACH = 20  # to one paper: what was kept before meets what comes next
WELL = {"new", "unchanged", "empty", "failed"}
NEVER = {"work_crashed", "visit_not_kept", "entry_refused"}
HEADERS = (
    "application/rss+xml",
    "text/html; charset=windows-1256",
    "application/json",
    "text/xml; charset=utf-16",
)


async def _visited(paper: Paper, body: bytes, rng: random.Random) -> None:
    paper.says(body, Content_Type=rng.choice(HEADERS), ETag=f'"{rng.random()}"')
    await paper.is_visited()


@pytest.mark.campaign
@pytest.mark.timeout(1200)
async def test_hostile_visits_all_end_on_record(tmp_path: Path, db: Database, dsn: str) -> None:
    seeds = corpus_seeds() if CORPORA.is_dir() else await demo_seeds()
    rng, bodies, papers = random.Random(SEED), inputs(SIZE, start=SEED + 2, seeds=seeds), list[Paper]()
    longest = 0.0
    with capture_logs() as logs:
        async with infirmary(db, dsn, tmp_path) as ward:
            for number in range(SIZE):
                if number % VISITS_EACH == 0:
                    papers.append(await ward.admit())
                body = await asyncio.to_thread(next, bodies)
                began = time.monotonic()
                await _visited(papers[-1], body, rng)
                longest = max(longest, time.monotonic() - began)
    async with db.connection() as conn:
        visits = [visit for paper in papers for visit in await list_visits(conn, paper.source_id)]
    outcomes = sorted({visit.outcome for visit in visits})
    print(f"seed {SEED}: {len(visits)} visits, {outcomes}, the longest took {longest:.2f} s")

    assert [line for line in logs if line["event"] in NEVER] == []
    assert len(visits) == SIZE
    assert set(outcomes) <= WELL
