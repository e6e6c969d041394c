"""`marsad source move`: take the new address that a source's server names, history and all."""

from typing import Annotated

import typer

from marsad.commands.front import Front, front_of, run_async
from marsad.commands.source_add import BY_HAND
from marsad.errors import BadInput
from marsad.gateway import policy_of
from spiders.gate.addresses import Refusal
from storage.sources import Source, list_sources, move_source


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("move")(move_command)


def move_command(
    ctx: typer.Context, url: Annotated[str, typer.Argument(help="Its address so far, or its name.")]
) -> None:
    """Take the address to which a source has moved, as `source list` proposes it; its history stays with it."""
    front = front_of(ctx)
    source = run_async(_find(front, url))
    new = _new_address(source)
    refusal = policy_of(front.configuration()).check_url(new)
    if isinstance(refusal, Refusal):
        raise BadInput(f"{source.url}: its new address {new} is refused: {refusal}")
    run_async(_move(front, source, new))
    typer.echo(f"{source.name}: {source.url} -> {new}")


async def _find(front: Front, asked: str) -> Source:
    async with front.store() as store, store.db.connection() as conn:
        found = [source for source in await list_sources(conn) if asked in (source.url, source.name)]
    if not found:
        raise BadInput(f"{asked}: no such source; see marsad source list")
    if len(found) > 1:
        raise BadInput(f"{asked}: {len(found)} sources have this name; give the address of one")
    return found[0]


def _new_address(source: Source) -> str:
    new = source.moved_to
    if new is None:
        raise BadInput(f"{source.url}: no new address is proposed; its server has not said that it moved")
    if source.origin != BY_HAND:
        raise BadInput(f"{source.url} comes from a watch file; write {new} there and run marsad apply")
    return new


async def _move(front: Front, source: Source, new: str) -> None:
    async with front.store() as store, store.db.transaction() as conn:
        moved = await move_source(conn, source.id, new)
    if not moved:
        raise BadInput(f"{new} is, or was, another source; remove {source.url} if you watch that one")
