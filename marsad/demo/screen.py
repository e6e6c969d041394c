"""What a person, or a program, sees of the demo."""

import json
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from marsad.demo.outlets import Outlet

SEVERITY_STYLE = {"critical": "bold white on red", "high": "bold red", "medium": "bold yellow", "low": "cyan"}
MOST_WORDS = 5
# First strong isolate and its end: a title in Arabic must not turn the line around it (Unicode UAX 9).
ISOLATE, END_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One alert at one channel, as it came; `seconds` since its story was published."""

    channel: str
    rule: str
    severity: str
    words: tuple[str, ...]
    story: str
    source: str
    lang: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How it ended. Alerts are counted per channel; keys are (channel, rule, story)."""

    expected: int
    arrived: int
    missing: list[tuple[str, str, str]]
    unexpected: list[tuple[str, str, str]]
    twice: list[tuple[str, str, str]]
    stories: int
    decoys: int
    summaries: int
    slowest: float
    seconds: float

    @property
    def well(self) -> bool:
        return not (self.missing or self.unexpected or self.twice)


class Screen(Protocol):
    """Where the demo shows itself."""

    def opening(self, outlets: Sequence[Outlet], origin: str) -> None: ...
    def say(self, line: str) -> None: ...
    def summary(self, channel: str, source: str, matches: int) -> None: ...
    def alert(self, arrival: Arrival) -> None: ...
    def closing(self, totals: Totals) -> None: ...


class JsonScreen:
    """One JSON row per alert, and a last one of totals."""

    def opening(self, outlets: Sequence[Outlet], origin: str) -> None:
        pass

    def say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def summary(self, channel: str, source: str, matches: int) -> None:
        pass

    def alert(self, arrival: Arrival) -> None:
        self._row(asdict(arrival))

    def closing(self, totals: Totals) -> None:
        self._row({"totals": {**asdict(totals), "ok": totals.well}})

    def _row(self, row: dict[str, object]) -> None:
        print(json.dumps(row, ensure_ascii=False), flush=True)


class TextScreen:
    """Lines for people: a story once, its alerts below it."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        # a terminal wraps between words, a pipe never
        self._console.soft_wrap = not self._console.is_terminal
        self._story = ""

    def opening(self, outlets: Sequence[Outlet], origin: str) -> None:
        self._console.print(
            Text(f"Marsad demo: {len(outlets)} papers on {origin}, nothing leaves this machine", "bold")
        )
        for outlet in outlets:
            self._console.print(Text(f"  {outlet.kind:<8} {outlet.lang:<4} {_isolated(outlet.name)}", "dim"))
        self._console.print("Starting the daemon with its own PostgreSQL and the rules of the pack iraq ...")
        self._console.print(
            "Alerts go out by mail and by webhook. Each line below: the channel, the seconds from publication "
            "to arrival, the rule, the words that met."
        )

    def say(self, line: str) -> None:
        self._console.print(Text(line, "italic"))

    def summary(self, channel: str, source: str, matches: int) -> None:
        counted = "1 match" if matches == 1 else f"{matches} matches"
        self._console.print(
            Text(f"  {channel}  first look at {_isolated(source)}: {counted} in one message", "dim")
        )

    def alert(self, arrival: Arrival) -> None:
        if arrival.story != self._story:
            self._story = arrival.story
            self._console.print()
            self._console.print(Text(_isolated(arrival.story), "bold"))
            self._console.print(Text(f"  {_isolated(arrival.source)}  [{arrival.lang}]", "dim"))
        line = Text(f"  {arrival.channel}  {arrival.seconds:5.1f} s  ")
        line.append(f"{arrival.rule}", SEVERITY_STYLE.get(arrival.severity, ""))
        room = self._console.width - line.cell_len if self._console.is_terminal else None
        for word in _that_fit(arrival.words, room):
            line.append("  ")
            line.append(_isolated(word), "black on yellow")
        self._console.print(line)

    def closing(self, totals: Totals) -> None:
        self._console.print()
        verdict = Text(
            "every expected alert arrived once, no other did" if totals.well else "NOT as expected", "bold"
        )
        verdict.stylize("green" if totals.well else "red")
        self._console.print(verdict)
        self._console.print(
            f"  {totals.arrived} of {totals.expected} alerts ({totals.expected // 2} by mail, {totals.expected // 2} "
            f"by webhook) for {totals.stories} stories, {totals.decoys} of them decoys that had to stay silent; "
            f"slowest {totals.slowest:.1f} s after publication; {totals.seconds:.0f} s in all"
        )
        for what, keys in (
            ("missing", totals.missing),
            ("unexpected", totals.unexpected),
            ("twice", totals.twice),
        ):
            for key in keys:
                self._console.print(Text(f"  {what}: {' | '.join(key)}", "red"))


def _that_fit(words: Sequence[str], room: int | None) -> list[str]:
    """The first words, each once whatever its capitals, as many as the line has room for; one at least."""
    chosen: dict[str, str] = {}
    for word in words:
        length = cell_len(word) + 2
        if word.casefold() in chosen:
            continue
        if len(chosen) == MOST_WORDS or (room is not None and chosen and length > room):
            break
        chosen[word.casefold()] = word
        room = None if room is None else room - length
    return list(chosen.values())


def _isolated(text: str) -> str:
    turns = any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
    return f"{ISOLATE}{text}{END_ISOLATE}" if turns else text
