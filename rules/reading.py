"""A document as an engine reads it: its words once per field, and where each wanted word stands."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, compress, count
from typing import NamedTuple, cast

from language.gazetteer import holding
from language.languages import NO_LANGUAGE, normal
from language.passages import Passage
from language.places import Placed, find_places
from language.words import Token, runs, starts, tokens
from rules.document import Document
from rules.query import NAME_FIELDS
from rules.subject import Subject
from rules.vocabulary import Remembered, Run, Vocabulary


class Place(NamedTuple):
    """Where a word stands: word positions and code points, both of its field."""

    position: int
    last: int
    start: int
    end: int


class FieldReading:
    """One field's text: which wanted words it has is known at once, where they stand when it is asked for."""

    def __init__(
        self, text: str, lang: str, vocabulary: Vocabulary, passages: Sequence[Passage] = ()
    ) -> None:
        self.text = text
        if passages:
            each = [_read(text[one.start : one.end], one.lang, vocabulary) for one in passages]
            self._runs = [run for found, _ in each for run in found]
            known = [one for _, found in each for one in found]
        else:
            self._runs, known = _read(text, lang, vocabulary)
        # All but the plain: what holds a wanted word, or more words than one.
        self._marked = cast("list[Run]", list(filter(None, known)))
        self._marked_at = compress(count(), known)
        self._places: dict[int, list[Place]] = {}

    def numbers(self) -> set[int]:
        """The wanted words that occur."""
        return set().union(*[one.numbers for one in self._marked])

    def places(self, number: int) -> list[Place]:
        """Where a wanted word stands, in order."""
        known = self._places.get(number)
        if known is None:
            known = self._places[number] = [
                Place(position + met.position, position + met.last, begin + met.start, begin + met.end)
                for position, begin, run in self._spots.get(number, ())
                for met in run.met
                if met.number == number
            ]
        return known

    @cached_property
    def _spots(self) -> dict[int, list[tuple[int, int, Run]]]:
        """Each wanted word with the runs that hold it, the position of their first word and where they begin."""
        found: dict[int, list[tuple[int, int, Run]]] = {}
        begins = self._starts()
        more = 0  # words that runs of several have added so far
        for at, run in zip(self._marked_at, self._marked, strict=True):
            for number in run.numbers:
                spot = (at + more, begins[at] + at, run)
                if number in found:
                    found[number].append(spot)
                else:
                    found[number] = [spot]
            more += run.words - 1
        return found

    def _starts(self) -> list[int]:
        """Where the runs begin, less as many characters as stand between them if one does; their lengths tell."""
        begins = list(accumulate(map(len, self._runs), initial=0))
        if begins[-1] + len(self._runs) - 1 == len(self.text):
            return begins
        return [start - at for at, start in enumerate(starts(self.text, self._runs))]

    @cached_property
    def subject(self) -> Subject:
        """The field as expressions search it."""
        return Subject(self.text)

    @cached_property
    def _words(self) -> list[Token]:
        return [token for token in tokens(self.text) if token.position == token.last]

    def place_of(self, start: int, end: int) -> Place:
        """The words that the span [start, end) touches; between words it counts as the one before."""
        words = self._words
        first = max(bisect_right(words, start, key=_start) - 1, 0)
        last = max(bisect_left(words, end, key=_start) - 1, first)
        if not words:
            return Place(0, 0, start, end)
        return Place(words[first].position, words[last].position, start, end)


class Reading:
    """A document's fields, each read when first asked for and once only."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.lang = normal(document.lang)
        self.languages = frozenset({self.lang, *(one.lang for one in document.passages)})
        self._vocabulary = vocabulary
        self._fields: dict[str, FieldReading] = {}

    def field(self, name: str) -> FieldReading:
        """The reading of one field."""
        known = self._fields.get(name)
        if known is None:
            text = text_of(self.document, name)
            lang = NO_LANGUAGE if name in NAME_FIELDS else self.lang
            passages = self.document.passages if name == "body" else ()
            known = self._fields[name] = FieldReading(text, lang, self._vocabulary, passages)
        return known

    def lang_at(self, name: str, start: int) -> str:
        """The language that a field is in at this code point."""
        passages = self.document.passages if name == "body" else ()
        return next((one.lang for one in passages if one.start <= start < one.end), self.lang)

    @cached_property
    def places(self) -> tuple[tuple[Placed, frozenset[str]], ...]:
        """The places that the document names, each with all that it lies in."""
        asked = self.document
        found = asked.places
        if found is None:
            found = find_places(asked.title, asked.lead, asked.body, asked.lang, country=asked.country)
        return tuple((placed, frozenset(holding(placed.place))) for placed in found)


def text_of(document: Document, name: str) -> str:
    """The text of a field; tags stand one a line."""
    if name == "tag":
        return "\n".join(document.tags)
    text: str = getattr(document, name)
    return text


def _read(text: str, lang: str, vocabulary: Vocabulary) -> tuple[list[str], list[Remembered]]:
    """The runs of a text, and what each holds: from memory where it came before."""
    pieces = runs(text)
    known: list[Remembered | None] = list(map(vocabulary.memory(lang).get, pieces))
    if None in known:
        return pieces, [
            vocabulary.remember(run, lang) if one is None else one
            for run, one in zip(pieces, known, strict=True)
        ]
    return pieces, cast("list[Remembered]", known)


def _start(token: Token) -> int:
    return token.start
