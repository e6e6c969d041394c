"""A word that was written so that no program finds it is found; a word that merely looks odd gains no other meaning."""

import time

import pytest

from language.forms import token_keys
from language.words import tokens
from rules.document import Document
from rules.engine import Engine
from rules.rule import compile_rule
from tests.language.keyword_tables import meets


def hit(query: str, text: str, lang: str = "en") -> str | None:
    """What of the text a rule points at."""
    found = Engine([compile_rule(name="one", query=query)], {}).match(
        Document(title="", body=text, lang=lang)
    )
    return found[0].reasons[0].surface if found else None


@pytest.mark.parametrize(
    "written",
    [
        "ｍｉｌｉｔｉａ",
        "𝓶𝓲𝓵𝓲𝓽𝓲𝓪",
        "𝕞𝕚𝕝𝕚𝕥𝕚𝕒",
        "ⓜⓘⓛⓘⓣⓘⓐ",
        "🅜🅘🅛🅘🅣🅘🅐",
        "🄼🄸🄻🄸🅃🄸🄰",
        "🅼🅸🅻🅸🆃🅸🅰",
        "⒨⒤⒧⒤⒯⒤⒜",
        "ᴍɪʟɪᴛɪᴀ",
        "ᵐⁱˡⁱᵗⁱᵃ",
        "mіlіtіа",
        "Μιlitiа",
        "mil\u200bitia",
        "mil\u00aditia",
        "mil\u2060itia",
        "mil\u3164itia",
        "m̷i̶l̵i̴t̸i̷a̶",
        "m·i·l·i·t·i·a",
        "m.i.l.i.t.i.a",
        "m-i-l-i-t-i-a",
        "m_i_l_i_t_i_a",
        "m*i*l*i*t*i*a",
        "m i l i t i a",
        "m1litia",
        "mil1t1a",
        "m1l1t1a",
        "#militia",
        "#Basra_militia",
    ],
)
def test_a_disguised_word_is_found_where_it_stands(written: str):
    text = f"Men of the {written} came at night."

    found = hit("militia", text)

    assert found is not None
    assert found in written


@pytest.mark.parametrize(
    "written",
    [
        "مليشيـــا",
        "مِلِيشِيا",
        "ﻣﻠﻴﺸﻴﺎ",
        "ملی‍شیا",
        "مڶيشيا",
        "ملېشؠا",
        "م ل ي ش ي ا",
        "م.ل.ي.ش.ي.ا",
        "م_ل_ي_ش_ي_ا",
        "#مليشيا",
        "مل\u200fيشيا",
        "ملٮسٮا",
        "الملٮسٮا",
    ],
)
def test_a_disguised_arabic_word_is_found_where_it_stands(written: str):
    found = hit("مليشيا", f"وصلت {written} إلى المدينة ليلا", "ar")

    assert found is not None
    assert found in written


def test_one_letter_without_its_dots_is_enough():
    assert meets("العراق", "العراٯ", "ar")
    assert meets("فصيل", "ڡصيل", "ar")
    assert not meets("فصيل", "وصيل", "ar")


def test_a_dotless_n_is_a_letter_of_urdu_and_hides_nothing_there():
    assert not any(key.startswith("~") for key in token_keys("میں".replace("ی", "ي"), "ur"))
    assert any(key.startswith("~") for key in token_keys("لبناں", "ar"))


@pytest.mark.parametrize(
    ("query", "written", "lang"),
    [("Ирак", "Иpaк", "ru"), ("Basra", "Вasrа", "en"), ("Baghdad", "Βaghdad", "en")],
)
def test_letters_of_another_script_count_as_what_they_look_like(query: str, written: str, lang: str):
    assert hit(query, f"{written}.", lang) == written


def test_a_word_of_look_alikes_alone_is_read_in_the_script_of_the_text_only():
    assert meets("scope", "ѕсоре", "en")
    assert meets("сом", "com", "ru")
    assert not meets("сом", "com", "sr")
    assert not meets("cop", "сор", "ru")


@pytest.mark.parametrize(
    "written",
    ["covid19", "h1n1", "2nd", "10km", "f16", "g7", "1st", "b2b", "4x4", "2003", "mp3", "20min", "3d"],
)
def test_numbers_with_letters_are_no_disguise(written: str):
    assert len(tokens(written)) == 1


def test_initials_and_lists_are_no_disguise():
    for written in ("U.S.A.", "J. R. R.", "A B C D", "1 2 3 4 5 6", "1.2.3.4.5.6"):
        assert all(token.position == token.last for token in tokens(written))


def test_letters_that_stand_apart_keep_the_words_around_them_and_each_other():
    found = [
        (token.folded, token.position, token.last) for token in tokens('He said "m i l i t i a  m e n here!"')
    ]

    assert ("militia", 2, 8) in found
    assert ("here", 12, 12) in found
    assert ("m", 2, 2) in found


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("#FreeIRAQ", ["free", "iraq"]),
        ("#IRAQProtests2019", ["iraq", "protests", "2019"]),
        ("#ŞerêSûriyê", ["sere", "suriye"]),
        ("#ساحة_التحرير", ["ساحه", "التحرير"]),
        ("#iphone", ["iphone"]),
        ("McDonald", ["mcdonald"]),
    ],
)
def test_a_hashtag_is_read_by_its_capitals_and_underscores(written: str, words: list[str]):
    assert [token.folded for token in tokens(written) if token.position == token.last] == words


@pytest.mark.parametrize(
    "noise", ["a.b.c.d.e-", "a ", "1a", "ⓜ", "аa", "م.", "m_i_", "\u200ca\u200c", "#aB", "ٮ", "a\u0336"]
)
def test_noise_costs_no_more_the_longer_it_is(noise: str):
    def seconds(times: int) -> float:
        begun = time.perf_counter()
        tokens(noise * times)
        return time.perf_counter() - begun

    seconds(100)

    assert min(seconds(16_000) for _ in range(2)) < 60 * max(min(seconds(2_000) for _ in range(3)), 0.002)
