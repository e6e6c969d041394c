"""JSON lines in and out: a row that cannot be read becomes a row with `error`, and the rest go on."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from marsad.commands.front import print_row
from marsad.errors import BadInput
from marsad.textfile import is_file

Row = Mapping[str, Any]
AHEAD = 16  # rows under way at once: enough to keep the reading children busy, few enough to stay small


def rows_in() -> Iterator[tuple[Row, str | None]]:
    """Each line of standard input as a row, with the reason when it is none."""
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            yield _row(line, number)


def _row(line: bytes, number: int) -> tuple[Row, str | None]:
    try:
        row = json.loads(line)
    except ValueError as error:
        return {"id": None}, f"line {number} is not JSON: {error}"
    if not isinstance(row, dict):
        return {"id": None}, f'line {number} is not a JSON object; write {{"id": ...}}'
    return row, None


def text_of(row: Row, key: str, default: str | None = None) -> str:
    """A text field of a row; BadInput names what is missing or wrong."""
    value = row.get(key, default)
    if not isinstance(value, str):
        raise BadInput(f"row {row.get('id')!r}: {key!r} is {'missing' if value is None else 'not a text'}")
    return value


def answer_each(answer: Callable[[Row], list[dict[str, Any]]]) -> None:
    """Answer every row in order with what `answer` makes of it."""
    for row, problem in rows_in():
        try:
            if problem:
                raise BadInput(problem)
            answers = answer(row)
        except BadInput as error:
            answers = [{"id": row.get("id"), "error": str(error)}]
        for line in answers:
            print_row(line)


async def answer_ahead(
    answer: Callable[[Row], Awaitable[dict[str, Any]]], *, blank: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Like `answer_each` for answers that wait for children: some rows ahead, written in the order of the input.

    A row with `error` also holds what is in `blank`, so that it has the shape of the others.
    """
    waiting: asyncio.Queue[asyncio.Task[dict[str, Any]] | None] = asyncio.Queue(maxsize=AHEAD)

    async def feed() -> None:
        async for row, problem in _in_thread():
            await waiting.put(asyncio.create_task(_answered(answer, row, problem, blank)))
        await waiting.put(None)

    feeding = asyncio.create_task(feed())
    try:
        while (task := await waiting.get()) is not None:
            print_row(await task)
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


async def _answered(
    answer: Callable[[Row], Awaitable[dict[str, Any]]],
    row: Row,
    problem: str | None,
    blank: Mapping[str, Any],
) -> dict[str, Any]:
    try:
        if problem:
            raise BadInput(problem)
        return await answer(row)
    except (BadInput, OSError) as error:
        return {"id": row.get("id"), **blank, "error": str(error)}


async def _in_thread() -> AsyncIterator[tuple[Row, str | None]]:
    rows = rows_in()
    while (item := await asyncio.to_thread(next, rows, None)) is not None:
        yield item


def existing_file(path: str) -> Path:
    """The path of a file that can be read; BadInput says what is wrong with it."""
    found = Path(path)
    if not is_file(found):
        raise BadInput(f"{path}: no such file; check the path")
    if not os.access(found, os.R_OK):
        raise BadInput(f"{path}: cannot be read: Permission denied; check the path and its permissions")
    return found.resolve()
