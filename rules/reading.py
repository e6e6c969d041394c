"""A document as an engine reads it: its words once per field, and where each wanted word stands."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from language.languages import NO_LANGUAGE, normal
from language.scripts import Folded, fold
from language.words import Token, tokens
from rules.document import Document
from rules.query import NAME_FIELDS, TEXT_FIELDS
from rules.vocabulary import Vocabulary


class Place(NamedTuple):
    """Where a word stands: word positions and code points, both of its field."""

    position: int
    last: int
    start: int
    end: int


@dataclass
class FieldReading:
    """One field's text with its words and the places of the wanted ones."""

    text: str
    tokens: list[Token]
    places: Mapping[int, list[Place]]

    @cached_property
    def folded(self) -> Folded:
        """The field in one spelling, for expressions."""
        return fold(self.text)

    @cached_property
    def _words(self) -> list[Token]:
        return [token for token in self.tokens if token.position == token.last]

    def place_of(self, start: int, end: int) -> Place:
        """The words that the span [start, end) touches; between words it counts as the one before."""
        words = self._words
        first = max(bisect_right([w.start for w in words], start) - 1, 0)
        last = max(bisect_left([w.start for w in words], end) - 1, first)
        if not words:
            return Place(0, 0, start, end)
        return Place(words[first].position, words[last].position, start, end)


class Reading:
    """A document's fields, each read when first asked for and once only."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.lang = normal(document.lang)
        self._vocabulary = vocabulary
        self._fields: dict[str, FieldReading] = {}

    def field(self, name: str) -> FieldReading:
        """The reading of one field."""
        known = self._fields.get(name)
        if known is None:
            text = text_of(self.document, name)
            lang = NO_LANGUAGE if name in NAME_FIELDS else self.lang
            known = self._fields[name] = _read(text, lang, self._vocabulary)
        return known

    def numbers(self, fields: Iterable[str] = TEXT_FIELDS) -> set[int]:
        """The wanted words that occur in any of the fields."""
        return {number for name in fields for number in self.field(name).places}


def text_of(document: Document, name: str) -> str:
    """The text of a field; tags stand one a line."""
    if name == "tag":
        return "\n".join(document.tags)
    text: str = getattr(document, name)
    return text


def _read(text: str, lang: str, vocabulary: Vocabulary) -> FieldReading:
    found = tokens(text) if text else []
    places: dict[int, list[Place]] = {}
    for token in found:
        for number in vocabulary.numbers_of(token, lang):
            places.setdefault(number, []).append(Place(token.position, token.last, token.start, token.end))
    return FieldReading(text, found, places)
