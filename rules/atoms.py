"""Atoms: what a single written word or phrase of a query or a concept list means."""

import re
from functools import lru_cache

from language.scripts import fold_word, script_of
from language.words import parts, tokens, words_in
from rules.query import ConceptRef, Fuzzy, Literal, Node, Phrase, QueryError, Wildcard, Word

MOST_SLOP = 50
_FUZZY = re.compile(r"(.+)~(\d*)")
_CONCEPT = re.compile(r"@([\w][\w.-]*)")
_QUOTES = '"“”«»„'


def parse_word(text: str, column: int) -> Node:
    """The meaning of a word as it stands in a query: @concept, =literal, word~1, word*, word. Raises QueryError."""
    if text.startswith("@"):
        match = _CONCEPT.fullmatch(text)
        if match is None:
            raise QueryError(f"{text!r} is no concept's name", column, "write @ and letters, like @basra")
        return ConceptRef(match[1], column)
    if text.startswith("="):
        return parse_literal(text[1:], column)
    fuzzy = _FUZZY.fullmatch(text)
    if fuzzy:
        return _fuzzy(fuzzy[1], fuzzy[2], column)
    if "*" in text or "?" in text.rstrip("?"):
        return parse_wildcard(text, column)
    return _plain(text, column)


def parse_literal(text: str, column: int) -> Literal:
    """`=text`: only this surface. Raises QueryError."""
    if not tokens(text):
        raise QueryError("nothing to match after =", column, "write a word after it, like =ISIS")
    return Literal(text)


def _fuzzy(text: str, distance: str, column: int) -> Fuzzy:
    if len({token.position for token in tokens(text)}) != 1:
        raise QueryError(
            f"{text!r} is not one word", column, 'write word~1, or "a b"~4 for words close together'
        )
    if distance not in ("", "1", "2"):
        raise QueryError(f"a word may differ by 1 or 2 letters, not {distance}", column, f"write {text}~1")
    if len(fold_word(text)) < 4:
        raise QueryError(f"{text!r} is too short to be spelt wrong", column, "use four letters or more")
    return Fuzzy(text, int(distance or 1))


def parse_wildcard(text: str, column: int) -> Wildcard | Word:
    """`word*` or `wo?d`; enough letters must stand before the first wildcard. Raises QueryError."""
    prefix = re.split(r"[*?]", text, maxsplit=1)[0]
    if words_in(parts(prefix)) > 1 and prefix.isalnum():  # Chinese, Korean, Thai: every letter is a word here
        if text != prefix + "*":
            raise QueryError(
                f"{text!r}: this script is read letter by letter",
                column,
                f"write {prefix} and the rest apart",
            )
        return Word(prefix)
    fewest = 3 if script_of(prefix) in ("Latn", "Zyyy") else 2
    if not re.fullmatch(r"[^\W_][^\s()]*", text) or len(fold_word(prefix)) < min(
        fewest, 2 if "?" in text else 3
    ):
        raise QueryError(
            f"{text!r} would match too much",
            column,
            f"write {fewest} letters or more before the first * or ?",
        )
    if not re.fullmatch(r"[\w*?\u064b-\u065f\u200c]+", text):
        raise QueryError(f"{text!r} mixes wildcards and punctuation", column, "leave the punctuation out")
    return Wildcard(text)


def _plain(text: str, column: int) -> Word:
    if not parts(text):
        raise QueryError(f"{text!r} is no word", column, "write a word, or leave it out")
    return Word(text)


def parse_phrase(text: str, column: int, slop: int | None = None) -> Node:
    """Words between quotes, or an item of a concept list with spaces in it. Raises QueryError."""
    if slop is not None and slop > MOST_SLOP:
        raise QueryError(f"~{slop} is too far", column, f"write {MOST_SLOP} or less")
    words: list[Word | Wildcard] = []
    for piece in re.finditer(r"\S+", text):
        if "*" in piece.group():
            words.append(parse_wildcard(piece.group(), column + piece.start()))
        elif tokens(piece.group()):
            words.append(Word(piece.group()))
    if not words:
        raise QueryError("there is no word between the quotes", column, 'write some, like "live fire"')
    return words[0] if len(words) == 1 else Phrase(tuple(words), text, slop or 0)


@lru_cache(maxsize=65536)
def parse_item(text: str) -> Node:
    """One item of a concept list: a word, word*, =literal, @other, or a phrase by its spaces. Raises QueryError."""
    item = text.strip()
    if len(item) > 1 and item[0] in _QUOTES and item[-1] in _QUOTES:
        return parse_phrase(item[1:-1], 2)
    if item.startswith("="):
        return parse_literal(item[1:].strip(_QUOTES), 2)
    if any(character.isspace() for character in item):
        return parse_phrase(item, 1)
    return parse_word(item, 1)
