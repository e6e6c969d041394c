"""Queries of Google Alerts, FreshRSS, Talkwalker and Meltwater: carried over with the meaning they had there."""

import tomllib

import pytest

from rules.document import Document
from rules.engine import Engine
from rules.importers.imported import ImportedRule, ImportFailedError
from rules.importers.importing import import_rules, program_of
from rules.importers.watchtext import watch_text
from rules.rule import compile_rule

SITE = r"url:/^https?:\/\/(?:[^\/?#]*\.)?"
END = r"(?:[:\/?#]|$)/"


def only(text: str, program: str) -> ImportedRule:
    [rule] = import_rules(text, program).rules
    return rule


GOOGLE = [
    ("basra protest", "basra AND protest"),
    ("basra protest OR strike", "basra AND (protest OR strike)"),
    ("basra OR mosul protest OR strike", "(basra OR mosul) AND (protest OR strike)"),
    ("basra | mosul", "basra OR mosul"),
    ("basra -football", "basra AND NOT football"),
    ("oil -(price OR market)", "oil AND NOT (price OR market)"),
    ('"live fire" basra', '"live fire" AND basra'),
    ("intitle:basra", "title:basra"),
    ('intitle:"Tahrir Square" -sport', 'title:"Tahrir Square" AND NOT sport'),
    ("intext:militia iraq", "(lead:militia OR body:militia) AND iraq"),
    ("iraq site:bbc.co.uk", rf"iraq AND {SITE}bbc\.co\.uk{END}"),
    ("iraq -site:x.com", rf"iraq AND NOT {SITE}x\.com{END}"),
    ("iraq site:gov.iq/news", rf"iraq AND {SITE}gov\.iq\/news/"),
    ("inurl:iraq militia", "url:/iraq/ AND militia"),
    ("militia AROUND(5) attack", "militia NEAR/5 attack"),
    ("after:2026-01-01 basra", "date:>=2026-01-01 AND basra"),
    ("basra before:2026-02", "basra AND date:<2026-02"),
    ("قصف البصرة", "قصف AND البصرة"),
    ("“إطلاق نار” بغداد", '"إطلاق نار" AND بغداد'),
    ("(basra AND oil) OR (mosul AND dam)", "(basra AND oil) OR (mosul AND dam)"),
    ("milit*", "milit*"),
    ("source:reuters iraq", "source:reuters AND iraq"),
    ("well-known AND iraq", "well-known AND iraq"),
]
FRESHRSS = [
    ("militia", "militia"),
    ("intitle:hello", "title:hello"),
    ("intitle:'red herring'", 'title:"red herring"'),
    ('author:"Ali Hassan"', 'author:"Ali Hassan"'),
    ("author:Alice OR author:Bob", "author:Alice OR author:Bob"),
    ("basra oil OR mosul dam", "(basra AND oil) OR (mosul AND dam)"),
    ("(author:Alice OR intitle:hello) (author:Bob OR intitle:world)",
     "(author:Alice OR title:hello) AND (author:Bob OR title:world)"),
    ("basra !((author:Alice intitle:hello) OR author:Bob)",
     "basra AND NOT ((author:Alice AND title:hello) OR author:Bob)"),
    ("basra -intitle:sport", "basra AND NOT title:sport"),
    ("basra !sport", "basra AND NOT sport"),
    (r"intitle:/^Lo+l\b/i", r"title:/^Lo+l\b/"),
    ("/ISIS/", "/(?-i)ISIS/"),
    ("author:/^Alice Dupont$/im", "author:/(?m)^Alice Dupont$/"),
    ("inurl:basra/news", r"url:/basra\/news/"),
    ("#iraq", "tag:iraq"),
    ("#my+tag militia", 'tag:"my tag" AND militia'),
    ("iraq date:2026-03-30", "iraq AND date:2026-03-30"),
    ("iraq date:2026-02/2026-04", "iraq AND date:2026-02..2026-04"),
    ("iraq date:202602--202604", "iraq AND date:2026-02..2026-04"),
    ("iraq pubdate:2026-03/", "iraq AND date:2026-03.."),
    ("iraq date:/2026-03", "iraq AND date:..2026-03"),
    ("iraq date:2026-02-03/05", "iraq AND date:2026-02-03..2026-02-05"),
    ("'وزارة النفط' -رياضة", '"وزارة النفط" AND NOT رياضة'),
]  # fmt: skip
TALKWALKER = [
    ("BMW AND bike", "BMW AND bike"),
    ("BMW AND NOT bike", "BMW AND NOT bike"),
    ("chocolate -swiss", "chocolate AND NOT swiss"),
    ("BMW OR bike", "BMW OR bike"),
    ("iraq AND (oil OR water)", "iraq AND (oil OR water)"),
    ("oil AND water OR gas", "(oil AND water) OR gas"),
    ('"basra oil"', '"basra oil"'),
    ('"obama merkel"~5', '"obama merkel"~5'),
    ("Luxemb*", "Luxemb*"),
    ("organi?ation", "organi?ation"),
    ("roam~1", "roam~1"),
    ("roam~0", '="roam"'),
    ("iraq NEAR/7 oil", "iraq NEAR/7 oil"),
    ("(iraq OR basra) ONEAR/3 (oil OR gas)", "(iraq OR basra) ONEAR/3 (oil OR gas)"),
    ('+"ISIS"', '="ISIS"'),
    ("+ISIS AND iraq", '="ISIS" AND iraq'),
    ("title:militia", "title:militia"),
    ("title:(militia OR army)", "title:(militia OR army)"),
    ("content:militia", "lead:militia OR body:militia"),
    ("iraq AND lang:ar", "iraq AND lang:ar"),
    ("iraq AND sourcecountry:iq", "iraq AND country:iq"),
    ('iraq -site:"x.com"', rf"iraq AND NOT {SITE}x\.com{END}"),
    ('iraq site:"http://www.wort.lu"', rf"iraq AND {SITE}www\.wort\.lu{END}"),
    ("iraq\n  AND\n oil", "iraq AND oil"),
]
MELTWATER = [
    ("iraq AND oil", "iraq AND oil"),
    ("iraq and oil", "iraq AND oil"),
    ("iraq or basra not kuwait", "iraq OR (basra AND NOT kuwait)"),
    ("apple NOT “apple juice”", 'apple AND NOT "apple juice"'),
    ("apple NEAR watch", "apple NEAR/4 watch"),
    ("apple near/10 watch", "apple NEAR/10 watch"),
    ("apple ONEAR/2 watch", "apple ONEAR/2 watch"),
    ("(army or police) onear/3 (shot or fired)", "(army OR police) ONEAR/3 (shot OR fired)"),
    ("title:iraq", "title:iraq"),
    ('title:"world cup"', 'title:"world cup"'),
    ("ingress:iraq", "lead:iraq"),
    ("ingress:(iraq OR basra)", "lead:(iraq OR basra)"),
    ("{ISIS}", '="ISIS"'),
    ("iraq AND {US}", 'iraq AND ="US"'),
    ("iphone^9 AND iraq", "iphone AND iraq"),
    ("(iphone OR ipad)^9", "iphone OR ipad"),
    ('"apple watch"^3', '"apple watch"'),
    ("internat*", "internat*"),
    ('"human right*"', '"human right*"'),
    ("language:ar AND نفط", "lang:ar AND نفط"),
    ("iraq AND country:iq", "iraq AND country:iq"),
    ("iraq AND (a1 OR (b1 AND NOT (c1)))", "iraq AND (a1 OR (b1 AND NOT c1))"),
]
ALL = [
    (program, text, expected)
    for program, rows in (
        ("google-alerts", GOOGLE), ("freshrss", FRESHRSS), ("talkwalker", TALKWALKER), ("meltwater", MELTWATER),
    )
    for text, expected in rows
]  # fmt: skip


@pytest.mark.parametrize(("program", "text", "expected"), ALL)
def test_a_query_is_carried_over_exactly(program: str, text: str, expected: str) -> None:
    rule = only(text, program)

    assert rule.cannot_run is None
    assert rule.query == expected
    assert compile_rule(name="r", query=rule.query).tree == compile_rule(name="r", query=expected).tree
    assert [str(note) for note in rule.notes if "AND" not in note.text] == []


NOTED = [
    ("google-alerts", "iraq filetype:pdf", "iraq", 'line 1, column 6: filetype:pdf is left out'),
    ("google-alerts", '"state * emergency"', '"state" ONEAR/5 "emergency"', "line 1, column 1"),
    ("google-alerts", "related:x.org iraq", "iraq", "line 1, column 1: related:x.org is left out"),
    ("google-alerts", "iraq *stan", r"iraq AND /\b\w*stan\b/", None),
    ("freshrss", "iraq f:123", "iraq", "line 1, column 6: f:123 is left out"),
    ("freshrss", "iraq date:P1W", "iraq", "line 1, column 6: date:P1W is left out"),
    ("freshrss", "iraq search:'My query'", "iraq", "line 1, column 6"),
    ("freshrss", "iraq label:x", "iraq AND tag:x", "became tag:"),
    ("freshrss", r"iraq /(?=x)y/", "iraq", "line 1, column 6"),
    ("talkwalker", "iraq NEAR/90 oil", "iraq NEAR/50 oil", "line 1, column 6: NEAR/90 became NEAR/50"),
    ("talkwalker", "iraq SENTENCE oil", "iraq NEAR/20 oil", "line 1, column 6"),
    ("talkwalker", "iraq OSENTENCE oil", "iraq ONEAR/20 oil", "line 1, column 6"),
    ("talkwalker", "\niraq AND\n  engagement:5", "iraq", "line 3, column 3: engagement:5 is left out"),
    ("talkwalker", "oil~1 AND iraq", "oil AND iraq", "line 1, column 1: oil~1 became oil"),
    ("meltwater", "iraq oil", "iraq AND oil", "line 1, column 6: words side by side"),
    ("meltwater", "iraq AND reach:5000", "iraq", "line 1, column 10: reach:5000 is left out"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "text", "expected", "note"), NOTED)
def test_what_has_no_counterpart_is_said_with_its_place(
    program: str, text: str, expected: str, note: str | None
) -> None:
    imported = import_rules(text, program)
    [rule] = imported.rules

    assert rule.query == expected
    assert rule.cannot_run is None
    assert not note or any(note in str(one) for one in rule.notes)
    assert not note or note in watch_text(imported, origin="x")


@pytest.mark.parametrize(
    ("program", "text", "place"),
    [
        ("google-alerts", "iraq (oil", "line 1, column 6: this bracket is never closed"),
        ("google-alerts", "iraq oil)", "line 1, column 9: this bracket was never opened"),
        ("google-alerts", 'iraq "oil', "line 1, column 6"),
        ("freshrss", "iraq OR", "a word is missing"),
        ("talkwalker", "iraq AND ()", "line 1, column 10"),
        ("google-alerts", "-football", "NOT"),
        ("google-alerts", "filetype:pdf", "nothing of it"),
        ("meltwater", "(" * 60 + "a" + ")" * 60, "groups inside each other"),
    ],
)
def test_a_broken_query_stands_as_a_comment_with_the_reason(program: str, text: str, place: str) -> None:
    imported = import_rules(text, program)
    [rule] = imported.rules

    written = watch_text(imported, origin="x")

    assert place in (rule.cannot_run or "")
    assert tomllib.loads(written) == {}
    assert "# query = " in written


MEANINGS = [
    ("google-alerts", "basra protest OR strike", ["Strike in Basra", "A protest, Basra"], ["Basra", "A strike"]),
    ("google-alerts", '"a * b" OR "fire * basra"', ["Fire hits port of Basra"], ["Basra fire"]),
    ("freshrss", "/ISIS/ !intitle:sport", ["ISIS returns"], ["isis river", "Sport: ISIS"]),
    ("talkwalker", "(oil OR gas) NEAR/2 basra", ["oil of Basra", "Basra has gas"],
     ["oil is not what they have in Basra"]),
    ("meltwater", "{US} and iraq", ["US and Iraq"], ["us and Iraq"]),
    ("freshrss", r"intitle:/\bقتل\b/", ["قتل في البصرة"], ["القتلى"]),
]  # fmt: skip


@pytest.mark.parametrize(("program", "text", "yes", "no"), MEANINGS)
def test_it_means_what_it_meant(program: str, text: str, yes: list[str], no: list[str]) -> None:
    rule = only(text, program)
    engine = Engine([compile_rule(name="r", query=rule.query)], {})

    assert [bool(engine.match(Document(title=one, lang="und"))) for one in (*yes, *no)] == (
        [True] * len(yes) + [False] * len(no)
    )


def test_long_lists_become_concepts() -> None:
    words = [f"word{chr(97 + n)}" for n in range(26)]
    imported = import_rules(f"# Long list\niraq AND ({' OR '.join(words)} OR title:x1)", "talkwalker")

    table = tomllib.loads(watch_text(imported, origin="x"))

    assert table["rules"][0]["query"] == "iraq AND (@long-list-words OR title:x1)"
    assert table["concepts"]["long-list-words"]["any"] == words


def test_headings_name_rules_and_names_are_never_twice_the_same() -> None:
    rules = import_rules("# Oil\niraq oil\n\n# Oil\nbasra oil\n\niraq", "meltwater").rules

    assert [rule.name for rule in rules] == ["Oil", "Oil (2)", "iraq"]


def test_lists_of_readers_are_read() -> None:
    opml = """<opml xmlns:frss="https://freshrss.org/opml"><body><outline text="Paper"
      frss:filtersActionRead="intitle:sport iraq&#10;author:Bob"/></body></opml>"""
    feed = "<feed><title>Google Alert - basra OR mosul</title><entry><title>x</title></entry></feed>"

    assert [rule.query for rule in import_rules(opml, "freshrss").rules] == [
        "title:sport AND iraq",
        "author:Bob",
    ]
    assert [rule.query for rule in import_rules(feed, "google-alerts").rules] == ["basra OR mosul"]
    assert (program_of(opml), program_of(feed)) == ("freshrss", "google-alerts")


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("Google Alert - iraq", "google-alerts"),
        ("iraq AROUND(3) oil", "google-alerts"),
        ("intitle:x date:P1W", "freshrss"),
        ("iraq SENTENCE oil", "talkwalker"),
        ("iraq AND sourcecountry:iq", "talkwalker"),
        ("iraq near/5 {ISIS}", "meltwater"),
        ("EntryTitle=x", "miniflux"),
        ("define alert A", "emm"),
        ("iraq AND oil", None),
    ],
)
def test_the_program_is_found_out_where_its_marks_tell(text: str, program: str | None) -> None:
    assert program_of(text) == program


@pytest.mark.parametrize("text", ["", "   \n\n", "<opml", "<opml/>", "x" * 5_000_001])
def test_what_holds_no_rules_is_said_in_one_line(text: str) -> None:
    with pytest.raises(ImportFailedError) as error:
        import_rules(text, "google-alerts" if len(text) < 100 else "talkwalker")

    assert "\n" not in str(error.value)
