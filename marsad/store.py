"""The store of one installation: its database (embedded, or the operator's by DSN) and its captures on disk."""

import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from marsad.configuration import Configuration, database_of
from marsad.errors import BadInput
from scheduler.queue import queue_migrations
from storage.captures import CaptureStore
from storage.database import Database, open_database
from storage.embedded import embedded_server
from storage.migrations import migrate


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open store, migrated to this version."""

    dsn: str
    db: Database
    captures: CaptureStore
    migrated: tuple[str, ...]


@asynccontextmanager
async def open_store(configuration: Configuration, *, connections: int = 10) -> AsyncGenerator[Store]:
    """Start or find the database, bring it up to date, open the pool; close all of it afterwards."""
    home = _usable(configuration.home)
    async with AsyncExitStack() as stack:
        dsn = database_of(configuration)
        if dsn is None:
            dsn = await stack.enter_async_context(embedded_server(home / "postgres"))
        migrated = await migrate(dsn, queue_migrations())
        db = await stack.enter_async_context(open_database(dsn, max_size=connections))
        yield Store(dsn=dsn, db=db, captures=CaptureStore(home / "captures"), migrated=tuple(migrated))


def _usable(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{home}: cannot be made: {error.strerror}; choose another with --home") from None
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise BadInput(f"{home}: not ours to write in; give it to this user, or choose another with --home")
    return home
