"""Rows read as records: the few lines that every query of ours shares."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

from psycopg import AsyncCursor

from storage.database import Conn

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
Params = Mapping[str, Any]

TEXT_ARRAY_OID = 1009


def record(cls: type[T]) -> Callable[[AsyncCursor[Any]], Callable[[Sequence[Any]], T]]:
    """Make a row factory for `cls`: psycopg's class_row, with SQL arrays of text read as tuples."""

    def for_cursor(cursor: AsyncCursor[Any]) -> Callable[[Sequence[Any]], T]:
        columns = [(column.name, column.type_code == TEXT_ARRAY_OID) for column in cursor.description or ()]

        def make(values: Sequence[Any]) -> T:
            pairs = zip(columns, values, strict=True)
            return cls(**{n: tuple(v) if array and v is not None else v for (n, array), v in pairs})

        return make

    return for_cursor


def columns_of(row: "DataclassInstance") -> dict[str, Any]:
    """The fields of a record by name, as they are: dataclasses.asdict would copy each of them deeply."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


async def fetch_all(conn: Conn, cls: type[T], sql: LiteralString, params: Params | None = None) -> list[T]:
    """Return every row as a `cls`."""
    async with conn.cursor(row_factory=record(cls)) as cursor:
        await cursor.execute(sql, params)
        return await cursor.fetchall()


async def fetch_one(conn: Conn, cls: type[T], sql: LiteralString, params: Params | None = None) -> T | None:
    """Return the first row as a `cls`, or None when there is none."""
    async with conn.cursor(row_factory=record(cls)) as cursor:
        await cursor.execute(sql, params)
        return await cursor.fetchone()


async def fetch_each(
    conn: Conn, cls: type[T], sql: LiteralString, params: Sequence[Params]
) -> list[T | None]:
    """Run the statement once for each of `params`, in order, in one round trip; the first row of each as a `cls`."""
    if not params:
        return []
    async with conn.cursor(row_factory=record(cls)) as cursor:
        await cursor.executemany(sql, params, returning=True)
        return [await result.fetchone() async for result in cursor.results()]


async def fetch_value_each(conn: Conn, sql: LiteralString, params: Sequence[Params]) -> list[Any]:
    """Run the statement once for each of `params`, as fetch_each does; the first column of each first row, or None."""
    if not params:
        return []
    async with conn.cursor() as cursor:
        await cursor.executemany(sql, params, returning=True)
        rows = [await result.fetchone() async for result in cursor.results()]
        return [None if row is None else row[0] for row in rows]


async def fetch_value(conn: Conn, sql: LiteralString, params: Params | None = None) -> Any:
    """Return the first column of the first row, or None when there is no row."""
    async with conn.cursor() as cursor:
        await cursor.execute(sql, params)
        row = await cursor.fetchone()
        return None if row is None else row[0]


async def count_rows(conn: Conn, sql: LiteralString, params: Params | None = None) -> int:
    """Run a statement and return how many rows it touched."""
    async with conn.cursor() as cursor:
        await cursor.execute(sql, params)
        return cursor.rowcount
