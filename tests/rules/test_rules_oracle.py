"""The engine against a plain reading of the grammar, and the search index against the engine, on random queries."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.document import Document
from rules.engine import Engine
from rules.parser import parse, says_something
from rules.query import And, InField, Near, Node, Not, Or, Phrase, Wildcard, Word
from rules.rule import compile_rule
from rules.search import lexemes, to_tsquery
from tests.rules.naive import Naive, written

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


TEXTS = st.lists(st.sampled_from([*WORDS, "the", "x"]), max_size=9).map(" ".join)
DOCUMENTS = st.builds(Document, title=TEXTS, body=TEXTS, lang=st.sampled_from(["ar", "en", "id", "ckb"]))


@settings(max_examples=300, deadline=None)
@given(_nodes(), DOCUMENTS)
def test_the_engine_agrees_with_a_plain_reading_of_the_grammar(node: Node, document: Document) -> None:
    query = written(node)
    expected = Naive(document).holds(parse(query))

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
