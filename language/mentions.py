"""Mentions: where an article names something, and what the words around say of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from language.gazetteer import Doubt, surroundings
from language.placeforms import forms_of, words_of
from language.placenames import About, Match, Meaning, scanner
from language.scripts import script_of
from language.words import Token

MOST_NAMES = 300  # of a field; who names more gives a list
_BESIDE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name in the article; `at` and `to` count the words of the whole article."""

    field: str
    at: int
    to: int
    start: int
    end: int
    surface: str
    meanings: tuple[Meaning, ...]
    cued: bool
    elsewhere: bool  # it names a street or a hotel, not where that is
    beside: frozenset[str]


def mentions_in(field: str, text: str, found: Sequence[Token], lang: str, before: int) -> Iterator[Mention]:
    """The names in one field, whose words are given; `before` words of the article stand before it."""
    matches = list(islice(scanner(lang).names_in(text, found), MOST_NAMES))
    if not matches:
        return
    plainly = {token.position: token.folded for token in reversed(found) if token.position == token.last}
    for match in matches:
        yield _mention(field, text, match, _Neighbours(words=plainly, lang=lang), before)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbours:
    """The words of a field by position, for what stands around a name."""

    words: dict[int, str]
    lang: str

    def among(self, phrases: frozenset[tuple[str, ...]], positions: range) -> bool:
        """Whether the words at the positions are one of the phrases, the first of them with prefixes or not."""
        first, *others = [self.words.get(position, "") for position in positions]
        forms = forms_of(first, self.lang) if script_of(first) == "Arab" else (first,)
        return any((form, *others) in phrases for form in forms)


def _mention(field: str, text: str, match: Match, neighbours: _Neighbours, before: int) -> Mention:
    beside = (*range(match.first - _BESIDE, match.first), *range(match.last + 1, match.last + 1 + _BESIDE))
    return Mention(
        field=field,
        at=before + match.first,
        to=before + match.last,
        start=match.start,
        end=match.end,
        surface=text[match.start : match.end],
        meanings=match.meanings,
        cued=any(one.doubt is Doubt.CUE for one in match.meanings) and _stands_by(match, neighbours, _cues()),
        elsewhere=any(one.about is About.PLACE for one in match.meanings)
        and _stands_by(match, neighbours, _elsewhere()),
        beside=frozenset(neighbours.words.get(position, "") for position in beside),
    )


@dataclass(frozen=True, slots=True)
class _Around:
    before: frozenset[tuple[str, ...]]
    after: frozenset[tuple[str, ...]]
    lengths: range


@cache
def _cues() -> _Around:
    return _around(surroundings().cues.before, surroundings().cues.after)


@cache
def _elsewhere() -> _Around:
    return _around(surroundings().elsewhere.before, surroundings().elsewhere.after)


def _around(before: Iterable[str], after: Iterable[str]) -> _Around:
    earlier, later = _phrases(before), _phrases(after)
    return _Around(earlier, later, range(1, max(map(len, earlier | later)) + 1))


def _phrases(items: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(words_of(item, articles=True) for item in items)


def _stands_by(match: Match, neighbours: _Neighbours, around: _Around) -> bool:
    for length in around.lengths:
        # An article of the name may stand between: city of al-Hay.
        for end in (match.first, match.first - 1):
            if neighbours.among(around.before, range(end - length, end)):
                return True
        if neighbours.among(around.after, range(match.last + 1, match.last + 1 + length)):
            return True
    return False
