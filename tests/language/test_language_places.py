"""Articles get the places of Iraq that they mean, each with the reason, and none that only share a name."""

from functools import cache

import pytest
from place_sentences import NAMED, NOT_NAMED

from language.gazetteer import Doubt, foreign, gazetteer, hints, holding, keys_within, seated
from language.mentions import MOST_NAMES, mentions_in
from language.placeforms import words_of
from language.placenames import named
from language.places import Placed, find_places, name_of
from language.words import tokens

# Where Iraq lies, with a margin for crossings and terminals at its borders.
SOUTH, NORTH, WEST, EAST = 28.9, 37.6, 38.6, 49.0


def keys(title: str, lang: str, lead: str = "", body: str = "", country: str = "") -> set[str]:
    return {one.place for one in find_places(title, lead, body, lang, country=country)}


def confirmed(name: str, key: str, lang: str) -> str:
    """The name in a sentence that leaves no doubt: Iraq is named, and where it needs a cue, that it is a place."""
    country, cue = {"ar": ("العراق", "ناحية"), "ckb": ("عێراق", "شارۆچکەی"), "fa": ("عراق", "بخش")}.get(
        lang, ("Iraq", "in")
    )
    return f"{country} . - . {cue if hints()[key].doubt(name) is Doubt.CUE else ''} {name} . - ."


@pytest.mark.parametrize("lang", sorted({lang for lang, _, _ in NAMED}))
def test_a_sentence_has_the_places_that_it_names_and_no_others(lang: str) -> None:
    wrong = [
        (sentence, found, expected)
        for code, sentence, expected in NAMED
        if code == lang and (found := keys(sentence, lang)) != set(expected.split())
    ]

    assert wrong == []


@pytest.mark.parametrize("lang", sorted({lang for lang, _, _ in NOT_NAMED}))
def test_a_name_that_means_something_else_is_no_place(lang: str) -> None:
    wrong = [
        (sentence, found)
        for code, sentence, places in NOT_NAMED
        if code == lang and (found := keys(sentence, lang) & set(places.split()))
    ]

    assert wrong == []


def test_there_are_enough_sentences_to_trust() -> None:
    assert len(NAMED) >= 150
    assert len(NOT_NAMED) >= 60


@pytest.mark.parametrize("lang", ["en", "ar", "ckb", "kmr", "fa", "tr", "id", "fr", "de"])
def test_every_place_is_found_by_each_of_its_names(lang: str) -> None:
    missed = [
        (key, name)
        for key, place in gazetteer().items()
        for name in place.names.get(lang, ())
        if not keys(confirmed(name, key, lang), lang) & _same(key)
    ]

    assert missed == []


@cache
def _same(key: str) -> set[str]:
    """The place, what it lies in and what lies in it, and what shares a name with it."""
    sharing = {other for names in gazetteer()[key].names.values() for name in names for other in named(name)}
    return {*holding(key), *keys_within([key]), *sharing} - {"iraq"} | ({"iraq"} if key == "iraq" else set())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("basra", "basra"),
        ("Al-Basrah", "basra"),
        ("البصرة", "basra"),
        ("بصرة", "basra"),
        ("tahrir square", "tahrir-square"),
        ("ساحة التحرير", "tahrir-square"),
        ("zubair", "zubair"),
        ("zubair", "zubair-district"),
        ("zubair-district", "zubair-district"),
        ("Hewlêr", "erbil"),
        ("هەولێر", "erbil"),
        ("Kerkük", "kirkuk"),
        ("hit", "hit"),
        ("Suq Al Shuyukh", "suq-al-shuyukh"),
    ],
)
def test_a_name_in_any_language_leads_to_its_key(name: str, key: str) -> None:
    assert key in named(name)


def test_an_unknown_name_leads_nowhere() -> None:
    assert named("Atlantis") == frozenset()
    assert named("") == frozenset()


def test_what_holds_a_place_is_told_from_the_inside_out() -> None:
    assert holding("zubair") == ("zubair", "zubair-district", "basra", "iraq")
    assert holding("tahrir-square")[-2:] == ("baghdad", "iraq")
    assert holding("zakho")[-2:] == ("kurdistan", "iraq")
    assert "zubair" in keys_within(["basra"])
    assert "zubair" not in keys_within(["anbar"])


def test_every_place_lies_in_iraq_and_at_its_place() -> None:
    for key, place in gazetteer().items():
        assert holding(key)[-1] == "iraq"
        assert SOUTH <= (place.lat or 0) <= NORTH, key
        assert WEST <= (place.lon or 0) <= EAST, key


def test_a_place_lies_near_what_holds_it() -> None:
    far = []
    for key, place in gazetteer().items():
        above = gazetteer().get(place.parent or "")
        if above is None or above.kind in ("country", "region"):
            continue
        apart = abs((place.lat or 0) - (above.lat or 0)), abs((place.lon or 0) - (above.lon or 0))
        if apart[0] > 2.6 or apart[1] > 3.8:
            far.append(key)

    assert far == []


def test_the_country_is_covered() -> None:
    kinds = [place.kind for place in gazetteer().values()]

    assert kinds.count("governorate") == 19
    assert kinds.count("district") >= 105
    assert sum(kind in ("city", "town", "village") for kind in kinds) >= 230
    assert kinds.count("quarter") + kinds.count("street") >= 60
    assert len(gazetteer()) >= 600


def test_every_place_has_a_name_in_arabic_or_kurdish_and_governorates_in_every_language() -> None:
    for key, place in gazetteer().items():
        assert place.names.get("ar") or place.names.get("ckb"), key
        if place.kind == "governorate":
            assert {"en", "ar", "ckb", "kmr", "fa", "tr"} <= place.names.keys(), key


def test_hints_speak_of_names_and_countries_that_there_are() -> None:
    for key, found in hints().items():
        spelled = {name for names in gazetteer()[key].names.values() for name in names}
        assert found.context | found.cue <= spelled, key
        assert set(found.elsewhere) <= foreign().keys(), key


def test_a_district_is_called_after_its_seat() -> None:
    assert "قضاء الزبير" in gazetteer()["zubair-district"].names["ar"]
    assert seated("zubair") == {"zubair-district"}
    assert keys("مدير ناحية في قضاء الشطرة", "ar") == {"shatra-district"}


def test_spans_stand_in_the_original_field() -> None:
    title, lead, body = "Iraq today", "In «Al-Zubair», two died.", "قرب البَصْرة القديمة"

    for one in find_places(title, lead, body, "en"):
        text = {"title": title, "lead": lead, "body": body}[one.field]
        assert text[one.start : one.end] == one.surface
    assert {(one.place, one.field, one.surface) for one in find_places(title, lead, body, "en")} == {
        ("iraq", "title", "Iraq"),
        ("zubair", "lead", "Al-Zubair"),
        ("basra", "body", "البَصْرة"),
    }


def test_reasons_say_why_in_plain_words() -> None:
    found = {
        one.place: one.reason
        for one in find_places("Kut", "A visit to Baghdad.", "Balad, Saladin province", "en")
    }

    assert found["baghdad"] == "named"
    assert found["kut"] == "named, and Baghdad is named too"
    assert found["balad"] == "named, and so is Salah al-Din Governorate beside it"


def test_a_place_has_three_mentions_of_a_field_at_most_and_the_title_comes_first() -> None:
    found = find_places("Mosul", "Basra", "Basra " * 9 + "Mosul " * 9, "en")

    assert [one.place for one in found[:2]] == ["mosul", "mosul"]
    assert sum(one.place == "basra" and one.field == "body" for one in found) == 3


def test_iraqi_press_need_not_say_iraq() -> None:
    assert keys("A fire in Kut", "en") == set()
    assert keys("A fire in Kut", "en", country="IQ") == {"kut"}
    assert (
        find_places("A fire in Kut", "", "", "en", country="IQ")[0].reason == "named, and the source is Iraqi"
    )
    assert keys("Tahrir Square in Cairo", "en", country="IQ") == set()


def test_the_nearer_of_two_countries_decides() -> None:
    text = "Egyptians gathered in Tahrir Square. " + "Nothing else was said that day. " * 5
    text += "In Baghdad the crowd in Tahrir Square grew."

    [mention] = [one for one in find_places(text, "", "", "en") if one.place == "tahrir-square"]

    assert mention.start > text.index("Baghdad")


def test_the_body_confirms_what_the_title_leaves_open() -> None:
    assert "zubair" in keys("Two killed in Zubair", "en", body="The Iraqi interior ministry confirmed it.")


def test_the_longest_name_wins() -> None:
    assert keys("Umm Qasr Port", "en") == {"umm-qasr-port"}
    assert keys("Mosul Dam", "en") == {"mosul-dam"}
    assert keys("مطار بغداد الدولي", "ar") == {"baghdad-airport"}


def test_capitals_do_not_matter_to_a_name_that_is_only_a_name() -> None:
    assert keys("protest in basra and nasiriyah", "en") == {"basra", "nasiriyah"}
    assert keys("PROTEST IN BASRA", "en") == {"basra"}


def test_hostile_text_is_read_in_no_time() -> None:
    found = find_places("Basra " * 9_000, "al " * 9_000, "Umm Umm al-al-al-" * 3_000, "en")

    assert {one.place for one in found} == {"basra"}
    assert isinstance(found[0], Placed)


def test_a_list_of_names_is_read_no_further_than_its_first_three_hundred() -> None:
    text = "Kut, Baghdad, " * MOST_NAMES

    assert len(list(mentions_in("body", text, tokens(text), "en", 0))) == MOST_NAMES


def test_a_name_reads_well() -> None:
    assert name_of("zubair", "ar") == "الزبير"
    assert name_of("basra") == "Basra"
    assert words_of("Suq al-Shuyukh") == ("suq", "shuyukh")
    assert hints()["hit"].doubt("Hit") is Doubt.CUE
