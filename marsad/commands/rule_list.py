"""`marsad rule list`: every rule, how often it matches, and what is wrong with it."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from alerts.safe import one_line
from marsad.commands.front import front_of, iso, print_row, run_async, table
from scheduler.rulestanding import Standing, standings

COLUMNS = ("rule", "severity", "languages", "channels", "24 h", "7 days", "total", "last match", "state")
LONGEST_CELL = 300


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("list")(list_command)


def list_command(
    ctx: typer.Context,
    ill: Annotated[bool, typer.Option("--ill", help="Only those with something to look into.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON row each.")] = False,
) -> None:
    """Every rule with its matches of the last day, week and ever, and whether it has fallen silent or floods."""

    async def rows() -> list[Standing]:
        async with front_of(ctx).store() as store:
            return await standings(store.db, datetime.now(UTC))

    found = [one for one in run_async(rows()) if not (ill and one.is_well)]
    if as_json:
        for one in found:
            print_row(_row(one))
        return
    table("Rules", COLUMNS, [_cells(one) for one in found])


def _cells(one: Standing) -> tuple[object, ...]:
    rule = one.activity
    return (
        one_line(rule.name), rule.severity, ", ".join(rule.languages) or "all", ", ".join(rule.alert) or "all",
        rule.day, rule.week, rule.total, rule.last_at or "-",
        one_line(f"{one.state}: {one.why}" if one.why else one.state, LONGEST_CELL),
    )  # fmt: skip


def _row(one: Standing) -> dict[str, object]:
    rule = one.activity
    return {
        "rule": rule.name,
        "severity": rule.severity,
        "languages": list(rule.languages),
        "channels": list(rule.alert),
        "enabled": rule.enabled,
        "changed_at": iso(rule.changed_at),
        "matches_24h": rule.day,
        "matches_7d": rule.week,
        "matches": rule.total,
        "last_match": iso(rule.last_at),
        "state": one.state,
        "why": one.why or None,
    }
