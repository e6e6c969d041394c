"""`marsad source`: what is watched, and how it is doing."""

from typing import Annotated

import typer

from marsad.commands import source_add, source_check, source_move, source_opml
from marsad.commands.front import front_of, iso, print_row, run_async, table
from marsad.commands.source_add import addresses_watched
from marsad.commands.try_reading import Asked, try_sources
from marsad.errors import BadInput
from storage.sources import Source, list_sources, remove_source, source_key

app = typer.Typer(help="What is watched, and how it is doing.", no_args_is_help=True)

for _commands in (source_add, source_check, source_move, source_opml):
    _commands.add_to(app)


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


@app.command("remove")
def remove_command(
    ctx: typer.Context, url: Annotated[str, typer.Argument(help="Its address, as it was added.")]
) -> None:
    """Watch a source no more; its articles stay. Sources from watch files are removed there."""

    async def remove() -> bool:
        async with front_of(ctx).store() as store, store.db.transaction() as conn:
            await addresses_watched(store, url)
            return await remove_source(conn, source_key(url))

    if not run_async(remove()):
        raise BadInput(f"{url}: no such source; see marsad source list")
    typer.echo(f"removed {url}")


@app.command("try")
def try_command(ctx: typer.Context, url: Annotated[str, typer.Argument(help="Its address.")]) -> None:
    """Fetch a source now and print its entries; nothing is stored."""
    run_async(try_sources(front_of(ctx).configuration(), Asked(what=url, url=None)))


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
