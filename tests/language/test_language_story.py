"""Which headlines tell one story."""

from datetime import UTC, datetime, timedelta

import pytest

from language.story import WINDOW, Headline, Placed, StoryGrouper, similar, story_key

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def headline(number: int, title: str, *, after: timedelta = timedelta(), world: str = "") -> Headline:
    return Headline(id=str(number), title=title, published=NOON + after, lang="en", world=world)


@pytest.mark.parametrize(
    "other",
    [
        "Gunmen storm a police post near Basra",
        "GUNMEN STORM A POLICE POST NEAR BASRA",
        "Gunmen storm a police post near Basra - The Daily Herald",
        "Gunmen storm a police post near Basra | Herald",
        "Breaking: Gunmen storm a police post near Basra",
    ],
)
def test_copies_of_a_headline_share_their_key(other: str) -> None:
    assert story_key(other) == story_key("Gunmen storm a police post near Basra")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Blast kills 11 people in a Baghdad market", "Blast kills seven people in a Baghdad market"),
        ("Heavy fighting reported tonight in Mosul", "Heavy fighting reported tonight in Basra"),
        ("Parliament session on the budget opens", "Parliament session on the budget closes"),
    ],
)
def test_another_number_place_or_turn_is_another_story(first: str, second: str) -> None:
    assert story_key(first) != story_key(second)
    assert similar(first, second, "en") == 0.0


def test_a_reworded_headline_joins_the_story() -> None:
    grouper = StoryGrouper()

    first = grouper.place(headline(1, "Gunmen storm police post near Basra, killing three officers"))
    second = grouper.place(headline(2, "Three officers killed as gunmen storm Basra police post"))

    assert first == Placed(id="1", story="1", is_new=True, similarity=first.similarity)
    assert (second.story, second.is_new) == ("1", False)


def test_the_same_headline_after_the_window_is_a_new_story() -> None:
    grouper = StoryGrouper()
    grouper.place(headline(1, "Protesters block the road to the oil port"))

    inside = grouper.place(headline(2, "Protesters block the road to the oil port", after=WINDOW))
    outside = grouper.place(
        headline(3, "Protesters block the road to the oil port", after=2 * WINDOW + timedelta(seconds=1))
    )

    assert (inside.story, inside.similarity) == ("1", 1.0)
    assert outside.is_new


def test_worlds_never_mix() -> None:
    grouper = StoryGrouper()
    grouper.place(headline(1, "Protesters block the road to the oil port", world="a"))

    assert grouper.place(headline(2, "Protesters block the road to the oil port", world="b")).is_new


def test_untitled_articles_are_not_one_story() -> None:
    grouper = StoryGrouper()
    grouper.place(headline(1, ""))

    assert grouper.place(headline(2, "")).is_new
