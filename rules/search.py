"""Search: the lexemes of an article, and the tsquery that finds every article which a query can meet."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from language.concepts import Concept
from language.forms import term_keys, token_keys
from language.languages import UNKNOWN, fitting, normal, scripts
from language.passages import Passage
from language.scripts import fold_word, script_of
from language.words import tokens
from rules.plan import AllOf, AnyOf, Close, Idea, OneWord, Plan, Within, Words
from rules.planner import Planner
from rules.query import TEXT_FIELDS, Node
from rules.vocabulary import How, Vocabulary, Wanted

# Of what `lexemes` makes. Raise it by one, once for each release, when the same text gets other lexemes than in the
# release before: other token keys (their code or word lists), folding, tokens or passages. Articles are then indexed
# anew in the background, and none is missed until then. What only terms mean (term_keys) asks for nothing.
# tests/rules/test_forms_version.py notices a change.
FORMS_VERSION = 1
MOST_LEXEMES = 20_000
# PostgreSQL refuses a lexeme of 2 KB; nobody searches for a word of 100 letters.
LONGEST_LEXEME = 100
# What a longer text says again is in its first half million characters.
LONGEST_TEXT = 500_000
_MOST_TERMS = 2000


def lexemes(title: str, lead: str, body: str, lang: str, passages: Sequence[Passage] = ()) -> tuple[str, ...]:
    """The index keys of an article, sorted: by these, and these alone, rules meet its words.

    `passages` are those of the body where it is in more languages than one.
    """
    found: set[str] = set()
    for text, one in _stretches(title, lead, body[:LONGEST_TEXT], lang, passages):
        for token in tokens(text):
            if len(token.folded) <= LONGEST_LEXEME:
                found.update(token_keys(token.folded, one), (token.folded,))
            if len(found) >= MOST_LEXEMES:
                break
    return tuple(sorted(found)[:MOST_LEXEMES])


def _stretches(
    title: str, lead: str, body: str, lang: str, passages: Sequence[Passage]
) -> Iterator[tuple[str, str]]:
    code = normal(lang)
    yield title, code
    yield lead, code
    if not passages:
        yield body, code
    yield from ((body[one.start : one.end], one.lang) for one in passages)


def to_tsquery(tree: Node, concepts: Mapping[str, Concept], term: Callable[[str], str]) -> str | None:
    """A tsquery that every article which meets the tree also meets; None when it cannot be narrowed.

    `term` quotes one lexeme for a tsquery. What it finds is to be held against the tree by an Engine.
    """
    vocabulary = Vocabulary()
    plan = Planner(concepts, vocabulary).plan(tree)
    return _Narrower(vocabulary, term).query(plan)


class _Narrower:
    """Turns plans into tsquery text, always towards more articles."""

    def __init__(self, vocabulary: Vocabulary, term: Callable[[str], str]) -> None:
        self._vocabulary = vocabulary
        self._term = term

    def query(self, plan: Plan) -> str | None:
        match plan:
            case OneWord(numbers):
                return self._any_word(numbers)
            case Words(places):
                return _joined(" & ", [self._any_word(place) for place in places])
            case Idea(wanted=wanted):
                return _all_or_none([self.query(part) for part in wanted])
            case Within(fields, part):
                return self.query(part) if set(fields) <= set(TEXT_FIELDS) else None
            case Close(left, right):
                return _joined(" & ", [self.query(left), self.query(right)])
            case AllOf(parts):
                return _joined(" & ", [self.query(part) for part in parts])
            case AnyOf(parts):
                return _all_or_none([self.query(part) for part in parts])
            case _:
                return None

    def _any_word(self, numbers: Iterable[int]) -> str | None:
        return _all_or_none([self._word(self._vocabulary.wanted(number)) for number in numbers])

    def _word(self, wanted: Wanted) -> str | None:
        folded = fold_word(wanted.text)
        match wanted.how:
            case How.FORMS:
                return _joined(" | ", [self._term(key) for key in sorted(_every_key(folded, wanted.lang))])
            case How.LITERAL:
                return self._term(folded)
            case How.WILDCARD:
                return self._term(folded.split("*")[0].split("?")[0]) + ":*"
            case How.FUZZY:
                return None


def _every_key(folded: str, lang: str | None) -> set[str]:
    """The keys of the word in every language that it can be written in: an article may be in any of them."""
    script = script_of(folded)
    languages = {code for code, names in scripts().items() if script in names} | {fitting(UNKNOWN, script)}
    keys = {folded}
    for code in languages if lang is None else {lang, *languages}:
        keys |= term_keys(folded, code)
    return keys


def _joined(operator: str, parts: list[str | None]) -> str | None:
    """What is known of the parts; unknown ones are left out, which only finds more."""
    known = list(dict.fromkeys(part for part in parts if part))
    if not known:
        return None
    return known[0] if len(known) == 1 else f"({operator.join(known)})"


def _all_or_none(parts: list[str | None]) -> str | None:
    if not parts or None in parts or len(parts) > _MOST_TERMS:
        return None
    return _joined(" | ", parts)
