"""A source that kills its reader still reaches the rules: a second child takes what looks like its entries (D5)."""

from pathlib import Path

import pytest

from scheduler.means import read_or_salvage
from scheduler.reading import ENTRY, SourceJob
from scheduler.ruleset import RULE_TEXT, RuleLine, RuleText
from spiders.children import Children
from spiders.readers.salvage import SALVAGED

pytestmark = pytest.mark.slow  # two children start, one is killed

DEEP = "<d>" * 150_000  # feedparser takes the square of it
ITEM = "<item><title>Militia enters Basra</title><link>https://paper.example/1</link></item>"


async def test_a_feed_that_kills_its_reader_is_salvaged_and_matched(tmp_path: Path) -> None:
    deadly = tmp_path / "deadly"
    deadly.write_text(f"<rss><channel>{ITEM}<item><title>Deep</title>{DEEP}</item></channel></rss>")
    job = SourceJob(path=str(deadly), url="https://paper.example/feed", kind="feed")
    rules = RuleText(rules=(RuleLine(name="Basra", query="basra"),))
    async with Children(ENTRY, count=1, cpu_seconds=1) as children:
        await children.configure(RULE_TEXT.dump_json(rules).decode())

        read = await read_or_salvage(children, job)

        assert (read.error or "").startswith(f"{SALVAGED} cpu:")
        assert [(e.entry.title, [hit.rule for hit in e.hits]) for e in read.entries] == [
            ("Militia enters Basra", ["Basra"]),
            ("Deep", []),
        ]
