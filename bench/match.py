"""Matching at scale: our engine beside a bare Aho-Corasick scan, hyperscan, google-re2's set and a loop of expressions.

`python -m bench.match` measures in one process: times are processor time of one core, the best of several rounds
that take turns, so that whatever else runs on the machine weighs on all of them alike.
"""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench import madeup, peers
from bench.madeup import Tongue
from rules.document import Document
from rules.engine import Engine
from rules.rule import Rule, compile_rule

RULES = 10_000
FEW, MANY = 100, 100_000
WARM_UP = 6_000  # articles that the engine has seen, as any but the first hour's has
MEASURED = 300
ROUNDS = 7
SLOW_SAMPLE = 10  # articles for those that take a second each
MOST_RATIO = 3.0
MOST_GROWTH = 3.0
MOST_MEMORY_MB = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What so many rules cost: milliseconds of one core for an article of 500 words, and what they met in it."""

    rules: int
    load_seconds: float
    reload_seconds: float  # one rule changed
    memory_mb: float  # the rules and what matching needs, after the warm-up
    again_ms: float  # of words that came before
    fresh_ms: float  # as articles come, new words in it
    hits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """One run."""

    bare_ms: float
    hyperscan_ms: float
    re2_set_ms: float
    loop_ms: float
    terms: int
    few: Scale
    ours: Scale
    elsewhere: Scale
    many: Scale


def measure() -> Matching:
    """Measure everything once, each size in a process of its own; takes some minutes."""
    sizes = {name: _Told(**_told(name)) for name in ("few", "ours", "elsewhere", "many")}
    ours = sizes["ours"]
    return Matching(
        bare_ms=ours.bare_ms,
        hyperscan_ms=ours.hyperscan_ms,
        re2_set_ms=ours.re2_set_ms,
        loop_ms=ours.loop_ms,
        terms=ours.terms,
        **{name: Scale(**told.scale) for name, told in sizes.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one process says; the peers stand beside the 10,000 rules only."""

    scale: dict[str, Any]
    bare_ms: float = 0
    hyperscan_ms: float = 0
    re2_set_ms: float = 0
    loop_ms: float = 0
    terms: int = 0


def _told(name: str) -> dict[str, Any]:
    print(f"matching: {name}", file=sys.stderr)
    done = subprocess.run([sys.executable, "-m", "bench.match", name], stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _tell(name: str) -> None:
    """One size in this process, as JSON."""
    spoken = madeup.tongues()
    made: dict[str, Callable[[], Iterator[Rule]]] = {
        "few": lambda: madeup.rules(spoken, FEW),
        "ours": lambda: madeup.rules(spoken, RULES),
        "many": lambda: madeup.rules(spoken, MANY),
        "elsewhere": lambda: chain(
            madeup.rules(spoken, FEW), madeup.rules(spoken, MANY - FEW, elsewhere=True)
        ),
    }
    scale, engine = _scale(spoken, made[name])
    told: dict[str, Any] = {"scale": asdict(scale)}
    if name == "ours":
        told |= _beside(spoken, list(made[name]()), engine)
    print(json.dumps(told))


def _scale(spoken: Sequence[Tongue], made: Callable[[], Iterator[Rule]]) -> tuple[Scale, Engine]:
    before = _memory_mb()
    gc.disable()  # as the reading children do while they compile
    load_seconds, engine = _timed(lambda: Engine(made(), {}))
    names = [rule.name for rule in made()]
    reload_seconds, engine = _timed(lambda: Engine([*names[:-1], _changed(names[-1])], {}, like=engine))
    gc.enable()
    gc.collect()
    gc.freeze()
    for document in _stream(spoken, WARM_UP, "warm"):
        engine.match(document)
    memory_mb = _memory_mb() - before
    fresh = [
        _milliseconds(engine.match, madeup.documents(spoken, MEASURED, f"fresh {i}")) for i in range(ROUNDS)
    ]
    documents = madeup.documents(spoken, MEASURED, "measured")
    hits = sum(len(engine.match(document)) for document in documents) / MEASURED
    again = min(_milliseconds(engine.match, documents) for _ in range(ROUNDS))
    scale = Scale(
        rules=len(names),
        load_seconds=load_seconds,
        reload_seconds=reload_seconds,
        memory_mb=memory_mb,
        again_ms=again,
        fresh_ms=min(fresh),
        hits=hits,
    )
    return scale, engine


def _beside(spoken: Sequence[Tongue], made: list[Rule], engine: Engine) -> dict[str, float]:
    """The peers on the same texts; the bare scan takes turns with the engine."""
    documents = madeup.documents(spoken, MEASURED, "measured")
    words = list(dict.fromkeys(word for rule in made for word in madeup.terms_of(rule)))
    scans = {
        "bare_ms": peers.bare_scan(words),
        "hyperscan_ms": peers.hyperscan_literals(words),
        "re2_set_ms": peers.re2_set(words),
    }
    best = dict.fromkeys(scans, float("inf"))
    for _ in range(ROUNDS):
        _milliseconds(engine.match, documents)
        for name, scan in scans.items():
            best[name] = min(best[name], _milliseconds(lambda one, scan=scan: scan(one.body), documents))
    loop = peers.regex_loop([madeup.terms_of(rule) for rule in made])
    slow = _milliseconds(lambda one: loop(one.body), documents[:SLOW_SAMPLE])
    return {**best, "loop_ms": slow, "terms": len(words)}


def _stream(spoken: Sequence[Tongue], count: int, name: str) -> Iterator[Document]:
    for part in range(count // MEASURED):
        yield from madeup.documents(spoken, MEASURED, f"{name} {part}")


def _changed(name: str) -> Rule:
    return compile_rule(name=name, query="changed AND (riot OR flood)")


def _timed(work: Callable[[], Engine]) -> tuple[float, Engine]:
    began = time.process_time()
    made = work()
    return time.process_time() - began, made


def _milliseconds(work: Callable[[Document], object], documents: Sequence[Document]) -> float:
    began = time.process_time()
    for document in documents:
        work(document)
    return (time.process_time() - began) / len(documents) * 1000


def _memory_mb() -> float:
    return psutil.Process().memory_info().rss / (1 << 20)


def rows(found: Matching) -> list[tuple[str, str, str, str, str]]:
    """What to show: what, ours, beside what, ratio, target."""
    ours, bare = found.ours, found.bare_ms
    scale = f"{ours.rules:,} rules, {found.terms:,} terms, 5 languages"
    beside = [
        ("words that came before", f"{ours.again_ms:.2f} ms", f"bare scan {bare:.2f}", ours.again_ms / bare),
        ("2 % words never seen", f"{ours.fresh_ms:.2f} ms", f"bare scan {bare:.2f}", ours.fresh_ms / bare),
    ]
    shown = [
        (f"{scale}: {what}", said, other, f"{ratio:.1f}", judged(ratio <= MOST_RATIO, f"<= {MOST_RATIO:.0f}"))
        for what, said, other, ratio in beside
    ]
    for name, value in (
        ("hyperscan, places of words", found.hyperscan_ms),
        ("google-re2 set, which words", found.re2_set_ms),
        ("an expression per rule", found.loop_ms),
    ):
        shown.append((f"the same beside {name}", "", f"{value:.2f} ms", f"{ours.again_ms / value:.2g}", ""))
    for name, one in (
        ("on words that articles lack", found.elsewhere),
        ("on words of the articles", found.many),
    ):
        growth = one.again_ms / found.few.again_ms
        shown.append(
            (
                f"{one.rules:,} rules, most {name}: {one.hits:.1f} hits an article",
                f"{one.again_ms:.2f} ms, fresh {one.fresh_ms:.2f}",
                f"{found.few.rules} rules {found.few.again_ms:.2f} ms, {found.few.hits:.2f} hits",
                f"{growth:.1f}",
                judged(growth < MOST_GROWTH, f"< {MOST_GROWTH:.0f}"),
            )
        )
        shown.append(
            (
                f"{one.rules:,} rules, most {name}: memory",
                f"{one.memory_mb:.0f} MB",
                f"{WARM_UP:,} articles read",
                "",
                judged(one.memory_mb < MOST_MEMORY_MB, f"< {MOST_MEMORY_MB:.0f}"),
            )
        )
        said = f"{one.load_seconds:.1f} s, one changed {one.reload_seconds:.2f} s"
        shown.append((f"{one.rules:,} rules, most {name}: loaded", said, "", "", ""))
    return shown


def judged(reached: bool, target: str) -> str:
    """A target, and whether it was reached."""
    return f"{target}: {'reached' if reached else 'missed'}"


def main() -> int:
    """Measure, and show a table; with a size as argument, that size alone as JSON."""
    if len(sys.argv) > 1:
        _tell(sys.argv[1])
        return 0
    table = Table(title="Matching an article of 500 words, processor time of one core")
    for name in ("what", "Marsad", "beside", "ratio", "target"):
        table.add_column(name)
    for row in rows(measure()):
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
