"""Connections notice what happened to the server; errors say whether trying again may help."""

import asyncio
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from storage.database import (
    Database,
    DatabaseError,
    DatabaseUnreachable,
    dsn_with_search_path,
    is_transient,
    open_database,
    redact_dsn,
)


async def setting(db: Database, name: str) -> str:
    async with db.connection() as conn:
        cursor = await conn.execute("SELECT current_setting(%s)", (name,))
        return str((await cursor.fetchone() or [""])[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("search_path", "marsad"),
        ("TimeZone", "UTC"),
        ("statement_timeout", "1min"),
        ("lock_timeout", "15s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("application_name", "marsad"),
    ],
)
async def test_every_connection_carries_our_schema_and_limits(db: Database, name: str, value: str) -> None:
    assert await setting(db, name) == value


def test_a_dsn_keeps_what_its_owner_set() -> None:
    given = conninfo_to_dict(
        dsn_with_search_path(
            "postgresql://u:p@h:1/d?connect_timeout=3&options=-c%20work_mem%3D8MB&application_name=x"
        )
    )

    assert (str(given["connect_timeout"]), given["application_name"], given["password"]) == ("3", "x", "p")
    assert str(given["options"]).startswith("-c work_mem=8MB -c search_path=marsad")
    assert given["tcp_user_timeout"]
    assert str(given["keepalives"]) == "1"


@pytest.mark.parametrize("dsn", ["postgresql://u:hunter2@h/d", "host=h password=hunter2 user=u", "hunter2 ="])
def test_no_password_is_ever_shown(dsn: str) -> None:
    assert "hunter2" not in redact_dsn(dsn)


async def test_a_transaction_keeps_all_or_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with db.transaction() as conn:
            await conn.execute("INSERT INTO concept (name, origin, terms) VALUES ('x', 'x', '{}')")
            raise RuntimeError

    async with db.connection() as conn:
        cursor = await conn.execute("SELECT count(*) FROM concept")
        assert await cursor.fetchone() == (0,)


async def test_connections_the_server_cut_are_replaced_before_they_are_lent(
    db: Database, server: str
) -> None:
    async with db.connection(), db.connection():
        pass
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as admin:
        await admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'marsad'"
        )

    async def ask() -> None:
        async with db.connection() as conn:
            await conn.execute("SELECT 1")

    await asyncio.gather(*(ask() for _ in range(4)))


async def test_ping_answers_and_gives_up_in_time(db: Database, server: str) -> None:
    await db.ping()

    async with db.connection(), open_database(db.dsn, max_size=1) as small, small.connection():
        with pytest.raises(DatabaseUnreachable, match="no answer within"):
            await small.ping(timedelta(seconds=0.05))


async def test_a_database_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match="correct the DSN") as caught:
        async with open_database(f"host={tmp_path} user=u password=hunter2"):
            pass
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert is_transient(caught.value)


@pytest.mark.parametrize(
    ("code", "transient"),
    [
        *[(code, True) for code in ("08006", "40001", "40P01", "53100", "53300", "55P03", "57P01", "57P03")],
        *[(code, False) for code in ("22P05", "23505", "42601", "54000", "57014")],
    ],
)
async def test_faults_of_the_moment_are_told_from_faults_of_the_work(
    db: Database, code: str, transient: bool
) -> None:
    with pytest.raises(DatabaseError) as caught:
        async with db.connection() as conn:
            await conn.execute(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$".encode())

    assert is_transient(caught.value) is transient


async def test_a_lost_connection_is_transient_and_a_poisoned_text_is_not(db: Database, server: str) -> None:
    with pytest.raises(DatabaseError) as lost:
        async with db.connection() as conn:
            await conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(DatabaseError) as poisoned:
        async with db.connection() as conn:
            await conn.execute("SELECT %s::text", ("\x00",))

    assert is_transient(lost.value)
    assert not is_transient(poisoned.value)
    assert not is_transient(ValueError())
