"""What an import brings: rules, lists of words, and a note for everything that is not exactly as it was."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rules.rule import RuleError, compile_rule

LONGEST_NAME = 80


class ImportFailedError(ValueError):
    """The text is not what it should be; str() says in one line what, where and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that could not be carried over exactly; line and column count from 1."""

    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRule:
    """A rule as a watch file holds it. One that `cannot_run` is written as a comment, for a person to mend."""

    name: str
    query: str | None = None
    threshold: float | None = None
    terms: dict[str, float] = field(default_factory=dict[str, float])
    notes: tuple[Note, ...] = ()
    cannot_run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """All that a text brought, in its order; `notes` are about what belongs to no rule."""

    rules: tuple[ImportedRule, ...]
    concepts: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    notes: tuple[Note, ...] = ()


def checked(rule: ImportedRule) -> ImportedRule:
    """The rule, with the reason why it cannot run if it cannot."""
    if rule.cannot_run is not None:
        return rule
    definition = {"score": {"threshold": rule.threshold, "terms": rule.terms}} if rule.terms else {}
    try:
        compile_rule(name=rule.name, query=rule.query, definition=definition)
    except RuleError as error:
        return _with(rule, rule.name, error.reason)
    return rule


def named_apart(rules: Iterable[ImportedRule]) -> tuple[ImportedRule, ...]:
    """The rules, each with a name of its own: a watch file has no two of the same."""
    taken: set[str] = set()
    found: list[ImportedRule] = []
    for rule in rules:
        name, count = rule.name, 1
        while name in taken:
            count += 1
            name = f"{rule.name} ({count})"
        taken.add(name)
        found.append(_with(rule, name, rule.cannot_run))
    return tuple(found)


def short_name(text: str) -> str:
    """A rule's name from its text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1].rstrip()}…"


def _with(rule: ImportedRule, name: str, cannot_run: str | None) -> ImportedRule:
    return ImportedRule(
        name=name,
        query=rule.query,
        threshold=rule.threshold,
        terms=rule.terms,
        notes=rule.notes,
        cannot_run=cannot_run,
    )
