"""Databases for tests: copies of the migrated template, made and dropped in milliseconds."""

import os
from itertools import count

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

_numbers = count(1)


async def make_database(server: str, *, template: str = "marsad") -> str:
    """Make a database owned by the ordinary role and return its DSN; template0 makes an empty one."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as conn:
        await conn.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} OWNER marsad").format(Identifier(name), Identifier(template))
        )
    return make_conninfo(server, user="marsad", dbname=name)


async def drop_database(server: str, dsn: str) -> None:
    """Drop a database, whoever is still connected to it."""
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as conn:
        await conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(str(name))))
