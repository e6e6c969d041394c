"""One spelling for every way of writing a letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.scripts import fold, fold_word, plain_surface, script_of


@pytest.mark.parametrize(
    "written",
    [
        "بغداد",
        "بغـداد",
        "بَغْدادُ",
        "بغ\u200bداد",
        "بغ\u200cداد",
        "بغ\u00adداد",
        "بغ\u034fداد",
        "ﺑﻐﺪﺍﺩ",
        "بغ\u2066داد",
    ],
)
def test_every_spelling_of_baghdad_folds_to_one(written: str) -> None:
    assert fold_word(written) == "بغداد"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("İSTANBUL", "istanbul"),
        ("ISPARTA", "isparta"),
        ("Irak’ın"[:4], "irak"),
        ("ırak", "irak"),
        ("ＢＡＳＲＡ", "basra"),
        ("Café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("Straße", "strasse"),
        ("١٢٣", "123"),
        ("کەرکوک", "كهركوك"),
        ("إيران", "ايران"),
        ("مدرسة", "مدرسه"),
        ("مستشفى", "مستشفي"),
        ("हिन्दी", "हिन्दी"),
        ("한국", "한국"),
    ],
)
def test_letters_fold_to_one_spelling(written: str, folded: str) -> None:
    assert fold_word(written) == folded


@given(st.text(max_size=60))
def test_folding_keeps_count_of_the_original_and_is_settled(text: str) -> None:
    folded = fold(text)

    assert len(folded.offsets) == len(folded.text) + 1
    assert list(folded.offsets) == sorted(folded.offsets)
    assert folded.offsets[-1] == len(text)
    assert fold_word(text) == folded.text


def test_a_span_of_the_folded_text_leads_back_to_the_original() -> None:
    text = "في العِـراق اليوم"
    folded = fold(text)
    start = folded.text.index("العراق")

    first, last = folded.original(start, start + len("العراق"))

    assert text[first:last].strip() == "العِـراق"


def test_the_surface_keeps_case_and_letters_but_not_what_is_invisible() -> None:
    assert plain_surface("إيـرانُ\u200f") == "إيران"
    assert plain_surface("ISIS") == "ISIS"


@pytest.mark.parametrize(
    ("word", "script"),
    [
        ("Basra", "Latn"),
        ("البصرة", "Arab"),
        ("בגדד", "Hebr"),
        ("Ирак", "Cyrl"),
        ("伊拉克", "Hani"),
        ("12", "Zyyy"),
        ("ܥ", "Syrc"),
    ],
)
def test_the_script_is_that_of_the_first_letter(word: str, script: str) -> None:
    assert script_of(word) == script
