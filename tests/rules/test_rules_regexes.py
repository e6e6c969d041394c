"""Users' regular expressions: linear, and at home in every script."""

import pytest

from rules.prefilter import Expressions
from rules.query import QueryError
from rules.regexes import LONGEST_MATCH_BYTES, LONGEST_PATTERN, MOST_SPANS, compile_expression
from rules.subject import Subject


def met(pattern: str, text: str) -> list[str]:
    return [text[a:b] for a, b in compile_expression(pattern, 1).spans(Subject(text)).spans]


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
        (r"(?-i)ISIS", "isis ISIS ü", ["ISIS"]),
        (r"(?i)ИРАК|basra", "в Ирак, BASRA", ["Ирак", "BASRA"]),
        (r"\d{4}", "in 1999, ٢٠٢٣", ["1999", "٢٠٢٣"]),
        (r"\pL+\x{2d}\x2d", "ab--", ["ab--"]),
        (r"[^]a]b", "]b cb", ["cb"]),
        (r"\bقتل\b.*\bبصرة\b", "قتلى في بصرة ثم قتل في بصرة اليوم", ["قتل في بصرة"]),
        (r"(?:\bfoo\b|\bbär\b)", "food foo bärig bär", ["foo", "bär"]),
        (r"\bfire\b.{0,9}\bbasra\b", "fires basra, fire in Basra", ["fire in Basra"]),
        (r"x\b-?y", "x-y xy x y", ["x-y"]),
        (r"(?:a\b)+$", "a\x01 ba", ["a"]),
        (r"(?:\bمُتَظَاهِر\b){1}", "مُتَظَاهِرون مُتَظَاهِر", ["مُتَظَاهِر"]),
        (r"[^a]\b\W\bb", "ç b a b", ["ç b"]),
        (r"\P{L}\b\pL+\b", " ab.", [" ab"]),
    ],
)
def test_boundaries_and_classes_know_unicode(pattern: str, text: str, expected: list[str]) -> None:
    assert met(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("أحمد", "قال احمد ثم أَحْمَد", ["احمد", "أَحْمَد"]),
        ("مدرسة", "في المَدْرَسَة", ["مَدْرَسَة"]),
        ("على", "عل\u0640\u0640ي وعلى", ["عل\u0640\u0640ي", "على"]),
        ("[إأ]ربيل", "اربيل وإربيل", ["اربيل", "إربيل"]),
        ("café|ærø", "CAFE aero", ["CAFE", "aero"]),
        ("كركوك", "کەرکووک کرکوک", ["کرکوک"]),
    ],
)
def test_letters_of_an_expression_meet_all_their_spellings(
    pattern: str, text: str, expected: list[str]
) -> None:
    assert met(pattern, text) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "a*", "(x", "(?=x)a", r"(a)\1", r"\Ba", "x" * (LONGEST_PATTERN + 1), "((a{1000}){1000}){1000}",
        r"\w{100}x", r"\Qa.b\E", r"(?:\w{1,60}\s){1,20}", "^", "a{1001}",
    ],
)  # fmt: skip
def test_what_cannot_run_safely_is_refused_at_its_column(pattern: str) -> None:
    with pytest.raises(QueryError) as error:
        compile_expression(pattern, 7)

    assert error.value.column == 7


@pytest.mark.parametrize("before", [0, 4090, 4095, 4097, 8191, 12287, 100_000, 300_001])
def test_a_match_across_two_windows_is_found_whole(before: int) -> None:
    text = "ü" * before + " Basra" + "-" * 3000 + "militia " + "z" * 5000

    [(start, end)] = compile_expression(r"\bbasra-*militia\b", 1).spans(Subject(text)).spans

    assert text[start:end] == "Basra" + "-" * 3000 + "militia"


def test_a_match_longer_than_the_limit_is_cut_and_never_lost() -> None:
    found = met("xa+", "-" * 4000 + "x" + "a" * 100_000)

    assert len(found) == 1
    assert len(found[0]) >= LONGEST_MATCH_BYTES


def test_places_are_code_points_of_the_original_in_a_long_text() -> None:
    text = "قَالَ الشَّاهِدُ إِنَّ " * 3000 + "فِي الْبَصْرَةِ " + "نَعَمْ " * 3000

    assert met("في البصرة", text) == ["فِي الْبَصْرَةِ"]


def test_the_first_two_hundred_matches_are_enough() -> None:
    assert len(met("a", "a " * 100_000)) == MOST_SPANS


def test_a_search_stops_when_its_time_is_up_and_says_so() -> None:
    expression = compile_expression(r"(?:a|b)*a(?:a|b){12}c", 1)
    subject = Subject("abaab" * 1_000_000)

    cut, whole = expression.spans(subject, 0.001), expression.spans(subject, 60)

    assert cut.exhausted
    assert cut.seconds < 0.05
    assert not whole.exhausted


def test_boundaries_in_the_middle_are_seen_up_to_a_limit_that_is_told() -> None:
    expression = compile_expression(r"fire\b.\bbasra", 1)

    near, far = (Subject(f"{'x ' * times}fire basra{' x' * 60_000}") for times in (10, 60_000))

    assert expression.spans(near)[:2] == ([(20, 30)], True)
    assert expression.spans(far)[:2] == ([], True)
    assert not expression.spans(Subject("fire basra")).exhausted


def test_only_expressions_whose_letters_are_there_are_candidates() -> None:
    expressions = Expressions()
    numbers = [
        expressions.number(compile_expression(pattern, 1))
        for pattern in (r"militia\s+\w+", "أحمد", r"\d+", r"(?-i)ISIS", "(?:mosul|basra).*fire", r"\bмир\b")
    ]

    assert expressions.candidates(Subject("ميليشيا احمد")) == {numbers[1], numbers[2]}
    assert expressions.candidates(Subject("MILITIA isis Мир")) == {numbers[i] for i in (0, 2, 3, 5)}
    assert expressions.candidates(Subject("fire in Basra")) == {numbers[2]} | {numbers[4]}
    assert expressions.candidates(Subject("")) == set()


def test_expressions_added_later_are_found_and_known_ones_keep_their_number() -> None:
    expressions = Expressions()
    first = expressions.number(compile_expression("basra", 1))
    assert expressions.candidates(Subject("mosul basra")) == {first}

    second = expressions.number(compile_expression("mosul", 1))

    assert expressions.number(compile_expression("basra", 9)) == first
    assert expressions.candidates(Subject("mosul basra")) == {first, second}
