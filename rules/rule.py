"""Rules: what a person wants to be told about, as written and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from language.languages import is_known, normal
from rules.parser import parse
from rules.query import Node, QueryError

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


class SpikeSpec(BaseModel):
    """A rule about volume: more than `factor` times the baseline. No single article meets it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    query: Annotated[str, Field(min_length=1)]
    window: str = "1d"
    baseline: str = "14d"
    factor: float = Field(default=3, gt=1)
    min: int = Field(default=1, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedTerm:
    """One term of a score rule."""

    text: str
    tree: Node
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A checked rule. `tree` and `terms` both must be met where both are given; a spike alone meets no article."""

    name: str
    query: str | None = None
    tree: Node | None = None
    threshold: float | None = None
    terms: tuple[WeightedTerm, ...] = ()
    spike: SpikeSpec | None = None
    languages: frozenset[str] | None = None
    severity: Severity = "medium"


class _Definition(BaseModel):
    """What of a rule is neither its name nor its query; other keys belong to others."""

    model_config = ConfigDict(extra="ignore")
    score: ScoreSpec | None = None
    spike: SpikeSpec | None = None


_SEVERITY: TypeAdapter[Severity] = TypeAdapter(Severity)


def compile_rule(
    *,
    name: str,
    query: str | None = None,
    definition: Mapping[str, Any] | None = None,
    languages: Sequence[str] | None = None,
    severity: str = "medium",
) -> Rule:
    """A rule from what people wrote; `definition` may hold "score" and "spike" tables. Raises RuleError."""
    try:
        more = _Definition.model_validate(dict(definition or {}))
        checked: Severity = _SEVERITY.validate_python(severity)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "severity"
        raise RuleError(name, f"{place}: {first['msg']}") from error
    if query is None and more.score is None and more.spike is None:
        raise RuleError(name, 'it asks for nothing; give it a query, like query = "@iraq"')
    if more.spike:
        _tree(name, more.spike.query, "spike.query: ")
    return Rule(
        name=name,
        query=query,
        tree=None if query is None else _tree(name, query),
        threshold=more.score.threshold if more.score else None,
        terms=_weighted(name, more.score) if more.score else (),
        spike=more.spike,
        languages=_languages(name, languages),
        severity=checked,
    )


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
