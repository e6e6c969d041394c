"""Place names in text: where any name of the gazetteer stands, in whatever form, the longest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import NamedTuple

from language.gazetteer import Doubt, foreign, gazetteer, hints, seated, surroundings
from language.languages import UNKNOWN, normal
from language.placeforms import ARTICLES, forms_of, plain, without_articles, words_of
from language.words import Token

_SUFFIXES_AFTER_APOSTROPHE = frozenset({"az", "kmr", "ku", "tk", "tr"})
_APOSTROPHES = frozenset("'’‘ʼʻ`´＇")
# Names of one language in texts of another: a Persian word is often spelled like a Kurdish town, but nobody writes a
# long English name in Turkish and means something else.
_AT_HOME = {
    "ckb": frozenset({"ckb", "ku"}),
    "fa": frozenset({"fa"}),
    "id": frozenset({"id", "ms", "jv", "su"}),
    "kmr": frozenset({"kmr", "ku"}),
    "tr": frozenset({"tr", "az", "tk"}),
}
_NOT_EUROPEAN = frozenset({"en", *(code for codes in _AT_HOME.values() for code in codes)})
_EUROPEAN = frozenset({"de", "es", "fr", "it"})
_ACRONYM = 4
_SHORTEST_UNCAPPED = 5
_MOST_REMEMBERED = 100_000


class About(Enum):
    """What a name speaks of."""

    PLACE = "place"
    IRAQ = "iraq"
    ABROAD = "abroad"


class Meaning(NamedTuple):
    """What a name may mean: a place, Iraq in general, or the country abroad whose code is the key."""

    about: About
    key: str
    doubt: Doubt = Doubt.NONE
    lang: str = ""  # of the name; "" when it is one in all languages
    phrase: bool = False  # several words, or one with its article: hardly another language's common word


class Match(NamedTuple):
    """A name in a text: `first` to `last` count words, start and end code points; the most certain meaning first."""

    first: int
    last: int
    start: int
    end: int
    letters: int  # of the name, less where endings came off
    meanings: tuple[Meaning, ...]


@dataclass(slots=True)
class _Node:
    """What may follow, word by word, and what is named when nothing does."""

    next: "dict[str, _Node]" = field(default_factory=dict)
    meanings: list[Meaning] = field(default_factory=list)

    def add(self, meaning: Meaning, *, as_written: bool) -> None:
        """Add what is named here. Of two languages that doubt one spelling, the greater doubt counts."""
        same = [one for one in self.meanings if one._replace(doubt=meaning.doubt) == meaning]
        if same and (not as_written or same[0].doubt >= meaning.doubt):
            return
        self.meanings = sorted([one for one in self.meanings if one not in same] + [meaning], key=_doubt)


@cache
def _roots() -> _Node:
    """All names, word by word."""
    root = _Node()
    spelled = [(words_of(name, articles=True), meaning) for name, meaning in _spellings()]
    for words, meaning in spelled:
        _add(root, words, meaning, as_written=True)
        if words[0] not in ARTICLES:
            _add_with_article(root, words, meaning)
        else:
            _add(root, ("".join(words[:2]), *words[2:]), meaning)
    for words, meaning in spelled:
        bare = without_articles(words)
        _add(root, bare, meaning)
        _add(root, tuple(plain(word) for word in bare), meaning)
    return root


def _add_with_article(root: _Node, words: tuple[str, ...], meaning: Meaning) -> None:
    """Zubair is written al-Zubair too, which is read as one word."""
    if len(words) == 1 and words[0].isascii():
        for article in ("al", "el"):
            _add(root, (article + words[0],), meaning)


def _spellings() -> Iterator[tuple[str, Meaning]]:
    for key, place in gazetteer().items():
        for lang, names in place.names.items():
            for name in names:
                phrase = " " in name or name.startswith("ال")
                yield name, Meaning(About.PLACE, key, hints()[key].doubt(name), lang, phrase)
    for name in surroundings().iraq.names:
        yield name, Meaning(About.IRAQ, "")
    for code, names in foreign().items():
        for name in names:
            yield name, Meaning(About.ABROAD, code)


def _add(root: _Node, words: tuple[str, ...], meaning: Meaning, *, as_written: bool = False) -> None:
    node = root
    for word in words:
        node = node.next.setdefault(word, _Node())
    node.add(meaning, as_written=as_written)


def _doubt(meaning: Meaning) -> Doubt:
    return meaning.doubt


class _Trail(NamedTuple):
    """A way through the names: from the first word to the last one read, and how many letters were met."""

    node: _Node
    first: Token
    last: Token
    letters: int


class Scanner:
    """Finds names in the words of one language, and remembers which words begin none."""

    def __init__(self, lang: str) -> None:
        self.lang = normal(lang) or UNKNOWN
        self._beginnings: dict[str, frozenset[str]] = {}

    def names_in(self, text: str, found: Sequence[Token]) -> Iterator[Match]:
        """The names in a text, whose words are given, from left to right; of those that overlap the longest."""
        begun = [token for token in found if self._begins(token.folded)]
        if not begun:
            return
        at: dict[int, list[Token]] = {}
        for token in found:
            at.setdefault(token.position, []).append(token)
        free = 0
        for position in sorted({token.position for token in begun}):
            if position < free:
                continue
            match = self._longest(text, at, position)
            if match is not None:
                free = match.last + 1
                yield match

    def _begins(self, folded: str) -> frozenset[str]:
        known = self._beginnings.get(folded)
        if known is None:
            if len(self._beginnings) >= _MOST_REMEMBERED:
                self._beginnings.clear()
            known = self._beginnings[folded] = forms_of(folded, self.lang) & _roots().next.keys()
        return known

    def _longest(self, text: str, at: dict[int, list[Token]], position: int) -> Match | None:
        best: Match | None = None
        for first in at[position]:
            if not self._is_word(text, first):
                continue
            for key in self._begins(first.folded):
                match = self._follow(text, at, _Trail(_roots().next[key], first, first, len(key)))
                if match is not None and (best is None or _order(match) > _order(best)):
                    best = match
        return best

    def _follow(self, text: str, at: dict[int, list[Token]], trail: _Trail) -> Match | None:
        """The longest name that goes on from here, itself if none does."""
        best = _match(text, trail, self.lang) if trail.node.meanings else None
        if not trail.node.next:
            return best
        for token in at.get(trail.last.last + 1, ()):
            for node, letters in self._steps(trail, token):
                longer = _Trail(node, trail.first, token, trail.letters + letters)
                match = self._follow(text, at, longer)
                if match is not None and (best is None or _order(match) > _order(best)):
                    best = match
        return best

    def _steps(self, trail: _Trail, token: Token) -> Iterator[tuple[_Node, int]]:
        """Where this word leads; an article inside a name leads on to what follows it."""
        for key in forms_of(token.folded, self.lang):
            node = trail.node.next.get(key)
            if node is not None:
                yield node, len(key)
        if token.folded in ARTICLES and trail.last.folded not in ARTICLES:
            yield _Node(next=trail.node.next), 0

    def _is_word(self, text: str, token: Token) -> bool:
        """Not the head of a longer name: Samarra in Samarra'i. In Turkish and Kurdish endings do follow so."""
        tail = text[token.end : token.end + 3]
        if tail[:1] not in _APOSTROPHES or self.lang in _SUFFIXES_AFTER_APOSTROPHE or not tail[1:2].isalpha():
            return True
        return tail[1:2] in "sS" and not tail[2:3].isalpha()


def _match(text: str, trail: _Trail, lang: str) -> Match | None:
    surface = text[trail.first.start : trail.last.end]
    meanings = _meant(surface, trail.node.meanings, lang)
    if not meanings:
        return None
    first, last = trail.first, trail.last
    return Match(first.position, last.last, first.start, last.end, trail.letters, meanings)


def _meant(surface: str, meanings: Sequence[Meaning], lang: str) -> tuple[Meaning, ...]:
    """What the name means in a text of this language, each thing once, the doubt of the language's own name first."""
    at_home = sorted(
        (one for one in meanings if _is_read(one, lang)), key=lambda one: (one.lang != lang, one.doubt)
    )
    once = {(one.about, one.key): one for one in reversed(at_home)}
    return tuple(sorted((one for one in once.values() if _is_a_name(surface, one.doubt)), key=_doubt))


def _is_read(meaning: Meaning, lang: str) -> bool:
    """Whether a name of its language is read as one in a text of this language."""
    if meaning.lang in ("", "en", lang) or lang == UNKNOWN:
        return True
    if meaning.lang == "ar":
        return meaning.phrase
    if meaning.lang in _EUROPEAN:
        return lang not in _NOT_EUROPEAN
    return lang in _AT_HOME[meaning.lang]


def _order(match: Match) -> tuple[int, int, int]:
    """More words first, then more of their letters (Samera is not an inflected Şam), then the more certain."""
    return match.last, match.letters, -match.meanings[0].doubt


def _is_a_name(surface: str, doubt: Doubt) -> bool:
    """Whether it looks like a name where there are capitals: Hit, not hit nor HIT nor FAO; basra, but not taji."""
    if not surface[:1].isalpha() or surface.upper() == surface.lower():
        return True
    if doubt is Doubt.NONE:
        return not surface.islower() or len(surface) >= _SHORTEST_UNCAPPED
    return surface[:1].isupper() and not (surface.isupper() and len(surface) <= _ACRONYM)


@cache
def scanner(lang: str) -> Scanner:
    """The scanner for this language."""
    return Scanner(lang)


def named(name: str) -> frozenset[str]:
    """The keys of the places that a written name can mean: Basra, البصرة, "tahrir square", zubair-district."""
    stripped = name.strip()
    key = stripped.lower()
    found = frozenset({key}) if key in gazetteer() else _index().get(_written(stripped), frozenset())
    return found.union(*(seated(key) for key in found))


@cache
def _index() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, place in gazetteer().items():
        for names in place.names.values():
            for name in names:
                found.setdefault(_written(name), set()).add(key)
    return {name: frozenset(keys) for name, keys in found.items()}


def _written(name: str) -> str:
    """A name as people type it: without articles, in one spelling."""
    return " ".join(plain(word.removeprefix("ال")) for word in words_of(name))
