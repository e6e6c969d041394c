"""`marsad apply`, `migrate` and `doctor`: the installation itself."""

import shlex
from collections.abc import Sequence
from typing import Annotated

import typer

from marsad.apply import Change, apply, plan
from marsad.commands.daemon import Watch
from marsad.commands.front import front_of, run_async
from marsad.commands.rule_lint import warn_of_new
from marsad.configuration import Configuration
from marsad.doctor import Finding, examine
from marsad.store import open_store
from marsad.watchfile import WatchSet, load_watch
from storage.search import oldest_since


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("apply")(apply_command)
    app.command("migrate")(migrate_command)
    app.command("doctor")(doctor_command)


def apply_command(
    ctx: typer.Context,
    watch: Watch = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the difference.")] = False,
) -> None:
    """Show the difference between watch files and database, and make the database equal to them."""
    configuration = front_of(ctx).configuration({"watch": tuple(watch) if watch else None})
    wanted = load_watch(configuration.watch)
    changes = run_async(_plan(configuration, wanted))
    for change in changes:
        typer.echo(str(change))
    if not changes:
        typer.echo("nothing to change")
        return
    warn_of_new(wanted, _new(changes, "rule"), _new(changes, "concept"))
    if dry_run or not (yes or typer.confirm(f"Make {_counted(changes)}?")):
        return
    is_anything_stored = run_async(_apply(configuration, wanted))
    typer.echo(f"{_counted(changes)} made")
    if is_anything_stored and (offer := replay_offer(changes)):
        typer.echo(offer)


def replay_offer(changes: Sequence[Change]) -> str | None:
    """What to type to hold new rules over what is stored; None where there are none."""
    names = [change.name for change in changes if change.noun == "rule" and change.sign == "+"]
    if not names:
        return None
    rules = "1 new rule; hold it" if len(names) == 1 else f"{len(names)} new rules; hold them"
    return f"{rules} over what is stored: marsad rule replay {shlex.quote(names[0]) if len(names) == 1 else 'NAME'}"


def _new(changes: Sequence[Change], noun: str) -> list[str]:
    """The names of what is added or changed."""
    return [change.name for change in changes if change.noun == noun and change.sign != "-"]


def _counted(changes: list[Change]) -> str:
    return "1 change" if len(changes) == 1 else f"{len(changes)} changes"


async def _plan(configuration: Configuration, wanted: WatchSet) -> list[Change]:
    async with open_store(configuration, connections=2) as store:
        return await plan(store.db, wanted)


async def _apply(configuration: Configuration, wanted: WatchSet) -> bool:
    """Make the changes; whether any article is stored, over which new rules can be held."""
    async with open_store(configuration, connections=2) as store:
        await apply(store.db, wanted)
        async with store.db.connection() as conn:
            return await oldest_since(conn) is not None


def migrate_command(ctx: typer.Context) -> None:
    """Bring the database up to this version; safe to repeat and to interrupt."""
    done = run_async(_migrate(front_of(ctx).configuration()))
    typer.echo("\n".join(f"applied {name}" for name in done) or "the database is up to date")


async def _migrate(configuration: Configuration) -> tuple[str, ...]:
    async with open_store(configuration, connections=1) as store:
        return store.migrated


def doctor_command(
    ctx: typer.Context,
    watch: Watch = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only the database: for health checks.")] = False,
) -> None:
    """Examine the installation, a line each; exit 1 if something needs mending."""
    front = front_of(ctx)
    findings: list[Finding] = run_async(
        examine(lambda: front.configuration({"watch": tuple(watch) if watch else None}), quick=quick)
    )
    for finding in findings:
        typer.echo(str(finding))
    if any(not finding.well for finding in findings):
        raise typer.Exit(1)
