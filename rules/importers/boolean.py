"""Boolean queries of other programs: their operators and fields, read with their own precedence."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rules.importers.imported import Note
from rules.importers.pieces import (
    NEAR_MOST,
    Level,
    Piece,
    all_of,
    any_of,
    listed,
    literal,
    near,
    phrase,
    regex,
    within,
    without,
    word,
)
from rules.query import QueryError

DEEPEST = 40
_SENTENCE, _PARAGRAPH = 20, NEAR_MOST
_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "“”", "«": "»", "'": "'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a program writes its queries. `fields` say what becomes of name:value; None where there is no counterpart."""

    fields: Mapping[str, "FieldOf"]
    or_binds_first: bool = False  # a b OR c is a (b OR c)
    operators_any_case: bool = False
    minus: str = "-"
    quotes: str = '"“”„«'
    regexes: bool = False
    hash_tags: bool = False
    braces: bool = False  # {Word} is as written
    plus_is_literal: bool = False
    star_is_words: bool = False  # "a * b": any words
    plain_fields: frozenset[str] = frozenset()  # whose values are no queries
    joins_words: str | None = None  # what it does with words side by side, where that is not sure


# The piece for a field's value, and what to say of it; raises QueryError.
FieldOf = Callable[[Piece, str], tuple[Piece | None, str | None]]


class BrokenError(ValueError):
    """The query cannot be read at all, at this offset."""

    def __init__(self, text: str, at: int) -> None:
        super().__init__(text)
        self.at = at


@dataclass(slots=True)
class Reader:
    """Reads one query. `line_at` tells line and column of an offset; long lists of words go into `lists`."""

    text: str
    dialect: Dialect
    line_at: Callable[[int], tuple[int, int]]
    name: str
    lists: dict[str, tuple[str, ...]]
    notes: list[Note] = field(default_factory=list[Note])
    _at: int = 0
    _depth: int = 0

    def whole(self) -> Piece | None:
        """The query in our language; None where nothing of it is left. Raises BrokenError."""
        found = self._sequence()
        if self._at < len(self.text):
            raise BrokenError("this bracket was never opened", self._at)
        return found

    def note(self, text: str, at: int) -> None:
        """Say what is not as it was."""
        line, column = self.line_at(at)
        self.notes.append(Note(line=line, column=column, text=text))

    def _skip(self) -> str:
        """The next character behind white space."""
        while self._at < len(self.text) and (
            self.text[self._at].isspace() or self.text[self._at] in "\u200e\u200f\ufeff"
        ):
            self._at += 1
        return self.text[self._at : self._at + 1]

    def _operator(self, pattern: str) -> re.Match[str] | None:
        self._skip()
        flags = re.IGNORECASE if self.dialect.operators_any_case else 0
        match = re.compile(rf"(?:{pattern})(?=[\s()\"“]|$)", flags).match(self.text, self._at)
        if match:
            self._at = match.end()
        return match

    def _sequence(self) -> Piece | None:
        outer, inner = (self._and, self._or) if self.dialect.or_binds_first else (self._or, self._and)
        return outer(lambda: inner(self._not))

    def _or(self, part: Callable[[], Piece | None]) -> Piece | None:
        pieces = [part()]
        while self._operator(r"OR|\|"):
            pieces.append(part())
        return any_of(listed([piece for piece in pieces if piece], self.lists, self.name))

    def _and(self, part: Callable[[], Piece | None]) -> Piece | None:
        pieces = [part()]
        while True:
            self._skip()
            begun = self._at
            joined = self._operator("AND|&&?")
            if self._skip() in ("", ")") or (not joined and self._peeks(r"OR|\|")):
                break
            if not joined and self.dialect.joins_words and not self._peeks("NOT"):
                self.note(self.dialect.joins_words, begun)
            pieces.append(part())
        return all_of([piece for piece in pieces if piece])

    def _peeks(self, pattern: str) -> bool:
        at = self._at
        found = self._operator(pattern) is not None
        self._at = at
        return found

    def _not(self) -> Piece | None:
        character = self._skip()
        following = self.text[self._at + 1 : self._at + 2]
        if character and character in self.dialect.minus and following and not following.isspace():
            self._at += 1
        elif not self._operator("NOT"):
            return self._near()
        self._enter()
        piece = self._not()
        self._depth -= 1
        return without(piece) if piece else None

    def _near(self) -> Piece | None:
        left = self._atom()
        while match := self._operator(
            r"(?P<o>O)?(?:NEAR(?:/(?P<n>\d+))?|(?P<s>SENTENCE|PARAGRAPH))|AROUND\(\s*(?P<a>\d+)\s*\)"
        ):
            right = self._atom()
            distance = self._distance(match)
            if left and right and Level.NOT not in (left.level, right.level):
                left = near(left, right, distance, ordered=bool(match["o"]))
            else:
                left = left or right
        return left

    def _distance(self, match: re.Match[str]) -> int:
        said = (match["s"] or "").upper()
        if said:
            distance = _SENTENCE if said == "SENTENCE" else _PARAGRAPH
            self.note(
                f"{match[0]} became NEAR/{distance}: sentences and paragraphs are not told apart",
                match.start(),
            )
            return distance
        distance = int(match["n"] or match["a"] or 4)
        if distance > NEAR_MOST:
            self.note(f"{match[0]} became NEAR/{NEAR_MOST}, the farthest there is", match.start())
        return min(distance, NEAR_MOST)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BrokenError(f"more than {DEEPEST} groups inside each other", self._at)

    def _atom(self) -> Piece | None:
        character, begun = self._skip(), self._at
        if not character or character == ")":
            raise BrokenError("a word is missing here", begun)
        if character == "(":
            return self._group(begun)
        if match := re.compile(r"([A-Za-z_]+):(?!//)").match(self.text, begun):
            return self._field(match)
        try:
            return self._leaf(character, begun)
        except QueryError as error:
            self.note(f"{self.text[begun : self._at]} is left out: {error.message}; {error.remedy}", begun)
            return None

    def _leaf(self, character: str, begun: int) -> Piece | None:
        if character in self.dialect.quotes:
            return self._phrase(begun)
        if character == "{" and self.dialect.braces:
            return literal(self._until("}", begun))
        if character == "/" and self.dialect.regexes:
            return self._regex(begun)
        if character == "+" and self.dialect.plus_is_literal:
            self._at += 1
            return literal(
                self._until(_QUOTES[q], self._at) if (q := self._skip()) in _QUOTES else self._bare()[0]
            )
        if character == "#" and self.dialect.hash_tags:
            self._at += 1
            said = self._bare()[0]
            tag = phrase(said.replace("+", " ")) if "+" in said else word(said)
            return within("tag", tag) if tag else None
        return self._word(begun)

    def _group(self, begun: int) -> Piece | None:
        self._enter()
        self._at += 1
        if self._skip() == ")":
            raise BrokenError("there is nothing in this bracket", begun)
        inside = self._sequence()
        if self._skip() != ")":
            raise BrokenError("this bracket is never closed", begun)
        self._at += 1
        self._depth -= 1
        self._weight()
        return inside

    def _phrase(self, begun: int) -> Piece | None:
        said = self._until(_QUOTES[self.text[begun]], begun)
        slop = re.compile(r"~(\d+)").match(self.text, self._at)
        if slop:
            self._at = slop.end()
        self._weight()
        if self.dialect.star_is_words and re.search(r"(?:^|\s)\*(?:\s|$)", said):
            return self._with_gaps(said, begun)
        found = phrase(said, int(slop[1]) if slop else None)
        if found is None:
            self.note(f'"{said}" is left out: there is no word in it', begun)
        return found

    def _with_gaps(self, said: str, begun: int) -> Piece | None:
        """ "a * b": one word or a few between."""
        found: Piece | None = None
        for part in re.split(r"(?:^|\s)\*(?=\s|$)", said):
            piece = phrase(part) if part.strip() else None
            if piece:
                found = piece if found is None else near(found, piece, 5, ordered=True)
        self.note(f'the * in "{said}" became up to five words', begun)
        return found

    def _until(self, closers: str, begun: int) -> str:
        end = next((i for i in range(begun + 1, len(self.text)) if self.text[i] in closers), -1)
        if end < 0:
            raise BrokenError(f"this {self.text[begun]} is never closed", begun)
        self._at = end + 1
        return self.text[begun + 1 : end]

    def _regex(self, begun: int) -> Piece | None:
        match = re.compile(r"/((?:\\.|[^/\\])+)/([a-z]*)").match(self.text, begun)
        if match is None:
            raise BrokenError("this expression is never closed", begun)
        self._at = match.end()
        flags = match[2].replace("i", "")
        pattern = (f"(?{flags})" if flags else "") + match[1].replace(r"\/", "/")
        return regex(pattern if "i" in match[2] else f"(?-i){pattern}")

    def _bare(self) -> tuple[str, int]:
        match = re.compile(r'(?:[^\s()"“”«»]|(?<=[א-ת])"(?=[א-ת]))+').match(self.text, self._at)
        begun = self._at
        self._at = match.end() if match else begun + 1
        return (match[0] if match else "", begun)

    def _word(self, begun: int) -> Piece | None:
        said, _ = self._bare()
        said = re.sub(r"\^\d+$", "", said)
        if fuzzy := re.fullmatch(r"(.+)~(\d?)", said):
            return self._fuzzy(fuzzy[1], fuzzy[2] or "1", begun)
        found = word(said)
        if found is None and said not in ("*", "&", "-", "–", "—"):
            self.note(f"{said} is left out: there is no word in it", begun)
        return found

    def _fuzzy(self, said: str, distance: str, begun: int) -> Piece | None:
        if distance == "0":
            return literal(said)
        if len(said) < 4 or distance not in "12" or not said.isalnum():
            self.note(
                f"{said}~{distance} became {said}: our ~ takes words of four letters or more, and 1 or 2",
                begun,
            )
            return word(said)
        return Piece(f"{said}~{distance}")

    def _weight(self) -> None:
        """^9 only says which sentence is shown."""
        if match := re.compile(r"\^\d+").match(self.text, self._at):
            self._at = match.end()

    def _field(self, match: re.Match[str]) -> Piece | None:
        name, begun = match[1].lower(), match.start()
        self._at = match.end()
        self._skip()
        start = self._at
        self._enter()
        value = Piece(self._bare()[0]) if name in self.dialect.plain_fields else self._atom()
        self._depth -= 1
        raw = self.text[start : self._at]
        become = self.dialect.fields.get(name)
        if become is None or value is None:
            self.note(f"{self.text[begun : self._at]} is left out: {name}: has no counterpart here", begun)
            return None
        try:
            piece, said = become(value, raw)
        except QueryError as error:
            piece, said = None, f"{match[0]}{raw} is left out: {error.message}"
        if said:
            self.note(said, begun)
        return piece
