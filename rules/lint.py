"""Lint: what of a rule will surprise its author, found out without a single article."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from language.concepts import Concept
from rules.findings import Draft, Finding, drafts_of, every
from rules.lint_concepts import concept_findings
from rules.lint_leaves import ideas_of, leaf_findings, unnamed_ideas
from rules.lint_logic import Logic
from rules.lint_score import score_findings
from rules.lint_shape import shape_findings
from rules.lint_words import Ideas
from rules.probing import Probe
from rules.rule import Rule

_HINTS = ("grammar-word", "short-word")  # not beside another finding of the same word


def lint_rules(rules: Sequence[Rule], concepts: Mapping[str, Concept], *, now: datetime) -> list[Finding]:
    """What is odd about each rule, in order. Raises RuleError when one names a concept that is not there."""
    drafts = [draft for rule in rules for draft in drafts_of(rule)]
    probe = Probe((node for draft in drafts for node in every(draft.tree)), concepts)
    ideas = ideas_of(concepts)
    found: list[Finding] = []
    for rule in rules:
        for draft in drafts_of(rule):
            found += _of_draft(draft, probe, ideas, concepts, now)
        found += score_findings(rule, probe)
    return _in_order(found)


def lint_concepts(own: Iterable[Concept], concepts: Mapping[str, Concept]) -> list[Finding]:
    """What is odd about the items of each of these concepts; `concepts` are all that there are, by name."""
    return list(dict.fromkeys(concept_findings(list(own), concepts)))


def _of_draft(
    draft: Draft, probe: Probe, ideas: Ideas, concepts: Mapping[str, Concept], now: datetime
) -> Iterator[Finding]:
    """What is odd about one query; where something is said of a place already, no hint is added."""
    said: set[int | None] = set()
    for finding in (
        *shape_findings(draft),
        *Logic(draft=draft, probe=probe, ideas=ideas, now=now).findings(),
        *leaf_findings(draft, probe, ideas),
    ):
        if finding.code not in _HINTS or finding.column is None or finding.column not in said:
            said.add(finding.column)
            yield finding
    yield from unnamed_ideas(draft, ideas, concepts, said=said)


def _in_order(found: Iterable[Finding]) -> list[Finding]:
    """Each finding once, those of one rule by their columns."""
    once = list(dict.fromkeys(found))
    place = {rule: at for at, rule in reversed(list(enumerate(one.rule for one in once)))}
    return sorted(once, key=lambda one: (place[one.rule], one.column or 0))
