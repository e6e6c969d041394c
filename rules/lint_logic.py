"""What a query does unseen: a NOT that takes all away, facts that exclude each other, parts that add nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from language.languages import admits, is_known, normal, related, scripts
from language.scripts import fold_word, script_of
from rules.findings import Draft, Finding, conjuncts, leaves, spell
from rules.lint_words import Ideas
from rules.probing import Probe, Text, samples_of
from rules.query import And, Code, ConceptRef, Dates, InField, Near, Node, Not, Or, Phrase, Wildcard, Word

_MOST_SHOWN = 60
_MOST_COMPARED = 200  # groups and concepts of one OR, each with each


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic:
    """Looks at the logic of one query."""

    draft: Draft
    probe: Probe
    ideas: Ideas
    now: datetime

    def findings(self) -> Iterator[Finding]:
        """What NOTs, facts and repeated parts do to the query."""
        yield from self._look(self.draft.tree, ())

    def _look(self, node: Node, context: tuple[Node, ...]) -> Iterator[Finding]:
        """Look at the node, beside which the parts in `context` must hold."""
        match node:
            case And():
                yield from self._all(conjuncts(node), context)
            case Or(parts):
                yield from self._repeated(parts, joined=Or)
                for part in parts:
                    yield from self._contradicting((part,), context)
                    yield from self._look(part, context)
            case Near(left=left, right=right):
                yield from self._look(left, ())
                yield from self._look(right, ())
            case InField(part=part):
                yield from self._look(part, ())
            case Code() | Dates():
                yield from fact_findings(self.draft, node, self.now)
            case _:
                return

    def _all(self, parts: tuple[Node, ...], context: tuple[Node, ...]) -> Iterator[Finding]:
        wanted = [part for part in (*parts, *context) if not isinstance(part, Not)]
        for part in parts:
            if isinstance(part, Not):
                yield from self._taken(wanted, part.part)
        yield from self._contradicting(parts, context)
        yield from self._repeated(parts, joined=And)
        for at, part in enumerate(parts):
            if not isinstance(part, Not):
                yield from self._look(part, (*context, *parts[:at], *parts[at + 1 :]))

    def _taken(self, wanted: Sequence[Node], barred: Node) -> Iterator[Finding]:
        """A NOT that takes away all that a part beside it meets, or one branch of an OR, or nearly all."""
        for part in wanted:
            if where := self._where(part, barred):
                says = f"NOT {_short(barred)} takes away all that {_short(part)} meets{self._in(where, part)}"
                remedy = "take the NOT out, or make it narrower"
                yield self.draft.found("not-eats-all", f"{says}{_because(part, barred)}", remedy, barred)
                return
        branches = [one for part in wanted for choice in _choices(part) for one in choice.parts]
        yield from self._branches_taken(branches, barred)
        yield from self._nearly_taken([*wanted, *branches], barred)

    def _branches_taken(self, branches: Iterable[Node], barred: Node) -> Iterator[Finding]:
        for branch in branches:
            if where := self._where(branch, barred):
                yield self.draft.found(
                    "not-eats-branch",
                    f"NOT {_short(barred)} takes away all that {_short(branch)}, one of the words joined by OR, "
                    f"meets{self._in(where, branch)}{_because(branch, barred)}",
                    f"take {_short(branch)} out of the OR, or make the NOT narrower",
                    branch,
                )

    def _nearly_taken(self, parts: Iterable[Node], barred: Node) -> Iterator[Finding]:
        """basra NOT iraq: what lies in Iraq is seldom told of without naming it."""
        outer = self._idea(barred)
        for part in parts if outer else ():
            inner = self._idea(part)
            if outer and inner and inner != outer and self.probe.counts_in(outer, inner):
                yield self.draft.found(
                    "not-eats-most",
                    f"most articles that meet {_short(part)} also have {_short(barred)}, for @{inner} is a part "
                    f"of @{outer}: NOT {_short(barred)} takes them away",
                    "take the NOT out, or name what is really meant",
                    barred,
                )

    def _idea(self, node: Node) -> str | None:
        """The concept that the node is, or is a word of."""
        match node:
            case ConceptRef(name):
                return name
            case Word(text) | Phrase(text=text):
                return next(iter(self.ideas.get(fold_word(text), ())), None)
            case _:
                return None

    def _contradicting(self, parts: Sequence[Node], context: Sequence[Node]) -> Iterator[Finding]:
        """Two facts of which an article can only have one: lang:ckb AND lang:en."""
        known = [part for part in context if isinstance(part, Code | Dates)]
        for part in (part for part in parts if isinstance(part, Code | Dates)):
            other = next((one for one in known if _exclude(one, part)), None)
            if other is not None:
                says = f"{spell(other)} and {spell(part)} exclude each other: no article meets both"
                remedy = "take one of them out, or join them by OR"
                yield self.draft.found("never-matches", says, remedy, part)
            known.append(part)

    def _repeated(self, parts: Sequence[Node], *, joined: type[And] | type[Or]) -> Iterator[Finding]:
        """The same part twice, and a part that another one makes needless."""
        places: dict[Node, int] = {}
        needless: set[int] = set()
        for at, part in enumerate(parts):
            if places.setdefault(part, at) != at:
                needless.add(at)
                yield self.draft.found(
                    "twice", f"{_short(part)} stands here twice", "take one of them out", part
                )
        for at, part in enumerate(parts):
            beside = (places[other] for other in self._beside(part, places))
            other_at = None if at in needless else next((one for one in beside if one not in needless), None)
            if other_at is not None:
                is_same = at < other_at and bool(self._where(parts[other_at], part))
                gone, stays = (at, other_at) if joined is Or and not is_same else (other_at, at)
                needless.add(gone)
                yield self._covered(parts[gone], parts[stays], joined)

    def _beside(self, part: Node, others: Mapping[Node, int]) -> Iterator[Node]:
        """The others that hold wherever this part does."""
        if isinstance(part, Not | Code | Dates):
            return
        samples = samples_of(part)
        if samples:
            texts = (Text(samples[0], lang) for lang in self._langs(part))
            near = dict.fromkeys(one for text in texts for one in self.probe.held(text) if one in others)
        else:
            near = others if len(others) <= _MOST_COMPARED else {}
        for other in sorted(near, key=others.__getitem__):
            if other != part and not isinstance(other, Not) and self._where(part, other):
                yield other

    def _covered(self, gone: Node, stays: Node, joined: type[And] | type[Or]) -> Finding:
        if joined is And:
            why = f"beside {_short(stays)}, which meets it always{_because(stays, gone)}"
        else:
            why = f"beside {_short(stays)}, which meets the same{_because(gone, stays)}"
        return self.draft.found(
            "covered", f"{_short(gone)} adds nothing {why}", f"take {_short(gone)} out", gone
        )

    def _where(self, first: Node, second: Node) -> list[str]:
        return [lang for lang in self._langs(first) if self.probe.implies(first, second, lang)]

    def _langs(self, node: Node) -> tuple[str, ...]:
        """The languages in whose letters the node is written; all of the rule's for concepts."""
        sample = next((one for leaf in leaves(node) for one in samples_of(leaf)), None)
        if sample is None:
            return self.draft.languages
        script = script_of(sample)
        fitting = tuple(lang for lang in self.draft.languages if script in scripts().get(lang, (script,)))
        return fitting or self.draft.languages

    def _in(self, where: Sequence[str], part: Node) -> str:
        return "" if len(where) == len(self._langs(part)) else f" in texts in {', '.join(where)}"


def fact_findings(draft: Draft, node: Code | Dates, now: datetime) -> Iterator[Finding]:
    """A language, country or date that no article can have, or none that is yet to come."""
    match node:
        case Code("lang", value) if not is_known(value):
            yield draft.found(
                "never-matches", f"lang:{value} is no language that we know",
                "write a code such as ar, ckb, kmr, en or id", node,
            )  # fmt: skip
        case Code("lang", value) if draft.rule.languages and not admits(draft.rule.languages, value):
            yield draft.found(
                "never-matches",
                f"the rule reads {', '.join(draft.languages)} only, and so meets no article of lang:{value}",
                f"add {value} to its languages, or take lang:{value} out", node,
            )  # fmt: skip
        case Code("country", value) if len(value) != 2 or not value.isalpha():
            yield draft.found(
                "never-matches", f"country:{value} is no code of a country, and sources have codes",
                "write two letters, like country:IQ", node,
            )  # fmt: skip
        case Dates(first=first) if first is not None and first > now:
            yield draft.found(
                "never-matches", f"{spell(node)} lies in the future: until then it meets nothing",
                "write an earlier date, or take it out", node,
            )  # fmt: skip
        case Dates(before=before) if before is not None and before <= now:
            yield draft.found(
                "date-passed", f"{spell(node)} has passed: the rule meets what is stored, and nothing new",
                "take it out of a rule that is to alert; for a look back use marsad search", node,
            )  # fmt: skip
        case _:
            return


def _exclude(first: Code | Dates, second: Code | Dates) -> bool:
    match first, second:
        case Code("lang", one), Code("lang", other):
            return not related(normal(one), normal(other))
        case Code(field, one), Code(other_field, other):
            return field == other_field and one != other
        case Dates(first=begin, before=end), Dates(first=start, before=stop):
            return bool((end and start and end <= start) or (stop and begin and stop <= begin))
        case _:
            return False


def _choices(node: Node) -> Iterator[Or]:
    match node:
        case Or():
            yield node
        case Near(left=left, right=right):
            yield from _choices(left)
            yield from _choices(right)
        case InField(part=part):
            yield from _choices(part)
        case _:
            return


def _because(part: Node, other: Node) -> str:
    """Why `other` holds wherever `part` does, where that is not plain to see."""
    if isinstance(part, ConceptRef) and isinstance(other, ConceptRef) and part != other:
        return f": @{other.name} counts @{part.name} in"
    if isinstance(other, ConceptRef) and not isinstance(part, ConceptRef):
        return f": @{other.name} lists it"
    if isinstance(part, Phrase) and isinstance(other, Word | Wildcard):
        return ": the phrase holds that word"
    return ""


def _short(node: Node) -> str:
    spelled = spell(node)
    shown = spelled if len(spelled) <= _MOST_SHOWN else spelled[: _MOST_SHOWN - 1] + "…"
    return f"({shown})" if isinstance(node, And | Or | Near) else shown
