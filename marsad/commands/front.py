"""What every command starts from: the options of the front door, and the configuration they lead to."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from marsad.configuration import Configuration, load_configuration
from marsad.logs import set_up_logs
from marsad.store import Store, open_store

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The options given before the command."""

    config: Path | None = None
    home: Path | None = None
    dsn: str | None = None

    def configuration(self, overrides: Mapping[str, Any] | None = None) -> Configuration:
        """The configuration with the command line's word last; logs are set up by it."""
        given: dict[str, Any] = {"home": self.home, "dsn": self.dsn, **(overrides or {})}
        configuration = load_configuration(
            self.config, overrides={key: value for key, value in given.items() if value is not None}
        )
        set_up_logs(configuration.log)
        return configuration

    def store(self) -> AbstractAsyncContextManager[Store]:
        """The installation's store, for commands that only read or write rows."""
        return open_store(self.configuration(), connections=2)


def front_of(ctx: typer.Context) -> Front:
    """The front door's options."""
    front = ctx.find_object(Front)
    return front or Front()


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """Run one command's coroutine; Ctrl-C and SIGTERM close what it opened and end it without a word."""
    try:
        return asyncio.run(_until_told(work))
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None


async def _until_told(work: Coroutine[Any, Any, Result]) -> Result:
    """SIGTERM ends a command as Ctrl-C does: what it opened, the embedded server too, is closed and not orphaned."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _cancel(asyncio.current_task()))
    return await work


def _cancel(task: "asyncio.Task[Any] | None") -> Callable[[], object]:
    assert task is not None
    return task.cancel


def print_row(row: Mapping[str, Any]) -> None:
    """Write one JSON line to standard output."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def console() -> Console:
    """A console for people; plain where there is no terminal."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table on a terminal, with short times; tab-separated lines in a pipe, with times as JSON has them."""
    if not sys.stdout.isatty():
        for row in rows:
            cells = (iso(cell) if isinstance(cell, datetime) else cell for cell in row)
            sys.stdout.write("\t".join(" ".join(str(cell).split()) for cell in cells) + "\n")
        return
    shown = RichTable(title=title, title_justify="left", header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        is_time = any(isinstance(row[number], datetime) for row in rows)
        shown.add_column(column, overflow="fold", no_wrap=is_time)
    for row in rows:
        shown.add_row(*(_short(cell) if isinstance(cell, datetime) else escape(str(cell)) for cell in row))
    console().print(shown)
    if not rows:
        console().print("none")


def _short(moment: datetime) -> str:
    """A time as a narrow column has room for: UTC, the hour where it is today's, else the day."""
    moment, today = moment.astimezone(UTC), datetime.now(UTC).date()
    return f"{moment:%H:%M} UTC" if moment.date() == today else f"{moment:%Y-%m-%d}"


def iso(moment: datetime | None) -> str | None:
    """A time as the JSON shapes have it: UTC, ISO 8601 with Z; None when unknown."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
