"""Snippets show the matches, and nothing is cut in two."""

from hypothesis import given
from hypothesis import strategies as st

from rules.document import Reason
from rules.highlight import plain, snippet


def test_a_short_text_is_shown_whole() -> None:
    assert plain(snippet("Calm in Basra today", [(8, 13)])) == "Calm in *Basra* today"


def test_a_long_text_is_cut_at_words_around_the_most_matches() -> None:
    body = "basra " + "filler words " * 60 + "gunmen stormed basra and basra fell " + "more words " * 60
    spans = [(i, i + 5) for i in range(len(body)) if body.startswith("basra", i)]

    shown = plain(snippet(body, spans, width=60))

    assert shown.count("*basra*") == 2
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert all(word.strip("…*") in body.split() for word in shown.split())


def test_overlapping_matches_are_one_mark() -> None:
    assert plain(snippet("live fire", [(0, 4), (0, 9), (5, 9)])) == "*live fire*"


def test_a_mark_takes_the_signs_of_its_last_letter_along() -> None:
    assert [piece.text for piece in snippet("بغدادُ اليوم", [(0, 5)]) if piece.marked] == ["بغدادُ"]


def test_only_reasons_of_the_field_are_marked() -> None:
    reason = Reason(term="a", concept=None, field="title", start=0, end=1, surface="a")

    assert plain(snippet("abc", [reason], field="body")) == "abc"
    assert plain(snippet("abc", [reason], field="title")) == "*a*bc"


@given(
    st.text(max_size=300),
    st.lists(st.tuples(st.integers(-5, 310), st.integers(-5, 310)), max_size=5),
    st.integers(1, 80),
)
def test_what_is_shown_stands_in_the_text(text: str, spans: list[tuple[int, int]], width: int) -> None:
    pieces = snippet(text, spans, width=width)

    shown = "".join(piece.text for piece in pieces)
    assert shown.removeprefix("…").removesuffix("…") in text or shown in text
    assert all(piece.text for piece in pieces)
