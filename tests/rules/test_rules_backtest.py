"""Backtests: what is counted, what is shown of it, and which terms carry it."""

from datetime import UTC, datetime, timedelta

import pytest

from language.concepts import Concept, parse_concept
from rules.backtest import (
    MOST_POOLED,
    TOO_MANY_A_DAY,
    Carrier,
    Seen,
    Tally,
    Thinned,
    alerts_a_day,
    carriers_of,
    warnings_of,
)
from rules.carrying import Carrying, idle_terms, without_nots
from rules.document import Document
from rules.engine import Engine
from rules.rule import Rule, compile_rule

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
CONCEPTS = {
    "militia": parse_concept("militia", {"en": ["militia*", "faction", "@gunmen"], "ar": ["ميليشيا"]}),
    "gunmen": parse_concept("gunmen", {"en": ["gunmen", "armed men"]}),
    "football": parse_concept("football", {"en": ["football"]}),
}


def rule(query: str | None = None, **more: object) -> Rule:
    return compile_rule(name="tried", query=query, **more)  # type: ignore[arg-type]


def english(text: str) -> Document:
    return Document(title="", body=text, lang="en")


def seen(
    number: int, text: str, query: str, *, story: int | None = None, hours: float = 0.0, **more: object
) -> Seen:
    document = english(text)
    [hit] = Engine([rule(query)], CONCEPTS).match(document)
    values: dict[str, object] = {"lang": "en", "source": "Herald", "fresh": True, **more}
    return Seen(
        article_id=number,
        story_id=story,
        when=NOON + timedelta(hours=hours),
        document=document,
        hit=hit,
        **values,  # type: ignore[arg-type]
    )


def test_a_story_counts_once_on_the_day_when_it_first_meets() -> None:
    tally = Tally()
    for number, (story, hours) in enumerate([(7, 0), (7, 1), (8, 2), (7, 24), (None, 24)]):
        tally.add(seen(number, "The militia came.", "@militia", story=story, hours=hours))

    assert (tally.hits, tally.stories, tally.alerts) == (5, 3, 3)
    assert list(tally.hits_by_day.values()) == [3, 2]
    assert list(tally.stories_by_day.values()) == [2, 1]


def test_what_a_new_source_brought_along_is_a_hit_and_no_alert() -> None:
    tally = Tally()
    tally.add(seen(1, "The militia came.", "@militia", story=1, fresh=False))
    tally.add(seen(2, "The militia left.", "@militia", story=2))

    assert (tally.hits, tally.stories, tally.alerts) == (2, 2, 1)


def test_samples_are_of_different_terms_and_far_apart_in_time() -> None:
    tally = Tally()
    for number in range(3 * MOST_POOLED):
        tally.add(seen(number, "The militia came.", "@militia", hours=number))
    tally.add(seen(90_000, "A faction left.", "@militia", hours=3))

    samples = tally.samples(5)

    assert len(samples) == 5
    assert {str(sample.carrier) for sample in samples} == {"@militia: militia*", "@militia: faction"}
    assert [sample.when for sample in samples] == sorted(sample.when for sample in samples)
    assert samples[-1].when - samples[0].when > timedelta(hours=2 * MOST_POOLED)
    assert [piece.text for piece in samples[0].passage if piece.marked] == ["militia"]


def test_what_is_kept_of_many_is_spread_evenly_and_bounded() -> None:
    thinned = Thinned[int](100)
    for number in range(100_000):
        thinned.add(lambda number=number: number)

    gaps = {after - before for before, after in zip(thinned.kept, thinned.kept[1:], strict=False)}
    assert 50 <= len(thinned.kept) <= 100
    assert len(gaps) == 1


def test_a_rule_that_would_flood_is_warned_of_and_one_loud_day_too() -> None:
    calm, loud, day = Tally(), Tally(), Tally()
    for number in range(12):
        calm.add(seen(number, "The militia came.", "@militia", hours=number))
    for number in range(34 * 10):
        loud.add(seen(number, "The militia came.", "@militia", hours=number / 34 * 24))
    for number in range(TOO_MANY_A_DAY + 5):
        day.add(seen(number, "The militia came.", "@militia"))

    assert warnings_of(calm, timedelta(days=10)) == []
    assert warnings_of(loud, timedelta(days=1)) == ["this would have sent about 340 alerts a day: narrow it"]
    assert [text[:13] for text in warnings_of(day, timedelta(days=30))] == ["on 2026-11-01"]


def test_less_than_a_day_of_articles_is_not_stretched_to_one() -> None:
    tally = Tally()
    for number in range(30):
        tally.add(seen(number, "The militia came.", "@militia"))

    assert alerts_a_day(tally, timedelta(hours=1)) == 30
    assert warnings_of(tally, timedelta(hours=1)) == []


def lost(tried: Rule, text: str, concepts: dict[str, Concept] = CONCEPTS) -> set[str]:
    document = english(text)
    [hit] = Engine([tried], concepts).match(document)
    carriers = carriers_of(hit)
    return {str(carrier) for carrier in Carrying(tried, concepts, carriers).lost(document, carriers)}


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("basra OR kirkuk", "Basra and Kirkuk are far apart.", set()),
        ("basra OR kirkuk", "Basra is hot.", {"basra"}),
        ("basra AND water", "Basra has no water.", {"basra", "water"}),
        ("water AND (basra OR kirkuk)", "Water for Basra and Kirkuk.", {"water"}),
        ("@militia", "The militia met a faction.", set()),
        ("@militia", "The militias met.", {"@militia: militia*"}),
        ("@militia", "Gunmen came.", {"@gunmen: gunmen"}),
        ("@gunmen AND @militia", "Gunmen came.", {"@gunmen: gunmen"}),
        ('"armed men" OR =Basra', "Armed men in Basra.", set()),
        ('"armed men" AND =Basra', "Armed men in Basra.", {"armed men", "=Basra"}),
        ("militia~1 OR /mil\\w+a/", "The militia came.", set()),
        ("attack NEAR/5 (basra OR kirkuk)", "Attack on Basra", {"attack", "basra"}),
        ("attack NEAR/5 (basra OR kirkuk)", "Attack near Basra and Kirkuk", {"attack"}),
        ("body:basra NOT @football", "Basra is hot.", {"basra"}),
    ],
)
def test_a_term_carries_a_hit_that_would_be_lost_without_it(
    query: str, text: str, expected: set[str]
) -> None:
    assert lost(rule(query), text) == expected


def test_of_a_score_rule_a_term_carries_what_falls_below_the_threshold_without_it() -> None:
    terms = {"@militia": 15, "basra": 10, "attack": 10, "football": -40}
    scored = rule(definition={"score": {"threshold": 25, "terms": terms}})

    assert lost(scored, "Militia attack in Basra") == {"@militia: militia*"}
    assert lost(scored, "Militia in Basra") == {"@militia: militia*", "basra"}


def test_what_weighs_against_a_score_rule_stays_when_a_term_is_taken_out() -> None:
    terms = {"water": 10, "basra": 10, "basra AND water": -5}
    scored = rule(definition={"score": {"threshold": 10, "terms": terms}})

    assert lost(scored, "Water for Basra") == {"basra", "water"}


def test_a_term_that_is_asked_for_twice_is_still_one_term() -> None:
    assert lost(rule("(basra AND water) OR (basra AND power)"), "Basra, water and power") == {"basra"}


def test_the_rule_without_its_nots_shows_what_they_keep_away() -> None:
    tried = rule("basra NOT (football OR title:@football)")
    wide = without_nots(tried)

    assert wide is not None
    assert Engine([tried], CONCEPTS).match(english("Football in Basra")) == []
    assert len(Engine([wide], CONCEPTS).match(english("Football in Basra"))) == 1
    assert without_nots(rule("basra AND football")) is None


def test_terms_that_weigh_against_a_score_rule_count_as_its_nots() -> None:
    scored = rule(definition={"score": {"threshold": 10, "terms": {"basra": 10, "football": -40}}})
    wide = without_nots(scored)

    assert wide is not None
    assert Engine([scored], CONCEPTS).match(english("Football in Basra")) == []
    assert len(Engine([wide], CONCEPTS).match(english("Football in Basra"))) == 1


def test_what_no_hit_has_met_is_named_once_and_what_a_not_keeps_away_is_not_asked_for() -> None:
    tried = rule('(@militia OR @football OR xylophone OR "live fire") AND date:>=2020-01-01 NOT @gunmen')
    met = [Carrier("gunmen", "armed men")]

    assert idle_terms(tried, CONCEPTS, met) == ["@football", "xylophone", "live fire"]
    assert idle_terms(tried, CONCEPTS, [*met, Carrier(None, "xylophone")]) == ["@football", "live fire"]


def test_a_carrier_names_its_concept() -> None:
    assert (str(Carrier("militia", "faction")), str(Carrier(None, "basra"))) == ("@militia: faction", "basra")
