"""What a site has to offer, shown: each place with what it would bring, on a screen or in a pipe."""

import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from rich.text import Text

from alerts.safe import one_line
from marsad.commands.front import console, table
from spiders.discovery import Offer

COLUMNS = ("", "", "kind", "entries", "newest", "lang", "address", "problem")
RECOMMENDED = "recommended"


def show_offers(
    offers: Sequence[Offer], *, recommended: Sequence[Offer] = (), watched: Collection[str] = ()
) -> None:
    """Print the offers with their numbers; in a pipe a line each, tab-separated, with the headlines last."""
    if not sys.stdout.isatty():
        rows = [_line(number, one, recommended, watched) for number, one in enumerate(offers, start=1)]
        table("", COLUMNS, rows)
        return
    now = datetime.now(UTC)
    for number, one in enumerate(offers, start=1):
        words = _words(number, one, now, is_best=one in recommended, is_watched=one.url in watched)
        console().print(words, no_wrap=True, overflow="ellipsis", soft_wrap=False)


def ago(moment: datetime | None, now: datetime) -> str:
    """How long since, as a narrow column has room for; a day where that says more."""
    if moment is None:
        return "-"
    since = now - moment
    if since < timedelta(minutes=1):
        return "now"
    if since < timedelta(hours=1):
        return f"{since // timedelta(minutes=1)} min"
    if since < timedelta(days=2):
        return f"{since // timedelta(hours=1)} h"
    return f"{moment:%Y-%m-%d}"


def _words(number: int, one: Offer, now: datetime, *, is_best: bool, is_watched: bool) -> Text:
    """One offer over a few lines, each as wide as the screen: headlines are long, and some are from right to left."""
    brought = one.brought
    words = Text(f"{number:>3}  ", style="bold")
    if is_best:
        words.append(f"{RECOMMENDED}: ", style="bold green")
    if is_watched:
        words.append("watched already: ", style="yellow")
    words.append(one_line(one.url))
    if one.entries:
        counted = "1 entry" if one.entries == 1 else f"{one.entries} entries"
        newest = f", the newest {_since(brought.newest, now)}" if brought.newest else ""
        lang = f", in {brought.lang}" if brought.lang else ""
        words.append(f"\n     {brought.kind}, {counted}{newest}{lang}", style="not bold")
    for problem in one.problems:
        words.append(f"\n     ! {one_line(problem)}", style="not bold yellow")
    for headline in brought.headlines:
        words.append(f"\n     · {one_line(headline)}", style="not bold dim")
    words.append("\n")
    return words


def _since(moment: datetime, now: datetime) -> str:
    said = ago(moment, now)
    return (
        f"of {said}"
        if said[:4].isdecimal() and "-" in said
        else "just now"
        if said == "now"
        else f"{said} ago"
    )


def _line(
    number: int, one: Offer, recommended: Sequence[Offer], watched: Collection[str]
) -> tuple[object, ...]:
    mark = RECOMMENDED if one in recommended else "watched" if one.url in watched else "-"
    return (
        number,
        mark,
        one.brought.kind,
        one.entries,
        one.brought.newest or "-",
        one.brought.lang or "-",
        one_line(one.url),
        one_line("; ".join(one.problems)) or "-",
        *(one_line(headline) for headline in one.brought.headlines),
    )
