"""The project's pages as the tests read them: fenced blocks, tables, links and the commands in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BREAKS = {"|", "&&", ";", "||"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block and the page that it stands on."""

    page: str
    kind: str
    text: str


def blocks(*kinds: str, page: str = "") -> list[Block]:
    """The fenced blocks of these kinds, of one page or of all."""
    return [
        Block(page=name, kind=kind, text=text)
        for name, whole in ((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in PAGES)
        if page in ("", name)
        for kind, text in FENCE.findall(whole)
        if kind in kinds
    ]


def prose(path: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def table(page: str, first_column: str) -> list[list[str]]:
    """The rows of every table of the page that begins with this column; backticks of whole cells are taken off."""
    rows: list[list[str]] = []
    inside = False
    for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == first_column:
            inside = True
        elif inside and not set(cells[0]) <= set("-: "):
            rows.append([re.sub(r"^`([^`]+)`$", r"\1", cell) for cell in cells])
    return rows


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    """Every `marsad ...` that a page shows, as page and arguments."""
    for block in blocks("console", "sh"):
        for line in block.text.splitlines():
            if block.kind == "sh" or line.startswith("$ "):
                yield from ((block.page, arguments) for arguments in _calls(line.removeprefix("$ ")))
    for path in PAGES:
        for inline in re.findall(r"`((?:\.venv/bin/)?marsad [^`]+)`", prose(path)):
            yield from ((path.name, arguments) for arguments in _calls(" ".join(inline.split())))


def _calls(line: str) -> Iterator[list[str]]:
    words = shlex.shlex(line, posix=True, punctuation_chars="|&;")
    words.whitespace_split = True
    call: list[str] = []
    for word in [*words, ";"]:
        if word not in BREAKS:
            call.append(word)
            continue
        while call and (call[0] == "sudo" or re.match(r"[A-Z_]+=", call[0])):
            call.pop(0)
        if call and Path(call[0]).name == "marsad":
            yield call[1:]
        call = []
