"""`marsad run` and `marsad demo`."""

from pathlib import Path
from typing import Annotated

import typer

from marsad.commands.front import front_of, run_async
from marsad.daemon import Role, run
from marsad.demo.show import DemoOptions, show

Watch = Annotated[
    list[str] | None,
    typer.Option(
        "--watch",
        help="Watch file, folder or pack; repeatable. Default: what is configured, else the pack iraq.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("run")(run_command)
    app.command("demo")(demo_command)


def run_command(
    ctx: typer.Context,
    watch: Watch = None,
    role: Annotated[
        str, typer.Option("--role", help="What this process does: all, collect or deliver.")
    ] = "all",
) -> None:
    """Run the daemon: collect, match and tell until SIGTERM; SIGHUP reloads the watch files."""
    configuration = front_of(ctx).configuration({"watch": _absolute(watch)})
    run_async(run(configuration, role=_role(role)))


def demo_command(
    once: Annotated[bool, typer.Option("--once", help="End when every expected alert is there.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON row per alert, a last one of totals.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of the demo's news web; 0: any free one.")
    ] = 0,
    seconds: Annotated[float, typer.Option("--seconds", help="Give up after so long.")] = 110.0,
) -> None:
    """Show the main job without a network: a small news web breaks stories, alerts arrive here."""
    ok = run_async(show(DemoOptions(once=once, as_json=as_json, port=port, seconds=seconds)))
    raise typer.Exit(0 if ok else 1)


def _absolute(watch: list[str] | None) -> tuple[str, ...] | None:
    """Paths are fixed at the start: a reload must find the same files."""
    if not watch:
        return None
    return tuple(str(Path(name).resolve()) if Path(name).exists() else name for name in watch)


def _role(value: str) -> Role:
    match value:
        case "all" | "collect" | "deliver":
            return value
        case _:
            raise typer.BadParameter(f"{value!r} is no role; use all, collect or deliver")
