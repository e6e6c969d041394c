"""`marsad rule backtest`: what a rule would have found among everything stored, before it goes live."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from marsad.commands.front import front_of, run_async
from marsad.commands.rule_help import ASKED
from marsad.commands.rule_report import print_report, show_report
from marsad.errors import BadInput
from marsad.watchfile import WatchSet, load_watch
from rules.rule import Rule, RuleError, compile_rule
from scheduler.backtesting import Asked, Backtest, backtest
from scheduler.backtesting import Progress as Tell
from scheduler.ruleset import concepts_of, rule_of
from storage.database import Database
from storage.rules import RuleSpec, StoredRule, list_concepts, list_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line asks for: a query, or a rule of a watch file, or the saved rule of this name."""

    query: str | None
    watch: Sequence[str]
    name: str | None


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("backtest")(backtest_command)


def backtest_command(
    ctx: typer.Context,
    query: Annotated[
        str | None, typer.Argument(help="A query in the rule language; left out: the rule as it is.")
    ] = None,
    watch: Annotated[
        list[str] | None, typer.Option("--watch", help="Take the rule from this watch file; repeatable.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--rule", help="A rule's name: compare with the saved one.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far to look back.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON row.")] = False,
) -> None:
    """Hold a rule against everything stored: alerts a day, the terms that carry it, samples, and what it changes."""
    wish = Wish(query=query, watch=watch or (), name=rule)
    drafts = load_watch(wish.watch) if wish.watch else None
    asked, found = run_async(_backtest(ctx, wish, drafts, timedelta(days=days)))
    (print_report if as_json else show_report)(asked, found, days=days)


async def _backtest(
    ctx: typer.Context, wish: Wish, drafts: WatchSet | None, span: timedelta
) -> tuple[Asked, Backtest]:
    async with front_of(ctx).store() as store:
        asked = await _asked(store.db, wish, drafts)
        now = datetime.now(UTC)
        with progress_bar() as tell:
            try:
                return asked, await backtest(store.db, asked, since=now - span, now=now, progress=tell)
            except RuleError as error:
                raise _said(error) from None


async def _asked(db: Database, wish: Wish, drafts: WatchSet | None) -> Asked:
    async with db.connection() as conn:
        rules = {rule.name: rule for rule in await list_rules(conn)}
        stored = {concept.name: concept.terms for concept in await list_concepts(conn)}
    own = {spec.name: spec.terms for spec in drafts.concepts} if drafts else {}
    saved_concepts, concepts = concepts_of(stored), concepts_of({**stored, **own})
    draft = None if drafts is None else _draft(drafts, wish)
    name = draft.name if draft else wish.name
    saved = None if name is None else rules.get(name)
    try:
        if draft is None and wish.query is None:
            return Asked(rule=_known(saved, wish.name, rules), concepts=saved_concepts)
        rule = rule_of(draft) if draft else _of_query(wish, saved, rules)
        before = rule_of(saved) if saved else None
    except RuleError as error:
        raise _said(error) from None
    return Asked(rule=rule, concepts=concepts, saved=before, saved_concepts=saved_concepts)


def _said(error: RuleError) -> BadInput:
    return BadInput(f"{error.rule}: {error.reason}")


def _draft(drafts: WatchSet, wish: Wish) -> RuleSpec:
    """The rule that is meant in the watch files."""
    if wish.query is not None:
        raise BadInput("give a query or --watch, not both")
    found = {spec.name: spec for spec in drafts.rules}
    if wish.name is None and len(found) == 1:
        return next(iter(found.values()))
    if wish.name is None:
        raise BadInput(f"{len(found)} rules stand in these watch files; say which one with --rule NAME")
    if wish.name not in found:
        raise BadInput(
            f"--rule {wish.name}: no such rule in these watch files; there are: {some_of(list(found))}"
        )
    return found[wish.name]


def _known(saved: StoredRule | None, name: str | None, rules: dict[str, StoredRule]) -> Rule:
    if name is None:
        raise BadInput("nothing to hold: give a query, or --watch FILE, or --rule NAME of a saved rule")
    if saved is None:
        raise BadInput(f"--rule {name}: no saved rule of this name; there are: {some_of(list(rules))}")
    return rule_of(saved)


def _of_query(wish: Wish, saved: StoredRule | None, rules: dict[str, StoredRule]) -> Rule:
    """The query as a rule; with the languages of the saved one that it is to replace."""
    if wish.name is not None:
        _known(saved, wish.name, rules)
    languages = saved.languages if saved else ()
    return compile_rule(name=ASKED, query=wish.query, languages=languages)


def some_of(names: Sequence[str], most: int = 5) -> str:
    """The first of the names, for an error that says what there is."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(sorted(names)[:most]) + more) or "none"


@contextmanager
def progress_bar() -> Generator[Tell]:
    """A bar on a terminal, on stderr so that the answer can be piped; nothing elsewhere."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        task = bar.add_task("looking back", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
