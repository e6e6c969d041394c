"""`marsad rule import`: a watch file from another program's rules, and nobody's file overwritten."""

import tomllib
from pathlib import Path

from typer.testing import CliRunner

from marsad.cli import app
from marsad.watchfile import load_watch
from rules.importers.watchtext import quoted

TEXT = "Google Alert - basra militia\nGoogle Alert - oil filetype:pdf\nGoogle Alert - (broken\n"
runner = CliRunner()


def test_the_watch_file_is_one_that_marsad_takes(tmp_path: Path) -> None:
    exported, watch = tmp_path / "alerts.txt", tmp_path / "watch.toml"
    exported.write_text(TEXT, encoding="utf-8")

    result = runner.invoke(app, ["rule", "import", str(exported), "--output", str(watch)])

    assert result.exit_code == 0, result.output
    assert [rule.query for rule in load_watch([str(watch)]).rules] == ["basra AND militia", "oil"]
    assert "2 rules from google-alerts" in result.stderr
    assert "1 cannot run" in result.stderr


def test_standard_input_becomes_standard_output() -> None:
    result = runner.invoke(app, ["rule", "import", "-", "--from", "talkwalker"], input="iraq NEAR/60 oil")

    assert tomllib.loads(result.stdout)["rules"][0]["query"] == "iraq NEAR/50 oil"
    assert "# line 1, column 6: NEAR/60 became NEAR/50" in result.stdout


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    watch = tmp_path / "watch.toml"
    watch.write_text("mine", encoding="utf-8")

    result = runner.invoke(
        app, ["rule", "import", "-", "--from", "freshrss", "--output", str(watch)], input="x"
    )

    assert result.exit_code == 1
    assert watch.read_text(encoding="utf-8") == "mine"


def test_a_text_of_no_known_program_asks_which() -> None:
    result = runner.invoke(app, ["rule", "import", "-"], input="iraq AND oil")

    assert result.exit_code == 1


def test_strings_are_toml_whatever_is_in_them() -> None:
    for text in ('a"b\\c', "tab\there\nline", "\x7f\x00\x1b", "ساحة \u2028 😀", "'''", '"""'):
        assert tomllib.loads(f"x = {quoted(text)}")["x"] == text
