"""Lint: each surprise is found where it is, with its remedy, and not where it only looks alike."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from language.concepts import Concept, parse_concept, shipped
from rules.findings import Finding
from rules.lint import lint_concepts, lint_rules
from rules.rule import compile_rule

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CONCEPTS = {
    "land": parse_concept("land", {"en": ["Elbonia"], "ar": ["البونيا"], "any": ["@port-town"]}),
    "port-town": parse_concept(
        "port-town", {"en": ["Marlow", "Marlowe"], "ar": ["مارلو"], "not": {"en": ["Marlow Street"]}}
    ),
    "gang": parse_concept("gang", {"en": ["gang*", "armed band"], "id": ["geng"]}),
    "sulaymaniyah": shipped()["sulaymaniyah"],
    "unrest": parse_concept("unrest", {"en": ["riot", "@gang"]}),
}


def lint(query: str | None = None, languages: Sequence[str] = (), **definition: Any) -> list[Finding]:
    rule = compile_rule(name="tried", query=query, languages=languages, definition=definition)
    return lint_rules([rule], CONCEPTS, now=NOW)


def codes(query: str, languages: Sequence[str] = ()) -> set[str]:
    return {finding.code for finding in lint(query, languages)}


SURPRISES = [
    # a NOT that takes all
    ("marlow NOT marlow", "not-eats-all", "marlow meets"),
    ("robot NOT robots", "not-eats-all", "in texts in en"),
    ("menyerang NOT serang", "not-eats-all", "in texts in id"),
    ("marlow NOT @land", "not-eats-all", "@land lists it"),
    ("@port-town NOT @land", "not-eats-all", "@land counts @port-town in"),
    ("@port-town NOT (marlow OR marlowe OR مارلو)", "not-eats-all", "@port-town"),
    ("@port-town NOT (marlow OR marlowe)", "not-eats-all", "in texts in en"),
    ('"armed robots" NOT robot', "not-eats-all", "the phrase holds that word"),
    ("robots NOT rob*", "not-eats-all", "NOT rob*"),
    ("title:robot NOT robot", "not-eats-all", "title:robot"),
    ("(title:robot OR title:robots) NOT robot", "not-eats-all", "OR"),
    ("robot NEAR/5 bridge NOT bridge", "not-eats-all", "NEAR/5"),
    ("robot (bridge NOT robot)", "not-eats-all", "NOT robot"),
    ("(robot OR @port-town) AND bridge NOT @land", "not-eats-branch", "@port-town"),
    ("((robot OR ferry) NEAR/9 bridge) NOT robots", "not-eats-branch", "robot"),
    ("marlow NOT elbonia", "not-eats-most", "@port-town is a part of @land"),
    # what can never match
    ("lang:ckb AND lang:en", "never-matches", "exclude each other"),
    ("lang:ckb AND (robot OR lang:en)", "never-matches", "exclude each other"),
    ("robot country:IQ country:GB", "never-matches", "country:gb"),
    ("robot date:2025 date:>=2026", "never-matches", "exclude each other"),
    ("robot date:>2027-01", "never-matches", "in the future"),
    ("robot date:2025", "date-passed", "nothing new"),
    ("robot lang:xq", "never-matches", "no language"),
    ("robot country:Iraq", "never-matches", "two letters"),
    ("url:بصرة", "never-matches", "%D8"),
    ("place:Bassra", "unknown-place", "place:basra"),
    ("place:bas*", "place-takes-names", "write a name"),
    # words
    ("dalam", "grammar-word", "id"),
    ("robot of", "grammar-word", "en"),
    ("في", "grammar-word", "ar"),
    ("robot ab", "short-word", "=AB"),
    ("robot WHO", "capitals-ignored", "=WHO"),
    ("robot ICE", "capitals-ignored", "the word ice"),
    ("government", "common-word", "@iraq"),
    ("marlow bridge", "concept-exists", "@port-town knows 3 spellings in 2 languages"),
    ('"armed band"', "concept-exists", "write @gang"),
    # patterns
    ("robot bas*", "wildcard-wide", "different words"),
    ("robot obe*", "wildcard-short", "3 letters"),
    ("bridge~1", "fuzzy-meets-words", "bride"),
    ("/militia/", "regex-plain", "write militia"),
    ("/gas leak|flood/", "regex-plain", 'write "gas leak" OR flood'),
    (r"/\w+ \w+/", "regex-wide", "of 12 sentences"),
    # what adds nothing
    ("robot OR ferry OR robot", "twice", "robot"),
    ("@port-town OR marlow", "covered", "@port-town lists it"),
    ("@port-town OR @land", "covered", "take @port-town out"),
    ("@port-town AND @land", "covered", "take @land out"),
    ("robot* OR robots", "covered", "take robots out"),
    ("robot OR robots", "covered", "take robots out"),
    ('"armed robots" AND robots', "covered", "take robots out"),
    # how it is read
    ("robot ferry OR bridge", "mixed-and-or", "(robot AND ferry) OR bridge"),
    ("robot OR ferry NOT bridge", "mixed-and-or", "robot OR (ferry AND NOT bridge)"),
    ("(robot AND title:ferry OR bridge) storm", "mixed-and-or", "title:ferry"),
    ("robot and ferry", "small-operator", "write AND"),
    ("robot Or (ferry)", "small-operator", "write OR"),
    ('"robot" ferry', "quoted-word", "=robot"),
    ("anti -robot", "hyphen-not", "anti-robot"),
    ("robot NEAR/0 ferry", "near-zero", '"robot ferry"'),
]


@pytest.mark.parametrize(("query", "code", "said"), SURPRISES)
def test_a_surprise_is_found_and_its_remedy_named(query: str, code: str, said: str) -> None:
    found = [one for one in lint(query) if one.code == code]

    assert any(said in f"{one.says}; {one.remedy}" for one in found), lint(query)
    assert all(one.rule == "tried" and one.remedy for one in found)


LOOKS_ALIKE = [
    ("@land NOT @port-town", "not-eats-all"),
    ("robot* NOT robot", "not-eats-all"),
    ("robot NOT title:robot", "not-eats-all"),
    ("Robot NOT =Robot", "not-eats-all"),
    ("@port-town NOT marlow", "not-eats-all"),
    ("robot NOT (robot ferry)", "not-eats-all"),
    ("robot NOT (marlow NOT robot)", "not-eats-all"),
    ("(robot OR ferry) NOT bridge", "not-eats-branch"),
    ("elbonia NOT marlow", "not-eats-most"),
    ("lang:ckb OR lang:en", "never-matches"),
    ("lang:id AND lang:ms", "never-matches"),
    ("robot date:2026 date:>=2026-11", "never-matches"),
    ("robot country:IQ", "never-matches"),
    ("url:robot", "never-matches"),
    ("=Ελλάδα", "never-matches"),
    ("place:basra", "unknown-place"),
    ("place:port-town", "unknown-place"),
    ("robot date:>=2026-01", "date-passed"),
    ('"state of robots"', "grammar-word"),
    ("=WHO", "capitals-ignored"),
    ("NATO robot", "capitals-ignored"),
    ("UNHCR robot", "capitals-ignored"),
    ("=ab robot", "short-word"),
    ("government robot", "common-word"),
    ("robot NOT marlow", "concept-exists"),
    ("=marlow", "concept-exists"),
    ("kidnap*", "wildcard-wide"),
    ("kataib*", "wildcard-short"),
    ("Sulaymaniyah~1", "fuzzy-meets-words"),
    (r"/\d+ robots?/", "regex-plain"),
    (r"/\d+ robots?/", "regex-wide"),
    ("robot OR ferry", "twice"),
    ("@gang OR marlow", "covered"),
    ("robot AND ferry", "covered"),
    ("=Robot OR robot*", "mixed-and-or"),
    ("(robot ferry) OR bridge", "mixed-and-or"),
    ("robot AND (ferry OR bridge) NOT storm", "mixed-and-or"),
    ("robot NEAR/4 ferry OR bridge", "mixed-and-or"),
    ('"robot and ferry"', "small-operator"),
    ("robot OR and", "small-operator"),
    ("robot and ferry", "grammar-word"),
    ("@port-town OR marlow", "concept-exists"),
    ('"robot ferry"', "quoted-word"),
    ('="robot"', "quoted-word"),
    ("robot -ferry", "hyphen-not"),
    ("robot NEAR ferry", "near-zero"),
]


@pytest.mark.parametrize(("query", "code"), LOOKS_ALIKE)
def test_what_only_looks_alike_is_left_alone(query: str, code: str) -> None:
    assert code not in codes(query)


def test_a_rule_that_says_what_it_means_is_quiet() -> None:
    assert lint("@gang NEAR/9 (@port-town OR bridge) NOT title:football") == []


def test_each_finding_names_its_column() -> None:
    found = lint('ferry AND title:("robot" OR dalam) AND lang:xq NOT ferry')

    assert [(one.code, one.column) for one in found] == [
        ("quoted-word", 18),
        ("grammar-word", 29),
        ("never-matches", 45),
        ("not-eats-all", 52),
    ]


def test_words_in_letters_that_the_rule_does_not_read_are_named() -> None:
    assert "never-matches" in codes("كرة OR robot", ["en", "id"])
    assert "never-matches" not in codes("كرة OR robot", ["en", "ar"])
    assert "never-matches" not in codes("robot", ["ar"])


def test_a_language_that_the_rule_does_not_read_is_named() -> None:
    assert "never-matches" in codes("robot lang:ckb", ["en", "ar"])
    assert "never-matches" not in codes("robot lang:ms", ["en", "id"])


def test_forms_count_in_the_languages_of_the_rule() -> None:
    assert "not-eats-all" in codes("menyerang NOT serang", ["id"])
    assert "not-eats-all" not in codes("menyerang NOT serang", ["en"])


def test_a_form_is_said_to_be_one_in_the_languages_of_its_letters() -> None:
    says = [one.says for one in lint("ميليشيا NOT ميليشيات")]

    assert any(one.endswith("in texts in ar") for one in says), says


def test_the_examples_of_a_wildcard_are_words_that_people_know() -> None:
    [found] = [one for one in lint("robot bas*", ["en"]) if one.code == "wildcard-wide"]

    assert "covers basic, basin, basis and more" in found.says


def test_a_form_of_the_word_is_no_other_word_for_a_misspelling() -> None:
    [found] = [one for one in lint("woman~1") if one.code == "fuzzy-meets-words"]

    assert "women" not in found.says


def test_weights_that_change_nothing_are_named() -> None:
    terms = {"@gang": 20, "ferry": 20, "bridge": 1, "storm": 0, "football": -30}

    found = {one.code: one.says for one in lint(score={"threshold": 40, "terms": terms})}

    assert found["score-idle"].startswith("bridge (1) changes nothing")
    assert found["score-zero"].startswith("storm weighs 0")
    assert not any("football" in says or "ferry" in says for says in found.values())


def test_where_one_term_alone_decides_the_others_are_named() -> None:
    found = lint(score={"threshold": 40, "terms": {"@gang": 50, "ferry": 20, "bridge": 10}})

    assert [one.says.split()[0] for one in found if one.code == "score-idle"] == ["ferry", "bridge"]


def test_a_term_that_always_brings_another_is_named() -> None:
    twice = lint(score={"threshold": 20, "terms": {"marlow": 10, "@port-town": 10}})
    apart = lint(score={"threshold": 20, "terms": {"@gang": 10, "@port-town": 10}})

    assert [one.says.split(":")[0] for one in twice if one.code == "score-twice"] == [
        "an article that meets marlow always meets @port-town too"
    ]
    assert "score-twice" not in {one.code for one in apart}


def test_rules_that_count_are_looked_at_too() -> None:
    found = lint(count={"query": "robot NOT robot", "at_least": 5, "within": "1h"})

    assert [(one.code, one.column) for one in found] == [("not-eats-all", 11)]


def of_concept(**table: Any) -> list[tuple[str, str]]:
    own = parse_concept("own", table)
    known: Mapping[str, Concept] = {**CONCEPTS, "own": own}
    return [(one.code, one.says) for one in lint_concepts([own], known)]


@pytest.mark.parametrize(
    ("table", "code", "said"),
    [
        ({"en": ["ميليشيا"]}, "wrong-language", "under en"),
        ({"ar": ["militia"]}, "wrong-language", "under ar"),
        ({"en": ["robot*", "robots"]}, "covered", "robot* meets it"),
        ({"en": ["Robot", "robot"]}, "twice", "robot"),
        ({"en": ["WHO"]}, "capitals-ignored", "the word who"),
        ({"en": ["bas*"]}, "wildcard-wide", "different words"),
        ({"id": ["dalam"]}, "grammar-word", "in id"),
        ({"en": ["ferry", "robot"], "not": {"en": ["robots"]}}, "never-matches", "robot under en"),
    ],
)
def test_items_of_a_concept_are_looked_at(table: dict[str, Any], code: str, said: str) -> None:
    assert any(one == code and said in says for one, says in of_concept(**table)), of_concept(**table)


def test_a_sound_concept_is_quiet() -> None:
    table = {"en": ["robot", "walking machine", "@gang", "=WHO"], "ar": ["روبوت", "=ISIS"], "any": ["Zorbot"]}

    assert of_concept(**table, **{"not": {"en": ["robot vacuum"]}}) == []


def test_the_shipped_concepts_of_armed_groups_have_nothing_to_mend_in_their_letters() -> None:
    own = [one for one in shipped().values() if one.origin == "armed_groups.toml"]

    found = lint_concepts(own, shipped())

    assert len(own) > 10
    assert {one.code for one in found} <= {"covered"}, found


def test_hundreds_of_rules_are_linted_together() -> None:
    rules = [
        compile_rule(name=f"r{n}", query=f"(word{n} OR term{n}) AND @gang NOT football") for n in range(200)
    ]

    assert lint_rules(rules, CONCEPTS, now=NOW) == []
