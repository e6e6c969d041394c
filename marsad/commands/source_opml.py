"""`marsad source import` and `export`: lists of feeds from and for other readers."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from alerts.safe import one_line
from marsad.commands.front import Front, front_of, run_async
from marsad.commands.rows import existing_file
from marsad.commands.source_add import BY_HAND
from marsad.configuration import Configuration
from marsad.errors import BadInput, explain
from marsad.gateway import policy_of
from marsad.watchfile import SourceTable
from spiders.gate.addresses import Refusal
from spiders.opml import MOST_BYTES, Opml, OpmlError, Outline, read_opml, write_opml
from storage.sources import Source, SourceSpec, list_sources, put_source

MOST_SHOWN = 12
EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What importing a list would do."""

    new: tuple[SourceSpec, ...]
    known: int
    refused: tuple[str, ...]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("import")(import_command)
    app.command("export")(export_command)


def import_command(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(help="An OPML file, as other readers export it; - for standard input.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Watch the feeds of an OPML list: shows what is new, asks, and adds. Nothing is fetched before."""
    front = front_of(ctx)
    configuration = front.configuration()
    try:
        listed = read_opml(_bytes_of(file))
    except OpmlError as error:
        raise BadInput(f"{file}: {error}") from None
    preview = preview_of(listed, configuration, run_async(_watched(front)))
    _show(file, listed, preview)
    if not preview.new:
        return
    if not yes:
        if not sys.stdin.isatty() or file == "-":
            raise BadInput(f"source import {file}: nobody to ask; give --yes to add {_counted(preview.new)}")
        if not typer.confirm(f"Add {_counted(preview.new)}?"):
            return
    run_async(_keep(front, preview.new))
    typer.echo(f"{_counted(preview.new)} added")


def export_command(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="Where to write it; default: standard output.")] = "-",
) -> None:
    """Write the sources as an OPML list that other readers take; logins and proxies stay here."""
    sources = run_async(_watched(front_of(ctx)))
    text = write_opml(map(_outline, sources), title="Marsad", now=datetime.now(UTC))
    if file == "-":
        sys.stdout.write(text)
        return
    _write(Path(file), text)
    typer.echo(f"{_counted(sources)} written to {file}")


def preview_of(listed: Opml, configuration: Configuration, watched: Sequence[SourceSpec]) -> Preview:
    """Sort a list into what is new, what is watched, and what the gate or the settings refuse."""
    known, policy = {source.key for source in watched}, policy_of(configuration)
    new: list[SourceSpec] = []
    refused = [f"{one.name}: {one.reason}" for one in listed.refused]
    seen = 0
    for one in listed.outlines:
        try:
            spec = _spec(one)
        except ValidationError as error:
            refused.append(explain(error, where=one.name, root=SourceTable))
            continue
        judged = policy.check_url(one.url)
        if isinstance(judged, Refusal):
            refused.append(f"{one.name}: {judged}")
        elif spec.key in known:
            seen += 1
        else:
            new.append(spec)
    return Preview(new=tuple(new), known=seen, refused=tuple(refused))


def _spec(one: Outline) -> SourceSpec:
    return SourceTable(
        name=one_line(one.name, 200) or one.url[:200],
        url=one.url,
        every=one.every or EVERY,
        lang=one.lang,
        country=one.country,
        tags=one.tags,
        tier=one.tier,
    ).spec()


def _outline(source: Source) -> Outline:
    return Outline(
        url=source.url,
        name=source.name,
        lang=source.lang,
        tags=source.tags,
        country=source.country,
        tier=source.tier,
        every=source.every,
    )


def _show(file: str, listed: Opml, preview: Preview) -> None:
    for spec in preview.new[:MOST_SHOWN]:
        tags = f"  [{', '.join(spec.tags)}]" if spec.tags else ""
        typer.echo(f"+ {spec.name}  {spec.url}{one_line(tags)}")
    if len(preview.new) > MOST_SHOWN:
        typer.echo(f"+ and {len(preview.new) - MOST_SHOWN} more")
    for reason in preview.refused[:MOST_SHOWN]:
        typer.echo(f"! refused: {one_line(reason)}")
    if len(preview.refused) > MOST_SHOWN:
        typer.echo(f"! and {len(preview.refused) - MOST_SHOWN} more refused")
    counts = f"{len(preview.new)} new, {preview.known} watched already, {len(preview.refused)} refused"
    twice = f", {listed.repeated} named twice" if listed.repeated else ""
    typer.echo(f"{file}: {counts}{twice}")
    if listed.note:
        typer.echo(f"{file}: {listed.note}")


async def _watched(front: Front) -> list[Source]:
    async with front.store() as store, store.db.connection() as conn:
        return await list_sources(conn)


async def _keep(front: Front, specs: Sequence[SourceSpec]) -> None:
    async with front.store() as store, store.db.transaction() as conn:
        for spec in specs:
            await put_source(conn, spec, origin=BY_HAND)


def _bytes_of(file: str) -> bytes:
    """No more than one byte beyond the limit is ever held."""
    if file == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    with existing_file(file).open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _write(path: Path, text: str) -> None:
    """The whole list or the file as it was."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}; check the folder") from None


def _counted(sources: Sequence[object]) -> str:
    return "1 source" if len(sources) == 1 else f"{len(sources)} sources"
