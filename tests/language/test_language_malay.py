"""What leans to Malay and what to Indonesian."""

import tomllib
from importlib.resources import files

import pytest

from language.malay import lean, words_of_one


@pytest.mark.parametrize(
    ("indonesian", "malay"),
    [
        ("kantor", "pejabat"),
        ("perkantoran", "penyiasatan"),
        ("kantor-kantor", "kilang-kilang"),
        ("relativitas", "objektiviti"),
        ("1.250.000 orang", "1,250,000 orang"),
        ("0,75 juta", "0.75 juta"),
        ("mereka dan Anda pulang", "mereka dan anda pulang"),
        ("oleh karena", "sama ada"),
    ],
)
def test_words_forms_endings_figures_and_address_lean_to_one_side(indonesian: str, malay: str) -> None:
    assert lean(indonesian) > 0.5
    assert lean(malay) < -0.5


def test_a_time_of_day_is_no_figure() -> None:
    assert lean("pukul 10.30 WIB") == lean("pukul WIB")


def test_you_at_the_start_of_a_sentence_tells_nothing() -> None:
    assert lean("Anda pulang") == lean("anda pulang")


def test_a_word_that_only_looks_like_a_form_tells_less_than_the_word_that_it_looks_like() -> None:
    assert abs(lean("beruang")) < abs(lean("uang")) / 2


def test_no_word_speaks_for_both_sides_or_twice() -> None:
    table = tomllib.loads((files("language") / "data" / "malay_indonesian.toml").read_text(encoding="utf-8"))
    bands = [
        table[side][band].split()
        for side in ("indonesian", "malay")
        for band in ("certain", "likely", "slight")
    ]
    words = [word for band in (*bands, table["neutral"].split()) for word in band]

    assert sorted(words) == sorted(set(words))
    assert all(band == sorted(band) for band in bands)
    assert not words_of_one("id") & words_of_one("ms")
    assert len(words_of_one("id")) > 1300 < len(words_of_one("ms"))
