"""EMM OSINT Suite: category files of weighted patterns and combinations of words (help page "Defining categories")."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rules.importers.imported import Imported, ImportedRule, ImportFailedError, Note, named_apart, short_name
from rules.importers.pieces import NEAR_MOST, Piece, all_of, any_of, listed, near, phrase, without, word
from rules.query import QueryError

_TOKEN = re.compile(r'\s*(?:/\*.*?\*/|(?://|#)[^\n]*\n|("[^"]*"|,|[^\s,"]+))', re.DOTALL)
_PATTERN = re.compile(r"(?i)\bdefine\s+alert\b")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int
    column: int

    @property
    def word(self) -> str:
        return self.text.lower()


@dataclass(slots=True)
class _Alert:
    name: str
    threshold: float | None = None
    weights: dict[str, float] = field(default_factory=dict[str, float])
    combinations: list[Piece] = field(default_factory=list[Piece])
    notes: list[Note] = field(default_factory=list[Note])


def is_emm(text: str) -> bool:
    """Whether it is a category file."""
    return bool(_PATTERN.search(text))


def read_emm(text: str) -> Imported:
    """A score rule for the weighted patterns of each alert, and a query for its combinations.

    Raises ImportFailedError where the file does not follow its grammar.
    """
    reader = _Reader(_tokens(text))
    lists: dict[str, tuple[str, ...]] = {}
    alerts = list(reader.alerts(lists))
    return Imported(rules=named_apart(rule for alert in alerts for rule in _rules(alert)), concepts=lists)


def _rules(alert: _Alert) -> Iterator[ImportedRule]:
    notes = tuple(alert.notes)
    if alert.weights:
        yield ImportedRule(
            name=short_name(alert.name), threshold=alert.threshold, terms=alert.weights, notes=notes
        )
        notes = ()
    combined = any_of(alert.combinations)
    if combined is not None:
        name = f"{alert.name}: combination" if alert.weights else alert.name
        yield ImportedRule(name=short_name(name), query=combined.text, notes=notes)
    elif not alert.weights:
        yield ImportedRule(
            name=short_name(alert.name),
            query="",
            notes=notes,
            cannot_run="it has neither patterns nor combinations",
        )


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(f"{text}\n"):
        if match[1]:
            before = text[: match.start(1)]
            found.append(_Token(match[1], before.count("\n") + 1, match.start(1) - before.rfind("\n")))
    return found


class _Reader:
    """Recursive descent over the words of the file."""

    def __init__(self, tokens: list[_Token]) -> None:
        last = tokens[-1].line if tokens else 1
        self._tokens = [*tokens, _Token("", last, 1)]
        self._at = 0

    def alerts(self, lists: dict[str, tuple[str, ...]]) -> Iterator[_Alert]:
        while self._now.text:
            self._expect("define", "alert")
            alert = _Alert(_plain(self._take().text))
            while not self._is("end"):
                if self._is("words"):
                    self._words(alert)
                elif self._is("define"):
                    self._define(alert, lists)
                else:
                    raise self._wrong("words, define patterns, define combination or end alert")
            self._expect("end", "alert")
            yield alert

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _is(self, text: str) -> bool:
        return self._now.word == text

    def _take(self) -> _Token:
        token = self._now
        if not token.text:
            raise self._wrong("more")
        self._at += 1
        return token

    def _expect(self, *words: str) -> None:
        for one in words:
            if not self._is(one):
                raise self._wrong(" ".join(words))
            self._at += 1

    def _wrong(self, expected: str) -> ImportFailedError:
        token = self._now
        said = repr(token.text) if token.text else "the end of the file"
        return ImportFailedError(
            f"line {token.line}, column {token.column}: {said} stands where {expected} should"
        )

    def _words(self, alert: _Alert) -> None:
        self._expect("words", "threshold")
        alert.threshold = self._number()

    def _number(self) -> float:
        token = self._take()
        try:
            return float(token.text)
        except ValueError:
            self._at -= 1
            raise self._wrong("a number") from None

    def _define(self, alert: _Alert, lists: dict[str, tuple[str, ...]]) -> None:
        self._expect("define")
        if self._is("patterns"):
            self._patterns(alert)
        elif self._is("combination"):
            self._combination(alert, lists)
        else:
            raise self._wrong("patterns or combination")

    def _patterns(self, alert: _Alert) -> None:
        begun = self._take()
        while not self._is("end"):
            token = self._take()
            if token.text == ",":
                continue
            weight = self._number()
            piece = _piece(token, alert.notes)
            if piece is not None:
                text = piece.item if piece.item is not None and " " not in piece.item else piece.text
                alert.weights[text] = alert.weights.get(text, 0.0) + weight
        self._expect("end", "patterns")
        said = (
            "a pattern counts once here, however often it occurs; where EMM counted each, lower the threshold"
        )
        alert.notes.append(Note(line=begun.line, column=begun.column, text=said))

    def _combination(self, alert: _Alert, lists: dict[str, tuple[str, ...]]) -> None:
        begun = self._take()
        proximity: int | None = None
        if self._is("proximity"):
            self._take()
            proximity = int(self._number())
        groups: list[Piece] = []
        excluded: list[Piece] = []
        while not self._is("end"):
            self._expect("begin")
            kind = self._take().word
            if kind not in ("or", "not"):
                self._at -= 1
                raise self._wrong("or, or not,")
            found = listed(self._list(kind, alert.notes), lists, alert.name)
            one = any_of(found)
            if one is not None:
                (groups if kind == "or" else excluded).append(one)
        self._expect("end", "combination")
        whole = _combined(groups, excluded, proximity, lambda said: alert.notes.append(
            Note(line=begun.line, column=begun.column, text=said)))  # fmt: skip
        if whole is not None:
            alert.combinations.append(whole)

    def _list(self, kind: str, notes: list[Note]) -> list[Piece]:
        found: list[Piece] = []
        while not self._is("end"):
            token = self._take()
            if token.text != "," and (piece := _piece(token, notes)) is not None:
                found.append(piece)
        self._expect("end", kind)
        return found


def _combined(
    groups: list[Piece], excluded: list[Piece], proximity: int | None, note: Callable[[str], None]
) -> Piece | None:
    """Every group of words, near each other where that is asked for, and none of the excluded."""
    if not groups:
        note("the combination is left out: it has no or-group, so nearly every article would meet it")
        return None
    if proximity is not None and proximity > NEAR_MOST:
        note(f"proximity {proximity} became {NEAR_MOST}, the farthest there is")
    if proximity is not None and len(groups) > 1:
        if len(groups) > 2:
            note("with three groups or more, each is near the one before, not all near each other")
        together = groups[0]
        for group in groups[1:]:
            together = near(together, group, proximity)
        groups = [together]
    return all_of([*groups, *map(without, excluded)])


def _piece(token: _Token, notes: list[Note]) -> Piece | None:
    """yellow+fever is a phrase, % any letters, _ one."""
    said = _plain(token.text).replace("%", "*").replace("_", "?")
    try:
        found = (
            phrase(said.replace("+", " "))
            if re.search(r"[+\s]", said.strip("+ "))
            else word(said.strip("+ "))
        )
        why = "there is no word in it"
    except QueryError as error:
        found, why = None, error.message
    if found is None:
        notes.append(Note(line=token.line, column=token.column, text=f"{token.text} is left out: {why}"))
    return found


def _plain(text: str) -> str:
    return text.strip('"')
