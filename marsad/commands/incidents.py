"""`marsad incident`: what is wrong with sources and with the installation, and which rules are blind by it."""

from typing import Annotated

import typer

from marsad.commands.front import front_of, iso, print_row, run_async, table
from storage.incidents import Incident, list_incidents, list_open_incidents

app = typer.Typer(help="What is wrong, since when, and which rules are blind by it.", no_args_is_help=True)

MOST_RULES = 3  # named in a table's cell
LONGEST_CELL = 300


@app.command("list")
def list_command(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that are over, newest first.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON row each.")] = False,
) -> None:
    """What is open, the oldest first; with --all the history. People are told of it through the channels."""

    async def rows() -> list[Incident]:
        async with front_of(ctx).store() as store, store.db.connection() as conn:
            if everything:
                return await list_incidents(conn, limit=limit)
            return (await list_open_incidents(conn))[:limit]

    found = run_async(rows())
    if as_json:
        for incident in found:
            print_row(_row(incident))
        return
    columns = ("since", "kind", "source", "what", "blind rules", "what to do", "told")
    if everything:
        columns = (*columns, "until")
    table("Incidents", columns, [_cells(incident, everything=everything) for incident in found])


def _cells(incident: Incident, *, everything: bool) -> tuple[object, ...]:
    cells = (
        incident.since,
        incident.kind,
        _short(incident.source_name or incident.subject),
        _short(incident.detail),
        _named(incident.rules),
        _short(incident.remedy),
        incident.told_at or ("not yet" if incident.closed_at is None else "no"),
    )
    return (*cells, incident.closed_at or "open") if everything else cells


def _named(rules: tuple[str, ...]) -> str:
    """The first names, and how many more there are."""
    named = ", ".join(_short(rule) for rule in rules[:MOST_RULES])
    return f"{named} and {len(rules) - MOST_RULES} more" if len(rules) > MOST_RULES else named or "none"


def _short(text: str) -> str:
    """The text on one line, as a cell has room for."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 1] + "…"


def _row(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "kind": incident.kind,
        "subject": incident.subject,
        "source": incident.source_name,
        "url": incident.source_url,
        "since": iso(incident.since),
        "opened_at": iso(incident.opened_at),
        "closed_at": iso(incident.closed_at),
        "told_at": iso(incident.told_at),
        "what": incident.detail,
        "remedy": incident.remedy,
        "blind_rules": list(incident.rules),
    }
