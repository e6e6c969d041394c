"""The command line: `marsad`, with one module of commands per noun."""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from alerts.problems import ChannelError
from language.concepts import ConceptError
from marsad.commands import alerts, daemon, database, incidents, places, rules, searching, sources, trying
from marsad.commands.front import Front
from marsad.errors import BadInput
from rules.query import QueryError
from rules.rule import RuleError
from spiders.children import ChildFailed
from storage.database import DatabaseError, DatabaseUnreachable
from storage.embedded import EmbeddedServerFailed
from storage.migrations import DatabaseNewer, MigrationChanged

app = typer.Typer(
    name="marsad",
    help="Watch the news about Iraq in many languages and be told once, within seconds.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

# What people can mend: said in one line, exit 1. Anything else is a bug of ours and shows itself as one.
SAYABLE = (
    BadInput,
    ChannelError,
    ChildFailed,
    ConceptError,
    DatabaseError,
    DatabaseNewer,
    DatabaseUnreachable,
    EmbeddedServerFailed,
    MigrationChanged,
    QueryError,
    RuleError,
)


@app.callback()
def root(
    ctx: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="Configuration file; default ./marsad.toml or the user's.")
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", help="Folder of the embedded database and the captures.")
    ] = None,
    dsn: Annotated[
        str | None, typer.Option("--dsn", help="A PostgreSQL of your own instead of the embedded one.")
    ] = None,
) -> None:
    """Read where things are; the commands read the rest when they need it."""
    ctx.obj = Front(config=config, home=home, dsn=dsn)


daemon.add_to(app)
database.add_to(app)
searching.add_to(app)
app.add_typer(sources.app, name="source")
app.add_typer(rules.app, name="rule")
app.add_typer(alerts.app, name="alert")
app.add_typer(incidents.app, name="incident")
app.add_typer(places.app, name="place")
app.add_typer(trying.app, name="try")


def main() -> NoReturn:
    """Run a command; bad input ends in one line on stderr: exit 1, or 2 for wrong usage; a closed pipe in silence."""
    try:
        code = app(standalone_mode=False)
    except SAYABLE as error:
        _say(str(error))
        sys.exit(1)
    except typer.Abort:
        _say("no answer came to the question, so nothing was changed; answer it, or give --yes")
        sys.exit(1)
    except TyperException as error:
        _say_usage(error)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer made an exit 1 of it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        raise
    sys.exit(code or 0)


def _say(message: str) -> None:
    print(f"marsad: {' '.join(message.split())}", file=sys.stderr)


def _say_usage(error: TyperException) -> None:
    """Wrong usage in one line; a bare `marsad` or `marsad source` has shown its help already and says nothing."""
    if message := error.format_message().strip():
        command = getattr(getattr(error, "ctx", None), "command_path", "marsad")
        _say(f"{message.rstrip('.')}; see {command} --help")
