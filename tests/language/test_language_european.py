"""A French, German, Spanish, Italian, Portuguese, Dutch, Russian or Hebrew keyword meets its forms, no other word."""

import pytest

from tests.language.keyword_tables import meets, missed, rows, wrongly_met

LANGUAGES = ("fr", "de", "es", "it", "pt", "nl", "ru", "he")
TABLES = [(lang, *row) for lang in LANGUAGES for row in rows(lang)]


@pytest.mark.parametrize(("lang", "keyword", "forms", "others"), TABLES)
def test_a_european_keyword_meets_its_forms_and_no_other_word(
    lang: str, keyword: str, forms: list[str], others: list[str]
):
    assert (missed(keyword, forms, lang), wrongly_met(keyword, others, lang)) == ([], [])


def test_a_compound_is_cut_only_before_a_word_that_news_puts_second():
    assert meets("Irak", "Irakkrieg", "de")
    assert not meets("Wasser", "Wasserhahn", "de")
    assert not meets("Land", "Landung", "de")


@pytest.mark.parametrize(
    ("lang", "keyword", "written"),
    [("es", "puerto", "puerta"), ("es", "caso", "casa"), ("it", "porto", "porta"), ("fr", "port", "porte")],
)
def test_gender_that_makes_another_noun_is_kept(lang: str, keyword: str, written: str):
    assert not meets(keyword, written, lang)
