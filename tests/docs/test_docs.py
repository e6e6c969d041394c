"""What README and docs say is true: commands, settings, examples, links, events."""

import re
import tomllib
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pages import PAGES, ROOT, blocks, prose, shown_commands, table
from pydantic import BaseModel

from alerts.channels import KINDS
from language.detect import detect
from marsad.cli import app
from marsad.configuration import NOT_SETTINGS, Configuration, load_configuration
from marsad.errors import BadInput
from marsad.watchfile import WatchFile, load_watch
from rules.document import Document
from rules.engine import Engine
from rules.parser import parse
from rules.query import QueryError
from rules.rule import compile_rule
from scheduler.ruleset import concepts_of
from spiders.sites.outletfile import read_outlet

MARSAD: Any = typer.main.get_command(app)
OPERATING, LANGUAGE = "docs/operating.md", "docs/rule-language.md"
CODE = [path for room in ("marsad", "scheduler", "storage") for path in (ROOT / room).rglob("*.py")]


def leaves(command: Any, path: str = "marsad") -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its whole name."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, child in command.commands.items():
        yield from leaves(child, f"{path} {name}")


def options(command: Any) -> dict[str, Any]:
    return {name: param for param in command.params for name in param.opts if name.startswith("-")}


def settings(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """The dotted name of every setting, sections opened."""
    for name, field in model.model_fields.items():
        candidates = (field.annotation, *typing.get_args(field.annotation))
        section = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
        if section is None:
            yield path + name
        else:
            yield from settings(section, f"{path}{name}.")


def wrong_in(arguments: list[str]) -> str | None:
    """What is wrong with a command line of marsad, None when it may be typed."""
    command, rest = MARSAD, list(arguments)
    while rest:
        word = rest.pop(0)
        if re.match(r"--?[a-z]", word):
            option = options(command).get(word.partition("=")[0])
            if word == "--help":
                continue
            if option is None:
                return f"no option {word}"
            if not option.is_flag and "=" not in word and rest:
                rest.pop(0)
        elif hasattr(command, "commands") and word != "COMMAND":
            if word not in command.commands:
                return f"no command {word}"
            command = command.commands[word]
    return None


def test_every_command_shown_can_be_typed() -> None:
    shown = list(shown_commands())

    assert len(shown) > 40
    assert [(page, arguments, wrong) for page, arguments in shown if (wrong := wrong_in(arguments))] == []


@pytest.mark.parametrize(
    "line", ["rum", "run --wach iraq", "source ad https://a.example", "rule try x --lnag ar"]
)
def test_a_command_mistyped_is_noticed(line: str) -> None:
    assert wrong_in(line.split()) is not None


def test_the_commands_reference_is_whole() -> None:
    told = {row[0]: set(re.findall(r"`(--[a-z-]+)", row[1])) for row in table(OPERATING, "command")}

    there = {
        name: {o for o in options(command) if o.startswith("--")} - {"--help"}
        for name, command in leaves(MARSAD)
    }
    assert told == there


def test_every_option_and_argument_has_a_help_text() -> None:
    lacking = [
        (name, param.name)
        for name, command in leaves(MARSAD)
        for param in command.params
        if not getattr(param, "help", None)
    ]
    assert lacking == []


def test_the_settings_reference_is_whole() -> None:
    assert [row[0] for row in table(OPERATING, "setting")] == list(settings(Configuration))


def test_the_channels_reference_is_whole() -> None:
    told = {row[0]: row[1] for row in table(OPERATING, "kind")}

    assert set(told) == set(KINDS)
    for kind, model in KINDS.items():
        assert [name for name in model.model_fields if f"`{name}`" not in told[kind]] == []


@pytest.mark.parametrize("path", [*PAGES, *ROOT.glob("deploy/*")], ids=lambda path: path.name)
def test_every_variable_named_is_a_setting(path: Path) -> None:
    if path.is_dir():
        pytest.skip("the operator's own folder")
    named = set(re.findall(r"\bMARSAD_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))

    known = {f"MARSAD_{name.upper().replace('.', '__')}" for name in settings(Configuration)} | NOT_SETTINGS
    assert named - known == set()


def test_every_event_of_the_log_is_told_and_no_other() -> None:
    told = {event for row in table(OPERATING, "event") for event in re.findall(r"[a-z_]+", row[0])}

    code = "".join(path.read_text(encoding="utf-8") for path in CODE)
    logged = set(re.findall(r'log\.(?:debug|info|warning|error|exception)\(\s*"(\w+)"', code))
    outcomes = {"delivered", "retry", "unknown"}  # the courier logs its verdict by its name
    assert all(f'"{outcome}"' in code for outcome in outcomes)
    assert told == logged | outcomes


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.page)
def test_every_file_shown_loads(block: Any, tmp_path: Path) -> None:
    path = tmp_path / "shown.toml"
    path.write_text(block.text, encoding="utf-8")

    told = tomllib.loads(block.text)
    if "hosts" in told:
        read_outlet(block.text, file=f"{told['name']}.toml")
    elif set(told) & set(WatchFile.model_fields):
        load_watch([str(path)])
    else:
        load_configuration(path, environ={})


def test_the_first_watch_file_goes_with_the_pack(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    path.write_text(blocks("toml", page="README.md")[0].text, encoding="utf-8")

    assert load_watch(["iraq", str(path)]).channels[0].name == "desk"


def test_a_file_that_is_wrong_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    path.write_text(blocks("toml", page="README.md")[0].text.replace("every", "evry"), encoding="utf-8")

    with pytest.raises(BadInput, match="evry"):
        load_watch([str(path)])


@pytest.mark.parametrize("block", blocks("query"), ids=lambda block: block.text.strip())
def test_every_query_shown_parses(block: Any) -> None:
    concepts = concepts_of({})

    assert (
        Engine([compile_rule(name="shown", query=block.text.strip())], concepts).match(Document(title=""))
        == []
    )


@pytest.mark.parametrize("row", table(LANGUAGE, "query"), ids=lambda row: row[0])
def test_every_example_of_the_rule_language_holds(row: list[str]) -> None:
    if len(row) == 2:
        with pytest.raises(QueryError, match=re.escape(row[1])):
            parse(row[0])
        return
    query, text, matches = row

    engine = Engine([compile_rule(name="shown", query=query)], concepts_of({}))
    hits = engine.match(
        Document(title="", body=text, lang=detect(text), date=datetime(2026, 11, 5, tzinfo=UTC))
    )
    assert matches in ("yes", "no")
    assert bool(hits) == (matches == "yes")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    links = [
        link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", prose(page)) if "://" not in link
    ]

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in re.findall(r"\]\(([^)]+)\)", prose(page))
        if "://" not in link
    }
    assert [page.name for page in PAGES if page not in linked and page.name != "README.md"] == []


def test_every_make_target_named_exists() -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(
            r"(?:`|^\$ |^|sudo )make (?:-C \S+ )?([a-z-]+)", page.read_text("utf-8"), re.MULTILINE
        )
    }
    assert {"demo", "run", "test", "setup"} <= named
    assert named - there == set()


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[\[<>=~]", line)[0].lower() for line in project["dependencies"]]
    told = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower()

    assert [name for name in names if name not in told] == []


@pytest.mark.parametrize("path", [*PAGES, *ROOT.glob("deploy/*.*")], ids=lambda path: path.name)
def test_no_page_names_a_place_of_the_machine_it_was_written_on(path: Path) -> None:
    if path.is_file():
        assert not re.search(r"/work/|/tmp/|\.\./shared", path.read_text(encoding="utf-8"))
