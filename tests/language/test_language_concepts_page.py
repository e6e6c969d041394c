"""docs/concepts.md: it lists the concepts that ship, each with what it means and what it counts in."""

import re
from pathlib import Path

from language.concepts import named_in, shipped

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "language" / "data" / "concepts"
PAGE = ROOT / "docs" / "concepts.md"
MOST_NAMED = 12
BEGINNING = """# The shipped concepts

What `@name` means in a rule, in every language at once; the words themselves stand in `language/data/concepts/`, one
file for each heading below, and its `README.md` says how to read and correct them. Concepts combine
(`@protest AND @basra`), count others in (`@armed-group` holds `@militia`, `@isis`, `@peshmerga`, …), and one of the
same name in your own watch file wins. How they stand in a query: [the rule language](rule-language.md#concepts).

A plain idea (`@interior-ministry`, `@court`, `@flood`) is meant wherever it happens; write `AND @iraq` for Iraq's.
"""
ORDER = (
    "iraq", "governorates", "cities", "places", "armed_groups", "forces", "people", "offices", "parties",
    "unrest", "attacks", "society", "economy", "nature", "world",
)  # fmt: skip


def abouts(file: Path) -> dict[str, str]:
    """The concepts of one file in order, each with the comment above it."""
    found: dict[str, str] = {}
    comment: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        header = re.fullmatch(r"\[concepts\.([\w-]+)\]", line)
        if header:
            found[header[1]] = " ".join(comment)
        comment = [*comment, line.removeprefix("# ")] if line.startswith("# ") else []
    return found


def row(name: str, about: str) -> str:
    """The line of the page's table for one concept."""
    others = [f"`@{other}`" for other in dict.fromkeys(named_in(shipped()[name]))]
    shown = ", ".join(others[:MOST_NAMED]) + (
        f" and {len(others) - MOST_NAMED} more" if others[MOST_NAMED:] else ""
    )
    return f"| `@{name}` | {about} | {shown} |".replace("|  |", "| |")


def page() -> str:
    """The page as it should stand: write it anew when a concept comes or goes."""
    parts = [BEGINNING]
    for stem in ORDER:
        rows = [row(name, about) for name, about in abouts(FOLDER / f"{stem}.toml").items()]
        title = stem.replace("_", " ").capitalize()
        parts.append(
            "\n".join([f"## {title}", "", "| concept | means | counts in |", "|---|---|---|", *rows, ""])
        )
    return "\n".join(parts)


def test_the_page_lists_every_concept_as_its_file_explains_it() -> None:
    told = PAGE.read_text(encoding="utf-8").splitlines()

    assert [line for line in page().splitlines() if line not in told] == []
    assert [line for line in told if line not in page().splitlines()] == []


def test_the_page_has_a_heading_for_every_file() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(ORDER)


def test_the_rule_language_says_how_many_there_are() -> None:
    told = (ROOT / "docs" / "rule-language.md").read_text(encoding="utf-8")

    assert f"[{len(shipped())} are shipped](concepts.md)" in told
