"""The planner: a query's tree, with its concepts and words resolved, becomes a plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from language.concepts import ANY, Concept
from language.languages import NO_LANGUAGE
from language.placenames import named
from language.scripts import fold_word
from language.words import parts, tokens
from rules.atoms import parse_item
from rules.plan import (
    AllOf,
    AnyOf,
    Close,
    Fact,
    Idea,
    Located,
    OneWord,
    Pattern,
    Period,
    Plan,
    Term,
    Trigger,
    Within,
    Without,
    Words,
)
from rules.prefilter import Expressions
from rules.query import (
    NAME_FIELDS,
    TEXT_FIELDS,
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
from rules.regexes import compile_expression
from rules.triggers import waking
from rules.vocabulary import How, Vocabulary, Wanted

# A concept is met by any of its words: where a part can wait for a word instead, it does.
_COST_OF_CONCEPT = 1_000_000


@dataclass(slots=True)
class Planner:
    """Resolves trees against one set of concepts and one vocabulary. Raises QueryError.

    `fields` collects the fields of names and addresses that any of them looks into, `ideas` the concepts met so far,
    each behind those that it names;
    `located` says whether any asks for a place.
    """

    concepts: Mapping[str, Concept]
    vocabulary: Vocabulary
    expressions: Expressions = field(default_factory=Expressions)
    fields: set[str] = field(default_factory=set[str])
    ideas: dict[str, Idea] = field(default_factory=dict[str, Idea])
    located: bool = False
    _open: list[str] = field(default_factory=list[str])
    _shared: list[OneWord | None] = field(default_factory=list["OneWord | None"])

    def begin(self) -> None:
        """Forget on which way through concepts the last plan broke off."""
        self._open.clear()

    def plan(self, node: Node, concept: str | None = None, lang: str | None = None) -> Plan:
        """The plan of a query's tree, or of a concept's item in its language."""
        match node:
            case And(parts):
                return AllOf(tuple(self.plan(part, concept, lang) for part in parts))
            case Or(parts):
                return AnyOf(tuple(self.plan(part, concept, lang) for part in parts))
            case Not(part):
                return Without(self.plan(part, concept, lang))
            case Near():
                left, right = self.plan(node.left, concept, lang), self.plan(node.right, concept, lang)
                return Close(left, right, node.distance, node.ordered)
            case InField():
                return self._in_field(node, lang)
            case ConceptRef():
                return self._idea(node)
            case _:
                return self._leaf(node, concept, lang)

    def _leaf(
        self,
        node: Word | Wildcard | Fuzzy | Literal | Phrase | Regex | Dates | Code,
        concept: str | None,
        lang: str | None,
    ) -> Plan:
        match node:
            case Regex():
                term = Term(f"/{node.pattern}/", concept, lang)
                expression = compile_expression(node.pattern, node.column)
                return Pattern(expression, self.expressions.number(expression), term)
            case Dates():
                return Period(node.first, node.before, Term(f"date:{node.text}", concept, lang))
            case Code():
                return Fact(node.field, node.value, Term(f"{node.field}:{node.value}", concept, lang))
            case Phrase():
                places = tuple(place for word in node.words for place in self._places(word, lang))
                return _words(places, node.slop, Term(node.text, concept, lang))
            case Word():
                return self._word(node, concept, lang)
            case Literal():
                return _words(self._places(node, lang), 0, Term(f"={node.text}", concept, lang))
            case Wildcard():
                return _words(self._places(node, lang), 0, Term(node.pattern, concept, lang))
            case Fuzzy():
                term = Term(f"{node.text}~{node.distance}", concept, lang)
                return _words(self._places(node, lang), 0, term)

    def _word(self, word: Word, concept: str | None, lang: str | None) -> Plan:
        """A word; several when marks hold it together (al-Sadr), then also the same written as one (alsadr)."""
        joined = parts(word.text)[-1]
        if joined.last == joined.position:
            return self._single(word, concept, lang)
        term = Term(word.text, concept, lang)
        separate = _words(self._places(word, lang), 0, term)
        number = self.vocabulary.number(Wanted(How.FORMS, joined.folded, term.lang))
        return AnyOf((separate, OneWord((number,), term)))

    def _single(self, word: Word, concept: str | None, lang: str | None) -> Plan:
        """A word that is one; the hundreds of rules that ask for basra share it."""
        places = self._forms(word.text, lang)
        term = Term(word.text, concept, lang)
        if concept is not None or lang is not None or [len(numbers) for numbers in places] != [1]:
            return _words(places, 0, term)
        ((number,),) = places
        self._shared.extend([None] * (number + 1 - len(self._shared)))
        known = self._shared[number]
        if known is None or known.term != term:
            known = self._shared[number] = OneWord((number,), term)
        return known

    def _places(
        self, word: Word | Wildcard | Literal | Fuzzy, lang: str | None
    ) -> tuple[tuple[int, ...], ...]:
        """For each place in a row of words, the numbers of the words that may stand there."""
        number = self.vocabulary.number
        match word:
            case Wildcard(pattern):
                return ((number(Wanted(How.WILDCARD, pattern, lang)),),)
            case Fuzzy(text, distance):
                return ((number(Wanted(How.FUZZY, text, lang, distance)),),)
            case Word(text):
                return self._forms(text, lang)
            case Literal(text):
                surfaces = [(t.position, t.surface) for t in tokens(text) if t.position == t.last]
                return _rows((at, number(Wanted(How.LITERAL, surface, lang))) for at, surface in surfaces)

    def _forms(self, text: str, lang: str | None) -> tuple[tuple[int, ...], ...]:
        """The numbers of a word without white space, in any of its forms."""
        read = parts(text)
        if len(read) == 1:
            folded = (
                text if read[0].folded == text else read[0].folded
            )  # half a million words: keep one of equals
            return ((self.vocabulary.number(Wanted(How.FORMS, folded, lang)),),)
        return _rows(
            (part.position, self.vocabulary.number(Wanted(How.FORMS, part.folded, lang)))
            for part in read
            if part.position == part.last
        )

    def _in_field(self, node: InField, lang: str | None) -> Plan:
        if node.field in TEXT_FIELDS:
            return Within((node.field,), self.plan(node.part, None, lang))
        if node.field in NAME_FIELDS:
            self.fields.add(node.field)
            return Within((node.field,), self.plan(node.part, None, NO_LANGUAGE))
        return Within(TEXT_FIELDS, self._place(node.part))

    def _place(self, node: Node) -> Plan:
        """place:basra is the place of that name, and all that lies in it; else the concept, else the word."""
        text = node.text if isinstance(node, Word | Phrase) else None
        if text is None:
            return self.plan(node)
        keys = named(text)
        if keys:
            self.located = True
            return Located(keys, Term(f"place:{text}", None, None))
        name = "-".join(token.folded for token in tokens(text) if token.position == token.last)
        if name in self.concepts:
            return self._idea(ConceptRef(name))
        return self.plan(node)

    def _idea(self, reference: ConceptRef) -> Idea:
        name = reference.name
        if name in self.ideas:
            return self.ideas[name]
        concept = self.concepts.get(name) or self.concepts.get(name.lower())
        if concept is None:
            where = f", which @{self._open[-1]} names" if self._open else ""
            raise QueryError(f"there is no concept @{name}{where}", reference.column, self._nearest(name))
        if name in self._open:
            circle = " > ".join(f"@{step}" for step in (*self._open[self._open.index(name) :], name))
            raise QueryError(f"concepts go in a circle: {circle}", reference.column, "take one of them out")
        self._open.append(name)
        wanted = tuple(self._items(concept, concept.terms, reference))
        excluded = tuple(self._items(concept, concept.excluded, reference))
        self._open.pop()
        wakes, always = waking(wanted, self._cost)
        idea = self.ideas[name] = Idea(
            concept.name, wanted, AnyOf(excluded) if excluded else None, wakes, always
        )
        return idea

    def _cost(self, trigger: Trigger) -> int:
        return self.vocabulary.cost(trigger) if isinstance(trigger, int) else _COST_OF_CONCEPT

    def _items(
        self, concept: Concept, lists: Mapping[str, tuple[str, ...]], reference: ConceptRef
    ) -> list[Plan]:
        found: list[Plan] = []
        for lang, items in lists.items():
            for item in items:
                node = self._item(concept, item, reference)
                found.append(self.plan(node, concept.name, None if lang == ANY else lang))
        return found

    def _item(self, concept: Concept, item: str, reference: ConceptRef) -> Node:
        try:
            return parse_item(item)
        except QueryError as error:
            where = f"{concept.origin}: concept @{concept.name}: item {item!r}"
            raise QueryError(f"{where}: {error.message}", reference.column, error.remedy) from error

    def _nearest(self, name: str) -> str:
        folded = fold_word(name)
        alike = sorted(other for other in self.concepts if other[:3] == folded[:3] or folded in other)[:3]
        return (
            f"did you mean @{alike[0]}?"
            if alike
            else "define it under [concepts], or write the words themselves"
        )


def _rows(numbers: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """(position, number) pairs as the numbers of each position."""
    found: dict[int, tuple[int, ...]] = {}
    for position, number in numbers:
        found[position] = (*found.get(position, ()), number)
    return tuple(row for _, row in sorted(found.items()))


def _words(places: tuple[tuple[int, ...], ...], slop: int, term: Term) -> Plan:
    return OneWord(places[0], term) if len(places) == 1 else Words(places, slop, term)
