"""`marsad rule`: try a rule on a text, or on everything stored, before it goes live."""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from language.detect import detect
from marsad.commands.front import console, front_of, iso, print_row, run_async
from marsad.commands.rule_help import compile_query
from marsad.commands.searching import Wanted, confirmed
from marsad.errors import BadInput
from rules.document import Document, Hit, Reason
from rules.highlight import snippet
from scheduler.ruleset import concepts_of
from storage.articles import Article
from storage.rules import list_concepts

app = typer.Typer(help="Try a rule on a text, or on everything stored.", no_args_is_help=True)

SAMPLES = 5


@app.command("try")
def try_command(
    query: Annotated[str, typer.Argument(help="A query in the rule language.")],
    text: Annotated[str | None, typer.Argument(help="The text; left out: standard input.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Read the text from a file.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Its language; default: found out.")] = None,
) -> None:
    """Hold a query against a text and show which words met, and why."""
    _, engine = compile_query(query, concepts_of({}))
    read = _text(text, file)
    document = Document(title="", body=read, lang=lang or detect(read), date=datetime.now(UTC))
    hits = engine.match(document)
    if not hits:
        typer.echo(f"no match (language: {document.lang})")
        raise typer.Exit(1)
    _show(read, hits[0])


@app.command("backtest")
def backtest_command(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="A query in the rule language.")],
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far to look back.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON row.")] = False,
) -> None:
    """Hold a query against everything stored: hits a day, the words that carry it, samples."""
    found = run_async(_backtest(ctx, query, days))
    per_day = Counter(article.first_seen.date().isoformat() for article, _ in found)
    words = Counter(reason.term for _, hit in found for reason in hit.reasons)
    if as_json:
        print_row(
            {
                "query": query,
                "days": days,
                "hits": len(found),
                "per_day": dict(sorted(per_day.items())),
                "terms": dict(words.most_common(20)),
                "samples": [article.url for article, _ in found[:SAMPLES]],
            }
        )
        return
    typer.echo(f"{len(found)} hits in {days} days, {len(found) / days:.1f} a day")
    for day, count in sorted(per_day.items()):
        typer.echo(f"  {day}  {count}")
    typer.echo(
        "carried by: " + (", ".join(f"{term} ({count})" for term, count in words.most_common(10)) or "-")
    )
    for article, _ in found[:SAMPLES]:
        typer.echo(f"  {iso(article.first_seen)}  {article.source_name}: {article.title}")


async def _backtest(ctx: typer.Context, query: str, days: int) -> list[tuple[Article, Hit]]:
    wanted = Wanted(
        query=query, since=datetime.now(UTC) - timedelta(days=days), until=None, lang=None, limit=0
    )
    async with front_of(ctx).store() as store, store.db.connection() as conn:
        concepts = concepts_of({c.name: c.terms for c in await list_concepts(conn)})
        return [pair async for pair in confirmed(conn, concepts, wanted)]


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
