"""Word forms change, the archive keeps step: nothing is missed before, during and after it is indexed anew."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from archive import Archive
from indexing_child import DEADLY, ENTRY
from structlog.testing import capture_logs

from language.concepts import shipped
from rules.parser import parse
from rules.rule import compile_rule
from rules.search import FORMS_VERSION, to_tsquery
from scheduler.reindexing import Reindexing, rest_after
from scheduler.retrospect import look_back, narrowed
from spiders.children import Children
from storage.database import Database
from storage.lexemes import tsquery_term
from storage.reindexing import count_outdated, take_turn

NEWS = ("The governors of Basra resigned.", "Rain in Kirkuk.", "قتلت الميليشيات متظاهرين في البصرة.")
PROGRAM = """
import asyncio, os
from scheduler.reindexing import Reindexing
from spiders.children import Children
from storage.database import open_database

async def main():
    async with open_database(os.environ["DSN"]) as db, Children("indexing_child:open_indexer", count=1) as children:
        await Reindexing(db, children, batch=2).turn()

asyncio.run(main())
"""


@pytest_asyncio.fixture
async def children() -> AsyncIterator[Children]:
    async with Children(ENTRY, count=1) as open_children:
        yield open_children


async def given_old(db: Database, *texts: str) -> list[int]:
    """Articles as an older Marsad left them: with lexemes by which nothing is found."""
    archive = Archive(db=db)
    ids = [await archive.keeps(text, forms_version=FORMS_VERSION - 1) for text in texts]
    async with db.connection() as conn:
        await conn.execute("UPDATE article SET lexemes = 'outworn'")
    return ids


async def looked_at(db: Database, query: str) -> list[int]:
    """The articles that looking back holds against the rule, newest last."""
    rule = compile_rule(name="r", query=query, definition={}, languages=(), severity="low")
    batches = look_back(db, tsquery=narrowed(rule, shipped()))
    return [article.id async for batch in batches for article, _ in batch.articles]


async def indexed(db: Database, query: str) -> list[int]:
    """What the index alone finds."""
    tsquery = to_tsquery(parse(query), {}, tsquery_term)
    async with db.connection() as conn:
        cursor = await conn.execute(
            "SELECT id FROM article WHERE lexemes @@ %s::tsquery ORDER BY id", (tsquery,)
        )
        return [id_ for (id_,) in await cursor.fetchall()]


async def left(db: Database) -> int:
    async with db.connection() as conn:
        return await count_outdated(conn, forms_version=FORMS_VERSION)


async def test_old_articles_are_found_at_once_and_then_by_the_index_alone(
    db: Database, children: Children
) -> None:
    basra, rain, militia = await given_old(db, *NEWS)
    before = await looked_at(db, "governor"), await indexed(db, "governor")

    with capture_logs() as logs:
        assert await Reindexing(db, children).turn() == 3

    assert before == ([basra, rain, militia], [])
    assert await looked_at(db, "governor") == await indexed(db, "governor") == [basra]
    assert await looked_at(db, "@militia") == await indexed(db, "ميليشيا") == [militia]
    assert await indexed(db, "outworn") == []
    assert logs == [{"event": "reindexed", "log_level": "info", "articles": 3, "left": 0}]


async def test_with_nothing_left_a_turn_asks_no_child(db: Database) -> None:
    await Archive(db=db).keeps(NEWS[0])

    async with Children(ENTRY, count=1) as children:
        pass  # they are gone: asked, they would fail
    assert await Reindexing(db, children).turn() == 0


async def test_what_an_edit_took_away_stays_in_the_index(db: Database, children: Children) -> None:
    [id_] = await given_old(db, "Militias shot at tents.")
    async with db.connection() as conn:
        await conn.execute("UPDATE article SET text = 'Unknown men shot.', title = '', version = 2")

    await Reindexing(db, children).turn()

    assert await indexed(db, "tent") == await indexed(db, "men") == [id_]


@pytest.mark.slow
async def test_a_kill_loses_nothing_and_the_next_one_goes_on(db: Database, children: Children) -> None:
    ids = await given_old(db, *NEWS)

    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            "DSN": db.dsn,
            "MARSAD_CRASHPOINT": "cp19",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    assert await looked_at(db, "rain") == ids
    assert await Reindexing(db, children, batch=2).turn() == len(ids)
    assert await looked_at(db, "rain") == [ids[1]]


async def test_daemons_at_the_same_time_do_nothing_twice(db: Database, children: Children) -> None:
    await given_old(db, *(f"Report {n} from Basra." for n in range(20)))

    done = await asyncio.gather(*(Reindexing(db, children, batch=3).turn() for _ in range(3)))

    assert (sum(done), await left(db)) == (20, 0)


async def test_while_another_process_is_at_it_nothing_is_done(db: Database, children: Children) -> None:
    await given_old(db, *NEWS)

    async with db.transaction() as other:
        assert await take_turn(other)
        assert await Reindexing(db, children).turn() == 0


async def test_a_text_that_no_child_bears_holds_up_nobody_and_is_still_found(
    db: Database, children: Children
) -> None:
    ids = await given_old(db, NEWS[0], f"A {DEADLY} text.", NEWS[1])
    reindexing = Reindexing(db, children)

    with capture_logs() as logs:
        assert await reindexing.turn() == 2
        assert await reindexing.turn() == 0

    assert [(log["event"], log.get("article")) for log in logs] == [
        ("reindexing_failed", ids[1]),
        ("reindexed", None),
    ]
    assert await looked_at(db, "text") == [ids[1]]


async def test_a_turn_ends_in_time_and_the_next_one_goes_on(db: Database, children: Children) -> None:
    await given_old(db, *NEWS)
    reindexing = Reindexing(db, children, batch=1, turn_seconds=0)

    assert [await reindexing.turn() for _ in range(4)] == [1, 1, 1, 0]


def test_it_rests_long_while_news_waits_for_a_child() -> None:
    assert rest_after(1.0, idle=0) > 1.0 > rest_after(1.0, idle=1) > 0
