"""Plans: queries with concepts and words resolved, ready to be held against documents."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from language.concepts import ANY, Concept
from language.languages import NO_LANGUAGE
from language.placenames import named
from language.scripts import fold_word
from language.words import parts, tokens
from rules.atoms import parse_item
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
from rules.regexes import Expression, compile_expression
from rules.vocabulary import How, Vocabulary, Wanted


@dataclass(frozen=True, slots=True)
class Term:
    """What a reason will say about a leaf: the words as written, their concept and language."""

    text: str
    concept: str | None
    lang: str | None


@dataclass(frozen=True, slots=True)
class OneWord:
    """Any of the numbered words."""

    numbers: tuple[int, ...]
    term: Term


@dataclass(frozen=True, slots=True)
class Words:
    """One of the numbered words at each place, next to each other, or within `slop` others in any order."""

    places: tuple[tuple[int, ...], ...]
    slop: int
    term: Term


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression; `number` is what the first look at a text knows it by."""

    expression: Expression
    number: int
    term: Term

    @property
    def trigger(self) -> str:
        """What stands for the expression where triggers are counted: no word's number."""
        return expression_trigger(self.number)


@dataclass(frozen=True, slots=True)
class Period:
    """The document's date lies in [first, before)."""

    first: datetime | None
    before: datetime | None
    term: Term


@dataclass(frozen=True, slots=True)
class Fact:
    """The document's language or country is `value`."""

    field: str
    value: str
    term: Term


@dataclass(frozen=True, slots=True)
class Located:
    """The article is about one of these places, or one that lies in them."""

    keys: frozenset[str]
    term: Term


@dataclass(frozen=True, slots=True)
class Within:
    """The part, in these fields only."""

    fields: tuple[str, ...]
    part: "Plan"


@dataclass(frozen=True, slots=True)
class Close:
    """Both parts with at most `distance` words between."""

    left: "Plan"
    right: "Plan"
    distance: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts."""

    parts: "tuple[Plan, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part."""

    parts: "tuple[Plan, ...]"


@dataclass(frozen=True, slots=True)
class Without:
    """Not the part."""

    part: "Plan"


@dataclass(frozen=True, slots=True)
class Idea:
    """A concept, shared by every rule that names it; what lies inside an `excluded` phrase does not count.

    `wakes`: each word, or other concept, with the parts of `wanted` that can hold when it occurs; `always` are
    parts that can hold without any.
    """

    name: str
    wanted: "tuple[Plan, ...]"
    excluded: "AnyOf | None"
    wakes: "Mapping[Trigger, tuple[int, ...]]"
    always: tuple[int, ...]

    @property
    def trigger(self) -> str:
        """What stands for the concept where triggers are counted: no word's number."""
        return f"@{self.name}"


# What must occur in a document for a part of a plan to be able to hold: a word by its number, a concept by
# its "@name", a place by "place:key", an expression by "re:number".
Trigger = int | str
Triggers = tuple[Trigger, ...]
Cost = Callable[[Trigger], int]
# A concept is met by any of its words: where a part can wait for a word instead, it does.
_COST_OF_CONCEPT = 1_000_000
Plan = OneWord | Words | Pattern | Period | Fact | Located | Within | Close | AllOf | AnyOf | Without | Idea


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
        wakes, always = _wakes(wanted, self._cost)
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


def _wakes(parts: tuple[Plan, ...], cost: Cost) -> tuple[Mapping[Trigger, tuple[int, ...]], tuple[int, ...]]:
    """Each trigger with the parts that it can make hold, and the parts that need none."""
    wakes: dict[Trigger, tuple[int, ...]] = {}
    always: list[int] = []
    for at, part in enumerate(parts):
        needed = cheapest(necessary(part, cost), cost)
        if needed is None:
            always.append(at)
        for trigger in needed or ():
            wakes[trigger] = (*wakes.get(trigger, ()), at)
    return wakes, tuple(always)


def necessary(plan: Plan, cost: Cost) -> tuple[Triggers, ...]:
    """Rows of triggers, of each of which one at least must occur for the plan to hold; none where it needs none.

    Where a part has a choice, the row that costs the least counts: it wakes for nothing least often.
    """
    match plan:
        case OneWord(numbers):
            return (numbers,)
        case Words(places):
            return places
        case AllOf(parts):
            return tuple(one for part in parts for one in necessary(part, cost))
        case AnyOf(parts):
            return any_of(parts, cost)
        case Idea(always=always):
            return () if always else ((plan.trigger,),)
        case Within(part=part):
            return necessary(part, cost)
        case Close(left=left, right=right):
            return (*necessary(left, cost), *necessary(right, cost))
        case Located(keys):
            return (tuple(f"place:{key}" for key in keys),)
        case Pattern():
            return ((plan.trigger,),)
        case _:
            return ()


def any_of(parts: Iterable[Plan], cost: Cost) -> tuple[Triggers, ...]:
    """The one row of triggers, of which one must occur for any of the parts to hold; none when a part needs none."""
    found: list[Trigger] = []
    for part in parts:
        needed = cheapest(necessary(part, cost), cost)
        if needed is None:
            return ()
        found += needed
    return (tuple(found),)


def cheapest(rows: tuple[Triggers, ...], cost: Cost) -> Triggers | None:
    """The row that wakes a plan least often for nothing."""
    if len(rows) < 2:
        return rows[0] if rows else None
    return min(rows, key=lambda row: sum(map(cost, row)))


def expression_trigger(number: int) -> str:
    """The trigger of the expression of this number."""
    return f"re:{number}"
