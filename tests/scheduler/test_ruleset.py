"""The rules as they stand now: what no longer compiles costs nobody else their alerts."""

import pytest

from rules.document import Document
from rules.engine import Engine
from scheduler import ruleset
from scheduler.ruleset import Compiler, RuleLine, RuleText, compile_ruleset, load_ruleset
from storage.database import Database
from storage.rules import RuleSpec, put_rule


def rule(name: str, query: str, *, enabled: bool = True) -> RuleSpec:
    return RuleSpec(
        name=name, query=query, definition={}, languages=(), severity="low", alert=(), enabled=enabled
    )


async def test_a_rule_that_no_longer_compiles_is_left_out_and_the_others_stand(db: Database) -> None:
    async with db.transaction() as conn:
        for spec in (
            rule("good", "@basra"),
            rule("gone", "@no-such-concept"),
            rule("off", "(", enabled=False),
            rule("fine", "x"),
        ):
            await put_rule(conn, spec, origin="file")

    async with db.transaction() as conn:
        taken = await load_ruleset(conn)

    assert sorted(one.name for one in taken.text.rules) == ["fine", "good"]
    assert set(taken.routes) == {"fine", "good"}
    assert compile_ruleset(taken.text) is not None


def line(name: str, query: str) -> RuleLine:
    return RuleLine(name=name, query=query)


def met(engine: Engine, text: str) -> list[str]:
    return [hit.rule for hit in engine.match(Document(title="", body=text, lang="en"))]


def test_rules_taken_anew_match_as_if_they_were_compiled_from_nothing() -> None:
    compiler = Compiler()
    readings = [
        RuleText(rules=(line("a", "riot"), line("b", "flood AND basra"), line("c", "@protest"))),
        RuleText(rules=(line("b", "flood AND basra"), line("d", "riot -basra"), line("c", "@protest"))),
        RuleText(rules=(line("c", "riot"), line("b", "flood OR storm"))),
        RuleText(rules=(line("c", "@own"), line("b", "flood OR storm")), concepts={"own": {"en": ["riot"]}}),
        RuleText(rules=(line("c", "@own"), line("b", "flood")), concepts={"own": {"en": ["storm"]}}),
        RuleText(rules=()),
    ]
    texts = ["Riots in Basra", "A flood in Basra", "riot", "Protesters met the storm", "flood"]

    for reading in readings:
        again, from_nothing = compiler.engine(reading), compile_ruleset(reading)
        assert [met(again, text) for text in texts] == [met(from_nothing, text) for text in texts]


def test_an_engine_works_on_while_its_successor_is_made() -> None:
    compiler = Compiler()
    first = compiler.engine(RuleText(rules=(line("a", "riot"),)))
    second = compiler.engine(RuleText(rules=(line("a", "riot"), line("b", "flood"))))

    assert met(first, "a riot and a flood") == ["a"]
    assert met(second, "a riot and a flood") == ["a", "b"]


def test_words_of_rules_that_are_gone_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruleset, "SLACK", 20)
    compiler = Compiler()

    sizes = [
        compiler.engine(RuleText(rules=tuple(line(f"r{i}", f"word{turn}x{i}") for i in range(10)))).words
        for turn in range(40)
    ]

    assert max(sizes) <= 100  # of the 700 that came by


def test_a_rule_whose_concept_leads_nowhere_does_not_spoil_the_next() -> None:
    concepts = {"half": {"any": ["@whole"]}, "whole": {"any": ["@no-such"]}, "fine": {"en": ["riot"]}}

    unfit = ruleset.unfit(
        [line("bad", "@half"), line("good", "@fine"), line("worse", "@whole")], (), concepts
    )

    assert unfit == {"bad", "worse"}
