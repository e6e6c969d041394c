"""The pack "iraq" can be applied as it is, and its concepts mean what their names say."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest

from language.concepts import shipped
from language.languages import is_known
from rules.document import Document
from rules.engine import Engine
from rules.rule import compile_rule


def table(name: str) -> list[dict[str, Any]]:
    text = (files("marsad") / "packs" / "iraq" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)[name]


@cache
def every_concept() -> Engine:
    return Engine([compile_rule(name=name, query=f"@{name}") for name in shipped()], shipped())


def concepts_in(text: str, lang: str) -> set[str]:
    return {hit.rule for hit in every_concept().match(Document(title="", body=text, lang=lang))}


def test_there_are_forty_sources_in_ten_languages() -> None:
    sources = table("sources")

    assert len(sources) >= 40
    assert len({source["lang"] for source in sources}) >= 10
    assert (
        len({source["url"] for source in sources})
        == len({source["name"] for source in sources})
        == len(sources)
    )


@pytest.mark.parametrize("source", table("sources"), ids=lambda source: source["name"])
def test_a_source_is_complete(source: dict[str, Any]) -> None:
    address = urlsplit(source["url"])

    assert set(source) == {"name", "url", "every", "lang", "country", "tags", "tier"}
    assert address.scheme == "https"
    assert address.hostname
    assert source["every"][-1] in "mh"
    assert int(source["every"][:-1]) > 0
    assert is_known(source["lang"])
    assert len(source["country"]) == 2
    assert source["tags"]
    assert source["tier"] in (1, 2, 3)


def test_the_rules_go_to_every_channel() -> None:
    assert len(table("rules")) >= 10
    assert all("alert" not in rule for rule in table("rules"))
    assert {"Militia", "Basra", "Tahrir Square"} <= {rule["name"] for rule in table("rules")}


def test_there_are_sixty_concepts() -> None:
    assert len(shipped()) >= 60


@pytest.mark.parametrize(
    ("text", "lang", "concept"),
    [
        ("Warga Basra berunjuk rasa", "id", "basra"),
        ("خرج متظاهرون في البصرة وبالبصرة", "ar", "basra"),
        ("خۆپیشاندان لە بەسرە", "ckb", "basra"),
        ("Li Besrayê xwepêşandan hene", "kmr", "basra"),
        ("تجمع اعتراضی در بصره", "fa", "basra"),
        ("Basra'da protesto", "tr", "basra"),
        ("Menschen in Basra demonstrieren", "de", "basra"),
        ("Bağdat'ta toplandılar", "tr", "baghdad"),
        ("وصل إلى بغداد مساء", "ar", "baghdad"),
        ("ئەوان لە بەغدا کۆبوونەوە", "ckb", "baghdad"),
        ("Li Bexdayê civiyan", "kmr", "baghdad"),
        ("di alun-alun al-Tahrir", "id", "tahrir"),
        ("في ساحة التحرير وسط العاصمة", "ar", "tahrir"),
        ("لە گۆڕەپانی تەحریر", "ckb", "tahrir"),
        ("sekelompok milisi", "id", "militia"),
        ("عناصر الميليشيات", "ar", "militia"),
        ("نیروهای حشد الشعبی", "fa", "militia"),
        ("Haşdi Şabi güçleri", "tr", "militia"),
        ("Kata'ib Hezbollah said", "en", "militia"),
        ("قصف جوي على الموقع", "ar", "airstrike"),
        ("بطائرة مسيّرة", "ar", "drone"),
        ("محافظة واسط", "ar", "iraq"),
        ("Provinsi Wasit", "id", "iraq"),
        ("حلبجة تحيي الذكرى", "ar", "halabja"),
        ("Silêmaniyê", "kmr", "sulaymaniyah"),
    ],
)
def test_a_concept_is_found(text: str, lang: str, concept: str) -> None:
    assert concept in concepts_in(text, lang)


@pytest.mark.parametrize(
    ("text", "lang", "concept"),
    [
        ("قال عراقجي إن العراقيل كثيرة", "ar", "iraq"),
        ("الأعراق والثقافات", "ar", "iraq"),
        ("مدينة ذات عراقة", "ar", "iraq"),
        ("Para ahli memperkirakan hasil yang menggembirakan", "id", "iraq"),
        ("Wasit memberi kartu merah", "id", "iraq"),
        ("الإدراك البصري والسمعي", "ar", "basra"),
        ("بصرى الشام في سوريا", "ar", "basra"),
        ("Tahrir Square in Cairo was empty", "en", "tahrir"),
        ("Lapangan Tahrir di Kairo", "id", "tahrir"),
        ("ميدان التحرير", "ar", "baghdad"),
        ("قاسم سليماني", "ar", "sulaymaniyah"),
        ("قاسم سلیمانی", "fa", "sulaymaniyah"),
        ("أشباه الموصلات", "ar", "nineveh"),
        ("مواصلات النقل العام", "ar", "nineveh"),
        ("أبو بكر البغدادي", "ar", "baghdad"),
        ("انبار کالا", "fa", "anbar"),
        ("عمارة حديثة", "ar", "maysan"),
        ("الرئيس السوداني", "ar", "iraq"),
        ("menteri pertahanan", "id", "arrest"),
        ("طائرات مقاتلة", "ar", "killing"),
        ("a Protestant church", "en", "protest"),
        ("on 3 March", "en", "protest"),
        ("results demonstrated the method", "en", "protest"),
        ("harga minyak goreng", "id", "oil"),
        ("her own words", "en", "casualties"),
        ("a short period", "en", "journalist"),
        ("the symptoms manifest late", "en", "protest"),
        ("a heart attack", "en", "attack"),
    ],
)
def test_a_lookalike_is_no_concept(text: str, lang: str, concept: str) -> None:
    assert concept not in concepts_in(text, lang)
