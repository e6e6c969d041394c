"""A Kurdish keyword meets its forms in Sorani, old spelling or new, in Kurmanji and in Bahdini, and no other word."""

import pytest

from tests.language.keyword_tables import meets, missed, rows, wrongly_met


@pytest.mark.parametrize(("keyword", "forms", "others"), rows("ckb"))
def test_a_sorani_keyword_meets_its_forms_and_no_other_word(
    keyword: str, forms: list[str], others: list[str]
):
    assert (missed(keyword, forms, "ckb"), wrongly_met(keyword, others, "ckb")) == ([], [])


@pytest.mark.parametrize(("keyword", "forms", "others"), rows("kmr"))
def test_a_kurmanji_keyword_meets_its_forms_and_no_other_word(
    keyword: str, forms: list[str], others: list[str]
):
    assert (missed(keyword, forms, "kmr"), wrongly_met(keyword, others, "kmr")) == ([], [])


@pytest.mark.parametrize("lang", ["ckb", "kmr"])
@pytest.mark.parametrize(("keyword", "forms", "others"), rows("kmr-arab"))
def test_a_bahdini_keyword_meets_its_forms_whichever_kurdish_the_text_is_taken_for(
    keyword: str, forms: list[str], others: list[str], lang: str
):
    assert (missed(keyword, forms, lang), wrongly_met(keyword, others, lang)) == ([], [])


@pytest.mark.parametrize("keyword", ["گرووپەکان", "گروپەکانی", "گرووپەکە"])
def test_a_definite_sorani_keyword_means_its_noun(keyword: str):
    assert meets(keyword, "گرووپێک", "ckb")
