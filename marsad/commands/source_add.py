"""`marsad source add`: an address becomes a source, or the site behind it is searched for what to watch."""

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError
from rich.console import Console

from alerts.safe import one_line
from marsad.commands.front import Front, front_of, run_async
from marsad.commands.offers import show_offers
from marsad.configuration import Configuration
from marsad.errors import BadInput, explain
from marsad.gateway import policy_of
from marsad.looking import open_looking
from marsad.store import Store
from marsad.watchfile import SourceTable
from spiders.discovery import Offer, recommended
from spiders.gate.addresses import Refusal
from spiders.survey import Surveyed, site_of, survey
from storage.sources import SourceSpec, list_sources, put_source

BY_HAND = "hand"
NAME_CHARS = 200  # as watch files have it
MOST_NAMED = 5  # addresses in one line of complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command line says, beside the source itself."""

    given: SourceTable
    name: str | None
    yes: bool


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("add")(add_command)


def add_command(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="A feed, a sitemap, or any page of the site.")],
    name: Annotated[
        str | None, typer.Option("--name", help="What to call it; default: what it calls itself.")
    ] = None,
    every: Annotated[str, typer.Option("--every", help="The shortest time between two visits.")] = "10m",
    lang: Annotated[
        str | None, typer.Option("--lang", help="Its language, as in ar; default: found out.")
    ] = None,
    country: Annotated[str | None, typer.Option("--country", help="Where it is from, as in IQ.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag of its articles; repeatable.")] = None,
    tier: Annotated[int | None, typer.Option("--tier", help="How far it is trusted: 1 (most) to 5.")] = None,
    secret_file: Annotated[
        str | None, typer.Option("--secret-file", help="File with the login, cookie or header it asks for.")
    ] = None,
    proxy: Annotated[
        str | None, typer.Option("--proxy", help="Fetch it through http://host:port or socks5h://host:port.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser", help="Render it in a browser: a page written by scripts.")
    ] = False,
    robots: Annotated[
        str, typer.Option("--robots", help="obey its robots.txt, or ignore it if you may.")
    ] = "obey",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take what is recommended, do not ask.")] = False,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Take the address as it is, without a look at it.")
    ] = False,
) -> None:
    """Watch one more source: a feed or sitemap as it is; of any other page, what its site has to offer."""
    given = _table(
        url=url, name=name or site_of(url), every=every, lang=lang, country=country, tags=tuple(tag or ()),
        tier=tier, secret_file=secret_file, proxy=proxy, browser=browser, robots=robots,
    )  # fmt: skip
    front = front_of(ctx)
    configuration = front.configuration()
    refusal = policy_of(configuration).check_url(url)
    if isinstance(refusal, Refusal):
        raise BadInput(f"source add {url}: refused: {refusal}")
    if unseen:
        run_async(_keep(front, [given.spec()]))
        return
    asked = _Asked(given=given, name=name, yes=yes)
    with Console(stderr=True).status(f"looking at {one_line(url)}"):  # on a terminal only
        found, watched = run_async(_look(front, configuration, given))
    run_async(_keep(front, _specs(asked, _choose(asked, found, watched))))


def _table(**values: Any) -> SourceTable:
    try:
        return SourceTable.model_validate(values)
    except ValidationError as error:
        raise BadInput(explain(error, where=f"source add {values['url']}", root=SourceTable)) from None


async def _look(front: Front, configuration: Configuration, given: SourceTable) -> tuple[Surveyed, set[str]]:
    """What the site offers, and the addresses that are watched already; in that order nobody is asked in vain."""
    async with front.store() as store:
        watched = await addresses_watched(store, given.url)
    spec = given.spec()
    async with open_looking(configuration) as looking:
        found = await survey(
            spec.url,
            fetch=lambda url: looking.fetch(spec, url),
            read=lambda fetched: looking.read(spec, fetched),
            now=datetime.now(UTC),
            agent=looking.agent if spec.robots == "obey" else None,
        )
    return found, watched


def _choose(asked: _Asked, found: Surveyed, watched: Collection[str]) -> list[Offer]:
    """What of it to watch: as the person says, or as is recommended."""
    url = asked.given.url
    if found.problem:
        raise BadInput(f"source add {url}: {found.problem}; --unseen adds the address all the same")
    best = [] if found.direct else recommended(found.offers, now=datetime.now(UTC))
    best = [one for one in best if one.url not in watched]
    show_offers(found.offers, recommended=best, watched=watched)
    if found.direct:
        return list(found.offers)
    if asked.yes:
        if not best:
            raise BadInput(f"source add {url}: {_nothing_new(found.offers, watched)}")
        return best
    if not sys.stdin.isatty():
        named = ", ".join(one.url for one in (best or found.offers)[:MOST_NAMED])
        raise BadInput(
            f"source add {url}: nobody to ask; give --yes for the recommended, or add one: {named}"
        )
    return _ask(found.offers, best)


def _nothing_new(offers: Sequence[Offer], watched: Collection[str]) -> str:
    if any(one.url in watched for one in offers):
        return "what it has to offer is watched already"
    return f"nothing here can be recommended; add one yourself: {', '.join(one.url for one in offers[:MOST_NAMED])}"


def _ask(offers: Sequence[Offer], best: Sequence[Offer]) -> list[Offer]:
    """Numbers, all, or Enter; asked again until it is one of these."""
    default = " ".join(str(offers.index(one) + 1) for one in best)
    question = f"Which? Numbers, or all [{default}]" if default else "Which? Numbers, or all"
    while True:
        answer = str(typer.prompt(question, default=default or None, show_default=False))
        chosen = picked(answer, len(offers))
        if chosen:
            return [offers[number - 1] for number in chosen]
        typer.echo(f"{answer!r} is none of them; write for example 1, 1 3 or all", err=True)


def picked(answer: str, count: int) -> list[int]:
    """The numbers that an answer names, each once; empty when it names anything that is not there."""
    if answer.strip().lower() == "all":
        return list(range(1, count + 1))
    words = answer.replace(",", " ").split()
    if not all(word.isdecimal() and 1 <= int(word) <= count for word in words):
        return []
    return list(dict.fromkeys(int(word) for word in words))


def _specs(asked: _Asked, chosen: Sequence[Offer]) -> list[SourceSpec]:
    """The sources as they will be watched: each with a name of its own, and its language where it is clear."""
    names = _names(asked, chosen)
    tables = [
        asked.given.model_copy(
            update={
                "url": one.url,
                "name": name,
                "lang": asked.given.lang or one.brought.lang,
                "browser": asked.given.browser and one.brought.is_page,
            }
        )
        for one, name in zip(chosen, names, strict=True)
    ]
    return [table.spec() for table in tables]


def _names(asked: _Asked, chosen: Sequence[Offer]) -> list[str]:
    """What each calls itself; where that does not tell them apart, its path does."""
    names = [asked.name or one_line(one.brought.title, NAME_CHARS) or site_of(one.url) for one in chosen]
    return [
        f"{name[: NAME_CHARS // 2]} {urlsplit(one.url).path}"[:NAME_CHARS] if names.count(name) > 1 else name
        for one, name in zip(chosen, names, strict=True)
    ]


async def _keep(front: Front, specs: Sequence[SourceSpec]) -> None:
    async with front.store() as store:
        for spec in specs:
            await addresses_watched(store, spec.url)
        async with store.db.transaction() as conn:
            ids = [await put_source(conn, spec, origin=BY_HAND) for spec in specs]
    for number, spec in zip(ids, specs, strict=True):
        typer.echo(f"source {number}: {spec.name}")


async def addresses_watched(store: Store, url: str) -> set[str]:
    """The addresses of all sources; BadInput when `url` is one that a watch file speaks for."""
    async with store.db.connection() as conn:
        origins = {source.url: source.origin for source in await list_sources(conn)}
    if origins.get(url, BY_HAND) != BY_HAND:
        raise BadInput(f"{url} comes from a watch file; change it there and run marsad apply")
    return set(origins)
