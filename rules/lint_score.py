"""What the weights of a score rule do: nothing, or twice what they say."""

from collections.abc import Iterable, Iterator

from rules.findings import READ_MOST, Finding
from rules.probing import Probe
from rules.rule import Rule, WeightedTerm

_MOST_SUMS = 20_000


def score_findings(rule: Rule, probe: Probe) -> Iterator[Finding]:
    """What is odd about the rule's weights."""
    for term in rule.terms:
        if term.weight == 0:
            yield _found(
                rule,
                "score-zero",
                f"{term.text} weighs 0 and changes nothing",
                "give it a weight, or take it out",
            )
        elif rule.threshold is not None and not _decides(term, rule):
            yield _found(
                rule, "score-idle",
                f"{term.text} ({term.weight:g}) changes nothing: whatever else is met, the threshold of "
                f"{rule.threshold:g} is reached with it or without it",
                "change its weight or the threshold, or take it out",
            )  # fmt: skip
    yield from _counted_twice(rule, probe)


def _decides(term: WeightedTerm, rule: Rule) -> bool:
    """Whether some set of the other terms reaches the threshold only with this one, or only without it."""
    threshold = rule.threshold or 0
    sums = _sums(other.weight for other in rule.terms if other is not term)
    if sums is None:
        return True
    return any((total >= threshold) != (total + term.weight >= threshold) for total in sums)


def _sums(weights: Iterable[float]) -> set[float] | None:
    """The sums that sets of the weights can have; None where there are too many."""
    found = {0.0}
    for weight in weights:
        found |= {total + weight for total in found}
        if len(found) > _MOST_SUMS:
            return None
    return found


def _counted_twice(rule: Rule, probe: Probe) -> Iterator[Finding]:
    langs = sorted(rule.languages) if rule.languages else READ_MOST
    for term in rule.terms:
        for other in rule.terms:
            is_pair = other is not term and term.weight > 0 and other.weight > 0
            if is_pair and any(probe.implies(term.tree, other.tree, lang) for lang in langs):
                yield _found(
                    rule, "score-twice",
                    f"an article that meets {term.text} always meets {other.text} too: it counts "
                    f"{term.weight + other.weight:g}",
                    "take one of them out, or mean the sum",
                )  # fmt: skip
                break


def _found(rule: Rule, code: str, says: str, remedy: str) -> Finding:
    return Finding(code=code, says=says, remedy=remedy, rule=rule.name)
