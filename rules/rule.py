"""Rules: what a person wants to be told about, as written and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from language.languages import is_known, normal
from rules.parser import parse
from rules.query import Node, QueryError
from rules.volumespec import AbsenceTable, CountTable, SpikeTable, VolumeSpec

Severity = Literal["low", "medium", "high", "critical"]


class RuleError(ValueError):
    """A rule cannot be used; names the rule, the place and what to write instead."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"rule {rule!r}: {reason}")
        self.rule = rule
        self.reason = reason


class ScoreSpec(BaseModel):
    """A weighted rule: the weights of the terms that occur, each once, must reach the threshold."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    threshold: float = Field(gt=0)
    terms: dict[str, float] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedTerm:
    """One term of a score rule."""

    text: str
    tree: Node
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A checked rule. `tree` and `terms` both must be met where both are given.

    Where there is `volume`, what meets `tree` is counted, and no article alerts by itself.
    """

    name: str
    query: str | None = None
    tree: Node | None = None
    threshold: float | None = None
    terms: tuple[WeightedTerm, ...] = ()
    volume: VolumeSpec | None = None
    languages: frozenset[str] | None = None
    severity: Severity = "medium"


class _Definition(BaseModel):
    """What of a rule is neither its name nor its query; other keys belong to others."""

    model_config = ConfigDict(extra="ignore")
    score: ScoreSpec | None = None
    spike: SpikeTable | None = None
    count: CountTable | None = None
    absence: AbsenceTable | None = None


_TABLES: Mapping[str, type[BaseModel]] = {
    "score": ScoreSpec,
    "spike": SpikeTable,
    "count": CountTable,
    "absence": AbsenceTable,
}
VOLUMES = ("spike", "count", "absence")  # of a definition: its tables that count
_SEVERITY: TypeAdapter[Severity] = TypeAdapter(Severity)


def compile_rule(
    *,
    name: str,
    query: str | None = None,
    definition: Mapping[str, Any] | None = None,
    languages: Sequence[str] | None = None,
    severity: str = "medium",
) -> Rule:
    """A rule from what people wrote; `definition` may hold a table "score", "spike", "count" or "absence".

    Raises RuleError.
    """
    try:
        more = _Definition.model_validate(dict(definition or {}))
        checked: Severity = _SEVERITY.validate_python(severity)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "severity"
        raise RuleError(name, f"{place}: {_said(first)}") from error
    volume = _volume(name, more, alone=query is None and more.score is None)
    if query is None and more.score is None and volume is None:
        raise RuleError(name, 'it asks for nothing; give it a query, like query = "@iraq"')
    return Rule(
        name=name,
        query=query,
        tree=_tree(name, query) if query is not None else _counted(name, volume),
        threshold=more.score.threshold if more.score else None,
        terms=_weighted(name, more.score) if more.score else (),
        volume=volume,
        languages=_languages(name, languages),
        severity=checked,
    )


def _said(fault: ErrorDetails) -> str:
    """What pydantic says, with the known names where one is not known."""
    known = _TABLES.get(str(fault["loc"][0])) if fault["type"] == "extra_forbidden" else None
    if known is None:
        return fault["msg"].removeprefix("Value error, ")
    return f"unknown key; known here: {', '.join(f.alias or name for name, f in known.model_fields.items())}"


def _volume(name: str, more: _Definition, *, alone: bool) -> VolumeSpec | None:
    """What of the rule is about volume. It has its query inside, so it stands alone: one rule, one meaning."""
    tables = [table for table in (more.spike, more.count, more.absence) if table is not None]
    if not tables:
        return None
    if len(tables) > 1 or not alone:
        said = [key for key in VOLUMES if getattr(more, key) is not None]
        raise RuleError(
            name, f"{said[0]}: stands beside another query, score or count; make it a rule of its own"
        )
    return tables[0].spec()


def _counted(name: str, volume: VolumeSpec | None) -> Node | None:
    if volume is None:
        return None
    return _tree(name, volume.query, f"{type(volume).__name__.lower()}.query: ")


def _tree(name: str, query: str, place: str = "") -> Node:
    try:
        return parse(query)
    except QueryError as error:
        raise RuleError(name, f"{place}{error}") from error


def _weighted(name: str, score: ScoreSpec) -> tuple[WeightedTerm, ...]:
    """A term of a score table is a query of its own; words with spaces and no marks of the language are a phrase."""
    if score.threshold > sum(weight for weight in score.terms.values() if weight > 0):
        raise RuleError(
            name, "score.threshold: all terms together do not reach it; lower it or raise the weights"
        )
    return tuple(
        WeightedTerm(text=text, tree=_tree(name, _as_query(text), f"score.terms: {text!r}: "), weight=weight)
        for text, weight in score.terms.items()
    )


def _as_query(text: str) -> str:
    marks = frozenset('"()/:@=~“”«»')
    operators = {"AND", "OR", "NOT"}
    plain = not marks & set(text) and not operators & set(text.split()) and "NEAR" not in text
    return f'"{text}"' if plain and " " in text.strip() else text


def _languages(name: str, languages: Sequence[str] | None) -> frozenset[str] | None:
    """None for all. Raises RuleError for a code that is no language."""
    if not languages:
        return None
    for code in languages:
        if not is_known(code):
            raise RuleError(
                name, f"languages: {code!r} is no language that we know; write codes like ar, ckb, en"
            )
    return frozenset(normal(code) for code in languages)
