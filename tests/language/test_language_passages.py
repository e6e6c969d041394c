"""Stretches of one text in several languages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.passages import Passage, passages

EN = "The provincial council met on Sunday to discuss the shortage of drinking water. It meets again after the feast."
AR = "عقد مجلس المحافظة جلسة يوم الأحد لبحث شح مياه الشرب. وسيعقد جلسة أخرى بعد العيد."
CKB = "ئەنجومەنی پارێزگا ڕۆژی یەکشەممە کۆبووەوە بۆ تاوتوێکردنی کەمی ئاوی خواردنەوە. دوای جەژن دووبارە کۆدەبنەوە."
FA = "شورای استان روز یکشنبه برای بررسی کمبود آب آشامیدنی تشکیل جلسه داد. پس از تعطیلات دوباره جلسه دارد."
KMR = "Encumena parêzgehê roja yekşemê ji bo kêmbûna ava vexwarinê civiya. Piştî cejnê ew ê dîsa bicivin."
TR = "İl meclisi pazar günü içme suyu sıkıntısını görüşmek için toplandı. Bayramdan sonra bir kez daha toplanacak."
ID = "Dewan provinsi bertemu pada hari Minggu karena warga kekurangan air minum. Rapat berikutnya setelah liburan."
MS = "Majlis wilayah bermesyuarat pada hari Ahad kerana penduduk kekurangan air. Sidang disambung selepas cuti."
FR = "Le conseil provincial s'est réuni dimanche pour discuter de la pénurie d'eau potable. Il se réunira encore."
DE = "Der Provinzrat trat am Sonntag zusammen, um über den Mangel an Trinkwasser zu sprechen. Er tagt bald wieder."
RU = "Совет провинции собрался в воскресенье, чтобы обсудить нехватку воды. Он соберётся снова после праздника."
HE = "מועצת המחוז התכנסה ביום ראשון כדי לדון במחסור במי שתייה. היא תתכנס שוב אחרי החג."
TEXTS = {
    "en": EN,
    "ar": AR,
    "ckb": CKB,
    "fa": FA,
    "kmr": KMR,
    "tr": TR,
    "id": ID,
    "ms": MS,
    "fr": FR,
    "de": DE,
    "ru": RU,
    "he": HE,
}
PAIRS = [(page, quote) for page in TEXTS for quote in TEXTS if page != quote]


def langs(text: str, lang: str) -> list[str]:
    return [passage.lang for passage in passages(text, lang)]


@pytest.mark.parametrize("lang", TEXTS)
def test_a_page_in_one_language_is_one_passage(lang: str) -> None:
    text = f"{TEXTS[lang]}\n\n{TEXTS[lang]}\n"

    assert passages(text, lang) == (Passage(start=0, end=len(text), lang=lang),)


@pytest.mark.parametrize(("page", "quote"), PAIRS)
def test_a_quoted_paragraph_is_a_passage_of_its_own(page: str, quote: str) -> None:
    before, after = f"{TEXTS[page]}\n\n", TEXTS[page]
    text = f"{before}{TEXTS[quote]}\n\n{after}"

    assert passages(text, page) == (
        Passage(start=0, end=len(before), lang=page),
        Passage(start=len(before), end=len(text) - len(after), lang=quote),
        Passage(start=len(text) - len(after), end=len(text), lang=page),
    )


@pytest.mark.parametrize(
    ("page", "quote"),
    [("en", "ar"), ("en", "ckb"), ("ar", "en"), ("id", "ar"), ("tr", "ckb"), ("kmr", "ar"), ("he", "en")],
)
def test_a_sentence_in_another_script_is_a_passage_inside_its_paragraph(page: str, quote: str) -> None:
    sentence = TEXTS[quote].partition(". ")[0] + ". "
    before = f"{TEXTS[page]} "

    assert passages(f"{before}{sentence}{TEXTS[page]}", page) == (
        Passage(start=0, end=len(before), lang=page),
        Passage(start=len(before), end=len(before) + len(sentence), lang=quote),
        Passage(start=len(before) + len(sentence), end=2 * len(before) + len(sentence) - 1, lang=page),
    )


@pytest.mark.parametrize(("page", "quote"), [("id", "en"), ("tr", "id"), ("ar", "fa")])
def test_a_quoted_sentence_in_the_same_script_is_a_passage(page: str, quote: str) -> None:
    sentence = TEXTS[quote].partition(". ")[0] + "."
    text = f"{TEXTS[page].partition('. ')[0]}. {sentence}\n{TEXTS[page]}"

    assert langs(text, page) == [page, quote, page]


def test_a_short_line_belongs_to_what_surrounds_it() -> None:
    assert langs(f"{AR}\n{CKB}\nهەولێر\n{CKB}\n{AR}", "ar") == ["ar", "ckb", "ar"]
    assert langs(f"Baghdad\n{EN}\nBBC\n{EN}\nReuters", "en") == ["en"]


def test_a_name_in_another_script_cuts_nothing() -> None:
    assert langs(f"The square (ساحة التحرير) was full. {EN}", "en") == ["en"]
    assert langs(f"قال المتحدث باسم Human Rights Watch إن الحكومة لم ترد على الطلب منذ شهر. {AR}", "ar") == [
        "ar"
    ]


def test_a_short_sentence_in_the_pages_script_stays_with_the_page() -> None:
    arabic = AR.partition(". ")[0] + ". "

    assert langs(f"{ID} {arabic}Merci beaucoup mes amis! {ID}", "id") == ["id", "ar", "id"]


def test_an_abbreviation_cuts_nothing() -> None:
    assert langs(
        "Dr. A. Hassan of the U.N. said on Sunday that the water is not safe, e.g. in Basra. He left.", "en"
    ) == ["en"]


def test_a_language_that_detection_does_not_know_is_believed() -> None:
    assert langs("Sidee ayuu magaalada u yimid isaga oo aan wax rukhsad ah haysan?\n" * 3, "su") == ["su"]


def test_a_page_of_unknown_language_is_told_line_by_line() -> None:
    assert langs(f"{EN}\n{AR}\n{FR}", "und") == ["en", "ar", "fr"]


def test_an_empty_text_has_no_passage() -> None:
    assert passages("", "en") == ()


LINES = st.sampled_from(
    [*TEXTS.values(), "\n", "\n\n", "Reuters", "العراق", " ", "…", '"Why?" ', "3.5 ", "a.b.c", "\u200f", "😀"]
)


@given(
    st.lists(LINES | st.text(max_size=40), max_size=12).map("".join), st.sampled_from([*TEXTS, "und", "zxx"])
)
def test_passages_cover_the_text_in_order_and_split_no_word(text: str, lang: str) -> None:
    found = passages(text, lang)

    assert "".join(text[p.start : p.end] for p in found) == text
    assert [p.start for p in found[1:]] == [p.end for p in found[:-1]]
    assert all(first.lang != second.lang for first, second in pairwise(found))
    assert all(text[p.end - 1].isspace() for p in found[:-1])
