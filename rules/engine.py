"""The engine: which rules a document meets, and why; what it costs grows with the hits, not with the rules."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from language.concepts import Concept
from language.languages import admits
from rules.document import Document, Hit, Reason
from rules.evaluate import Evaluation, Found, Mark
from rules.plan import Plan, Planner, numbers_in, numbers_needed
from rules.query import NAME_FIELDS, TEXT_FIELDS, Node, QueryError
from rules.reading import Reading
from rules.rule import Rule, RuleError
from rules.vocabulary import Vocabulary

MOST_REASONS = 200


@dataclass(frozen=True, slots=True)
class _Weighted:
    plan: Plan
    weight: float


@dataclass(frozen=True, slots=True)
class _Planned:
    """A rule with its plans."""

    rule: Rule
    plan: Plan | None
    weighted: tuple[_Weighted, ...]

    def plans(self) -> Iterator[Plan]:
        """Every plan of the rule."""
        if self.plan is not None:
            yield self.plan
        yield from (one.plan for one in self.weighted)


class Engine:
    """A set of rules, compiled. Raises RuleError when a rule names a concept that is not there."""

    def __init__(self, rules: Sequence[Rule], concepts: Mapping[str, Concept]) -> None:
        self._vocabulary = Vocabulary()
        planner = Planner(concepts, self._vocabulary)
        planned = [one for rule in rules if (one := _planned(rule, planner)) is not None]
        uses = Counter(number for one in planned for plan in one.plans() for number in numbers_in(plan))
        self._compiled = planned
        needed = [_needed(one, uses) for one in planned]
        self._always = [i for i, numbers in enumerate(needed) if numbers is None]
        self._by_number: dict[int, list[int]] = defaultdict(list)
        for i, numbers in enumerate(needed):
            for number in numbers or ():
                self._by_number[number].append(i)
        self._fields = (*TEXT_FIELDS, *sorted(planner.fields))

    def match(self, document: Document) -> list[Hit]:
        """The rules that the document meets, in the order of the rules, each with its reasons."""
        reading = Reading(document, self._vocabulary)
        present = reading.numbers(self._fields)
        evaluation = Evaluation(reading, present)
        candidates = set(self._always)
        for number in present:
            candidates.update(self._by_number.get(number, ()))
        hits = (_judge(self._compiled[i], reading, evaluation) for i in sorted(candidates))
        return [hit for hit in hits if hit is not None]


def _planned(rule: Rule, planner: Planner) -> _Planned | None:
    """None for a rule about volume only: no single article meets it."""
    plan = None if rule.tree is None else _plan(rule, rule.tree, planner)
    weighted = tuple(_Weighted(_plan(rule, term.tree, planner), term.weight) for term in rule.terms)
    return None if plan is None and not weighted else _Planned(rule, plan, weighted)


def _needed(planned: _Planned, uses: Mapping[int, int]) -> frozenset[int] | None:
    """Words of which one must occur for the rule to be met; None when it can be met without any."""
    if planned.plan is not None and (needed := numbers_needed(planned.plan, uses)) is not None:
        return needed
    sets = [numbers_needed(one.plan, uses) for one in planned.weighted if one.weight > 0]
    known = [one for one in sets if one is not None]
    return frozenset[int]().union(*known) if known and len(known) == len(sets) else None


def _plan(rule: Rule, tree: Node, planner: Planner) -> Plan:
    try:
        return planner.plan(tree)
    except QueryError as error:
        raise RuleError(rule.name, str(error)) from error


def _judge(compiled: _Planned, reading: Reading, evaluation: Evaluation) -> Hit | None:
    rule = compiled.rule
    if rule.languages is not None and not admits(rule.languages, reading.lang):
        return None
    found: list[Found] = []
    if compiled.plan is not None:
        result = evaluation.holds(compiled.plan)
        if result is None:
            return None
        found.extend(result)
    score = 1.0
    if compiled.weighted:
        score, weighty = _weigh(compiled, evaluation)
        if rule.threshold is None or score < rule.threshold:
            return None
        found.extend(weighty)
    return Hit(rule=rule.name, lang=reading.lang, score=score, reasons=_reasons(found, reading))


def _weigh(compiled: _Planned, evaluation: Evaluation) -> tuple[float, list[Found]]:
    """The sum of the weights of the terms that occur, and where those that speak for the rule stand."""
    total, found = 0.0, list[Found]()
    for term in compiled.weighted:
        result = evaluation.holds(term.plan)
        if result is not None:
            total += term.weight
            found.extend(result if term.weight > 0 else ())
    return total, found


def _reasons(found: list[Found], reading: Reading) -> tuple[Reason, ...]:
    """The marks as reasons, title first, each once, the first MOST_REASONS of them."""
    order = {name: i for i, name in enumerate((*TEXT_FIELDS, *NAME_FIELDS))}
    marks = dict.fromkeys(mark for one in found for mark in one.marks)
    ranked = sorted(
        marks, key=lambda m: (order[m.field], m.place.start, m.place.end, m.term.text, m.term.concept or "")
    )
    # A concept names a word in many spellings and languages: the place it met counts once, not once per spelling.
    once = {(m.field, m.place.start, m.place.end, m.term.concept or m.term.text): m for m in reversed(ranked)}
    return tuple(_reason(mark, reading) for mark in list(reversed(once.values()))[:MOST_REASONS])


def _reason(mark: Mark, reading: Reading) -> Reason:
    text = reading.field(mark.field).text
    return Reason(
        term=mark.term.text,
        concept=mark.term.concept,
        field=mark.field,
        start=mark.place.start,
        end=mark.place.end,
        surface=text[mark.place.start : mark.place.end],
        lang=mark.term.lang or reading.lang,
    )
