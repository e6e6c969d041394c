"""The pack "iraq" can be applied as it is, and its concepts mean what their names say."""

import re
import tomllib
from collections import Counter
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest

from language.concepts import shipped
from language.languages import is_known, normal
from marsad.watchfile import load_watch
from rules.document import Document
from rules.durations import parse_duration
from rules.engine import Engine
from rules.rule import compile_rule
from spiders.canonical import canonical_url
from spiders.gate.addresses import Refusal
from spiders.gate.policy import GatePolicy
from spiders.sites import site_for


def texts() -> list[str]:
    folder = files("marsad") / "packs" / "iraq"
    return [
        file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".toml")
    ]


def table(name: str) -> list[dict[str, Any]]:
    return [found for text in texts() for found in tomllib.loads(text).get(name, [])]


@cache
def sources() -> list[dict[str, Any]]:
    return table("sources")


@cache
def every_concept() -> Engine:
    return Engine([compile_rule(name=name, query=f"@{name}") for name in shipped()], shipped())


def concepts_in(text: str, lang: str) -> set[str]:
    return {hit.rule for hit in every_concept().match(Document(title="", body=text, lang=lang))}


def sources_by(field: str) -> Counter[str]:
    return Counter(source[field] for source in sources())


def test_there_are_a_hundred_sources_in_eight_languages_and_more() -> None:
    by_language = sources_by("lang")

    assert len(sources()) >= 100
    assert sum(count >= 3 for count in by_language.values()) >= 8
    assert {"ar", "en", "ckb", "kmr", "fa", "tr", "id"} <= set(by_language)


def test_no_two_sources_are_the_same_address_or_have_the_same_name() -> None:
    assert max(Counter(canonical_url(source["url"]) for source in sources()).values()) == 1
    assert max(sources_by("name").values()) == 1


def test_the_sources_load_as_they_are() -> None:
    assert len(load_watch(["iraq"]).sources) == len(sources())


@pytest.mark.parametrize("source", sources(), ids=lambda source: source["name"])
def test_a_source_is_complete(source: dict[str, Any]) -> None:
    assert set(source) == {"name", "url", "kind", "every", "lang", "country", "tags", "tier"}
    assert urlsplit(source["url"]).scheme == "https"
    assert not isinstance(GatePolicy().check_url(source["url"]), Refusal)
    assert is_known(source["lang"])
    assert source["lang"] == normal(source["lang"])
    assert re.fullmatch("[A-Z]{2}", source["country"])
    assert source["country"] != "UK"  # ISO 3166 says GB
    assert source["tags"]
    assert source["tier"] in (1, 2, 3)


@pytest.mark.parametrize("source", sources(), ids=lambda source: source["name"])
def test_a_source_is_visited_often_enough_and_not_too_often(source: dict[str, Any]) -> None:
    every = parse_duration(source["every"])

    assert isinstance(every, timedelta)
    assert timedelta(minutes=2) <= every <= timedelta(hours=1)
    if "wire" in source["tags"]:
        assert every <= timedelta(minutes=20)


def test_a_page_of_an_outlet_that_has_a_site_spider_names_it() -> None:
    pages = [source for source in sources() if source["kind"] not in ("feed", "sitemap")]

    said = {source["url"]: source["kind"] for source in pages}
    assert said == {
        source["url"]: f"site:{site.name}" if (site := site_for(source["url"])) else "listing"
        for source in pages
    }


def test_every_address_says_how_well_it_is_known() -> None:
    lines = [line for text in texts() for line in text.splitlines() if line.startswith("url = ")]

    assert len(lines) == len(sources())
    for line in lines:
        assert re.search(r'"  # (works, 20\d\d-\d\d-\d\d|named|site|page|guess)(?:[;,] .+)?$', line), line


def test_the_rules_go_to_every_channel() -> None:
    assert len(table("rules")) >= 10
    assert all("alert" not in rule for rule in table("rules"))
    assert {"Militia", "Basra", "Tahrir Square"} <= {rule["name"] for rule in table("rules")}
    assert {"Tahrir spike", "No news of Iraq"} <= {rule["name"] for rule in table("rules")}


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
