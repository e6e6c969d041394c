"""The schema in numbered steps, each applied once, in order, by one process at a time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from storage.crashpoint import crashpoint
from storage.database import Conn, DatabaseUnreachable, dsn_with_search_path

# Any fixed number of ours: advisory locks share one space per database.
MIGRATION_LOCK = 0x6D61_7273_6164_0001


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step; `name` orders nothing (the list does) but is recorded for ever."""

    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.replace("\r\n", "\n").encode()).hexdigest()


class MigrationChanged(Exception):  # noqa: N818 - named for what happened
    """An applied step has another text now; restore the file and put the change into a new step."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"Migration {name} was applied with another text than the one installed: reinstall this version "
            "of Marsad, or restore the file and put the change into a new migration."
        )


class DatabaseNewer(Exception):  # noqa: N818 - named for what is the case
    """The database has steps that this program does not know; install the version that wrote it."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            f"The database is newer than this program (it has {', '.join(names)}): "
            "install the version of Marsad that wrote it, or a newer one."
        )


def own_migrations() -> list[Migration]:
    """Return the steps packaged with storage, in order."""
    folder = files("storage") / "migrations"
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return [
        Migration(name=file.name.removesuffix(".sql"), sql=file.read_text(encoding="utf-8"))
        for file in sorted(found, key=lambda file: file.name)
    ]


async def migrate(dsn: str, extra: Sequence[Migration] = ()) -> list[str]:
    """Apply what is missing, own steps first, and return the names; call it always with the same `extra`.

    Each step and its record are one transaction, so a crash at any moment leaves a whole number of steps.
    """
    wanted = [*own_migrations(), *extra]
    try:
        conn: Conn = await psycopg.AsyncConnection.connect(dsn_with_search_path(dsn), autocommit=True)
    except psycopg.Error as error:
        raise DatabaseUnreachable(dsn, str(error)) from error
    async with conn:
        # Waiting for another migrator, or building an index over years of articles, may take long.
        await conn.execute("SET statement_timeout = 0")
        await conn.execute("SET lock_timeout = 0")
        await conn.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        await _prepare(conn)
        missing = _missing(wanted, await _applied(conn))
        for step in missing:
            await _apply(conn, step)
            crashpoint("cp17")
    return [step.name for step in missing]


def _missing(wanted: Sequence[Migration], applied: dict[str, str]) -> list[Migration]:
    unknown = sorted(applied.keys() - {step.name for step in wanted})
    if unknown:
        raise DatabaseNewer(unknown)
    for step in wanted:
        if applied.get(step.name, step.sha256) != step.sha256:
            raise MigrationChanged(step.name)
    return [step for step in wanted if step.name not in applied]


async def _prepare(conn: Conn) -> None:
    async with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT to_regnamespace('marsad') IS NULL, to_regclass('marsad.migration') IS NULL"
        )
        row: tuple[Any, ...] | None = await cursor.fetchone()
        no_schema, no_table = row or (True, True)
        if (
            no_schema
        ):  # CREATE ... IF NOT EXISTS would ask for the right to create even when there is nothing to do
            await cursor.execute("CREATE SCHEMA marsad")
        if no_table:
            await cursor.execute(
                """
                CREATE TABLE marsad.migration (
                    name       text PRIMARY KEY,
                    sha256     text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """
            )


async def _applied(conn: Conn) -> dict[str, str]:
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute("SELECT name, sha256 FROM marsad.migration")
        return dict(await cursor.fetchall())


async def _apply(conn: Conn, step: Migration) -> None:
    async with conn.transaction():
        await conn.execute(step.sql.encode())  # bytes: the text comes from a file, psycopg must not format it
        await conn.execute(
            "INSERT INTO marsad.migration (name, sha256) VALUES (%s, %s)", (step.name, step.sha256)
        )
