"""The report of a backtest: on a screen for those who decide, and as one JSON row."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import typer
from rich.text import Text

from alerts.safe import clean, one_line
from marsad.commands.front import console, iso, print_row
from rules.backtest import Carrier, Sample, Tally, alerts_a_day, warnings_of
from rules.carrying import idle_terms
from rules.highlight import plain
from scheduler.backtesting import Asked, Backtest

SAMPLES = 5
SAMPLES_OF_CHANGE = 3
MOST_TERMS = 12
MOST_NAMED = 8
MOST_DAYS = 35  # shown with a bar each; more are shown by the week
BAR = 40


def show_report(asked: Asked, found: Backtest, *, days: int) -> None:
    """Print the report for people."""
    tally, covered = found.tally, found.covered
    held = f"of {found.held} articles looked at" if found.held else "as nothing is stored that it could meet"
    typer.echo(f"{tally.hits} hits in {tally.stories} stories within {days} days, {held}")
    if covered and covered < timedelta(days=days - 1):
        typer.echo(f"articles are stored for {covered / timedelta(days=1):.1f} of these days")
    if asked.rule.volume is not None:
        typer.echo("a rule about volume: it alerts by the number of these stories, not by each of them")
    else:
        typer.echo(f"alerts: {tally.alerts}, {alerts_a_day(tally, covered):.1f} a day{_said_besides(tally)}")
    for warning in _warnings(asked, found):
        console().print(Text(f"! {warning}", style="bold yellow"))
    _show_days(tally)
    _show_counts("languages", tally.languages)
    _show_counts("sources", tally.sources)
    _show_terms(found)
    if idle := _idle(asked, found):
        typer.echo(f"met by no hit: {', '.join(map(one_line, idle[:MOST_TERMS]))}{_and_more(idle)}")
    _show_samples("samples", tally, SAMPLES)
    _show_barred(found)
    _show_change(asked, found)


def _warnings(asked: Asked, found: Backtest) -> list[str]:
    warned = [] if asked.rule.volume is not None else warnings_of(found.tally, found.covered)
    if found.barred is not None and found.barred.hits > found.tally.hits:
        warned.append("its NOTs keep away more than they leave: look whether they take too much")
    return warned


def _said_besides(tally: Tally) -> str:
    archive = tally.stories - tally.alerts
    return f"; {archive} more came with the archives of new sources, told in summaries" if archive else ""


def _show_days(tally: Tally) -> None:
    """A bar for each day or week: stories, for these are what alerts, and hits."""
    by_week = len(_all_days(tally)) > MOST_DAYS
    spans: Counter[date] = Counter()
    hits: Counter[date] = Counter()
    for day in _all_days(tally):
        first = day - timedelta(days=day.weekday()) if by_week else day
        spans[first] += tally.stories_by_day[day]
        hits[first] += tally.hits_by_day[day]
    most = max(spans.values(), default=0)
    if by_week:
        typer.echo("by week, from Monday")
    for first in sorted(spans):
        bar = "█" * max(round(BAR * spans[first] / most), 1 if spans[first] else 0) if most else ""
        typer.echo(f"  {first}  {bar:<{BAR}} {spans[first]} stories, {hits[first]} hits")


def _all_days(tally: Tally) -> list[date]:
    """Every day from the first hit to the last, those without any too."""
    if not tally.hits_by_day:
        return []
    first, last = min(tally.hits_by_day), max(tally.hits_by_day)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _show_counts(what: str, counts: Counter[str]) -> None:
    if counts:
        more = f" and {len(counts) - MOST_NAMED} more" if len(counts) > MOST_NAMED else ""
        named = ", ".join(f"{one_line(name)} {count}" for name, count in counts.most_common(MOST_NAMED))
        typer.echo(f"{what}: {named}{more}")


def _show_terms(found: Backtest) -> None:
    """The terms by how many hits name them, and how many would be lost without each."""
    if not found.tally.carriers:
        return
    measured = found.carried.measured
    some = "" if measured == found.tally.hits else f" (measured on {measured} of the hits)"
    typer.echo(f"carried by: hits with the term, share of all that would be lost without it{some}")
    for carrier, count in found.tally.carriers.most_common(MOST_TERMS):
        share, example = _share(found, carrier), found.carried.examples.get(carrier)
        line = f"  {count:>6}  {share:>4.0%}  {one_line(str(carrier))}"
        typer.echo(line + (f"  only by it: {one_line(example.title, 80)}" if example else ""))
    if len(found.tally.carriers) > MOST_TERMS:
        typer.echo(f"  and {len(found.tally.carriers) - MOST_TERMS} terms more")


def _idle(asked: Asked, found: Backtest) -> list[str]:
    return idle_terms(asked.rule, asked.concepts, found.tally.carriers)


def _and_more(idle: Sequence[str]) -> str:
    return f" and {len(idle) - MOST_TERMS} more" if len(idle) > MOST_TERMS else ""


def _share(found: Backtest, carrier: Carrier) -> float:
    return found.carried.lost[carrier] / max(found.carried.measured, 1)


def _show_samples(title: str, tally: Tally, number: int) -> None:
    samples = tally.samples(number)
    if samples:
        typer.echo(f"{title}:")
    for sample in samples:
        _show_sample(sample)


def _show_sample(sample: Sample) -> None:
    out = console()
    head = f"  {iso(sample.when)}  {one_line(sample.source)}  {sample.lang}  "
    out.print(Text.assemble((head, "dim"), (one_line(sample.title or "(no title)", 200), "bold")))
    line = Text("      ")
    for piece in sample.passage:
        line.append(clean(piece.text), style="bold yellow" if piece.marked else "")
    out.print(line)


def _show_barred(found: Backtest) -> None:
    if found.barred is None:
        return
    typer.echo(f"kept away by NOT: {found.barred.hits} articles that the rest of the rule meets")
    _show_samples("samples of what NOT keeps away", found.barred, SAMPLES_OF_CHANGE)


def _show_change(asked: Asked, found: Backtest) -> None:
    if asked.saved is None or found.saved is None or found.gained is None or found.lost is None:
        return
    before = alerts_a_day(found.saved, found.covered)
    typer.echo(
        f"against the saved rule {asked.saved.name!r}: {found.gained.hits} hits more, {found.lost.hits} fewer; "
        f"it has {found.saved.hits} hits, {before:.1f} alerts a day"
    )
    _show_samples("new with this rule", found.gained, SAMPLES_OF_CHANGE)
    _show_samples("no longer met", found.lost, SAMPLES_OF_CHANGE)


def print_report(asked: Asked, found: Backtest, *, days: int) -> None:
    """Print the report as one JSON row."""
    row: dict[str, object] = {
        "rule": asked.rule.name,
        "query": asked.rule.query,
        "days": days,
        "covered_days": round(found.covered / timedelta(days=1), 2),
        "looked_at": found.held,
        **_counts(found.tally, found.covered),
        "languages": dict(found.tally.languages.most_common()),
        "sources": dict(found.tally.sources.most_common()),
        "terms": _term_rows(found),
        "terms_measured_on": found.carried.measured,
        "met_by_no_hit": _idle(asked, found),
        "warnings": _warnings(asked, found),
        "samples": _sample_rows(found.tally, SAMPLES),
        "kept_away_by_not": _change_row(found.barred),
        "saved": None if found.saved is None else _counts(found.saved, found.covered),
        "gained": _change_row(found.gained),
        "lost": _change_row(found.lost),
    }
    print_row(row)


def _counts(tally: Tally, covered: timedelta) -> dict[str, object]:
    return {
        "hits": tally.hits,
        "stories": tally.stories,
        "alerts": tally.alerts,
        "alerts_a_day": round(alerts_a_day(tally, covered), 2),
        "per_day": {
            day.isoformat(): {
                "hits": tally.hits_by_day[day],
                "stories": tally.stories_by_day[day],
                "alerts": tally.alerts_by_day[day],
            }
            for day in sorted(tally.hits_by_day)
        },
    }


def _term_rows(found: Backtest) -> list[dict[str, object]]:
    return [
        {
            "term": carrier.term,
            "concept": carrier.concept,
            "hits": count,
            "lost_without": found.carried.lost[carrier],
            "share": round(_share(found, carrier), 4),
            "only_by_it": example.url if (example := found.carried.examples.get(carrier)) else None,
        }
        for carrier, count in found.tally.carriers.most_common(50)
    ]


def _change_row(tally: Tally | None) -> dict[str, object] | None:
    return None if tally is None else {"hits": tally.hits, "samples": _sample_rows(tally, SAMPLES_OF_CHANGE)}


def _sample_rows(tally: Tally, number: int) -> Sequence[dict[str, object]]:
    return [
        {
            "id": sample.article_id,
            "first_seen": iso(sample.when),
            "source": sample.source,
            "lang": sample.lang,
            "title": sample.title,
            "url": sample.url,
            "term": str(sample.carrier) if sample.carrier else None,
            "passage": plain(sample.passage),
        }
        for sample in tally.samples(number)
    ]
