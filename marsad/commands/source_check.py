"""`marsad source check`: every source tried side by side, and a table of what works."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from alerts.safe import one_line
from marsad.commands.front import Front, console, front_of, iso, print_row, run_async, table
from marsad.commands.offers import ago
from marsad.configuration import Configuration
from marsad.errors import BadInput
from marsad.looking import Looking, open_looking
from marsad.watchfile import load_watch
from spiders.discovery import Brought
from spiders.fetching import Fetched, FetchFailed
from storage.sources import SourceSpec, list_sources

AT_ONCE = 16
OTHER_COLUMNS = 58  # how wide they get: a kind may be site:NAME, the newest a date
COLUMNS = ("source", "status", "kind", "entries", "newest", "lang", "seconds", "problem", "address")
WORKS, SHORT, EMPTY, BLOCKED = "works", "short", "empty", "blocked"
NOTHING = Brought(kind="-")
_STYLES = {WORKS: "green", SHORT: "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One source and what trying it brought. Status: works, short, empty, or the kind of failure."""

    source: SourceSpec
    status: str
    brought: Brought = NOTHING
    problem: str | None = None
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        return self.status not in (WORKS, SHORT)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("check")(check_command)


def check_command(
    ctx: typer.Context,
    which: Annotated[
        list[str] | None, typer.Argument(help="Names or addresses of sources; default: all.")
    ] = None,
    watch: Annotated[
        list[str] | None,
        typer.Option("--watch", help="Those of this file, folder or pack, without a database; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON row per source.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a source does not work.")] = False,
) -> None:
    """Try sources side by side and tell what works; nothing is stored."""
    front = front_of(ctx)
    configuration = front.configuration()
    sources = _named(load_watch(watch).sources if watch else run_async(_watched(front)), which or [])
    checked = run_async(_check(configuration, sources))
    _show(checked, as_json=as_json)
    if strict and any(one.failed for one in checked):
        raise typer.Exit(1)


async def _watched(front: Front) -> Sequence[SourceSpec]:
    async with front.store() as store, store.db.connection() as conn:
        return [source for source in await list_sources(conn) if source.enabled]


def _named(sources: Sequence[SourceSpec], which: Sequence[str]) -> list[SourceSpec]:
    """The sources of these names or addresses, all without any; BadInput for one that is not there."""
    if not sources:
        raise BadInput(
            "no sources are watched yet; add one with marsad source add, or name some with --watch"
        )
    for asked in which:
        if not any(asked in (source.name, source.url) for source in sources):
            raise BadInput(f"{asked}: no such source; see marsad source list")
    return [source for source in sources if not which or {source.name, source.url} & set(which)]


async def _check(configuration: Configuration, sources: Sequence[SourceSpec]) -> list[Checked]:
    """Try all of them, so many at once; the gate holds two at a time per host."""
    places = asyncio.Semaphore(AT_ONCE)
    async with open_looking(configuration) as looking, _progress(len(sources)) as progress:

        async def one(source: SourceSpec) -> Checked:
            async with places:
                checked = await check(looking, source)
            progress.advance(progress.task_ids[0])
            return checked

        return list(await asyncio.gather(*map(one, sources)))


async def check(looking: Looking, source: SourceSpec) -> Checked:
    """Visit one source as the daemon would, an index of sitemaps with its newest part, and keep nothing."""
    if not await looking.may_visit(source):
        reason = 'robots.txt forbids it; set robots = "ignore" if you have the right to'
        return Checked(source=source, status=BLOCKED, problem=reason)
    result = await looking.fetch(source, source.url)
    if isinstance(result, FetchFailed):
        return Checked(source=source, status=result.kind.value, problem=result.reason, seconds=result.seconds)
    assert isinstance(result, Fetched), "nothing conditional was asked"
    seconds, brought = result.seconds, await looking.read(source, result)
    if brought.kind == "sitemap" and not brought.addresses and brought.older:
        part = await looking.fetch(source, brought.older)
        seconds += part.seconds
        if isinstance(part, Fetched):
            brought = await looking.read(source, part)
    return Checked(
        source=source,
        status=_status(brought),
        brought=brought,
        problem=_problem(result, brought),
        seconds=seconds,
    )


def _status(brought: Brought) -> str:
    if not brought.addresses:
        return BLOCKED if (brought.error or "").startswith(BLOCKED) else EMPTY
    return SHORT if brought.error else WORKS


def _problem(fetched: Fetched, brought: Brought) -> str | None:
    notes = [brought.error] if brought.error else [] if brought.addresses else ["no entries"]
    if fetched.moved_to:
        notes.append(f"moved for good to {fetched.moved_to}")
    return "; ".join(notes) or None


@asynccontextmanager
async def _progress(total: int) -> AsyncGenerator[Progress]:
    """A bar on a terminal, on stderr so that the rows can be piped; nothing elsewhere."""
    bar = Progress(
        TextColumn("looking at sources"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        bar.add_task("look", total=total)
        yield bar


def _show(checked: Sequence[Checked], *, as_json: bool) -> None:
    if as_json:
        for one in checked:
            print_row(_row(one))
    elif sys.stdout.isatty():
        _print_table(checked)
    else:
        table("", COLUMNS, [_cells(one) for one in checked])
    working = sum(not one.failed for one in checked)
    print(f"{working} of {len(checked)} work", file=sys.stderr)


def _print_table(checked: Sequence[Checked]) -> None:
    """A line per source, what does not work last; then, over the whole width, why."""
    shown = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    room = max(console().width - OTHER_COLUMNS, 16)
    shown.add_column("source", no_wrap=True, overflow="ellipsis", max_width=room)
    for name in ("status", "kind", "entries", "newest", "lang", "sec"):
        shown.add_column(name, no_wrap=True, justify="right" if name in ("entries", "sec") else "left")
    now, ordered = datetime.now(UTC), sorted(checked, key=lambda one: one.failed)
    for one in ordered:
        status = Text(one.status, style=_STYLES.get(one.status, "red"))
        brought, seconds = one.brought, f"{one.seconds:.1f}"
        shown.add_row(
            Text(one_line(one.source.name)), status, brought.kind, str(len(brought.addresses)),
            ago(brought.newest, now), brought.lang or "-", seconds,
        )  # fmt: skip
    console().print(shown)
    for one in ordered:
        if one.problem:
            style = "red" if one.failed else "yellow"
            words = Text.assemble((one_line(one.source.name), "bold"), ": ", (one_line(one.problem), style))
            console().print(words)


def _cells(one: Checked) -> tuple[object, ...]:
    brought = one.brought
    return (
        one_line(one.source.name), one.status, brought.kind, len(brought.addresses), brought.newest or "-",
        brought.lang or "-", f"{one.seconds:.1f}", one_line(one.problem or "-"), one.source.url,
    )  # fmt: skip


def _row(one: Checked) -> dict[str, object]:
    return {
        "name": one.source.name,
        "url": one.source.url,
        "status": one.status,
        "kind": one.brought.kind if one.brought.kind != "-" else None,
        "entries": len(one.brought.addresses),
        "newest": iso(one.brought.newest),
        "lang": one.brought.lang,
        "seconds": round(one.seconds, 3),
        "problem": one.problem,
    }
