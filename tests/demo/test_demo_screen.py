"""What people see of the demo stays readable in a pipe, in a log and in a right-to-left script."""

import pytest

from marsad.demo.screen import END_ISOLATE, ISOLATE, Arrival, TextScreen


def arrival(*words: str) -> Arrival:
    return Arrival(
        channel="mail",
        rule="Basra",
        severity="medium",
        words=words,
        story="Water",
        source="The Courier",
        lang="en",
        seconds=1.0,
    )


def test_a_word_is_shown_once_whatever_its_capitals(capsys: pytest.CaptureFixture[str]) -> None:
    TextScreen().alert(arrival("Drone", "drone", "Basra"))

    assert capsys.readouterr().out.splitlines()[-1] == "  mail    1.0 s  Basra  Drone  Basra"


def test_only_words_that_turn_the_line_are_isolated(capsys: pytest.CaptureFixture[str]) -> None:
    TextScreen().alert(arrival("البصرة", "Basra"))

    line = capsys.readouterr().out.splitlines()[-1]
    assert f"{ISOLATE}البصرة{END_ISOLATE}" in line
    assert line.count(ISOLATE) == 1


def test_a_line_in_a_pipe_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    TextScreen().alert(arrival(*(f"{'long' * 10}{number}" for number in range(5))))

    assert len(capsys.readouterr().out.splitlines()[-1]) > 200


def test_one_match_is_counted_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    TextScreen().summary("mail", "The Courier", 1)

    assert capsys.readouterr().out == "  mail  first look at The Courier: 1 match in one message\n"
