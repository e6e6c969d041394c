"""Carrying: which terms the hits of a rule rest on, and what its NOTs keep away."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from language.concepts import Concept
from rules.atoms import parse_item
from rules.backtest import Carrier
from rules.document import Document
from rules.engine import Engine
from rules.query import (
    And,
    Code,
    ConceptRef,
    Dates,
    Fuzzy,
    InField,
    Literal,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    QueryError,
    Regex,
    Wildcard,
    Word,
)
from rules.rule import Rule


class Carrying:
    """The rule once without each of these terms, all compiled into one engine."""

    def __init__(self, rule: Rule, concepts: Mapping[str, Concept], carriers: Iterable[Carrier]) -> None:
        self._carriers: dict[str, Carrier] = {}
        self._needed: set[Carrier] = set()  # without them the rule can meet nothing at all
        rules: list[Rule] = []
        known = dict(concepts)
        for number, carrier in enumerate(carriers):
            cut = _Cut(carrier=carrier, suffix=f".without-{number}", concepts=concepts, cuts={})
            without = cut.rule(rule)
            if without is None:
                self._needed.add(carrier)
                continue
            name = f"without {number}"
            rules.append(replace(without, name=name))
            self._carriers[name] = carrier
            known |= cut.cuts
        self._engine = Engine(rules, known)

    def lost(self, document: Document, carriers: Iterable[Carrier]) -> list[Carrier]:
        """Those of the carriers without which the rule would not meet this document, which it meets."""
        met = {self._carriers[hit.rule] for hit in self._engine.match(document)}
        asked = self._needed | set(self._carriers.values())
        return [carrier for carrier in carriers if carrier in asked and carrier not in met]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """One term taken out of a rule; `cuts` collects the concepts that lose it, under names of their own."""

    carrier: Carrier
    suffix: str
    concepts: Mapping[str, Concept]
    cuts: dict[str, Concept]

    def rule(self, rule: Rule) -> Rule | None:
        """The rule without the term; None when nothing is left that could be met."""
        tree = None if rule.tree is None else self.node(rule.tree)
        if rule.tree is not None and tree is None:
            return None
        if not rule.terms:
            return replace(rule, tree=tree)
        terms = tuple(
            replace(term, tree=left)
            for term in rule.terms
            if (left := term.tree if term.weight < 0 else self.node(term.tree)) is not None
        )
        return replace(rule, tree=tree, terms=terms) if terms else None

    def node(self, node: Node) -> Node | None:
        """The tree without the term; None when it can no longer be met. What a NOT keeps away stays away."""
        match node:
            case And(parts):
                left = [self.node(part) for part in parts]
                return None if None in left else And(tuple(one for one in left if one is not None))
            case Or(parts):
                some = tuple(one for part in parts if (one := self.node(part)) is not None)
                return Or(some) if some else None
            case Near():
                first, second = self.node(node.left), self.node(node.right)
                return None if first is None or second is None else replace(node, left=first, right=second)
            case InField(field="place", part=Word(text) | Phrase(text=text)):
                return None if self.carrier.term in (f"place:{text}", text) else node
            case InField():
                part = self.node(node.part)
                return None if part is None else replace(node, part=part)
            case ConceptRef():
                return self._reference(node)
            case Not():
                return node
            case _:
                is_it = self.carrier.concept is None and term_of(node) == self.carrier.term
                return None if is_it else node

    def _reference(self, node: ConceptRef) -> ConceptRef | None:
        concept = self.concepts.get(node.name) or self.concepts.get(node.name.lower())
        if concept is None or self.carrier.concept is None or not self._reaches(concept, frozenset()):
            return node
        name = self._concept(concept)
        return None if name is None else replace(node, name=name)

    def _reaches(self, concept: Concept, above: frozenset[str]) -> bool:
        """Whether the concept lists the term, itself or through another one."""
        if concept.name == self.carrier.concept:
            return True
        inner = (self.concepts.get(name) for name in _named(concept) if name not in above)
        return any(one is not None and self._reaches(one, above | {concept.name}) for one in inner)

    def _concept(self, concept: Concept) -> str | None:
        """The name of the concept without the term; None when it has no other."""
        name = f"{concept.name}{self.suffix}".lower()
        if name not in self.cuts:
            self.cuts[name] = replace(concept, name=name, terms={})  # ends circles
            terms = {
                lang: tuple(left for item in items if (left := self._item(concept, item)) is not None)
                for lang, items in concept.terms.items()
            }
            some = {lang: items for lang, items in terms.items() if items}
            self.cuts[name] = replace(concept, name=name, terms=some)
        return name if self.cuts[name].terms else None

    def _item(self, concept: Concept, item: str) -> str | None:
        try:
            node = parse_item(item)
        except QueryError:
            return item  # the rule did not compile with it, or does not look at it
        if isinstance(node, ConceptRef):
            left = self._reference(node)
            return None if left is None else f"@{left.name}"
        is_it = concept.name == self.carrier.concept and term_of(node) == self.carrier.term
        return None if is_it else item


def _named(concept: Concept) -> set[str]:
    """The concepts that this one names among its items."""
    found = (item.strip()[1:] for items in concept.terms.values() for item in items if item.startswith("@"))
    return {name.lower() for name in found}


def term_of(node: Node) -> str | None:
    """What reasons call this leaf; None for what is none."""
    match node:
        case Word(text) | Phrase(text=text):
            return text
        case Literal(text):
            return f"={text}"
        case Wildcard(pattern):
            return pattern
        case Fuzzy(text, distance):
            return f"{text}~{distance}"
        case Regex(pattern):
            return f"/{pattern}/"
        case Dates():
            return f"date:{node.text}"
        case Code():
            return f"{node.field}:{node.value}"
        case _:
            return None


def without_nots(rule: Rule) -> Rule | None:
    """The rule without what it keeps away by NOT or by terms that weigh against it; None when it keeps nothing away."""
    tree = None if rule.tree is None else _positive(rule.tree)
    terms = tuple(
        replace(term, tree=left)
        for term in rule.terms
        if term.weight > 0 and (left := _positive(term.tree)) is not None
    )
    changed = replace(rule, tree=tree, terms=terms)
    return None if changed == rule or (tree is None and not terms) else changed


def _positive(node: Node) -> Node | None:
    match node:
        case Not():
            return None
        case And(parts):
            every = _left(parts)
            return None if not every else every[0] if len(every) == 1 else And(every)
        case Or(parts):
            some = _left(parts)
            return Or(some) if some else None
        case Near():
            first, second = _positive(node.left), _positive(node.right)
            return None if first is None or second is None else replace(node, left=first, right=second)
        case InField():
            part = _positive(node.part)
            return None if part is None else replace(node, part=part)
        case _:
            return node


def _left(parts: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(one for part in parts if (one := _positive(part)) is not None)


def idle_terms(rule: Rule, concepts: Mapping[str, Concept], met: Collection[Carrier]) -> list[str]:
    """What the rule asks for, word by word and concept by concept, and what none of its hits has met."""
    words = {carrier.term for carrier in met if carrier.concept is None}
    ideas = {carrier.concept for carrier in met if carrier.concept is not None}
    trees = ([] if rule.tree is None else [rule.tree]) + [one.tree for one in rule.terms if one.weight > 0]
    idle: dict[str, None] = {}
    for leaf in (leaf for tree in trees for leaf in _leaves(tree)):
        if isinstance(leaf, ConceptRef):
            if ideas.isdisjoint(_reach(leaf.name, concepts, set())):
                idle[f"@{leaf.name}"] = None
        elif not isinstance(leaf, Dates | Code) and (term := term_of(leaf)) is not None and term not in words:
            idle[term] = None
    return list(idle)


def _leaves(node: Node) -> Iterator[Node]:
    """The leaves that can meet something, in order; what stands under a NOT cannot, and of places concepts decide."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case Near(left=left, right=right):
            yield from _leaves(left)
            yield from _leaves(right)
        case InField(field=name, part=part):
            if name != "place":
                yield from _leaves(part)
        case Not():
            return
        case _:
            yield node


def _reach(name: str, concepts: Mapping[str, Concept], seen: set[str]) -> set[str]:
    """The names of this concept and of all that it names."""
    concept = concepts.get(name) or concepts.get(name.lower())
    if concept is not None and concept.name not in seen:
        seen.add(concept.name)
        for inner in _named(concept):
            _reach(inner, concepts, seen)
    return seen
