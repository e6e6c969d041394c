"""A Persian, Dari or Urdu keyword meets its forms, with half-space, space or neither, and no other word."""

import pytest

from language.words import tokens
from tests.language.keyword_tables import meets, missed, rows, wrongly_met


@pytest.mark.parametrize(("keyword", "forms", "others"), rows("fa"))
def test_a_persian_keyword_meets_its_forms_and_no_other_word(
    keyword: str, forms: list[str], others: list[str]
):
    assert (missed(keyword, forms, "fa"), wrongly_met(keyword, others, "fa")) == ([], [])


@pytest.mark.parametrize(("keyword", "forms", "others"), rows("ur"))
def test_an_urdu_keyword_meets_its_forms_and_no_other_word(keyword: str, forms: list[str], others: list[str]):
    assert (missed(keyword, forms, "ur"), wrongly_met(keyword, others, "ur")) == ([], [])


def test_the_two_words_of_a_compound_stand_apart_behind_a_half_space():
    found = [(token.folded, token.surface) for token in tokens("شبه‌نظامیان") if token.position == token.last]

    assert found == [("شبه", "شبه"), ("نظاميان", "نظامیان")]


def test_a_half_space_before_an_ending_or_inside_a_kurdish_word_cuts_nothing():
    for written in ("کتاب‌هایشان", "می‌کشند", "په‌رله‌مانی", "ناوچه‌كان", "خانه‌ای"):
        assert len(tokens(written)) == 1


def test_a_plural_keyword_means_its_noun():
    assert meets("گروه‌ها", "گروهی", "fa")
    assert meets("احزاب", "حزب", "fa")
