"""The vocabulary: every word that any rule looks for, and which of them a written word is."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from language.arabic import without_clitics
from language.forms import term_keys, token_keys
from language.languages import NO_LANGUAGE, UNKNOWN, fitting, related, scripts
from language.scripts import fold_word, plain_surface, script_of
from language.words import Token
from rules.distance import within

# A word that a concept lists for one language is taken as written in texts of the others, unless it is so short
# that it means something else there.
_SHORTEST_ABROAD = 4
_MOST_REMEMBERED = 200_000


class How(Enum):
    """In which way a wanted word is compared with a written one."""

    FORMS = "forms"
    LITERAL = "literal"
    WILDCARD = "wildcard"
    FUZZY = "fuzzy"


class Wanted(NamedTuple):
    """One word that is looked for. `lang` is None for words of a query, which take the text's language."""

    how: How
    text: str
    lang: str | None = None
    distance: int = 0


@dataclass(slots=True)
class _Index:
    """The wanted words by the keys they have in texts of one language."""

    by_key: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


class Vocabulary:
    """Numbers every wanted word once; afterwards says which of them a written word is, at a cost that does not grow
    with their number."""

    def __init__(self) -> None:
        self._numbers: dict[Wanted, int] = {}
        self._wanted: list[Wanted] = []
        self._as_written: dict[str, list[int]] = defaultdict(list)
        self._literals: dict[str, list[int]] = defaultdict(list)
        self._wildcards: dict[str, list[tuple[re.Pattern[str], int]]] = defaultdict(list)
        self._fuzzy: list[tuple[str, int, int]] = []
        self._indexes: dict[str, _Index] = {}
        self._remembered: dict[tuple[str, str], tuple[int, ...]] = {}

    def number(self, wanted: Wanted) -> int:
        """The number of this wanted word, which is added when it is new."""
        known = self._numbers.get(wanted)
        if known is not None:
            return known
        number = self._numbers[wanted] = len(self._wanted)
        self._wanted.append(wanted)
        self._indexes.clear()
        self._remembered.clear()
        self._file(wanted, number)
        return number

    def _file(self, wanted: Wanted, number: int) -> None:
        folded = fold_word(wanted.text)
        match wanted.how:
            case How.FORMS:
                self._as_written[folded].append(number)
            case How.LITERAL:
                self._literals[folded].append(number)
            case How.WILDCARD:
                head = re.split(r"[*?]", folded, maxsplit=1)[0]
                self._wildcards[head[:2]].append((wildcard_pattern(folded), number))
            case How.FUZZY:
                self._fuzzy.append((folded, wanted.distance, number))

    def numbers_of(self, token: Token, lang: str) -> tuple[int, ...]:
        """The wanted words that this written word is, in a text of `lang`."""
        key = (lang, token.surface)
        known = self._remembered.get(key)
        if known is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[key] = tuple(sorted(set(self._find(token, lang))))
        return known

    def _find(self, token: Token, lang: str) -> Iterator[int]:
        folded = token.folded
        yield from self._written(folded, lang)
        for one in self._languages_to_try(folded, lang):
            index = self._index(one)
            for key in token_keys(folded, one):
                yield from index.by_key.get(key, ())
        for number in self._literals.get(folded, ()):
            if same_surface(self._wanted[number].text, token.surface):
                yield number
        bare = without_clitics(folded) if script_of(folded) == "Arab" else (folded,)
        for form in bare:
            for pattern, number in self._wildcards.get(form[:2], ()):
                if pattern.fullmatch(form):
                    yield number
        for text, distance, number in self._fuzzy:
            if abs(len(text) - len(folded)) <= distance and within(text, folded, distance):
                yield number

    def _written(self, folded: str, lang: str) -> Iterator[int]:
        """Words that stand exactly so in a rule, whatever language it lists them for."""
        for number in self._as_written.get(folded, ()):
            origin = self._wanted[number].lang
            if origin is None or len(folded) >= _SHORTEST_ABROAD or related(origin, lang) or lang == UNKNOWN:
                yield number

    def _languages_to_try(self, folded: str, lang: str) -> tuple[str, ...]:
        script = script_of(folded)
        if lang != UNKNOWN:
            return (fitting(lang, script),)
        spoken = {w.lang for w in self._wanted if w.lang and script in scripts().get(w.lang, ())}
        return (*sorted(spoken), fitting(UNKNOWN, script))

    def _index(self, lang: str) -> _Index:
        """The wanted words as they look for in texts of `lang`: built when the first such text comes."""
        index = self._indexes.get(lang)
        if index is None:
            index = self._indexes[lang] = _Index()
            for number, wanted in enumerate(self._wanted):
                if wanted.how is How.FORMS and (wanted.lang is None or related(wanted.lang, lang)):
                    for key in keys_of(wanted, lang):
                        index.by_key[key].append(number)
        return index


def keys_of(wanted: Wanted, lang: str) -> frozenset[str]:
    """The keys by which this word meets written words in texts of `lang`."""
    folded = fold_word(wanted.text)
    return frozenset({folded}) if lang == NO_LANGUAGE else term_keys(folded, lang)


def wildcard_pattern(folded: str) -> re.Pattern[str]:
    """`*` any letters, `?` exactly one, on folded words."""
    return re.compile("".join({"*": r"\w*", "?": r"\w"}.get(c, re.escape(c)) for c in folded))


def same_surface(wanted: str, surface: str) -> bool:
    """Whether a written word is the literal: capitals count only when the literal has some."""
    first, second = plain_surface(wanted), plain_surface(surface)
    return first == second or (first == first.lower() and first == second.lower())
