"""Where the words of a text stand, and how else they can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.words import tokens


def readings(text: str) -> list[tuple[str, int, int]]:
    return [(token.folded, token.position, token.last) for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iraq's army", [("iraq", 0, 0), ("army", 1, 1)]),
        ("l'Irak", [("irak", 0, 0)]),
        ("Irak'ta", [("irakta", 0, 0), ("irak", 0, 0)]),
        ("al-Sadr", [("al", 0, 0), ("sadr", 1, 1), ("alsadr", 0, 1)]),
        ("#ساحة_التحرير", [("ساحه", 0, 0), ("التحرير", 1, 1), ("ساحهالتحرير", 0, 1)]),
        ("#IraqProtests", [("iraq", 0, 0), ("protests", 1, 1), ("iraqprotests", 0, 1)]),
        ('צה"ל', [("צהל", 0, 0)]),
        ("伊拉克", [("伊", 0, 0), ("拉", 1, 1), ("克", 2, 2)]),
        ("... — !", []),
    ],
)
def test_words_are_read_every_way_they_can_be(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert readings(text) == expected


@given(st.text(max_size=80))
def test_every_word_stands_where_it_says(text: str) -> None:
    position = -1
    for token in tokens(text):
        assert text[token.start : token.end] == token.surface
        assert token.position <= token.last
        assert token.position <= position + 1
        position = max(position, token.last)


def test_positions_count_words_without_gaps() -> None:
    found = tokens("The al-Sadr's men, in Basra-city: 12:30")

    assert sorted({token.position for token in found}) == list(range(max(token.last for token in found) + 1))
