"""Each story of the demo fires exactly the rules of the pack that its script says."""

import tomllib
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

import pytest

from language.concepts import shipped
from marsad.demo.stories import DemoStory, script
from rules.document import Document
from rules.engine import Engine
from rules.rule import VOLUMES, Rule, compile_rule

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def pack_rules() -> list[Rule]:
    """Those that alert on each story, and not on how many there are."""
    text = (files("marsad") / "packs" / "iraq" / "rules.toml").read_text(encoding="utf-8")
    return [
        compile_rule(
            name=row["name"],
            query=row.get("query"),
            definition={part: row[part] for part in ("score",) if part in row},
            languages=row.get("languages"),
            severity=row["severity"],
        )
        for row in tomllib.loads(text)["rules"]
        if not row.keys() & set(VOLUMES)
    ]


@cache
def engine() -> Engine:
    return Engine(pack_rules(), shipped())


def fired(*, title: str, lead: str, body: str, lang: str, tags: tuple[str, ...] = ()) -> frozenset[str]:
    document = Document(title=title, lead=lead, body=body, lang=lang, tags=tags)
    return frozenset(hit.rule for hit in engine().match(document))


@pytest.mark.parametrize("told", script().breaking, ids=lambda told: told.key)
def test_a_story_fires_exactly_its_rules(told: DemoStory) -> None:
    story = told.story()

    rules = fired(
        title=story.title,
        lead=story.lead,
        body="\n\n".join(story.paragraphs),
        lang=told.lang,
        tags=story.tags,
    )

    assert rules == told.expected


@pytest.mark.parametrize("told", script().breaking, ids=lambda told: told.key)
def test_what_a_feed_shows_of_a_story_fires_none_but_its_rules(told: DemoStory) -> None:
    story = told.story()

    assert fired(title=story.title, lead=story.lead, body="", lang=told.lang) <= told.expected


@pytest.mark.parametrize("lang", ["und", "id"])
def test_the_november_2020_story_of_the_indonesian_paper_fires_the_three_card_rules(lang: str) -> None:
    story = next(
        told for told in script().breaking if told.key == "peringatan-setahun-gerakan-oktober"
    ).story()

    assert {"Militia", "Basra", "Tahrir Square"} <= fired(
        title=story.title, lead="", body=story.text, lang=lang
    )


def test_the_script_has_ten_stories_that_alert_in_four_languages_and_decoys() -> None:
    alerting = [told for told in script().breaking if not told.is_decoy]

    assert len(alerting) >= 10
    assert {told.lang for told in alerting} == {"en", "ar", "id", "ckb"}
    assert sum(told.is_decoy for told in script().breaking) >= 4


def test_one_story_is_told_by_two_papers() -> None:
    assert [len(told.outlets) for told in script().breaking if len(told.outlets) > 1] == [2]


def test_every_story_belongs_to_a_paper_of_its_language() -> None:
    langs = {outlet.key: outlet.lang for outlet in script().outlets}

    assert all(langs[outlet] == told.lang for told in script().breaking for outlet in told.outlets)
    assert {old.outlet for old in script().archive} == set(langs)


def test_no_two_stories_share_a_key() -> None:
    keys = Counter([told.key for told in script().breaking] + [old.key for old in script().archive])

    assert max(keys.values()) == 1


def test_the_archive_is_old_and_each_paper_has_something_that_would_alert_if_it_were_not() -> None:
    langs = {outlet.key: outlet.lang for outlet in script().outlets}
    matching = {
        old.outlet
        for old in script().archive
        if fired(title=old.title, lead=old.text, body=old.text, lang=langs[old.outlet])
    }

    assert all(old.story(NOW).published < NOW and old.hours_old >= 24 for old in script().archive)
    assert matching == set(langs)
