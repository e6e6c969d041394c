"""`marsad source`: what is watched, and how it is doing."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated

import typer

from marsad.commands import source_add, source_check, source_move, source_opml
from marsad.commands.front import front_of, iso, print_row, run_async, table
from marsad.commands.source_add import addresses_watched
from marsad.commands.try_reading import Asked, try_sources
from marsad.errors import BadInput
from scheduler.subscribing import TRUST_AFTER
from storage.incidents import Incident, list_open_incidents
from storage.sources import Source, list_sources, remove_source, source_key
from storage.subscriptions import PushState, list_push_states

app = typer.Typer(help="What is watched, and how it is doing.", no_args_is_help=True)

for _commands in (source_add, source_check, source_move, source_opml):
    _commands.add_to(app)


@app.command("list")
def list_command(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON row per source.")] = False,
) -> None:
    """Every source with its health, its last visit and pace, and what is wrong with it."""
    watched = run_async(_watched(ctx))
    if as_json:
        for one in watched:
            print_row(_row(one))
        return
    columns = ("id", "name", "kind", "health", "last visit", "last news", "again", "what is wrong")
    table("Sources", columns, [_cells(one) for one in watched])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """A source, what is wrong with it and how push stands."""

    source: Source
    incidents: tuple[Incident, ...]
    push: PushState | None


async def _watched(ctx: typer.Context) -> list[_Watched]:
    async with front_of(ctx).store() as store, store.db.connection() as conn:
        incidents: defaultdict[int | None, list[Incident]] = defaultdict(list)
        for one in await list_open_incidents(conn):
            incidents[one.source_id].append(one)
        pushes = await list_push_states(conn, trust_after=TRUST_AFTER)
        return [
            _Watched(source=source, incidents=tuple(incidents[source.id]), push=pushes.get(source.id))
            for source in await list_sources(conn)
        ]


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


def _cells(one: _Watched) -> tuple[object, ...]:
    source = one.source
    return (
        source.id,
        source.name,
        source.kind or "?",
        _health(one),
        source.last_visited_at or "-",
        source.last_new_at or "-",
        source.due_at if source.enabled else "-",
        "; ".join(f"{i.kind}: {i.detail}" for i in one.incidents) or source.last_error or "",
    )


def _health(one: _Watched) -> str:
    """One word or a few: which incidents are open, else how the last visit went."""
    if not one.source.enabled:
        return "paused"
    if one.incidents:
        return ", ".join(i.kind for i in one.incidents)
    if one.source.last_status is None:
        return "not visited"
    return "failed once" if one.source.last_status in ("failed", "empty") else "well"


def _row(one: _Watched) -> dict[str, object]:
    source = one.source
    return {
        "id": source.id,
        "name": source.name,
        "url": source.url,
        "kind": source.kind,
        "lang": source.lang,
        "country": source.country,
        "tier": source.tier,
        "origin": source.origin,
        "enabled": source.enabled,
        "health": _health(one),
        "incidents": [
            {
                "kind": i.kind,
                "since": iso(i.since),
                "detail": i.detail,
                "remedy": i.remedy,
                "rules": list(i.rules),
            }
            for i in one.incidents
        ],
        "moved_to": source.moved_to,
        "push": None if one.push is None else {"state": one.push.state, "hub": one.push.hub},
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
