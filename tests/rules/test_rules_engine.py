"""Which documents meet which rules, and why."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from language.concepts import Concept, concepts_from, shipped
from language.passages import Passage
from rules import vocabulary
from rules.document import Document, Hit
from rules.engine import MOST_REASONS, Engine
from rules.evaluate import Evaluation
from rules.rule import RuleError, compile_rule

CONCEPTS = concepts_from(
    """
[concepts.militia]
en = ["militia*", "armed faction"]
ar = ["ميليشيا", "فصيل مسلح"]
id = ["milisi", "kelompok bersenjata"]

[concepts.basra]
en = ["Basra"]
ar = ["البصرة"]
not = { en = ["Basra Road"] }

[concepts.threat]
any = ["@militia", "=ISIS"]

[concepts.market]
de = ["Markt"]
tr = ["pazar"]
""",
    "test",
)


def hits(query: str, document: Document | str, **rule: Any) -> list[Hit]:
    document = Document(title="", body=document) if isinstance(document, str) else document
    return Engine([compile_rule(name="r", query=query, **rule)], CONCEPTS).match(document)


def surfaces(query: str, document: Document | str) -> list[str] | None:
    found = hits(query, document)
    return [reason.surface for reason in found[0].reasons] if found else None


def text(body: str, lang: str = "en") -> Document:
    return Document(title="", body=body, lang=lang)


@pytest.mark.parametrize(
    ("query", "document", "expected"),
    [
        ("protest", text("They protested; the protests grew"), ["protested", "protests"]),
        ("@militia", text("Militiamen came"), ["Militiamen"]),
        ("@militia", text("قتل عناصر الفصائل المسلحة والميليشيات", "ar"), ["الفصائل المسلحة", "والميليشيات"]),
        (
            "@militia",
            text("serangan kelompok bersenjata dan milisinya", "id"),
            ["kelompok bersenjata", "milisinya"],
        ),
        ("@militia", text("باسم ميليشيا محلية", "fa"), ["ميليشيا"]),
        ("@threat", text("an armed faction of ISIS"), ["armed faction", "ISIS"]),
        ("@threat", text("what isis means"), None),
        ("=isis", text("ISIS came, isis's"), ["ISIS", "isis"]),
        ("irak", text("memperkirakan hal itu", "id"), None),
        ("عراق", text("عراقجي يتحدث عن عراقيل", "ar"), None),
        ("العراق", text("في #العراق_ينتفض", "ar"), ["العراق"]),
        ('"live fire"', text("live ammunition, fire"), None),
        ('"live fire"', text("Live fire!"), ["Live fire"]),
        ('"fire live"~1', text("live, and fire"), ["live, and fire"]),
        ('"fire live"~1', text("live and then fire"), None),
        ("al-Sadr", text("alsadr, al Sadr and Al-Sadr's"), ["alsadr", "al Sadr", "Al-Sadr"]),
        ("sadr", text("al-Sadr"), ["Sadr"]),
        ("a NEAR/1 b", text("b x a"), ["b", "a"]),
        ("a NEAR/1 b", text("b x x a"), None),
        ("a ONEAR/1 b", text("b x a"), None),
        ("(a OR c) NEAR/1 (b OR c)", text("c only once"), None),
        ("a NOT b", text("a"), ["a"]),
        ("a NOT b", text("a b"), None),
        ("a (b OR c)", text("a c"), ["a", "c"]),
        ("militi*", text("Militias"), ["Militias"]),
        ("ميليش*", text("والميليشيات", "ar"), ["والميليشيات"]),
        ("organi?ed", text("organised, organized"), ["organised", "organized"]),
        ("millitia~1", text("militia"), ["militia"]),
        ("millitia~1", text("malicia"), None),
        ("@basra", text("on Basra Road"), None),
        ("@basra", text("on Basra Road, in Basra"), ["Basra"]),
        (r"/\bعراق\b/", text("في عراق اليوم والعراق", "ar"), ["عراق"]),
        (r"/\bM-\d+\b/", text("an m-16 rifle, XM-16"), ["m-16"]),
        ("بغداد", text("ﺑﻐﺪﺍﺩ و بغـداد و ب\u200bغداد", "ar"), ["ﺑﻐﺪﺍﺩ", "بغـداد", "ب\u200bغداد"]),
    ],
)
def test_a_query_meets_what_it_means(query: str, document: Document, expected: list[str] | None) -> None:
    assert surfaces(query, document) == expected


ARTICLE = Document(
    title="Football in Basra",
    lead="A match",
    body="Nothing",
    lang="en",
    url="https://news.example.org/iraq/football",
    author="Jane Doe",
    source="The Daily Herald",
    country="IQ",
    tags=("sport", "local news"),
    date=datetime(2026, 11, 5, 10, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ("title:basra", True),
        ("body:basra", False),
        ("title:(football basra)", True),
        ("url:example.org", True),
        ("url:iraq", True),
        ("iraq", False),
        ('source:"daily herald"', True),
        ("author:doe", True),
        ("tag:sport", True),
        ("tag:local", True),
        ("place:basra", True),
        ("place:match", True),
        ("country:iq", True),
        ("country:us", False),
        ("lang:en", True),
        ("lang:ar", False),
        ("date:2026-11", True),
        ("date:>2026-11-05", False),
        ("football lang:en date:2026-11-05 country:IQ", True),
        ("football -tag:sport", False),
    ],
)
def test_a_field_is_looked_at_alone(query: str, met: bool) -> None:
    assert bool(hits(query, ARTICLE)) is met


def test_near_does_not_reach_into_the_next_field() -> None:
    assert not hits("a NEAR/5 b", Document(title="a", body="b"))


def test_every_reason_names_term_concept_language_and_span() -> None:
    document = Document(title="Calm in Basra", body="وصلت الفصائل المسلحة", lang="ar")

    (hit,) = hits("@militia AND @basra", document)

    assert [(r.term, r.concept, r.field, r.lang) for r in hit.reasons] == [
        ("Basra", "basra", "title", "en"),
        ("فصيل مسلح", "militia", "body", "ar"),
    ]
    for reason in hit.reasons:
        assert getattr(document, reason.field)[reason.start : reason.end] == reason.surface


@pytest.mark.parametrize(
    ("lang", "met"), [("ar", True), ("ar-IQ", True), ("und", True), ("en", False), ("", True)]
)
def test_a_rule_for_some_languages_meets_those_and_unknown_ones(lang: str, met: bool) -> None:
    assert bool(hits("basra", text("basra", lang), languages=["ar"])) is met


def test_a_word_of_another_language_counts_as_written_but_not_inflected() -> None:
    assert surfaces("@market", text("the Markt and the pazar")) == ["Markt", "pazar"]
    assert surfaces("@market", text("the pazarlar")) is None
    assert surfaces("@market", text("pazarlar", "tr")) == ["pazarlar"]


def test_a_text_of_unknown_language_is_read_in_every_language_of_the_concepts() -> None:
    assert surfaces("@market", text("pazarlar", "und")) == ["pazarlar"]


def test_weights_add_up_once_per_term_and_may_be_negative() -> None:
    definition = {"score": {"threshold": 30, "terms": {"@basra": 15, "live fire": 20, "football": -40}}}
    engine = Engine([compile_rule(name="unrest", definition=definition)], CONCEPTS)

    assert [hit.score for hit in engine.match(text("Live fire in Basra, Basra"))] == [35.0]
    assert not engine.match(text("Basra, Basra, Basra"))
    assert not engine.match(text("Live fire in Basra at the football"))


@pytest.mark.parametrize("shape", ["spike", "count", "absence"])
def test_a_rule_about_volume_meets_the_articles_that_it_counts(shape: str) -> None:
    engine = Engine([compile_rule(name="volume", definition={shape: {"query": "@basra"}})], CONCEPTS)

    assert [hit.rule for hit in engine.match(text("Basra"))] == ["volume"]
    assert engine.match(text("Mosul")) == []


def test_hits_come_in_the_order_of_the_rules() -> None:
    engine = Engine([compile_rule(name=name, query="basra") for name in "cab"], {})

    assert [hit.rule for hit in engine.match(text("Basra"))] == ["c", "a", "b"]


def test_only_rules_whose_words_occur_are_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[object] = []
    holds = Evaluation.holds
    monkeypatch.setattr(
        Evaluation, "holds", lambda self, plan, *a: evaluated.append(plan) or holds(self, plan, *a)
    )
    engine = Engine([compile_rule(name=f"r{i}", query=f"basra AND word{i}") for i in range(500)], {})

    assert [hit.rule for hit in engine.match(text("word7 in Basra"))] == ["r7"]
    assert len(evaluated) <= 3


def test_reasons_and_pairs_are_bounded() -> None:
    (hit,) = hits("a NEAR/50 b", text("a b " * 5000))

    assert len(hit.reasons) <= MOST_REASONS


@pytest.mark.parametrize(
    ("query", "concepts", "said"),
    [
        ("@nothing", {}, "there is no concept @nothing"),
        ("a @militias", CONCEPTS, "did you mean @militia?"),
        ("@x", concepts_from('[concepts.x]\nany=["@y"]\n[concepts.y]\nany=["@x"]', "f"), "@x > @y > @x"),
        ("@x", concepts_from('[concepts.x]\nen=["m*"]', "f.toml"), "f.toml: concept @x: item 'm*'"),
        ("@x", concepts_from('[concepts.x]\nen=["@gone"]', "f.toml"), "which @x names"),
        ("/(?=a)/", {}, "this expression cannot be used"),
    ],
)
def test_what_cannot_be_resolved_names_the_rule(
    query: str, concepts: Mapping[str, Concept], said: str
) -> None:
    with pytest.raises(RuleError) as error:
        Engine([compile_rule(name="my rule", query=query)], concepts)

    assert "rule 'my rule': column " in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"query": "a AND"}, "column 3"),
        ({"query": None}, "asks for nothing"),
        ({"query": "a", "languages": ["xx"]}, "'xx'"),
        ({"query": "a", "severity": "huge"}, "severity"),
        ({"definition": {"score": {"threshold": 9, "terms": {"a": 1}}}}, "threshold"),
        ({"definition": {"score": {"threshold": 1, "terms": {"a AND": 1}}}}, "score.terms"),
        ({"definition": {"spike": {"query": "(a"}}}, "spike.query: column 1"),
    ],
)
def test_a_wrong_rule_names_itself_and_the_mistake(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(RuleError) as error:
        compile_rule(name="my rule", **rule)

    assert str(error.value).startswith("rule 'my rule': ")
    assert said in str(error.value)


def test_what_is_remembered_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_MOST_REMEMBERED", 10)
    engine = Engine([compile_rule(name="r", query="w7 OR w95")], {})

    assert len(engine.match(text(" ".join(f"w{i}" for i in range(100))))[0].reasons) == 2


@pytest.mark.parametrize(
    ("query", "text", "met"),
    [
        ("dalam", "Warga tinggal dalam rumah.", False),
        ("dalam", "Mereka sembunyi di dalam rumah.", True),
        ("rusuh dalam penjara", "Rusuh dalam penjara di Basra", True),
        ('"dalam negeri"', "Menteri dalam negeri mundur", True),
        ("=dalam", "Warga tinggal dalam rumah.", True),
    ],
)
def test_a_word_of_grammar_alone_is_nothing_found(query: str, text: str, *, met: bool) -> None:
    document = Document(title="", body=text, lang="id")

    assert bool(hits(query, document)) is met


def test_a_word_meets_its_forms_in_the_language_of_its_passage() -> None:
    text = "The ministry said nothing on Sunday about it.\nوقالت مصادر إن الميليشيات انسحبت من المدينة أمس.\n"
    at = text.index("\n") + 1
    spread = (Passage(start=0, end=at, lang="en"), Passage(start=at, end=len(text), lang="ar"))
    document = Document(title="", body=text, lang="en", passages=spread)

    (hit,) = Engine([compile_rule(name="r", query="ميليشيا AND ministry")], {}).match(document)

    found = {(reason.surface, reason.lang) for reason in hit.reasons}
    assert found == {("ministry", "en"), ("الميليشيات", "ar")}
    assert all(text[reason.start : reason.end] == reason.surface for reason in hit.reasons)


def test_a_rule_for_one_language_meets_a_passage_in_it() -> None:
    text = "The ministry said nothing about it.\nوقالت مصادر إن الميليشيات انسحبت من المدينة أمس.\n"
    at = text.index("\n") + 1
    spread = (Passage(start=0, end=at, lang="en"), Passage(start=at, end=len(text), lang="ar"))
    rule = compile_rule(name="r", query="ميليشيا", languages=["ar"])

    assert Engine([rule], {}).match(Document(title="", body=text, lang="en", passages=spread))
    assert not Engine([rule], {}).match(Document(title="", body=text, lang="en"))


@pytest.mark.parametrize(
    ("query", "text", "met"),
    [
        ("place:basra", "Protests in Zubair, south of Basra, went on.", True),
        ("place:basra", "Gunmen attacked a checkpoint in al-Zubair near Basra.", True),
        ("place:zubair", "Water is short in Basra", False),
        ('place:"tahrir square"', "Crowds filled Tahrir Square in Baghdad.", True),
        ('place:"tahrir square"', "Crowds filled Tahrir Square in Cairo, Egypt.", False),
        ("place:بصرة", "Water is short in Basra", True),
        ("@protest NEAR/4 place:basra", "A protest in Basra turned violent", True),
        (
            "football NEAR/2 place:basra",
            "A protest in Basra, and in the evening there was some football",
            False,
        ),
    ],
)
def test_a_place_is_met_where_the_article_means_it(query: str, text: str, *, met: bool) -> None:
    document = Document(title="", body=text, lang="en")

    assert bool(Engine([compile_rule(name="r", query=query)], shipped()).match(document)) is met


@pytest.mark.parametrize(
    ("query", "text"), [("北京*", "今天北京市下雨"), ("한국*", "한국어 신문"), ("ไทย*", "ประเทศไทย")]
)
def test_a_beginning_is_met_in_scripts_that_are_read_letter_by_letter(query: str, text: str) -> None:
    assert hits(query, text)


def test_other_wildcards_are_refused_in_scripts_that_are_read_letter_by_letter() -> None:
    with pytest.raises(RuleError, match=r"column 1: .* read letter by letter"):
        compile_rule(name="r", query="北京?市")
