"""docs/add-an-outlet.md: its own file and pages give what it prints, and it tells every key of a file."""

import json
import subprocess
import sysconfig
import typing
import venv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pages import ROOT, blocks, table
from pydantic import BaseModel

from spiders.crawl.rows import page_row, zulu
from spiders.sites.outletfile import OutletTable, read_outlet

PAGE = "docs/add-an-outlet.md"
STORY = "https://www.wadipost.example/2026/11/21/water-returns"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TRY_PAGE = (
    "from marsad.cli import main; main()", "try", "page", "wadipost.html", "--url", STORY
)  # fmt: skip


def shown(kind: str, number: int = 0) -> str:
    return blocks(kind, page=PAGE)[number].text


def keys(model: type[BaseModel], path: str = "") -> set[str]:
    """The dotted name of every key of an outlet's file."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(path + name)
        inner = (field.annotation, *typing.get_args(field.annotation))
        section = next((one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)), None)
        if section:
            found |= keys(section, f"{path}{name}.")
    return found


def test_every_key_of_a_file_is_told_and_no_other() -> None:
    assert {row[0] for row in table(PAGE, "key")} == keys(OutletTable)


def test_the_page_reads_as_printed() -> None:
    page = read_outlet(shown("toml"), file="wadipost.toml").read_page(shown("html"), url=STORY, now=NOW)
    assert page
    assert dict(page_row(page, given_id="wadipost.html")) == json.loads(shown("json"))
    assert page.tags == ("Basra",)


def test_the_list_gives_the_story_and_the_breaking_line() -> None:
    site = read_outlet(shown("toml"), file="wadipost.toml")
    assert site.start
    reading = site.read_listing(shown("html", 1), url=site.start, now=NOW)
    assert reading
    assert [(entry.url, entry.title, zulu(entry.published)) for entry in reading.entries] == [
        (STORY, "Water returns to Abu Khasib", "2026-11-22T10:00:00Z"),
        (None, "Breaking: bridge at Qurna closed", "2026-11-21T20:05:00Z"),
    ]


@pytest.mark.slow
def test_the_file_in_its_place_makes_the_command_print_what_is_printed(tmp_path: Path) -> None:
    python = checkout(tmp_path)
    (tmp_path / "spiders/sites/outlets/wadipost.toml").write_text(shown("toml"), encoding="utf-8")
    (tmp_path / "wadipost.html").write_text(shown("html"), encoding="utf-8")

    done = subprocess.run(
        [python, "-c", *TRY_PAGE],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        capture_output=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    assert json.loads(done.stdout) == json.loads(shown("json"))


def checkout(root: Path) -> Path:
    """A checkout of which the outlets are its own, and the Python that imports it instead of ours."""
    for room in ("marsad", "scheduler", "storage", "alerts", "rules", "language"):
        (root / room).symlink_to(ROOT / room)
    for source in (ROOT / "spiders").rglob("*"):
        if source.suffix in (".py", ".toml"):
            target = root / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source)
    venv.create(root / "venv", with_pip=False, symlinks=True)
    (packages,) = (root / "venv/lib").glob("python*/site-packages")
    (packages / "checkout.pth").write_text(f"{root}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return root / "venv/bin/python"
