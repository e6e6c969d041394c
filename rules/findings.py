"""Findings: what will surprise the author of a rule, and the rule as lint looks at it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from rules.carrying import term_of
from rules.lexer import Kind, Lexeme, lex
from rules.query import And, ConceptRef, InField, Literal, Near, Node, Not, Or, Phrase
from rules.rule import Rule

_ATOMS = (Kind.QUOTED, Kind.REGEX, Kind.WORD)
# Where nobody says for which languages a rule is, its words are tried in these.
READ_MOST = ("en", "ar", "ckb", "fa", "id", "tr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One surprise: `says` what will happen and `remedy` what to write instead.

    `column` is 1-based in the rule's query; None where there is no one place, and in concepts and score terms.
    """

    code: str
    says: str
    remedy: str
    rule: str | None = None
    concept: str | None = None
    column: int | None = None


class Fault(NamedTuple):
    """What speaks against one word, wherever it stands."""

    code: str
    says: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One query of a rule under lint: its tree, and the columns of its leaves by the leaf's id."""

    rule: Rule
    tree: Node
    lexemes: tuple[Lexeme, ...] = ()
    columns: dict[int, int] = field(default_factory=dict[int, int], compare=False)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the texts that it will be held against."""
        return tuple(sorted(self.rule.languages)) if self.rule.languages else READ_MOST

    def column(self, node: Node) -> int | None:
        """Where the node begins in the query."""
        first = next(leaves(node), None)
        return None if first is None else self.columns.get(id(first))

    def found(self, code: str, says: str, remedy: str, at: Node | int | None = None) -> Finding:
        """A finding of this rule at a node, or at a column."""
        column = at if at is None or isinstance(at, int) else self.column(at)
        return Finding(code=code, says=says, remedy=remedy, rule=self.rule.name, column=column)


def drafts_of(rule: Rule) -> list[Draft]:
    """The rule's query, and each of its weighted terms."""
    found = [Draft(rule, term.tree) for term in rule.terms]
    if rule.tree is None:
        return found
    query = rule.query if rule.query is not None else rule.volume.query if rule.volume else ""
    lexemes = tuple(lex(query))
    atoms = (lexeme.column for lexeme in lexemes if lexeme.kind in _ATOMS)
    columns = {id(leaf): column for leaf, column in zip(leaves(rule.tree), atoms, strict=False)}
    return [Draft(rule, rule.tree, lexemes, columns), *found]


def children(node: Node) -> tuple[Node, ...]:
    """What the node is made of; nothing for a leaf."""
    match node:
        case And(parts) | Or(parts):
            return parts
        case Not(part) | InField(part=part):
            return (part,)
        case Near(left=left, right=right):
            return (left, right)
        case _:
            return ()


def every(node: Node) -> Iterator[Node]:
    """The node and all that is in it, from left to right."""
    yield node
    for part in children(node):
        yield from every(part)


def leaves(node: Node) -> Iterator[Node]:
    """The leaves, from left to right: as many as the query has words, phrases and values."""
    return (one for one in every(node) if not children(one))


def conjuncts(node: Node) -> tuple[Node, ...]:
    """What must hold, each by itself, for the node to hold."""
    if isinstance(node, And):
        return tuple(one for part in node.parts for one in conjuncts(part))
    return (node,)


def spell(node: Node) -> str:
    """The node as people write it, with every bracket that can be written."""
    match node:
        case And(parts):
            return " AND ".join(_in_brackets(part) for part in parts)
        case Or(parts):
            return " OR ".join(_in_brackets(part) for part in parts)
        case Not(part):
            return f"NOT {_in_brackets(part)}"
        case Near(left, right, distance, ordered):
            operator = f"{'O' if ordered else ''}NEAR/{distance}"
            return f"{_in_brackets(left)} {operator} {_in_brackets(right)}"
        case InField(name, part):
            return f"{name}:{_in_brackets(part)}"
        case _:
            return _leaf(node)


def _in_brackets(node: Node) -> str:
    spelled = spell(node)
    return f"({spelled})" if isinstance(node, And | Or | Near) else spelled


def _leaf(node: Node) -> str:
    match node:
        case ConceptRef(name):
            return f"@{name}"
        case Phrase(text=text, slop=slop):
            return f'"{text}"' + (f"~{slop}" if slop else "")
        case Literal(text) if " " in text:
            return f'="{text}"'
        case _:
            return term_of(node) or ""
