"""What a reading child makes of a source: addresses that hide no article, languages, hits, and rules set anew."""

from pathlib import Path
from random import Random

from scheduler.reading import SOURCE_JOB, SOURCE_READ, Reader, SourceJob, SourceRead, addresses_of
from scheduler.ruleset import RULE_TEXT, RuleLine, RuleText
from spiders.entries import Entry

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>"""
URL = "https://paper.example/feed"


def _read(tmp_path: Path, reader: Reader, *items: str) -> SourceRead:
    path = tmp_path / "capture"
    path.write_text(FEED.format(items="".join(f"<item>{item}</item>" for item in items)), encoding="utf-8")
    answer = reader.run("source", SOURCE_JOB.dump_json(SourceJob(path=str(path), url=URL)).decode())
    return SOURCE_READ.validate_json(answer)


def _entry(url: str | None, title: str, entry_id: str = "1") -> Entry:
    return Entry(id=entry_id, url=url, title=title)


def test_entries_that_share_an_address_but_not_their_words_are_articles_of_their_own() -> None:
    live = "https://paper.example/live"

    addresses = addresses_of([_entry(live, "Shots fired"), _entry(live, "Curfew declared")], URL)

    assert len(set(addresses)) == 2
    assert addresses == addresses_of([_entry(live, "Shots fired"), _entry(live, "Curfew declared")], URL)


def test_the_same_entry_twice_is_one_article() -> None:
    page = "https://paper.example/a?utm_source=feed"

    assert set(addresses_of([_entry(page, "Same"), _entry(page, "Same")], URL)) == {"https://paper.example/a"}


def test_an_entry_without_a_link_is_known_by_its_source_and_id() -> None:
    assert addresses_of([_entry(None, "Breaking", "b7")], URL) == [f"{URL}#b7"]


def test_new_rules_match_from_the_next_job_on(tmp_path: Path) -> None:
    reader = Reader()
    item = "<title>Militia enters Basra</title><link>https://paper.example/1</link>"
    before = _read(tmp_path, reader, item)
    rules = RuleText(rules=(RuleLine(name="Basra", query="basra"),))

    reader.setup(RULE_TEXT.dump_json(rules).decode())
    after = _read(tmp_path, reader, item)

    assert [hit.rule for hit in before.entries[0].hits] == []
    assert [hit.rule for hit in after.entries[0].hits] == ["Basra"]
    assert after.entries[0].hits[0].reasons[0].surface == "Basra"


def test_a_rule_that_runs_short_of_time_is_named_beside_the_hits_of_the_others(tmp_path: Path) -> None:
    evil = RuleLine(name="Evil", query="/(?:a|b)*a(?:a|b){14}c/ OR /a[ab]{900}c/")
    rules = RuleText(rules=(evil, RuleLine(name="Basra", query="basra")))
    reader = Reader()
    reader.setup(RULE_TEXT.dump_json(rules).decode())
    letters = "".join(Random(1).choices("ab", k=1_000_000))

    read = _read(tmp_path, reader, f"<title>Basra</title><description>{letters} c</description>").entries[0]

    assert read.slow == ("Evil",)
    assert "Basra" in {hit.rule for hit in read.hits}


def test_a_page_of_markup_is_an_error_and_not_silence(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_text("<html><body><p>Checking your browser</p></body></html>", encoding="utf-8")

    answer = Reader().run("source", SOURCE_JOB.dump_json(SourceJob(path=str(path), url=URL)).decode())

    assert SOURCE_READ.validate_json(answer).error
