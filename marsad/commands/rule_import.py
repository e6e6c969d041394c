"""`marsad rule import`: rules of other programs, as a watch file."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from alerts.safe import one_line
from marsad.errors import BadInput
from marsad.textfile import read_text
from rules.importers.imported import Imported, ImportFailedError
from rules.importers.importing import FORMATS, import_rules, program_of
from rules.importers.watchtext import watch_text

Program = Literal["auto", "miniflux", "freshrss", "google-alerts", "talkwalker", "meltwater", "emm"]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("import")(import_command)


def import_command(
    file: Annotated[str, typer.Argument(help="What the other program exported; - for standard input.")],
    program: Annotated[Program, typer.Option("--from", help="The program; auto: found out.")] = "auto",
    output: Annotated[
        Path | None, typer.Option("--output", help="A new file; default: standard output.")
    ] = None,
) -> None:
    """Turn rules of another program into a watch file, with a comment for everything that is not as it was."""
    text = _text_of(file)
    known = program if program != "auto" else program_of(text)
    if known is None:
        raise BadInput(f"{file}: more than one program writes so; say which: --from {'|'.join(FORMATS)}")
    try:
        imported = import_rules(text, known)
    except ImportFailedError as error:
        raise BadInput(f"{file}: {error}") from None
    _write(watch_text(imported, origin=f"{known} ({one_line(file)})"), output)
    typer.echo(_summary(imported, known), err=True)


def _text_of(file: str) -> str:
    if file != "-":
        return read_text(Path(file))
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"standard input: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None


def _write(text: str, output: Path | None) -> None:
    """A new file only: nobody's rules are lost."""
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        with open(
            os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8"
        ) as opened:
            opened.write(text)
    except FileExistsError:
        raise BadInput(f"{output}: is there already; give another name") from None
    except OSError as error:
        raise BadInput(f"{output}: cannot be written: {error.strerror}; check the folder") from None


def _summary(imported: Imported, program: str) -> str:
    broken = sum(rule.cannot_run is not None for rule in imported.rules)
    notes = len(imported.notes) + sum(len(rule.notes) for rule in imported.rules)
    good = len(imported.rules) - broken
    counts = [f"{good} rule{'' if good == 1 else 's'} from {program}"]
    if imported.concepts:
        counts.append(f"{len(imported.concepts)} of their lists as concepts")
    if notes:
        counts.append(f"{notes} thing{'' if notes == 1 else 's'} not as before: read the comments")
    if broken:
        counts.append(f"{broken} cannot run and stand there as comments")
    return "; ".join(counts)
