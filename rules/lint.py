"""Lint: what of a rule will surprise its author, found out without a single article."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from language.concepts import Concept
from rules.findings import Draft, Finding, drafts_of, every
from rules.lint_concepts import concept_findings
from rules.lint_leaves import ideas_of, leaf_findings, unnamed_ideas
from rules.lint_logic import logic_findings
from rules.lint_score import score_findings
from rules.lint_shape import shape_findings
from rules.lint_words import Ideas
from rules.probing import Probe
from rules.rule import Rule


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
    return _without_echoes(found)


def lint_concepts(own: Iterable[Concept], concepts: Mapping[str, Concept]) -> list[Finding]:
    """What is odd about the items of each of these concepts; `concepts` are all that there are, by name."""
    return _without_echoes(one for concept in own for one in concept_findings(concept, concepts))


def _of_draft(
    draft: Draft, probe: Probe, ideas: Ideas, concepts: Mapping[str, Concept], now: datetime
) -> Iterator[Finding]:
    yield from shape_findings(draft)
    yield from leaf_findings(draft, probe, ideas)
    yield from logic_findings(draft, probe, now)
    yield from unnamed_ideas(draft, ideas, concepts)


def _without_echoes(found: Iterable[Finding]) -> list[Finding]:
    """Each finding once: one that says at a place what another says there already is left out."""
    return list(dict.fromkeys(found))
