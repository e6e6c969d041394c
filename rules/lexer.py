"""Lexemes of a query: brackets, operators, quoted phrases, regexes and words, each with its column."""

import re
from enum import Enum
from typing import NamedTuple

from rules.query import QueryError

LONGEST_QUERY = 20_000
_CLOSERS = {'"': '"', "“": "”", "”": "”", "„": "“”", "«": "»", "״": "״"}
_OPERATOR = re.compile(r"(AND|OR|NOT|(O?NEAR)(?:/(\d+))?)(?=[\s()\"“«]|$)")
_FIELD = re.compile(r"([A-Za-z]+):")
# A quote between Hebrew letters is a gershayim (צה"ל) and part of the word.
_WORD = re.compile(r'(?:[^\s()“«"]|(?<=[א-ת])"(?=[א-ת]))+')
_SLOP = re.compile(r"~(\d*)")
_MINUS = "-−"


class Kind(Enum):
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    FIELD = "field"
    QUOTED = "phrase"
    REGEX = "regex"
    WORD = "word"
    END = "the end"


class Lexeme(NamedTuple):
    """`text` is without its marks; `number` is a distance or slop where one was written."""

    kind: Kind
    text: str
    column: int
    number: int | None = None
    exact: bool = False


def lex(query: str) -> list[Lexeme]:
    """The lexemes of the query, the last one END. Raises QueryError."""
    if len(query) > LONGEST_QUERY:
        raise QueryError(
            f"the query is {len(query)} characters long", LONGEST_QUERY + 1, "put its words into a concept"
        )
    found: list[Lexeme] = []
    at = 0
    while at < len(query):
        if query[at].isspace() or query[at] in "\u200e\u200f\u061c\ufeff\u202a\u202b\u202c\u2066\u2067\u2069":
            at += 1
            continue
        lexeme, at = _next(query, at)
        found.append(lexeme)
    return [*found, Lexeme(Kind.END, "", len(query) + 1)]


def _next(query: str, at: int) -> tuple[Lexeme, int]:
    character = query[at]
    if character in "()":
        return Lexeme(Kind(character), character, at + 1), at + 1
    if character in _MINUS and at + 1 < len(query) and not query[at + 1].isspace():
        return Lexeme(Kind.NOT, "-", at + 1), at + 1
    if character in _CLOSERS:
        return _quoted(query, at, at)
    if character == "=" and query[at + 1 : at + 2] and query[at + 1] in _CLOSERS:
        return _quoted(query, at + 1, at, exact=True)
    if character == "/":
        return _regex(query, at)
    operator = _OPERATOR.match(query, at)
    if operator:
        return _operator(operator, at), operator.end()
    field = _FIELD.match(query, at)
    if field and not query.startswith("//", field.end()):
        return Lexeme(Kind.FIELD, field[1], at + 1), field.end()
    return _word(query, at)


def _operator(match: re.Match[str], at: int) -> Lexeme:
    if match[2]:
        number = int(match[3]) if match[3] else None
        return Lexeme(Kind.NEAR, match[2], at + 1, number)
    return Lexeme(Kind(match[1]), match[1], at + 1)


def _quoted(query: str, at: int, begun: int, *, exact: bool = False) -> tuple[Lexeme, int]:
    closers = _CLOSERS[query[at]]
    end = next((i for i in range(at + 1, len(query)) if query[i] in closers), -1)
    if end < 0:
        raise QueryError("this quote is never closed", at + 1, f"write {closers[-1]} after the phrase")
    slop = _SLOP.match(query, end + 1)
    number = int(slop[1] or 0) if slop else None
    return Lexeme(Kind.QUOTED, query[at + 1 : end], begun + 1, number, exact), slop.end() if slop else end + 1


def _regex(query: str, at: int) -> tuple[Lexeme, int]:
    end = at + 1
    while end < len(query) and query[end] != "/":
        end += 2 if query[end] == "\\" else 1
    if end >= len(query):
        raise QueryError(
            "this regular expression is never closed", at + 1, "write / after it, and \\/ inside it"
        )
    return Lexeme(Kind.REGEX, query[at + 1 : end].replace("\\/", "/"), at + 1), end + 1


def _word(query: str, at: int) -> tuple[Lexeme, int]:
    match = _WORD.match(query, at)
    word = match.group() if match else query[at]
    return Lexeme(Kind.WORD, word, at + 1), at + len(word)
