"""A keyword meets its written forms and nothing else."""

import pytest

from language.forms import term_keys, token_keys
from language.scripts import fold_word


def meets(term: str, written: str, lang: str) -> bool:
    return bool(term_keys(fold_word(term), lang) & token_keys(fold_word(written), lang))


@pytest.mark.parametrize(
    ("lang", "term", "written"),
    [
        ("ar", "عراق", "والعراق"),
        ("ar", "العراق", "بالعراق"),
        ("ar", "العراق", "للعراق"),
        ("ar", "ميليشيا", "الميليشيات"),
        ("ar", "متظاهر", "والمتظاهرين"),
        ("ar", "متظاهر", "متظاهرون"),
        ("ar", "حكومة", "حكومتهم"),
        ("ar", "حكومة", "الحكومات"),
        ("ar", "حزب", "الأحزاب"),
        ("ar", "فصيل", "الفصائل"),
        ("ar", "وزير", "وزراء"),
        ("ar", "صاروخ", "بالصواريخ"),
        ("ar", "شارع", "شوارعها"),
        ("id", "milisi", "milisinya"),
        ("id", "tembak", "menembak"),
        ("id", "tembak", "penembakan"),
        ("id", "tembak", "ditembak"),
        ("id", "pangkalan", "pangkalannya"),
        ("id", "demonstrasi", "berdemonstrasi"),
        ("ms", "serang", "menyerang"),
        ("en", "militia", "militias"),
        ("en", "militiaman", "militiamen"),
        ("en", "kidnap", "kidnapped"),
        ("en", "protest", "protesting"),
        ("en", "hate", "hated"),
        ("en", "rally", "rallies"),
        ("tr", "Irak", "Irak'taki".replace("'", "")),
        ("tr", "asker", "askerlerin"),
        ("fa", "شهر", "شهرهای"),
        ("ckb", "شار", "شارەکان"),
        ("kmr", "leşker", "leşkerên"),
        ("de", "Miliz", "Milizen"),
        ("fr", "milice", "milices"),
        ("ru", "Ирак", "Ирака"),
        ("he", "עיראק", "בעיראק"),
    ],
)
def test_a_keyword_meets_its_forms(lang: str, term: str, written: str) -> None:
    assert meets(term, written, lang)


@pytest.mark.parametrize(
    ("lang", "term", "written"),
    [
        ("ar", "عراق", "عراقجي"),
        ("ar", "عراق", "أعراق"),
        ("ar", "عراق", "عراقيل"),
        ("id", "irak", "memperkirakan"),
        ("id", "irak", "diperkirakan"),
        ("id", "ada", "adalah"),
        ("id", "guna", "menggunakan"),
        ("en", "protest", "protestant"),
        ("en", "organ", "organization"),
        ("en", "hat", "hated"),
        ("en", "new", "news"),
        ("en", "police", "policy"),
    ],
)
def test_a_keyword_does_not_meet_other_words(lang: str, term: str, written: str) -> None:
    assert not meets(term, written, lang)


def test_a_foreign_word_is_analysed_by_its_script() -> None:
    assert meets("العراق", "والعراق", "en")
    assert meets("militia", "militias", "ar")


@pytest.mark.parametrize("lang", ["ar", "id", "en", "tr", "fa", "ckb", "kmr", "he", "de", "zh", "und", "zxx"])
def test_every_word_meets_itself(lang: str) -> None:
    for word in ("عراق", "irak", "Basra", "x", "و", "12", "伊", "ирак", "الله"):
        assert meets(word, word, lang)
