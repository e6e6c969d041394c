"""What a site has to offer, shown: each place with what it would bring, on a screen or in a pipe."""

import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from rich.box import SIMPLE_HEAD
from rich.table import Table
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
    shown = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    shown.add_column("", justify="right")
    shown.add_column("kind", no_wrap=True)
    shown.add_column("entries", justify="right")
    shown.add_column("newest", no_wrap=True)
    shown.add_column("lang")
    shown.add_column("what it brings", no_wrap=True, overflow="ellipsis", ratio=1)
    for number, one in enumerate(offers, start=1):
        newest = ago(one.brought.newest, datetime.now(UTC))
        words = _what(one, is_best=one in recommended, is_watched=one.url in watched)
        shown.add_row(str(number), one.brought.kind, str(one.entries), newest, one.brought.lang or "-", words)
    console().print(shown)


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


def _what(one: Offer, *, is_best: bool, is_watched: bool) -> Text:
    words = Text(no_wrap=True, overflow="ellipsis")
    if is_best:
        words.append(f"{RECOMMENDED} ", style="bold green")
    if is_watched:
        words.append("watched already ", style="yellow")
    words.append(one_line(one.url), style="bold")
    for problem in one.problems:
        words.append(f"\n! {one_line(problem)}", style="yellow")
    for headline in one.brought.headlines:
        words.append(f"\n  {one_line(headline)}", style="dim")
    return words


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
