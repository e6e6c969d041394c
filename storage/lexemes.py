"""Lexemes: the written forms an article is found by, cut to what a tsvector holds, quoted for a tsquery."""

from collections.abc import Iterable
from dataclasses import dataclass

from storage.clean import clean_text

# A tsvector takes at most 1 MiB of lexemes (error 54000), each of at most 2,046 bytes. Half of that is for
# one text, the other half for the words of its earlier texts, which stay findable.
MAX_LEXEME_BYTES = 120
MAX_TOTAL_BYTES = 480_000
MERGE_UP_TO = 480_000 // MAX_LEXEME_BYTES


# Between lexemes on their way to the server, which takes one text apart much faster than we build an array. Cleaning
# leaves this character in no lexeme. In SQL: string_to_array(..., chr(31)).
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexemes:
    """Lexemes fit for array_to_tsvector; they may join an older vector of at most `merge_up_to` lexemes."""

    items: list[str]
    merge_up_to: int = MERGE_UP_TO

    @property
    def joined(self) -> str:
        return SEPARATOR.join(self.items)


def clean_lexemes(lexemes: Iterable[str]) -> Lexemes:
    """Return the distinct lexemes in order, each short enough, as many as fit into a tsvector."""
    distinct = [lexeme for lexeme in dict.fromkeys(lexemes) if lexeme]
    if _all_fit(distinct):
        return Lexemes(items=distinct)
    total = 0
    items: dict[str, None] = {}
    for lexeme in distinct:
        item = clean_lexeme(lexeme)
        if not item or item in items:
            continue
        total += len(item.encode())
        if total > MAX_TOTAL_BYTES:
            break
        items[item] = None
    return Lexemes(items=list(items))


def _all_fit(lexemes: list[str]) -> bool:
    """Say whether nothing needs to be done, as with nearly every article; a character has at most four bytes."""
    text = "".join(lexemes)
    return (
        len(text) * 4 <= MAX_TOTAL_BYTES
        and max(map(len, lexemes), default=0) * 4 <= MAX_LEXEME_BYTES
        and clean_text(text) == text
    )


def clean_lexeme(lexeme: str) -> str:
    """Return the lexeme as it is stored: clean, and cut so that a query cut the same way still finds it."""
    cleaned = clean_text(lexeme)
    raw = cleaned.encode()
    return cleaned if len(raw) <= MAX_LEXEME_BYTES else raw[:MAX_LEXEME_BYTES].decode(errors="ignore")


def tsquery_term(lexeme: str, *, prefix: bool = False) -> str:
    """Return the lexeme quoted for a tsquery; with `prefix` it also finds what begins so."""
    quoted = clean_lexeme(lexeme).replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*" if prefix else f"'{quoted}'"
