"""EMM's category files: weights become score rules, combinations queries."""

import tomllib

import pytest

from rules.document import Document
from rules.engine import Engine
from rules.importers.imported import ImportFailedError
from rules.importers.importing import import_rules, program_of
from rules.importers.watchtext import watch_text
from rules.rule import compile_rule

PATTERNS = [
    ("protest 10", {"protest": 10.0}),
    ("protest% 10", {"protest*": 10.0}),
    ("organi_ation 10", {"organi?ation": 10.0}),
    ("yellow+fever 10", {'"yellow fever"': 10.0}),
    ('"live fire" 10', {'"live fire"': 10.0}),
    ("live+fire+basra 10", {'"live fire basra"': 10.0}),
    ("milit%+attack 10", {'"milit* attack"': 10.0}),
    ("yellow+fe_er 10", {"yellow ONEAR/0 fe?er": 10.0}),
    ("%stan 10", {r"/\b\w*stan\b/": 10.0}),
    ("ab% 10", {r"/\bab\w*\b/": 10.0}),
    ("قتل 10, متظاهر% 5", {"قتل": 10.0, "متظاهر*": 5.0}),
    ("a1 10, b1 5, c1 -20", {"a1": 10.0, "b1": 5.0, "c1": -20.0}),
    ("a1 10, a1 5", {"a1": 15.0}),
    ("إطلاق+نار 10", {'"إطلاق نار"': 10.0}),
]
COMBINATIONS = [
    ("begin or basra end or", "basra"),
    ("begin or basra, mosul end or", "basra OR mosul"),
    ("begin or basra end or begin or oil, gas end or", "basra AND (oil OR gas)"),
    ("begin or basra end or begin not film end not", "basra AND NOT film"),
    ("begin or basra end or begin not film, book end not", "basra AND NOT (film OR book)"),
    ("proximity 5 begin or basra end or begin or oil, gas end or", "basra NEAR/5 (oil OR gas)"),
    ("proximity 5 begin or basra end or begin or oil end or begin not film end not", "basra NEAR/5 oil AND NOT film"),
    ("proximity 5 begin or basra end or", "basra"),
    ("begin or shatt+al+arab end or", '"shatt al arab"'),
    ("BEGIN OR basra END OR", "basra"),
]  # fmt: skip


def score(patterns: str) -> str:
    return f"define alert A words threshold 10 define patterns {patterns} end patterns end alert"


def combined(inside: str) -> str:
    return f"define alert A\ndefine combination {inside} end combination\nend alert"


@pytest.mark.parametrize(("patterns", "expected"), PATTERNS)
def test_weighted_patterns_become_a_score_rule(patterns: str, expected: dict[str, float]) -> None:
    imported = import_rules(score(patterns), "emm")
    [rule] = imported.rules
    table = tomllib.loads(watch_text(imported, origin="x"))["rules"][0]

    assert (rule.threshold, rule.terms, rule.cannot_run) == (10.0, expected, None)
    assert table["score"] == {"threshold": 10, "terms": expected}
    assert compile_rule(name=table["name"], definition={"score": table["score"]}).terms


@pytest.mark.parametrize(("inside", "expected"), COMBINATIONS)
def test_combinations_become_a_query(inside: str, expected: str) -> None:
    [rule] = import_rules(combined(inside), "emm").rules

    assert (rule.query, rule.notes, rule.cannot_run) == (expected, (), None)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (score("a1 10, - 5"), "- is left out"),
        (combined("proximity 90 begin or a1 end or begin or b1 end or"), "proximity 90 became 50"),
        (combined("proximity 3 begin or a1 end or begin or b1 end or begin or c1 end or"), "three groups"),
        (score("a1 10"), "counts once here"),
    ],
)
def test_what_is_not_as_it_was_is_said(text: str, note: str) -> None:
    imported = import_rules(text, "emm")

    assert note in watch_text(imported, origin="x")
    assert all(rule.cannot_run is None for rule in imported.rules)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("define alert A words threshold x end alert", "line 1, column 32: 'x' stands where a number should"),
        ("define alert A\nfoo end alert", "line 2, column 1: 'foo'"),
        ("define alert A words threshold 3", "the end of the file"),
        ("define alert A define combination begin xor a end or", "'xor'"),
        ("alert A", "define alert"),
        ("", "no rules"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(ImportFailedError, match=place):
        import_rules(text, "emm")


def test_a_score_that_cannot_be_reached_stands_as_a_comment() -> None:
    imported = import_rules(score("a1 3"), "emm")

    assert "do not reach it" in (imported.rules[0].cannot_run or "")
    assert tomllib.loads(watch_text(imported, origin="x")) == {}


FILE = """
// Unrest in the south
define alert Unrest
words threshold 30
  define patterns protest% 15, live+fire 20, football -40 end patterns
define combination proximity 6
  begin or basra, "shatt al arab" end or
  begin or shoot%, kill% end or
  begin not film end not
end combination
end alert
define alert Water define combination begin or water end or begin or basra end or end combination end alert
"""


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("Protesters met live fire", {"Unrest"}),
        ("Protesters met live fire at the football", set[str]()),
        ("Protesters in the square", set[str]()),
        ("Shooting heard in Basra", {"Unrest: combination"}),
        ("Shooting of a film in Basra", set[str]()),
        ("Three were killed near the Shatt al Arab", {"Unrest: combination"}),
        ("No water in Basra", {"Water"}),
    ],
)
def test_a_file_means_what_it_meant(text: str, met: set[str]) -> None:
    rules = import_rules(FILE, "emm").rules
    engine = Engine(
        [
            compile_rule(
                name=rule.name,
                query=rule.query,
                definition={"score": {"threshold": rule.threshold, "terms": rule.terms}}
                if rule.terms
                else {},
            )
            for rule in rules
        ],
        {},
    )

    assert program_of(FILE) == "emm"
    assert {hit.rule for hit in engine.match(Document(title="", body=text, lang="en"))} == met
