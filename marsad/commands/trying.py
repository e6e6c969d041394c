"""`marsad try`: each stage of the way by itself, reading and writing JSON lines."""

from typing import Annotated

import typer

from marsad.commands.front import front_of, run_async
from marsad.commands.try_matching import try_languages, try_rules, try_stories
from marsad.commands.try_reading import Asked, try_pages, try_sources
from marsad.errors import BadInput

app = typer.Typer(help="Try one stage of the way on input of your own.", no_args_is_help=True)

What = Annotated[str | None, typer.Argument(help="A file, - for standard input, or a web address.")]
Url = Annotated[
    str | None, typer.Option("--url", help="The address that a file or standard input came from.")
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Rows on standard input, rows on standard output.")]
NEEDED = "this stage reads rows; give them on standard input with --jsonl"


@app.command("source")
def source(ctx: typer.Context, what: What = None, url: Url = None, jsonl: Jsonl = False) -> None:
    """Read a feed, sitemap or listing: its entries, a row each."""
    run_async(try_sources(front_of(ctx).configuration(), _asked(what, url, jsonl=jsonl)))


@app.command("page")
def page(ctx: typer.Context, what: What = None, url: Url = None, jsonl: Jsonl = False) -> None:
    """Read an article's page: one row."""
    run_async(try_pages(front_of(ctx).configuration(), _asked(what, url, jsonl=jsonl)))


@app.command("rule")
def rule(
    watch: Annotated[list[str], typer.Option("--watch", help="Watch file, folder or pack; repeatable.")],
    jsonl: Jsonl = False,
) -> None:
    """Hold rules against texts: rows {id, title, text, lang?} in, a row per hit out."""
    if not jsonl:
        raise BadInput(NEEDED)
    try_rules(watch)


@app.command("lang")
def lang(jsonl: Jsonl = False) -> None:
    """Find the language of texts: rows {id, text} in, {id, lang} out."""
    if not jsonl:
        raise BadInput(NEEDED)
    try_languages()


@app.command("story")
def story(jsonl: Jsonl = False) -> None:
    """Group articles into stories in their order of arrival; worlds never mix."""
    if not jsonl:
        raise BadInput(NEEDED)
    try_stories()


def _asked(what: str | None, url: str | None, *, jsonl: bool) -> Asked:
    if jsonl and what is not None:
        raise BadInput("--jsonl reads rows from standard input; leave the argument out")
    if not jsonl and what is None:
        raise BadInput("nothing to read; give a file, - or a web address, or --jsonl")
    return Asked(what=None if jsonl else what, url=url)
