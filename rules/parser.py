"""The rule language: a query's text becomes its tree, or an error with column and remedy."""

from rules.atoms import parse_literal, parse_phrase, parse_word
from rules.dates import parse_dates
from rules.lexer import Kind, Lexeme, lex
from rules.query import (
    CODE_FIELDS,
    FIELDS,
    And,
    Code,
    InField,
    Near,
    Node,
    Not,
    Or,
    QueryError,
    Regex,
)

DEEPEST = 50
NEAR_DEFAULT = 4
NEAR_MOST = 50
_STARTS = frozenset({Kind.OPEN, Kind.NOT, Kind.FIELD, Kind.QUOTED, Kind.REGEX, Kind.WORD})


def parse(query: str) -> Node:
    """The tree of a query. Raises QueryError, which names the column and the remedy."""
    parser = _Parser(lex(query))
    tree = parser.whole()
    if not says_something(tree):
        raise QueryError(
            "a query of NOTs alone would meet nearly every article",
            1,
            "add what the article must have, like iraq NOT x",
        )
    return tree


def says_something(node: Node) -> bool:
    """Whether the node asks for something to be there, on every way in which it can hold."""
    match node:
        case Not():
            return False
        case And(parts):
            return any(says_something(part) for part in parts)
        case Or(parts):
            return all(says_something(part) for part in parts)
        case InField(part=part):
            return says_something(part)
        case _:
            return True


class _Parser:
    """Recursive descent over the lexemes: or, and, not, near, atom."""

    def __init__(self, lexemes: list[Lexeme]) -> None:
        self._lexemes = lexemes
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._now.kind is Kind.END:
            raise QueryError("the query is empty", 1, "write a word, a phrase or a @concept")
        tree = self._or()
        if self._now.kind is Kind.CLOSE:
            raise QueryError(
                "this bracket was never opened", self._now.column, "delete it, or write ( before"
            )
        return tree

    @property
    def _now(self) -> Lexeme:
        return self._lexemes[self._at]

    def _take(self) -> Lexeme:
        lexeme = self._lexemes[self._at]
        self._at += 1
        return lexeme

    def _or(self) -> Node:
        parts = [self._and()]
        while self._now.kind is Kind.OR:
            self._take()
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Node:
        parts = [self._not()]
        while self._now.kind is Kind.AND or self._now.kind in _STARTS:
            if self._now.kind is Kind.AND:
                self._take()
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Node:
        if self._now.kind is not Kind.NOT:
            return self._near()
        begun = self._take()
        self._enter(begun)
        part = self._not()
        self._depth -= 1
        return part.part if isinstance(part, Not) else Not(part)

    def _near(self) -> Node:
        left = self._atom()
        while self._now.kind is Kind.NEAR:
            operator = self._take()
            distance = NEAR_DEFAULT if operator.number is None else operator.number
            if distance > NEAR_MOST:
                raise QueryError(f"NEAR/{distance} is too far", operator.column, f"write {NEAR_MOST} or less")
            right_at = self._now
            right = self._atom()
            if not (says_something(left) and says_something(right)):
                raise QueryError(
                    "a NOT has no place near anything", right_at.column, "move the NOT outside NEAR"
                )
            left = Near(left, right, distance, ordered=operator.text == "ONEAR")
        return left

    def _atom(self) -> Node:
        lexeme = self._take()
        match lexeme.kind:
            case Kind.OPEN:
                return self._group(lexeme)
            case Kind.FIELD:
                return self._field(lexeme)
            case Kind.QUOTED if lexeme.exact:
                return parse_literal(lexeme.text, lexeme.column)
            case Kind.QUOTED:
                return parse_phrase(lexeme.text, lexeme.column, lexeme.number)
            case Kind.REGEX:
                return Regex(lexeme.text, lexeme.column)
            case Kind.WORD:
                return parse_word(lexeme.text, lexeme.column)
            case _:
                raise self._missing(lexeme)

    def _missing(self, lexeme: Lexeme) -> QueryError:
        before = self._lexemes[self._at - 2] if self._at > 1 else None
        if lexeme.kind is Kind.END and before:
            return QueryError(
                f"something is missing after {before.text or before.kind.value}",
                before.column,
                "write a word or a phrase after it",
            )
        if lexeme.kind is Kind.CLOSE:
            return QueryError(
                "there is nothing before this bracket", lexeme.column, "write a word inside ( )"
            )
        return QueryError(
            f"{lexeme.text} has nothing on its left",
            lexeme.column,
            f'write a word before it, or "{lexeme.text}" in quotes for the word itself',
        )

    def _group(self, begun: Lexeme) -> Node:
        self._enter(begun)
        inside = self._or()
        if self._now.kind is not Kind.CLOSE:
            raise QueryError("this bracket is never closed", begun.column, "write ) where the group ends")
        self._take()
        self._depth -= 1
        return inside

    def _enter(self, begun: Lexeme) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(
                f"more than {DEEPEST} groups inside each other", begun.column, "use a concept instead"
            )

    def _field(self, name: Lexeme) -> Node:
        field = name.text.lower()
        if field not in FIELDS:
            raise QueryError(
                f"there is no field {name.text!r}",
                name.column,
                f"use one of {', '.join(FIELDS)}, or put the words in quotes",
            )
        value = self._now
        if field == "date" or field in CODE_FIELDS:
            return self._fact(field, name)
        if value.kind is Kind.END:
            raise QueryError(f"{name.text}: has no value", name.column, f"write one, like {field}:word")
        self._enter(name)
        part = self._atom()
        self._depth -= 1
        return InField(field, part)

    def _fact(self, field: str, name: Lexeme) -> Node:
        value = self._take()
        if value.kind not in (Kind.WORD, Kind.QUOTED) or not value.text:
            raise QueryError(
                f"{name.text}: takes one value", name.column, f"write {field}: and the value at once"
            )
        if field == "date":
            return parse_dates(value.text, value.column)
        return Code(field, value.text.lower())
