"""`marsad source`: what is watched, and how it is doing."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

import typer

from marsad.commands.front import front_of, iso, print_row, run_async, table
from marsad.commands.try_reading import Asked, try_sources
from marsad.errors import BadInput
from marsad.gateway import policy_of
from marsad.store import Store
from marsad.watchfile import SourceTable, parse_duration
from spiders.gate.addresses import Refusal
from storage.sources import Source, list_sources, put_source, remove_source, source_key

app = typer.Typer(help="What is watched, and how it is doing.", no_args_is_help=True)

BY_HAND = "hand"


@app.command("list")
def list_command(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON row per source.")] = False,
) -> None:
    """Every source with its last visit, its pace and what is wrong with it."""

    async def rows() -> list[Source]:
        async with front_of(ctx).store() as store, store.db.connection() as conn:
            return await list_sources(conn)

    sources = run_async(rows())
    if as_json:
        for source in sources:
            print_row(_row(source))
        return
    columns = ("id", "name", "kind", "status", "last visit", "again", "what is wrong")
    table("Sources", columns, [_cells(source) for source in sources])


@app.command("add")
def add_command(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="A feed, a sitemap or a page that lists articles.")],
    name: Annotated[str | None, typer.Option("--name", help="What to call it; default: its host.")] = None,
    every: Annotated[str, typer.Option("--every", help="The shortest time between two visits.")] = "10m",
    lang: Annotated[
        str | None, typer.Option("--lang", help="Its language, as in ar; default: found out per article.")
    ] = None,
) -> None:
    """Watch one more source; its kind is found out at the first visit."""
    try:
        shortest = parse_duration(every)
        given = SourceTable(
            name=name or urlsplit(url).hostname or url,
            url=url,
            every=shortest if isinstance(shortest, timedelta) else timedelta(minutes=10),
            lang=lang,
        )
    except ValueError as error:
        raise BadInput(f"source add {url}: {_first_line(error)}") from None

    refusal = policy_of(front_of(ctx).configuration()).check_url(url)
    if isinstance(refusal, Refusal):
        raise BadInput(f"source add {url}: refused: {refusal}")

    async def add() -> int:
        async with front_of(ctx).store() as store, store.db.transaction() as conn:
            await _refuse_file_source(store, url)
            return await put_source(conn, given.spec(), origin=BY_HAND)

    typer.echo(f"source {run_async(add())}: {given.name}")


@app.command("remove")
def remove_command(
    ctx: typer.Context, url: Annotated[str, typer.Argument(help="Its address, as it was added.")]
) -> None:
    """Watch a source no more; its articles stay. Sources from watch files are removed there."""

    async def remove() -> bool:
        async with front_of(ctx).store() as store, store.db.transaction() as conn:
            await _refuse_file_source(store, url)
            return await remove_source(conn, source_key(url))

    if not run_async(remove()):
        raise BadInput(f"{url}: no such source; see marsad source list")
    typer.echo(f"removed {url}")


@app.command("try")
def try_command(ctx: typer.Context, url: Annotated[str, typer.Argument(help="Its address.")]) -> None:
    """Fetch a source now and print its entries; nothing is stored."""
    run_async(try_sources(front_of(ctx).configuration(), Asked(what=url, url=None)))


async def _refuse_file_source(store: Store, url: str) -> None:
    async with store.db.connection() as conn:
        known = {source.url: source.origin for source in await list_sources(conn)}
    if known.get(url, BY_HAND) != BY_HAND:
        raise BadInput(f"{url} comes from a watch file; change it there and run marsad apply")


def _first_line(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    return str(errors()[0]["msg"]).removeprefix("Value error, ") if errors else str(error)


def _cells(source: Source) -> tuple[object, ...]:
    return (
        source.id,
        source.name,
        source.kind or "?",
        source.last_status or "not visited",
        source.last_visited_at or "-",
        source.due_at,
        source.last_error or "",
    )


def _row(source: Source) -> dict[str, object]:
    return {
        "id": source.id,
        "name": source.name,
        "url": source.url,
        "kind": source.kind,
        "origin": source.origin,
        "enabled": source.enabled,
        "every_seconds": source.every.total_seconds(),
        "pace_seconds": source.pace.total_seconds(),
        "visits": source.visits,
        "failures": source.failures,
        "last_status": source.last_status,
        "last_visited_at": iso(source.last_visited_at),
        "last_new_at": iso(source.last_new_at),
        "due_at": iso(source.due_at),
        "error": source.last_error,
    }
