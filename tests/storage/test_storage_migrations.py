"""The schema grows step by step, once each, and refuses what it does not understand."""

import asyncio
import os
import signal
import subprocess
import sys

import psycopg
import pytest

from storage.database import DatabaseUnreachable, dsn_with_search_path
from storage.migrations import (
    DatabaseNewer,
    Migration,
    MigrationChanged,
    migrate,
    own_migrations,
)

EXTRA = Migration(name="extra-1", sql="CREATE TABLE extra (id int); INSERT INTO extra VALUES (1)")


async def tables(dsn: str) -> set[str]:
    async with await psycopg.AsyncConnection.connect(dsn_with_search_path(dsn)) as conn:
        cursor = await conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'marsad'")
        return {name for (name,) in await cursor.fetchall()}


async def test_migrating_twice_applies_everything_once(empty_dsn: str) -> None:
    own = [step.name for step in own_migrations()]

    assert await migrate(empty_dsn, [EXTRA]) == [*own, "extra-1"]
    assert await migrate(empty_dsn, [EXTRA]) == []
    assert {"article", "delivery", "extra", "migration"} <= await tables(empty_dsn)


async def test_migrators_at_the_same_time_apply_each_step_once(empty_dsn: str) -> None:
    done = await asyncio.gather(*(migrate(empty_dsn, [EXTRA]) for _ in range(4)))

    assert sorted(len(names) for names in done) == [0, 0, 0, len(own_migrations()) + 1]


async def test_a_step_that_fails_leaves_nothing_of_itself_and_all_before_it(empty_dsn: str) -> None:
    broken = Migration(name="extra-2", sql="CREATE TABLE half (id int); SELECT 1/0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        await migrate(empty_dsn, [EXTRA, broken])
    assert "extra" in await tables(empty_dsn)
    assert "half" not in await tables(empty_dsn)

    assert await migrate(empty_dsn, [EXTRA, Migration(name="extra-2", sql="SELECT 1")]) == ["extra-2"]


async def test_a_step_and_its_record_are_kept_together_or_not_at_all(empty_dsn: str) -> None:
    twice = Migration(
        name="twice",
        sql="CREATE TABLE half (id int); INSERT INTO migration (name, sha256) VALUES ('twice', 'x')",
    )

    with pytest.raises(psycopg.errors.UniqueViolation):
        await migrate(empty_dsn, [twice])
    assert "half" not in await tables(empty_dsn)


async def test_a_changed_step_is_refused_before_anything_is_applied(empty_dsn: str) -> None:
    await migrate(empty_dsn, [EXTRA])
    changed = Migration(name="extra-1", sql="CREATE TABLE other (id int)")

    with pytest.raises(MigrationChanged, match="extra-1"):
        await migrate(empty_dsn, [changed, Migration(name="extra-2", sql="CREATE TABLE late (id int)")])
    assert "late" not in await tables(empty_dsn)


async def test_line_endings_are_not_a_change(empty_dsn: str) -> None:
    await migrate(empty_dsn, [Migration(name="extra-1", sql="SELECT 1;\nSELECT 2")])

    assert await migrate(empty_dsn, [Migration(name="extra-1", sql="SELECT 1;\r\nSELECT 2")]) == []


async def test_a_database_newer_than_the_program_is_refused(empty_dsn: str) -> None:
    await migrate(empty_dsn, [EXTRA])

    with pytest.raises(DatabaseNewer, match="extra-1"):
        await migrate(empty_dsn)


async def test_a_kill_between_two_steps_is_made_good_by_the_next_start(empty_dsn: str) -> None:
    program = (
        "import asyncio, os; from storage.migrations import *;"
        "asyncio.run(migrate(os.environ['DSN'], [Migration(name='extra-1', sql='CREATE TABLE extra (id int)')]))"
    )

    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program],
        env={**os.environ, "DSN": empty_dsn, "MARSAD_CRASHPOINT": "cp17"},
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    assert "extra" not in await tables(empty_dsn)
    extra = Migration(name="extra-1", sql="CREATE TABLE extra (id int)")
    assert (await migrate(empty_dsn, [extra]))[-1] == "extra-1"


async def test_a_server_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(DatabaseUnreachable, match="Start PostgreSQL") as caught:
        await migrate("host=/nowhere user=marsad password=hunter2 dbname=marsad")
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
