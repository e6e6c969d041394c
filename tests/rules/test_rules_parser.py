"""The rule language: what is understood, and what is said when it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.lexer import LONGEST_QUERY
from rules.parser import parse
from rules.query import (
    And,
    Code,
    ConceptRef,
    Dates,
    Fuzzy,
    InField,
    Literal,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    QueryError,
    Regex,
    Wildcard,
    Word,
)

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("a NOT b", And((A, Not(B)))),
        ("a -b", And((A, Not(B)))),
        ("a NOT b NEAR c", And((A, Not(Near(B, C, 4, ordered=False))))),
        ("a NEAR/2 b", Near(A, B, 2, ordered=False)),
        ("a ONEAR b", Near(A, B, 4, ordered=True)),
        ("a NEAR/0 (b OR c)", Near(A, Or((B, C)), 0, ordered=False)),
        ("(a)", A),
        ("milit*", Wildcard("milit*")),
        ("wo?d", Wildcard("wo?d")),
        ("word~", Fuzzy("word", 1)),
        ("word~2", Fuzzy("word", 2)),
        ("=ISIS", Literal("ISIS")),
        ('="Live Fire"', Literal("Live Fire")),
        ('"a b"', Phrase((A, B), "a b")),
        ('"a b"~3', Phrase((A, B), "a b", 3)),
        ("«a b»", Phrase((A, B), "a b")),
        ("“a b”", Phrase((A, B), "a b")),
        (r"/a\/b/", Regex("a/b")),
        ("@basra", ConceptRef("basra")),
        ("title:a", InField("title", A)),
        ("title:(a OR b)", InField("title", Or((A, B)))),
        ('source:"a b"', InField("source", Phrase((A, B), "a b"))),
        ("country:IQ", Code("country", "iq")),
        ("and or not", And((Word("and"), Word("or"), Word("not")))),
    ],
)
def test_a_query_is_read_as_the_grammar_says(query: str, tree: Node) -> None:
    assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "first", "before"),
    [
        ("date:2026-11", "2026-11-01", "2026-12-01"),
        ("date:2026-12", "2026-12-01", "2027-01-01"),
        ("date:2026-11-05", "2026-11-05", "2026-11-06"),
        ("date:>=2026-11-01", "2026-11-01", None),
        ("date:<2026-11-01", None, "2026-11-01"),
        ("date:2026-11-01..", "2026-11-01", None),
        ("date:2026-11-01..2026-11-03", "2026-11-01", "2026-11-04"),
    ],
)
def test_dates_span_whole_days_months_and_ranges(query: str, first: str | None, before: str | None) -> None:
    dates = parse(query)

    assert isinstance(dates, Dates)
    assert (dates.first and dates.first.date().isoformat()) == first
    assert (dates.before and dates.before.date().isoformat()) == before


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("", 1),
        ("NOT a", 1),
        ("a OR -b", 1),
        ("iraq AND (basra", 10),
        ("iraq AND militia AND", 18),
        ("AND b", 1),
        ("a OR OR b", 6),
        ("iraq )", 6),
        ("()", 2),
        ("iraq militia and foo:bar", 18),
        ('say "abc', 5),
        ("say /abc", 5),
        ("m*", 1),
        ("@", 1),
        ("a NEAR (NOT b)", 8),
        ("a NEAR/51 b", 3),
        ("a date:2026-13", 8),
        ("abc~3", 1),
        ('""', 1),
        ("title:", 1),
        ("(" * 60 + "a" + ")" * 60, 51),
        ("a" * (LONGEST_QUERY + 1), LONGEST_QUERY + 1),
    ],
)
def test_a_mistake_names_its_column_and_a_remedy(query: str, column: int) -> None:
    with pytest.raises(QueryError) as error:
        parse(query)

    assert error.value.column == column
    assert str(error.value).startswith(f"column {column}: ")
    assert error.value.remedy in str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(alphabet='ab "()*~/:=@-?«»ANDORNOTNEAR0123456789ع\\', max_size=40))
def test_no_text_does_worse_than_a_query_error(query: str) -> None:
    column = 1
    try:
        parse(query)
    except QueryError as error:
        column = error.column

    assert 1 <= column <= len(query) + 1
