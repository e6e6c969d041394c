"""Pieces of a query in our language, put together so that they mean what they meant apart."""

import re
from dataclasses import dataclass
from enum import IntEnum

from rules.atoms import parse_phrase, parse_word
from rules.query import QueryError, Word
from rules.regexes import compile_expression

NEAR_MOST = 50
LONG_LIST = 25  # words and more become a concept


class Level(IntEnum):
    """How tightly a piece holds together: what is looser than its place needs brackets."""

    OR = 0
    AND = 1
    NOT = 2
    NEAR = 3
    ATOM = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a query; `item` is what it would be in a list of words, where it is one word or phrase."""

    text: str
    level: Level = Level.ATOM
    item: str | None = None

    def at(self, level: Level) -> str:
        """The text where something of this level is asked for."""
        return self.text if self.level >= level else f"({self.text})"


def any_of(pieces: list[Piece]) -> Piece | None:
    """One of them at least."""
    return _joined(list(dict.fromkeys(pieces)), " OR ", Level.OR)


def listed(pieces: list[Piece], lists: dict[str, tuple[str, ...]], name: str) -> list[Piece]:
    """The pieces, with the words among them as a concept where they are so many that nobody reads the query."""
    items = tuple(dict.fromkeys(piece.item for piece in pieces if piece.item is not None))
    if len(items) < LONG_LIST:
        return pieces
    slug = "-".join(re.findall(r"\w+", name.lower()))[:40].strip("-") or "list"
    key = f"{slug}-words" if not lists else f"{slug}-words-{len(lists) + 1}"
    lists[key] = items
    return [Piece(f"@{key}"), *(piece for piece in pieces if piece.item is None)]


def all_of(pieces: list[Piece]) -> Piece | None:
    """All of them."""
    return _joined(pieces, " AND ", Level.AND)


def without(piece: Piece) -> Piece:
    """Not this one."""
    return Piece(f"NOT {piece.at(Level.ATOM)}", Level.NOT)


def near(left: Piece, right: Piece, distance: int, *, ordered: bool = False) -> Piece:
    """Both within so many words."""
    operator = f"{'O' if ordered else ''}NEAR/{min(distance, NEAR_MOST)}"
    return Piece(f"{left.at(Level.NEAR)} {operator} {right.at(Level.ATOM)}", Level.NEAR)


def within(field: str, piece: Piece) -> Piece:
    """The piece in one field."""
    return Piece(f"{field}:{piece.at(Level.ATOM)}")


def in_text(piece: Piece) -> Piece:
    """The piece in the text, not in the title."""
    return Piece(f"{within('lead', piece).text} OR {within('body', piece).text}", Level.OR)


def word(text: str) -> Piece | None:
    """A word, with wildcards where it has some; None where nothing of it is a word. Raises QueryError."""
    if "*" in text or "?" in text.rstrip("?"):
        return _wildcard(text)
    plain = text.rstrip("?")
    try:
        known = parse_word(plain, 1)
    except QueryError:
        return None
    if not isinstance(known, Word) or plain[:1] in "-−/" or re.search(r'[:@=~"()]', plain):
        return phrase(plain)
    return Piece(f'"{plain}"' if plain in ("AND", "OR", "NOT", "NEAR", "ONEAR") else plain, item=plain)


def phrase(text: str, slop: int | None = None) -> Piece | None:
    """Words in a row, or with up to `slop` others between. None where there is no word. Raises QueryError."""
    said = " ".join(re.sub(r'["“”«»„]', " ", text).split())
    try:
        parse_phrase(said, 1)
    except QueryError:
        return _row(said)
    if "?" in said.replace("? ", " ").rstrip("?"):
        return _row(said)
    if slop:
        return Piece(f'"{said}"~{min(slop, NEAR_MOST)}')
    plain = all(character.isalnum() or character in " '’-" for character in said)
    return Piece(f'"{said}"', item=said if plain and not said.startswith(("-", "'")) else None)


def literal(text: str) -> Piece:
    """The surface only."""
    said = " ".join(text.replace('"', " ").split())
    return Piece(f'="{said}"')


def regex(pattern: str) -> Piece:
    """An expression. Raises QueryError where it cannot run."""
    compile_expression(pattern, 1)
    slashed = re.sub(r"(?s)\\.|/", lambda m: r"\/" if m[0] == "/" else m[0], pattern)
    return Piece(f"/{slashed}/")


def _joined(pieces: list[Piece], operator: str, level: Level) -> Piece | None:
    if len(pieces) < 2:
        return pieces[0] if pieces else None
    return Piece(operator.join(piece.at(Level.NOT) for piece in pieces), level)


def _wildcard(text: str) -> Piece | None:
    """A word with * and ?; as an expression where our wildcards do not reach so far."""
    if not re.search(r"\w", text):
        return None
    try:
        parse_word(text, 1)
    except QueryError:
        pattern = re.sub(r"\\\*", r"\\w*", re.escape(text)).replace(r"\?", r"\w")
        return regex(rf"\b{pattern}\b")
    return Piece(text, item=text)


def _row(said: str) -> Piece | None:
    """A phrase of which some words have wildcards that phrases do not take: the words, right behind each other."""
    found: Piece | None = None
    for one in said.split():
        piece = word(one)
        if piece is not None:
            found = piece if found is None else near(found, piece, 0, ordered=True)
    return found
