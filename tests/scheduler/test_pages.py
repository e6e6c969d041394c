"""Article pages: a page whose reading must be stopped is still matched, on its bare words."""

from pathlib import Path

from scheduler.pages import read_or_strip
from scheduler.reading import ENTRY, PageJob
from scheduler.ruleset import RULE_TEXT, RuleLine, RuleText
from spiders.children import Children

DEPTH = 200_000  # boxes in boxes: quadratic for every parser that looks for related links
WORDS = "ميليشيا في البصرة، وقال شهود إن النار أطلقت ليلاً. " * 40


async def test_a_page_that_kills_its_reader_still_matches(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    boxes = "<div class='related'>" * DEPTH
    path.write_text(f"<html><title>Deep</title><body>{boxes}<p>{WORDS}</p>", encoding="utf-8")
    rules = RuleText(rules=(RuleLine(name="Basra", query="البصرة"),))

    async with Children(entry=ENTRY, count=1, cpu_seconds=1) as children:
        await children.configure(RULE_TEXT.dump_json(rules).decode())
        read = await read_or_strip(children, PageJob(path=str(path), url="https://paper.example/deep"))

    assert read.page.degraded
    assert [hit.rule for hit in read.hits] == ["Basra"]
