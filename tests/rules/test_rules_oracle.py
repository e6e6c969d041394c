"""The engine against a plain reading of the grammar, and the search index against the engine, on random queries."""

import re
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from language.forms import term_keys, token_keys
from language.scripts import fold_word
from language.words import tokens
from rules.document import Document
from rules.engine import Engine
from rules.parser import parse, says_something
from rules.query import And, InField, Near, Node, Not, Or, Phrase, Wildcard, Word
from rules.rule import compile_rule
from rules.search import lexemes, to_tsquery

WORDS = [
    "riot",
    "riots",
    "basra",
    "police",
    "ميليشيا",
    "والميليشيات",
    "العراق",
    "عراق",
    "milisi",
    "milisinya",
]
Place = tuple[str, int, int]  # field, first word, last word


def naive(node: Node, document: Document, fields: tuple[str, ...]) -> list[Place] | None:
    """What holds, by brute force: each word against each word, each pair against each pair."""
    match node:
        case Word() | Wildcard():
            return _words([node], document, fields) or None
        case Phrase(words):
            return _words(list(words), document, fields) or None
        case And(parts):
            found = [naive(part, document, fields) for part in parts]
            return None if None in found else [p for one in found for p in one or []]
        case Or(parts):
            found = [naive(part, document, fields) for part in parts]
            return None if all(one is None for one in found) else [p for one in found for p in one or []]
        case Not(part):
            return [] if naive(part, document, fields) is None else None
        case InField(field, part):
            return naive(part, document, (field,))
        case Near(left, right, distance, ordered):
            pairs = product(naive(left, document, fields) or [], naive(right, document, fields) or [])
            return [_span(a, b) for a, b in pairs if _close(a, b, distance, ordered)] or None
        case _:
            raise AssertionError(node)


def _words(row: list[Word | Wildcard], document: Document, fields: tuple[str, ...]) -> list[Place]:
    found: list[Place] = []
    for field in fields:
        words = [token.folded for token in tokens(getattr(document, field))]
        found.extend(
            (field, at, at + len(row) - 1)
            for at in range(len(words) - len(row) + 1)
            if all(_is(one, words[at + i], document.lang) for i, one in enumerate(row))
        )
    return found


def _is(node: Word | Wildcard, written: str, lang: str) -> bool:
    if isinstance(node, Wildcard):
        return written.startswith(node.pattern.rstrip("*"))
    term = fold_word(node.text)
    return term == written or bool(term_keys(term, lang) & token_keys(written, lang))


def _close(a: Place, b: Place, distance: int, ordered: bool) -> bool:
    if a[0] != b[0]:
        return False
    return 0 <= b[1] - a[2] - 1 <= distance or (not ordered and 0 <= a[1] - b[2] - 1 <= distance)


def _span(a: Place, b: Place) -> Place:
    return (a[0], min(a[1], b[1]), max(a[2], b[2]))


def _nodes() -> st.SearchStrategy[Node]:
    word = st.sampled_from(WORDS).map(Word)
    phrase = st.lists(word, min_size=2, max_size=3).map(
        lambda ws: Phrase(tuple(ws), " ".join(w.text for w in ws))
    )
    leaf = st.one_of(word, word, phrase, st.sampled_from([Wildcard("rio*"), Wildcard("milis*")]))

    def grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        some = st.lists(inner, min_size=2, max_size=3).map(tuple)
        positive = inner.filter(says_something)
        near = st.builds(Near, positive, positive, st.integers(0, 3), st.booleans())
        field = st.builds(InField, st.sampled_from(["title", "body"]), inner)
        return st.one_of(some.map(And), some.map(Or), inner.map(Not), near, field)

    return st.recursive(leaf, grow, max_leaves=6).filter(says_something)


def written(node: Node) -> str:
    """The query's text for a tree."""
    match node:
        case Word(text):
            return text
        case Wildcard(pattern):
            return pattern
        case Phrase(text=text):
            return f'"{text}"'
        case And(parts):
            return "(" + " AND ".join(map(written, parts)) + ")"
        case Or(parts):
            return "(" + " OR ".join(map(written, parts)) + ")"
        case Not(part):
            return f"(NOT {written(part)})"
        case InField(field, part):
            return f"{field}:({written(part)})"
        case Near(left, right, distance, ordered):
            return f"({written(left)} {'ONEAR' if ordered else 'NEAR'}/{distance} {written(right)})"
        case _:
            raise AssertionError(node)


TEXTS = st.lists(st.sampled_from([*WORDS, "the", "x"]), max_size=9).map(" ".join)
DOCUMENTS = st.builds(Document, title=TEXTS, body=TEXTS, lang=st.sampled_from(["ar", "en", "id", "ckb"]))


@settings(max_examples=300, deadline=None)
@given(_nodes(), DOCUMENTS)
def test_the_engine_agrees_with_a_plain_reading_of_the_grammar(node: Node, document: Document) -> None:
    query = written(node)
    expected = naive(parse(query), document, ("title", "lead", "body"))

    hits = Engine([compile_rule(name="r", query=query)], {}).match(document)

    assert bool(hits) is (expected is not None), query


@settings(max_examples=300, deadline=None)
@given(_nodes(), DOCUMENTS)
def test_search_finds_every_article_that_a_rule_would_meet(node: Node, document: Document) -> None:
    query = written(node)
    met = bool(Engine([compile_rule(name="r", query=query)], {}).match(document))
    index = lexemes(document.title, document.lead, document.body, document.lang)

    tsquery = to_tsquery(parse(query), {}, lambda lexeme: f"'{lexeme}'")

    assert not met or tsquery is None or _finds(tsquery, frozenset(index)), (query, tsquery)


def _finds(tsquery: str, index: frozenset[str]) -> bool:
    """PostgreSQL's answer for a tsquery of our shape: 'lexeme', 'prefix':*, &, |, brackets."""

    def truth(match: re.Match[str]) -> str:
        word, prefix = match.groups()
        return str(any(one.startswith(word) for one in index) if prefix else word in index)

    return bool(eval(re.sub(r"'([^']*)'(:\*)?", truth, tsquery).replace("&", "and").replace("|", "or")))
