"""`marsad rule lint`: what of the rules will surprise their author; also said by `apply` and `rule try`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from alerts.safe import one_line
from language.concepts import Concept
from marsad.commands.front import console, front_of, print_row
from marsad.commands.rule_backtest import some_of
from marsad.commands.rule_help import ASKED, compile_query
from marsad.errors import BadInput
from marsad.watchfile import WatchSet, load_watch
from rules.findings import Finding
from rules.lint import lint_concepts, lint_rules
from rules.rule import Rule, RuleError
from scheduler.ruleset import concepts_of, rule_of
from storage.rules import RuleSpec

MOST_SAID = 20  # beside another command, which is about something else
MOST_HELD = 500  # new rules: a second or two
_LONGEST = 500


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("lint")(lint_command)


def lint_command(
    ctx: typer.Context,
    query: Annotated[
        str | None,
        typer.Argument(help="A query in the rule language; left out: the rules of the watch files."),
    ] = None,
    watch: Annotated[
        list[str] | None,
        typer.Option("--watch", help="Watch file, folder or pack; repeatable. Default: as configured."),
    ] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Only the rule of this name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON row for each finding.")] = False,
) -> None:
    """What of the rules will surprise their author: words that never match, a NOT that eats everything, and more."""
    if query is not None and rule is not None:
        raise BadInput("give a query or --rule, not both")
    names = tuple(watch) if watch else None
    if query is not None:
        wanted = load_watch(names) if names else WatchSet()
        found, held = lint_query(query, _concepts(wanted)), "1 query"
    else:
        wanted = load_watch(front_of(ctx).configuration({"watch": names}).watch)
        found, held = _of_watch(wanted, rule)
    if as_json:
        for finding in found:
            print_row(_row(finding))
    else:
        _show(found, held)


def lint_query(query: str, concepts: Mapping[str, Concept]) -> list[Finding]:
    """What is odd about a bare query; BadInput when it cannot be understood."""
    compiled, _ = compile_query(query, concepts)
    return _linted([compiled], concepts)


def lint_watch(wanted: WatchSet, rules: Collection[str], own: Collection[str]) -> list[Finding]:
    """What is odd about the rules and concepts of these names."""
    concepts = _concepts(wanted)
    found = lint_concepts((concepts[spec.name] for spec in wanted.concepts if spec.name in own), concepts)
    return found + _linted(_compiled(spec for spec in wanted.rules if spec.name in rules), concepts)


def warn_of_new(wanted: WatchSet, rules: Sequence[str], own: Sequence[str]) -> None:
    """Say what is odd about new rules and concepts, of a great many of them about the first."""
    warn(lint_watch(wanted, rules[:MOST_HELD], own[:MOST_HELD]))
    if max(len(rules), len(own)) > MOST_HELD:
        typer.echo(f"! these are the first {MOST_HELD}; all: marsad rule lint", err=True)


def warn(found: Sequence[Finding]) -> None:
    """Say the findings on stderr, a line each, beside what another command prints."""
    for finding in found[:MOST_SAID]:
        typer.echo(f"! {_where(finding)}{_line(finding)}", err=True)
    if len(found) > MOST_SAID:
        typer.echo(f"! and {len(found) - MOST_SAID} more: marsad rule lint", err=True)


def _of_watch(wanted: WatchSet, name: str | None) -> tuple[list[Finding], str]:
    names = {spec.name for spec in wanted.rules}
    if name is not None and name not in names:
        raise BadInput(f"--rule {name}: no such rule in these watch files; there are: {some_of(list(names))}")
    chosen = names if name is None else {name}
    own = {spec.name for spec in wanted.concepts} if name is None else set[str]()
    held = _counted(len(chosen), "rule") + (f" and {_counted(len(own), 'concept')}" if own else "")
    return lint_watch(wanted, chosen, own), held


def _compiled(specs: Iterable[RuleSpec]) -> list[Rule]:
    try:
        return [rule_of(spec) for spec in specs]
    except RuleError as error:
        raise BadInput(str(error)) from None


def _linted(rules: Sequence[Rule], concepts: Mapping[str, Concept]) -> list[Finding]:
    try:
        return lint_rules(rules, concepts, now=datetime.now(UTC))
    except RuleError as error:
        raise BadInput(str(error)) from None


def _concepts(wanted: WatchSet) -> dict[str, Concept]:
    return concepts_of({spec.name: spec.terms for spec in wanted.concepts})


def _show(found: Sequence[Finding], held: str) -> None:
    """The findings under the rule or concept that each is about, and how many there are."""
    out, before = console(), None
    for finding in found:
        subject = f"@{finding.concept}" if finding.concept else one_line(finding.rule or "")
        if subject != before:
            out.print(Text(subject, style="bold"))
        before = subject
        place = f"column {finding.column}: " if finding.column else ""
        out.print(Text.assemble(f"  {place}{one_line(finding.says, _LONGEST)}  ", (finding.code, "dim")))
        out.print(Text(f"    {one_line(finding.remedy, _LONGEST)}"))
    typer.echo(f"{held}, {_counted(len(found), 'finding') if found else 'nothing to mend'}")


def _where(finding: Finding) -> str:
    subject = f"concept {finding.concept}" if finding.concept else f"rule {finding.rule}"
    place = f"column {finding.column}: " if finding.column else ""
    return place if finding.rule == ASKED else f"{one_line(subject)}: {place}"


def _line(finding: Finding) -> str:
    return f"{one_line(finding.says, _LONGEST)}; {one_line(finding.remedy, _LONGEST)}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _row(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "concept": finding.concept,
        "code": finding.code,
        "column": finding.column,
        "says": finding.says,
        "remedy": finding.remedy,
    }
