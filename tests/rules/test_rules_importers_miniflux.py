"""Miniflux's keep and block rules: lines, settings and lists of feeds."""

import json
import tomllib

import pytest

from rules.document import Document
from rules.engine import Engine
from rules.importers.imported import ImportFailedError
from rules.importers.importing import import_rules, program_of
from rules.importers.watchtext import watch_text
from rules.rule import compile_rule

LINES = [
    ("EntryTitle=(?i)militia", "title:/militia/"),
    ("EntryTitle=Militia", "title:/(?-i)Militia/"),
    ("EntryTitle = (?i)militia ", "title:/militia/"),
    ("EntryTitle=(?is)a.b", "title:/(?s)a.b/"),
    ("EntryTitle=(?i)militia|فصيل", "title:/militia|فصيل/"),
    (r"EntryTitle=(?i)\bbasra\b", r"title:/\bbasra\b/"),
    ("EntryURL=(?i)/iraq/", r"url:/\/iraq\//"),
    (r"EntryURL=(?i)https:\/\/x\.org", r"url:/https:\/\/x\.org/"),
    ("EntryAuthor=(?i)ali", "author:/ali/"),
    ("EntryTag=(?i)iraq", "tag:/iraq/"),
    ("EntryContent=(?i)live fire", "lead:/live fire/ OR body:/live fire/"),
    ("EntryDate=before:2026-01-01", "date:<2026-01-01"),
    ("EntryDate=after:2026-01-01", "date:>=2026-01-01"),
    ("EntryDate=between:2026-01-01,2026-02-01", "date:2026-01-01..2026-02-01"),
    ("EntryTitle=(?i)a\nEntryTitle=(?i)b", "title:/a/ OR title:/b/"),
    ("EntryTitle=(?i)a\nblock\nEntryTitle=(?i)b", "title:/a/ AND NOT title:/b/"),
    ("# keep\nEntryTitle=(?i)a\n# block\nEntryTitle=(?i)b\nEntryTitle=(?i)c",
     "title:/a/ AND NOT (title:/b/ OR title:/c/)"),
    ("Keep rules:\nEntryTitle=(?i)a", "title:/a/"),
    ("EntryTitle=(?i)x=y", "title:/x=y/"),
    ("EntryTitle=(?i)^Breaking", "title:/^Breaking/"),
    ("EntryTitle=(?i)قتل.*بصرة\r\nEntryTag=(?i)iraq", "title:/قتل.*بصرة/ OR tag:/iraq/"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_lines_are_carried_over_exactly(text: str, expected: str) -> None:
    [rule] = import_rules(text, "miniflux").rules

    assert (rule.query, rule.notes, rule.cannot_run) == (expected, (), None)
    assert compile_rule(name="r", query=rule.query).tree


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("EntryDate=max-age:7d", "line 2, column 11"),
        ("EntryDate=future", "line 2, column 11"),
        ("EntryDate=before:soon", "no date"),
        ("EntryCommentsURL=x", "EntryCommentsURL has no counterpart"),
        ("nonsense here", "line 2, column 1"),
        (r"EntryTitle=(?=x)y", "line 2, column"),
        (r"EntryTitle=a\Bb", "line 2, column"),
    ],
)
def test_a_line_without_counterpart_is_left_out_and_said(line: str, note: str) -> None:
    [rule] = import_rules(f"EntryTitle=(?i)basra\n{line}", "miniflux").rules

    assert rule.query == "title:/basra/"
    assert [note in str(one) and line.strip() in str(one) for one in rule.notes] == [True]


def test_filters_that_only_block_wait_for_what_an_article_must_have() -> None:
    imported = import_rules("block\nEntryTitle=(?i)football", "miniflux")

    written = watch_text(imported, origin="x")

    assert tomllib.loads(written) == {}
    assert "NOT title:/football/" in written
    assert "only blocks" in written


def test_settings_of_the_api_become_a_rule_a_feed() -> None:
    feeds = [
        {"title": "Paper", "keep_filter_entry_rules": "EntryTitle=(?i)iraq", "block_filter_entry_rules": ""},
        {"title": "Old", "keeplist_rules": "(?i)basra", "blocklist_rules": "(?i)sport"},
        {"title": "None", "keeplist_rules": ""},
    ]

    rules = import_rules(json.dumps(feeds), "miniflux").rules

    assert [(rule.name, rule.query) for rule in rules] == [
        ("Paper", "title:/iraq/"),
        (
            "Old",
            "(url:/basra/ OR title:/basra/ OR author:/basra/ OR tag:/basra/) AND "
            "NOT (url:/sport/ OR title:/sport/ OR author:/sport/ OR tag:/sport/)",
        ),
    ]
    assert program_of(json.dumps(feeds)) == "miniflux"


def test_lists_of_feeds_keep_their_filters() -> None:
    opml = '<opml><body><outline text="Paper" keepFilterEntryRules="EntryTitle=(?i)iraq"/></body></opml>'

    assert [rule.query for rule in import_rules(opml, "miniflux").rules] == ["title:/iraq/"]
    assert program_of(opml) == "miniflux"


@pytest.mark.parametrize("text", ["{broken", "[]", "{}", ""])
def test_what_holds_no_filters_is_said_in_one_line(text: str) -> None:
    with pytest.raises(ImportFailedError):
        import_rules(text, "miniflux")


@pytest.mark.parametrize(
    ("title", "met"),
    [
        ("Militia in Basra", True),
        ("MILITIA", True),
        ("Militia football", False),
        ("Basra", False),
        ("", False),
    ],
)
def test_what_it_kept_is_what_the_rule_meets(title: str, met: bool) -> None:
    [rule] = import_rules("EntryTitle=(?i)militia\nblock\nEntryTitle=(?i)football", "miniflux").rules
    engine = Engine([compile_rule(name="r", query=rule.query)], {})

    assert bool(engine.match(Document(title=title, body="Militia"))) is met
