"""`marsad try`: each stage by itself, in the fixed shapes that people's pipes and the scoreboards rely on."""

import json
from typing import Any

from command_line import CommandLine

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>A</title><language>en</language>
<item><guid>g1</guid><title>Fire in Basra</title><link>https://a.example/1</link>
<description>It burns.</description><pubDate>Mon, 02 Nov 2026 10:00:00 +0300</pubDate></item>
<item><title>Flood in Mosul</title><link>https://a.example/2</link></item></channel></rss>"""
TEXT = "Fighters of the militia shot at protesters in Basra on Monday, and the ministry said it would look into it. "
PAGE = f"""<html lang="en"><head><title>Fire in Basra</title><meta property="og:site_name" content="A">
<meta property="article:published_time" content="2026-11-02T10:00:00+03:00"></head>
<body><article><h1>Fire in Basra</h1>{"".join(f"<p>{TEXT}</p>" for _ in range(6))}</article></body></html>"""

ENTRY_KEYS = ["id", "url", "title", "summary", "published", "updated", "authors", "lang"]
PAGE_KEYS = [
    *("id", "url", "canonical_url", "kind", "title", "text", "published", "modified"),
    *("authors", "lang", "site", "degraded"),
]
HIT_KEYS = ["id", "rule", "lang", "score", "terms"]
TERM_KEYS = ["term", "concept", "field", "start", "end", "surface"]


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def captured(marsad: CommandLine, name: str, text: str) -> str:
    (marsad.folder / name).write_text(text, encoding="utf-8")
    return str(marsad.folder / name)


def test_a_source_is_a_row_for_each_entry_with_times_in_utc_and_null_when_unknown(
    marsad: CommandLine,
) -> None:
    ended = marsad.run("try", "source", "-", "--url", "https://a.example/feed", stdin=FEED)

    first, second = ended.rows
    assert list(first) == list(second) == ENTRY_KEYS
    assert first["published"] == "2026-11-02T07:00:00Z"
    assert (second["published"], second["updated"], second["authors"]) == (None, None, [])
    assert (ended.code, ended.err) == (0, "")


def test_rows_of_sources_keep_their_order_and_a_bad_one_does_not_stop_the_rest(marsad: CommandLine) -> None:
    path = captured(marsad, "feed", FEED)
    rows = [{"id": n, "path": path, "url": "https://a.example/feed"} for n in range(20)]
    rows[3] = {"id": 3, "path": "/nowhere", "url": "https://a.example/feed"}
    rows[5] = {"id": 5}

    answers = marsad.run("try", "source", "--jsonl", stdin="not json\n" + lines(*rows)).rows

    assert [answer["id"] for answer in answers] == [None, *range(20)]
    assert [answer["id"] for answer in answers[1:] if answer["error"]] == [3, 5]
    assert "line 1 is not JSON" in answers[0]["error"]
    assert all(list(answer) == ["id", "kind", "entries", "error"] for answer in answers)
    assert list(answers[1]["entries"][0]) == ENTRY_KEYS
    assert answers[1]["kind"] == "feed"


def test_a_page_is_one_row(marsad: CommandLine) -> None:
    ended = marsad.run("try", "page", captured(marsad, "page", PAGE), "--url", "https://a.example/1")

    (page,) = ended.rows
    assert list(page) == PAGE_KEYS
    assert (page["kind"], page["lang"], page["modified"]) == ("article", "en", None)
    assert page["published"] == "2026-11-02T07:00:00Z"
    assert "militia" in page["text"]


def test_rows_of_pages_keep_their_order_and_a_bad_one_becomes_a_row_with_error(marsad: CommandLine) -> None:
    path = captured(marsad, "page", PAGE)
    rows = [{"id": "a", "path": path, "url": "https://a.example/1"}, {"id": "b", "path": "/nowhere"}]

    good, bad, last = marsad.run("try", "page", "--jsonl", stdin=lines(*rows, {**rows[0], "id": "c"})).rows

    assert list(good) == list(last) == PAGE_KEYS
    assert (bad["id"], last["id"]) == ("b", "c")
    assert "/nowhere: no such file" in bad["error"]


def test_a_rule_is_a_row_for_each_hit_with_its_reasons(marsad: CommandLine) -> None:
    watch = captured(
        marsad,
        "watch.toml",
        '[concepts.armed]\nen = ["militia"]\n[[rules]]\nname = "Armed"\nquery = "@armed AND basra"\n'
        '[[rules]]\nname = "Floods"\nquery = "flood"\n',
    )
    rows = [
        {"id": 1, "title": "Militia storms Basra", "text": "It did."},
        {"id": 2, "title": "Football", "text": "A match."},
        {"id": 3, "title": 7},
        {"id": 4, "title": "A flood", "text": "", "lang": "en"},
    ]

    ended = marsad.run("try", "rule", "--watch", watch, "--jsonl", stdin=lines(*rows))

    armed, error, flood = ended.rows
    assert (armed["id"], armed["rule"], armed["lang"]) == (1, "Armed", "en")
    assert list(armed) == HIT_KEYS
    assert all(list(term) == TERM_KEYS for term in armed["terms"])
    assert {(t["concept"], t["field"], t["start"], t["end"], t["surface"]) for t in armed["terms"]} == {
        ("armed", "title", 0, 7, "Militia"),
        (None, "title", 15, 20, "Basra"),
    }
    assert error == {"id": 3, "error": "row 3: 'title' is not a text"}
    assert (flood["id"], flood["rule"]) == (4, "Floods")


def test_languages_are_rows_of_id_and_code(marsad: CommandLine) -> None:
    rows = [
        {"id": 1, "text": "The ministry said so on Monday"},
        {"id": 2, "text": "قالت الوزارة يوم الاثنين"},
    ]

    answers = marsad.run("try", "lang", "--jsonl", stdin=lines(*rows, {"id": 3, "text": ""})).rows

    assert answers == [{"id": 1, "lang": "en"}, {"id": 2, "lang": "ar"}, {"id": 3, "lang": "und"}]


def test_stories_are_told_apart_and_worlds_never_mix(marsad: CommandLine) -> None:
    title = "Militia storms the governor's office in Basra"
    row = {"title": title, "text": TEXT, "lang": "en", "source": "A", "published": "2026-11-02T10:00:00Z"}
    rows = [
        {"id": 1, "world": "w", **row},
        {"id": 2, "world": "w", **row, "source": "B"},
        {"id": 3, "world": "v", **row},
        {"id": 4, "world": "w", **row, "published": "yesterday"},
    ]

    first, again, elsewhere, bad = marsad.run("try", "story", "--jsonl", stdin=lines(*rows)).rows

    assert list(first) == ["id", "story", "is_new", "similarity"]
    assert (first["is_new"], again["is_new"], elsewhere["is_new"]) == (True, False, True)
    assert first["story"] == again["story"]
    assert bad["error"] == "row 4: 'published' is no ISO 8601 time: 'yesterday'"
