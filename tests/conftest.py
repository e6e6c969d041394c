"""One real PostgreSQL for all tests, and for each test that asks a database of its own: a copy of a migrated one."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from databases import drop_database, make_database
from psycopg.conninfo import make_conninfo

from scheduler.queue import queue_migrations
from storage.database import Database, open_database
from storage.embedded import embedded_server
from storage.migrations import Migration, migrate, own_migrations


def migrations_for_tests() -> list[Migration]:
    """The whole schema as an installation has it; what is beyond storage's own goes to `migrate` as extra."""
    return [*own_migrations(), *queue_migrations()]


@pytest.fixture(scope="session")
def short_home() -> Iterator[Path]:
    """A folder that a server's user can reach, in memory where possible: pytest's own are closed to others."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
    home = Path(tempfile.mkdtemp(prefix="marsad-test-", dir=base))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server(short_home: Path) -> Iterator[str]:
    """The DSN of the one server; its database `marsad` is the migrated template of all others."""
    with asyncio.Runner() as runner:
        running = embedded_server(short_home / "shared")
        dsn = runner.run(running.__aenter__())
        try:
            extra = [step for step in migrations_for_tests() if step not in own_migrations()]
            runner.run(migrate(dsn, extra))
            yield _as_superuser(dsn)
        finally:
            runner.run(running.__aexit__(None, None, None))


def _as_superuser(dsn: str) -> str:
    return make_conninfo(dsn, user="postgres", dbname="postgres")


@pytest.fixture
async def dsn(server: str) -> AsyncIterator[str]:
    """The DSN of a migrated database for this test alone."""
    made = await make_database(server)
    yield made
    await drop_database(server, made)


@pytest.fixture
async def empty_dsn(server: str) -> AsyncIterator[str]:
    """The DSN of a database without our schema."""
    made = await make_database(server, template="template0")
    yield made
    await drop_database(server, made)


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Database]:
    """A pool on a migrated database for this test alone."""
    async with open_database(dsn, max_size=8) as database:
        yield database
