"""`marsad rule`: try a rule on a text; its other commands stand in modules of their own."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from language.detect import detect
from language.passages import passages
from marsad.commands import rule_backtest, rule_import, rule_lint, rule_list, rule_replay
from marsad.commands.front import console
from marsad.commands.rule_help import compile_query
from marsad.commands.rule_lint import lint_query, warn
from marsad.errors import BadInput
from rules.document import Document, Hit, Reason
from rules.highlight import snippet
from scheduler.ruleset import concepts_of

app = typer.Typer(
    help="Try a rule, hold it over everything stored, see how the rules do.", no_args_is_help=True
)
rule_backtest.add_to(app)
rule_import.add_to(app)
rule_lint.add_to(app)
rule_list.add_to(app)
rule_replay.add_to(app)


@app.command("try")
def try_command(
    query: Annotated[str, typer.Argument(help="A query in the rule language.")],
    text: Annotated[str | None, typer.Argument(help="The text; left out: standard input.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Read the text from a file.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Its language; default: found out.")] = None,
) -> None:
    """Hold a query against a text and show which words met, and why."""
    concepts = concepts_of({})
    _, engine = compile_query(query, concepts)
    read = _text(text, file)
    code = lang or detect(read)
    document = Document(
        title="",
        body=read,
        lang=code,
        date=datetime.now(UTC),
        passages=passages(read, code),
    )
    hits = engine.match(document)
    warn(lint_query(query, concepts))
    if not hits:
        typer.echo(f"no match (language: {document.lang})")
        raise typer.Exit(1)
    _show(read, hits[0])


def _text(text: str | None, file: Path | None) -> str:
    if text is not None:
        return text
    try:
        return file.read_text(encoding="utf-8") if file else sys.stdin.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file or 'standard input'}: cannot be read as UTF-8: {error}") from None


def _show(text: str, hit: Hit) -> None:
    out = console()
    line = Text()
    for piece in snippet(text, [(r.start, r.end) for r in hit.reasons if r.field == "body"], width=400):
        line.append(piece.text, style="bold yellow" if piece.marked else "")
    out.print(line)
    met: dict[tuple[int, int, str | None], list[Reason]] = {}
    for reason in hit.reasons:
        met.setdefault((reason.start, reason.end, reason.concept), []).append(reason)
    for (start, end, concept), reasons in met.items():
        place = f"  {start}-{end}  {reasons[0].lang}  {'@' + concept + '  ' if concept else ''}"
        terms = ", ".join(dict.fromkeys(reason.term for reason in reasons))
        out.print(Text(f"{place}{reasons[0].surface}  from {terms}"))
