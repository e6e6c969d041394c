"""`python -m bench`: one run, as a table for people or as JSON for others."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.run import Figures, Settings, measure

LEAST_TO_SCRAPY, LEAST_TO_READER = 0.60, 2.0
LONGEST_ALERT_SECONDS = 1.0
MOST_SERVICE_MB = 300.0


def main() -> int:
    """Measure and show; 0 also where a target is missed: the table says so."""
    wanted = _parser().parse_args()
    home = Path(tempfile.mkdtemp(prefix="marsad-bench-"))
    home.chmod(0o711)  # for root: the database server runs as another user and must pass through
    try:
        figures = asyncio.run(measure(Settings(feeds=wanted.feeds, stories=wanted.stories), home))
    except (RuntimeError, TimeoutError) as error:
        print(f"bench: {error or 'no end within the time limit'}; what it left is in {home}", file=sys.stderr)
        return 1
    shutil.rmtree(home, ignore_errors=True)
    if wanted.json:
        print(json.dumps(_row(figures), indent=1))
    else:
        _show(figures)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--feeds", type=int, default=1000, help="feeds to serve, 50 to 10000")
    parser.add_argument("--stories", type=int, default=40, help="stories to break; each alerts some rules")
    return parser


def _row(figures: Figures) -> dict[str, object]:
    ratios = {
        "unchanged_to_scrapy": figures.unchanged_to_scrapy,
        "unchanged_to_reader": figures.unchanged_to_reader,
        "new_to_reader": figures.new_to_reader,
    }
    return {**asdict(figures), "ratios": ratios}


def _show(figures: Figures) -> None:
    table = Table(title=f"{figures.feeds} feeds of 20 entries, {figures.server} on loopback, one run")
    for name in ("what", "Marsad", "beside", "ratio", "target"):
        table.add_column(name)
    for row in _rows(figures):
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    print(f"the run took {figures.seconds:.0f} s")


def _rows(figures: Figures) -> list[tuple[str, str, str, str, str]]:
    memory, found = figures.memory, figures.matching
    return [
        (
            "unchanged feeds, visits/s",
            f"{figures.marsad_unchanged:.0f}",
            f"bare Scrapy {figures.scrapy_unchanged:.0f}",
            f"{figures.unchanged_to_scrapy:.2f}",
            _judged(figures.unchanged_to_scrapy >= LEAST_TO_SCRAPY, f">= {LEAST_TO_SCRAPY:.2f}"),
        ),
        (
            "unchanged feeds, processor ms each",
            f"{figures.marsad_unchanged_cpu_ms:.2f}",
            f"bare Scrapy {figures.scrapy_unchanged_cpu_ms:.2f}",
            f"{figures.marsad_unchanged_cpu_ms / figures.scrapy_unchanged_cpu_ms:.2f}",
            "",
        ),
        (
            "unchanged feeds, visits/s",
            f"{figures.marsad_unchanged:.0f}",
            f"reader {figures.reader_unchanged:.0f}",
            f"{figures.unchanged_to_reader:.2f}",
            "",
        ),
        (
            "new feeds, visits/s",
            f"{figures.marsad_new:.1f}",
            f"reader {figures.reader_new:.1f}",
            f"{figures.new_to_reader:.2f}",
            _judged(figures.new_to_reader >= LEAST_TO_READER, f">= {LEAST_TO_READER:.2f}"),
        ),
        (
            f"fetched to received, s, p50 / p99 of {figures.alerts}",
            f"{figures.alert_p50:.2f} / {figures.alert_p99:.2f}",
            "",
            "",
            _judged(figures.alert_p99 <= LONGEST_ALERT_SECONDS, f"p99 <= {LONGEST_ALERT_SECONDS:.0f}"),
        ),
        ("messages owed and told, per s", f"{figures.summaries:.0f}", "", "", ""),
        (
            "memory (PSS) of the service, MB",
            f"{memory.service:.0f}",
            f"readers {memory.readers:.0f}, database {memory.database:.0f}",
            "",
            _judged(memory.service < MOST_SERVICE_MB, f"< {MOST_SERVICE_MB:.0f}"),
        ),
        (
            f"matching, articles of 500 words/s, {found.rules} rules",
            f"{found.per_second:.0f}",
            "one processor",
            "",
            "",
        ),
    ]


def _judged(reached: bool, target: str) -> str:
    return f"{target}: {'reached' if reached else 'missed'}"


if __name__ == "__main__":
    sys.exit(main())
