"""The engine: which rules a document meets, and why; what it costs grows with the hits, not with the rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from language.concepts import Concept
from language.grammar import only_grammar
from language.languages import admits
from rules.document import Document, Hit, Judged, Reason
from rules.evaluate import Evaluation, Found, Mark
from rules.plan import Cost, Plan, Trigger, Triggers, expression_trigger
from rules.planner import Planner
from rules.query import NAME_FIELDS, TEXT_FIELDS, Node, QueryError
from rules.reading import Reading
from rules.rule import Rule, RuleError
from rules.triggers import any_of, cheapest, necessary
from rules.vocabulary import Vocabulary

MOST_REASONS = 200
_COST_OF_CONCEPT = 1_000  # each of its words may be anywhere


@dataclass(frozen=True, slots=True)
class _Weighted:
    plan: Plan
    weight: float


@dataclass(frozen=True, slots=True)
class _Planned:
    """A rule with its plans; `asks` is all that these were made of. The rule's own tree is not kept."""

    name: str
    languages: frozenset[str] | None
    threshold: float | None
    asks: tuple[object, ...]
    plan: Plan | None
    weighted: tuple[_Weighted, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no article can meet it."""
        return self.plan is None and not self.weighted


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of triggers that a rule cannot do without: the rarest wakes it, one of each gate it must find too."""

    of: _Planned
    rarest: Triggers | None
    gates: tuple[Triggers, ...]


class Engine:
    """A set of rules, compiled. Raises RuleError when a rule names a concept that is not there.

    With `like`, an engine of the same concepts, only rules that it does not have are planned anew: a change of one
    rule among a hundred thousand costs what finding it costs.
    """

    def __init__(
        self, rules: Iterable[Rule | str], concepts: Mapping[str, Concept], *, like: "Engine | None" = None
    ) -> None:
        if like is None or not like.is_of(concepts):
            like = None
        self._concepts = concepts
        self._planner = like._planner if like else Planner(concepts, Vocabulary())
        known = like._by_name if like else {}
        self._compiled = [
            known[rule] if isinstance(rule, str) else _planned(rule, self._planner, known.get(rule.name))
            for rule in rules
        ]
        self._by_name = {one.name: one for one in self._compiled}
        self._rows = like._rows if like else {}
        self._fields = (*TEXT_FIELDS, *sorted(self._planner.fields))
        self._file_ideas()
        self._file_rules()

    @property
    def concepts(self) -> Mapping[str, Concept]:
        return self._concepts

    @property
    def words(self) -> int:
        """How many words it looks for, those of rules that it no longer has among them."""
        return len(self._planner.vocabulary)

    def is_of(self, concepts: Mapping[str, Concept]) -> bool:
        """Whether these are the engine's concepts."""
        return self._concepts is concepts or self._concepts == concepts

    def _file_ideas(self) -> None:
        """Each word with the concepts that it may make hold; a concept stands behind those it names."""
        wakes: dict[Trigger, list[str]] = {}
        for idea in self._planner.ideas.values():
            for trigger in idea.wakes:
                wakes.setdefault(trigger, []).append(idea.trigger)
        self._ideas_by_trigger = wakes

    def _file_rules(self) -> None:
        """Each trigger with the rules that it wakes; a rule is woken by the rarest row that it cannot do without,
        and looked at when it finds one of each of the others, its gates."""
        breadth = {i.trigger: len(i.wakes) for i in self._planner.ideas.values()}
        word = self._planner.vocabulary.cost

        def cost(trigger: Trigger) -> int:
            return word(trigger) if isinstance(trigger, int) else breadth.get(trigger, 1) * _COST_OF_CONCEPT

        self._rows = {
            one.name: known if (known := self._rows.get(one.name)) and known.of is one else _rows(one, cost)
            for one in self._compiled
        }
        self._always: set[int] = set()
        self._gates: list[tuple[Triggers, ...]] = []
        waiting: dict[Trigger, list[int]] = {}
        for i, one in enumerate(self._compiled):
            rows = self._rows[one.name]
            if rows.rarest is None and not one.is_empty:
                self._always.add(i)
            for trigger in rows.rarest or ():
                waiting.setdefault(trigger, []).append(i)
            self._gates.append(rows.gates)
        self._waiting = {trigger: tuple(found) for trigger, found in waiting.items()}

    def match(self, document: Document) -> list[Hit]:
        """The rules that the document meets, in the order of the rules, each with its reasons."""
        return list(self.judge(document).hits)

    def judge(self, document: Document) -> Judged:
        """The same, and which rules had too little time for their expressions."""
        reading = Reading(document, self._planner.vocabulary)
        present = self._present(reading)
        gates = self._gates
        candidates = self._always.union(*filter(None, map(self._waiting.get, present)))
        awake = [i for i in candidates if not any(map(present.isdisjoint, gates[i]))]
        evaluation = Evaluation(reading, present)
        hits: list[Hit] = []
        slow: list[str] = []
        for i in sorted(awake):
            evaluation.begin_rule()
            hit = _judge(self._compiled[i], reading, evaluation)
            if hit is not None:
                hits.append(hit)
            if evaluation.is_short:
                slow.append(self._compiled[i].name)
        return Judged(hits=tuple(hits), slow=tuple(slow))

    def _present(self, reading: Reading) -> set[Trigger]:
        """All triggers that the document has: its words, the concepts that they may mean, its places."""
        present: set[Trigger] = set()
        for name in self._fields:
            present |= reading.field(name).numbers()
        if expressions := self._planner.expressions:
            for name in self._fields:
                present.update(map(expression_trigger, expressions.candidates(reading.field(name).subject)))
        if self._planner.located:
            present.update(f"place:{key}" for _, keys in reading.places for key in keys)
        new = present & self._ideas_by_trigger.keys() if self._ideas_by_trigger else None
        while new:  # a concept may wake one that names it
            woken = {idea for trigger in new for idea in self._ideas_by_trigger[trigger]} - present
            present |= woken
            new = woken & self._ideas_by_trigger.keys()
        return present


def _planned(rule: Rule, planner: Planner, known: _Planned | None) -> _Planned:
    """The rule with its plans, those it had where it asks for the same."""
    asks = (rule.query, rule.volume, *((term.text, term.weight) for term in rule.terms))
    if known is not None and known.asks == asks:
        plan, weighted = known.plan, known.weighted
    else:
        plan = None if rule.tree is None else _plan(rule, rule.tree, planner)
        weighted = tuple(_Weighted(_plan(rule, term.tree, planner), term.weight) for term in rule.terms)
    return _Planned(rule.name, rule.languages, rule.threshold, asks, plan, weighted)


def _rows(planned: _Planned, cost: Cost) -> _Rows:
    needed = _necessary(planned, cost)
    rarest = cheapest(needed, cost)
    return _Rows(planned, rarest, tuple(gate for gate in needed if gate is not rarest))


def _necessary(planned: _Planned, cost: Cost) -> tuple[Triggers, ...]:
    """Rows of triggers, of each of which one must occur for the rule to be met; none when it can be met without."""
    found = () if planned.plan is None else necessary(planned.plan, cost)
    if planned.weighted:
        found = (*found, *any_of((one.plan for one in planned.weighted if one.weight > 0), cost))
    return found


class Checker:
    """Says of one rule after another whether an Engine would take it."""

    def __init__(self, concepts: Mapping[str, Concept]) -> None:
        self._planner = Planner(concepts, Vocabulary())

    def check(self, rule: Rule) -> None:
        """Raise RuleError when the rule names a concept that is not there or cannot be used."""
        _planned(rule, self._planner, None)


def _plan(rule: Rule, tree: Node, planner: Planner) -> Plan:
    planner.begin()
    try:
        return planner.plan(tree)
    except QueryError as error:
        raise RuleError(rule.name, str(error)) from error


def _judge(planned: _Planned, reading: Reading, evaluation: Evaluation) -> Hit | None:
    if planned.languages is not None and not _is_for(planned.languages, reading.languages):
        return None
    found: list[Found] = []
    if planned.plan is not None:
        result = evaluation.holds(planned.plan) if evaluation.may_hold(planned.plan) else None
        if result is None:
            return None
        found.extend(result)
    score = 1.0
    if planned.weighted:
        score, weighty = _weigh(planned, evaluation)
        if planned.threshold is None or score < planned.threshold:
            return None
        found.extend(weighty)
    if found and _only_grammar(found, reading):
        return None
    return Hit(rule=planned.name, lang=reading.lang, score=score, reasons=_reasons(found, reading))


def _only_grammar(found: list[Found], reading: Reading) -> bool:
    """Whether the rule found nothing but bare words that hold sentences together: they stand in every article."""
    return all(
        mark.term.concept is None
        and mark.term.text[:1] not in "=/"
        and only_grammar(
            reading.field(mark.field).text,
            mark.place.start,
            mark.place.end,
            reading.lang_at(mark.field, mark.place.start),
        )
        for one in found
        for mark in one.marks
    )


@lru_cache(maxsize=4096)
def _is_for(wanted: frozenset[str], written: frozenset[str]) -> bool:
    """Whether a rule for the wanted languages is for a text in the written ones: for one of its passages is enough."""
    return any(admits(wanted, lang) for lang in written)


def _weigh(planned: _Planned, evaluation: Evaluation) -> tuple[float, list[Found]]:
    """The sum of the weights of the terms that occur, and where those that speak for the rule stand."""
    total, found = 0.0, list[Found]()
    for term in planned.weighted:
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
        lang=mark.term.lang or reading.lang_at(mark.field, mark.place.start),
    )
