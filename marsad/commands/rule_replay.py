"""`marsad rule replay`: a saved rule held over what was stored before it."""

from typing import Annotated

import typer
from rich.text import Text

from alerts.safe import one_line
from marsad.commands.front import console, front_of, iso, print_row, run_async
from marsad.commands.rule_backtest import progress_bar, some_of
from marsad.errors import BadInput
from rules.rule import RuleError
from scheduler.replay import Replayed, replay
from storage.matches import MatchedArticle, latest_matched
from storage.rules import StoredRule, list_rules

SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("replay")(replay_command)


def replay_command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The name of a saved rule.")],
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far to look back.")] = 30,
    alert: Annotated[
        bool, typer.Option("--alert", help="Tell its channels what was found, in one summary.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON row.")] = False,
) -> None:
    """Hold a saved rule over what was stored before it; matches go on record, once, whoever is at work meanwhile."""
    rule, done, latest = run_async(_replay(ctx, name, days=days, alert=alert))
    if as_json:
        print_row(_row(rule, done, latest))
        return
    _show(rule, done, latest)


async def _replay(
    ctx: typer.Context, name: str, *, days: int, alert: bool
) -> tuple[StoredRule, Replayed, list[MatchedArticle]]:
    async with front_of(ctx).store() as store:
        async with store.db.connection() as conn:
            rules = {rule.name: rule for rule in await list_rules(conn)}
        if name not in rules:
            raise BadInput(f"{name}: no saved rule of this name; there are: {some_of(list(rules))}")
        rule = rules[name]
        try:
            with progress_bar() as tell:
                done = await replay(store.db, rule, days=days, alert=alert, progress=tell)
        except RuleError as error:
            raise BadInput(f"{name}: {error.reason}") from None
        async with store.db.connection() as conn:
            return rule, done, await latest_matched(conn, rule.id, since=done.since, limit=SHOWN)


def _show(rule: StoredRule, done: Replayed, latest: list[MatchedArticle]) -> None:
    if done.resumed_at:
        typer.echo(f"went on where it was stopped, after {done.resumed_at} articles")
    typer.echo(
        f"{done.found} of {done.held} articles that could meet it do; {done.added} matches are new on record"
    )
    if latest:
        typer.echo(f"the newest {len(latest)} on record:" if done.found > len(latest) else "on record:")
    for article in latest:
        head = f"  {iso(article.first_seen)}  {one_line(article.source)}  {article.lang}  "
        console().print(Text.assemble((head, "dim"), (one_line(article.title or "(no title)", 200), "bold")))
    typer.echo(_said_of_telling(rule, done))


def _said_of_telling(rule: StoredRule, done: Replayed) -> str:
    told = done.told
    if told is None:
        if rule.definition.keys() & {"spike", "count", "absence"}:
            return "nobody is told: a rule about volume alerts by the number of stories to come"
        return f"nobody was told; marsad rule replay '{rule.name}' --alert tells its channels in one summary"
    if not told.recipients:
        return "nobody was told: the rule has no channel; see marsad rule list"
    if not told.stories:
        return "nobody was told: people have heard of all of these stories"
    recipients = "1 recipient" if told.recipients == 1 else f"{told.recipients} recipients"
    some = f"the newest {told.named} of " if told.named < told.stories else ""
    return f"one summary of {some}{told.stories} stories is owed to {recipients}"


def _row(rule: StoredRule, done: Replayed, latest: list[MatchedArticle]) -> dict[str, object]:
    told = done.told
    return {
        "rule": rule.name,
        "since": iso(done.since),
        "resumed_at": done.resumed_at,
        "looked_at": done.held,
        "hits": done.found,
        "new_matches": done.added,
        "told": None
        if told is None
        else {"stories": told.stories, "named": told.named, "recipients": told.recipients},
        "latest": [
            {
                "id": article.id,
                "first_seen": iso(article.first_seen),
                "source": article.source,
                "lang": article.lang,
                "title": article.title,
                "url": article.url,
            }
            for article in latest
        ],
    }
