"""Which language a text is in."""

import pytest

from language.detect import detect


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("خرج مئات المتظاهرين إلى شوارع المدينة احتجاجا على انقطاع الكهرباء", "ar"),
        ("سەدان کەس لە شەقامەکانی شار خۆپیشاندانیان کرد دژی بێکارەبایی", "ckb"),
        ("Bi sedan kes li kolanên bajêr ji bo kêmbûna elektrîkê xwepêşandan kirin", "kmr"),
        ("صدها نفر در خیابان‌های شهر در اعتراض به قطع برق تظاهرات کردند", "fa"),
        ("سینکڑوں لوگوں نے بجلی کی بندش کے خلاف شہر کی سڑکوں پر احتجاج کیا", "ur"),
        ("Yüzlerce kişi elektrik kesintilerini protesto etmek için şehir sokaklarına çıktı", "tr"),
        ("Ratusan orang turun ke jalan kota karena listrik padam, kata polisi", "id"),
        ("Beratus-ratus orang berhimpun di bandar kerana bekalan elektrik terputus, kata polis", "ms"),
        ("Hundreds of people marched through the city because the power was out", "en"),
        ("Des centaines de personnes ont manifesté dans les rues de la ville", "fr"),
        ("Hunderte Menschen sind wegen der Stromausfälle auf die Straße gegangen", "de"),
        ("מאות בני אדם הפגינו ברחובות העיר", "he"),
        ("Сотни людей вышли на улицы города", "ru"),
    ],
)
def test_a_sentence_tells_its_language(text: str, lang: str) -> None:
    assert detect(text) == lang


@pytest.mark.parametrize("text", ["", "12:30", "…", "ok"])
def test_a_text_that_tells_nothing_is_of_unknown_language(text: str) -> None:
    assert detect(text) == "und"


def test_the_sources_claim_decides_only_where_the_text_does_not() -> None:
    assert detect("12:30", "ar-IQ") == "ar"
    assert detect("Hundreds of people marched through the city because the power was out", "id") == "en"
    assert detect("خرج مئات المتظاهرين إلى شوارع المدينة", "en") == "ar"


def test_a_claim_that_is_no_language_is_left_aside() -> None:
    assert detect("12:30", "x-klingon") == "und"
