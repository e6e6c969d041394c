"""`marsad search`: stored articles, found by the same written forms that rules match."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from alerts.whereabouts import trails
from language.concepts import Concept
from language.gazetteer import keys_within
from marsad.commands.front import console, front_of, iso, print_row, run_async
from marsad.commands.places import keys_of
from marsad.commands.rule_help import compile_query
from rules.document import Hit
from rules.highlight import snippet
from rules.search import FORMS_VERSION, to_tsquery
from scheduler.retrospect import narrowing, with_documents
from scheduler.ruleset import concepts_of
from storage.articles import Article
from storage.database import Conn
from storage.lexemes import tsquery_term
from storage.places import places_named
from storage.reindexing import count_outdated
from storage.rules import list_concepts
from storage.search import search_articles

BATCH = 200  # candidates looked at in one go; the index finds them, the rule engine confirms them


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is searched for."""

    query: str
    since: datetime | None
    until: datetime | None
    lang: str | None
    limit: int
    places: frozenset[str] | None = None  # with all that lies in them


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("search")(search_command)


def search_command(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="A query in the rule language.")],
    since: Annotated[datetime | None, typer.Option("--since", help="First seen since then (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="First seen until then (UTC).")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Only articles in this language.")] = None,
    place: Annotated[
        str | None, typer.Option("--place", help="Only what names this place, or a place in it.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON row per article.")] = False,
) -> None:
    """Search what is stored, in the rule language: marsad search '@militia AND Basra'."""
    places = None if place is None else keys_within(keys_of(place))
    wanted = Wanted(query=query, since=since, until=until, lang=lang, limit=limit, places=places)
    for article, hit, named in (found := run_async(_search(ctx, wanted))):
        if as_json:
            print_row(_row(article, hit, named))
        else:
            _show(article, hit, named)
    if not found and not as_json:
        typer.echo("nothing found", err=True)


async def _search(ctx: typer.Context, wanted: Wanted) -> list[tuple[Article, Hit, tuple[str, ...]]]:
    found: list[tuple[Article, Hit]] = []
    async with front_of(ctx).store() as store, store.db.connection() as conn:
        if outdated := await count_outdated(conn, forms_version=FORMS_VERSION):
            typer.echo(f"{outdated} articles are not indexed anew yet and are read through: wait", err=True)
        concepts = concepts_of({c.name: c.terms for c in await list_concepts(conn)})
        async for article, hit in confirmed(conn, concepts, wanted):
            found.append((article, hit))
            if len(found) == wanted.limit:
                break
        named = await places_named(conn, [article.id for article, _ in found])
    return [(article, hit, named.get(article.id, ())) for article, hit in found]


async def confirmed(
    conn: Conn, concepts: dict[str, Concept], wanted: Wanted
) -> AsyncIterator[tuple[Article, Hit]]:
    """Articles that meet the query, newest first: the index narrows, the rule engine decides."""
    rule, engine = compile_query(wanted.query, concepts)
    narrowed = to_tsquery(rule.tree, concepts, tsquery_term) if rule.tree is not None else None
    before: int | None = None
    while True:
        candidates = await search_articles(
            conn,
            narrowing=narrowing(narrowed),
            since=wanted.since,
            until=wanted.until,
            lang=wanted.lang,
            limit=BATCH,
            before_id=before,
            places=wanted.places,
        )
        for article, document in await with_documents(conn, candidates):
            for hit in engine.match(document):
                yield article, hit
        if len(candidates) < BATCH:
            return
        before = candidates[-1].id


def _show(article: Article, hit: Hit, places: tuple[str, ...]) -> None:
    out = console()
    out.print(Text(article.title or "(no title)", style="bold"))
    out.print(
        Text(
            f"  {iso(article.first_seen)}  {article.source_name}  {article.lang}  {article.url}", style="dim"
        )
    )
    if places:
        out.print(Text(f"  {', '.join(trails(places, 'en'))}", style="cyan"))
    body = [reason for reason in hit.reasons if reason.field == "body"]
    field, text = ("body", article.text) if body else ("lead", article.summary)
    if spans := [(r.start, r.end) for r in hit.reasons if r.field == field]:
        line = Text("  ")
        for piece in snippet(text, spans):
            line.append(piece.text, style="bold yellow" if piece.marked else "")
        out.print(line)


def _row(article: Article, hit: Hit, places: tuple[str, ...]) -> dict[str, object]:
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source_name,
        "lang": article.lang,
        "published": iso(article.published),
        "first_seen": iso(article.first_seen),
        "words": sorted({reason.surface for reason in hit.reasons}),
        "places": list(places),
    }
