"""Users' regular expressions: linear, and at home in every script."""

import time

import pytest

from rules.query import QueryError
from rules.regexes import LONGEST_PATTERN, compile_expression


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\bعراق\b", "في عراق عراق والعراق", ["عراق", "عراق"]),
        (r"\bfoo\b|bar\d+", "foo Bar١٢ foobar", ["foo", "Bar١٢"]),
        (r"(a+)b(?P<x>c)", "xaabc", ["aabc"]),
        (r"[\w-]+@x", "élan-vital@x", ["élan-vital@x"]),
        (r"\w+\s+\w+", "بغداد\u00a0اليوم", ["بغداد\u00a0اليوم"]),
        (r"a|b", "a b", ["a", "b"]),
        (r"[|]x", "|x", ["|x"]),
    ],
)
def test_boundaries_and_classes_know_unicode(pattern: str, text: str, expected: list[str]) -> None:
    expression = compile_expression(pattern, 1)

    assert [text[a:b] for a, b in expression.spans(text)] == expected


@pytest.mark.parametrize(
    "pattern",
    ["a*", "(x", "(?=x)a", r"(a)\1", r"a\bb", r"\Ba", "x" * (LONGEST_PATTERN + 1), "((a{1000}){1000}){1000}"],
)
def test_what_cannot_run_safely_is_refused_at_its_column(pattern: str) -> None:
    with pytest.raises(QueryError) as error:
        compile_expression(pattern, 7)

    assert error.value.column == 7


def test_an_evil_pattern_takes_no_longer_than_a_good_one() -> None:
    expression = compile_expression(r"(a+)+$", 1)
    begun = time.perf_counter()

    assert list(expression.spans("a" * 5000 + "!")) == []

    assert time.perf_counter() - begun < 2
