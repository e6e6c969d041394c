"""Watch files: several make one checked set; what they mean is what was written."""

from datetime import timedelta
from pathlib import Path

import pytest

from marsad.errors import BadInput
from marsad.watchfile import load_watch, packs
from rules.durations import parse_duration

WHOLE = """
[[sources]]
name = "Sky News: World"
url = "https://feeds.example.com/world.xml"
every = "5m"
lang = "en"
tags = ["uk"]
tier = 2
pages = false

[concepts.militia]
en = ["militia*", "armed faction"]
ar = ["ميليشيا", "فصيل مسلح"]

[[rules]]
name = "Militia in Basra"
query = '@militia AND basra NOT title:(football OR كرة)'
languages = ["ar", "en"]
severity = "high"
alert = ["desk"]

[[rules]]
name = "Unrest"
score = { threshold = 30, terms = { "live fire" = 20, "الرصاص الحي" = 20, football = -40 } }

[[channels]]
name = "desk"
kind = "email"
to = ["desk@example.org"]
"""


def written(folder: Path, text: str, name: str = "watch.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_everything_that_stands_in_a_file_arrives(tmp_path: Path) -> None:
    watch = load_watch([written(tmp_path, WHOLE)])

    (source,), (concept,), (militia, unrest), (desk,) = (
        watch.sources,
        watch.concepts,
        watch.rules,
        watch.channels,
    )
    assert (source.name, source.every, source.lang) == ("Sky News: World", timedelta(minutes=5), "en")
    assert (source.tags, source.tier, source.pages, source.kind) == (("uk",), 2, False, None)
    assert concept.terms["ar"] == ["ميليشيا", "فصيل مسلح"]
    assert (militia.severity, militia.languages, militia.alert) == ("high", ("ar", "en"), ("desk",))
    assert unrest.definition["score"]["terms"]["football"] == -40
    assert (desk.kind, desk.settings) == ("email", {"to": ["desk@example.org"]})


def test_files_folders_and_packs_make_one_set(tmp_path: Path) -> None:
    folder = tmp_path / "watch.d"
    folder.mkdir()
    written(folder, '[[rules]]\nname = "One"\nquery = "basra"', "1.toml")
    written(folder, '[[rules]]\nname = "Two"\nquery = "@mine"', "2.toml")
    concepts = written(tmp_path, '[concepts.mine]\nen = ["mine"]')

    watch = load_watch([str(folder), concepts, "iraq"])

    assert {"One", "Two"} < {rule.name for rule in watch.rules}
    assert len(watch.sources) >= 1


def test_a_file_that_an_editor_marked_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert load_watch([written(tmp_path, "\ufeff" + WHOLE)]).sources


def test_the_packs_that_ship_are_sound() -> None:
    for name in packs():
        assert load_watch([name]).rules


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("2 h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
    ],
)
def test_durations_are_written_as_people_write_them(text: str, meant: timedelta) -> None:
    assert parse_duration(text) == meant


@pytest.mark.parametrize("text", ["5", "5 minutes", "-5m", "m", "1.5h", "٥m" + "x"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 5m"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[concepts.a]\nen = ["m*"]', r"w\.toml: concept 'a': item 'm\*': .*would match too much"),
        ('[concepts.a]\nen = ["x"]\nnot = { en = ["=!"] }', r"w\.toml: concept 'a': item '=!'"),
        ('[concepts.a]\nany = ["@bassra"]', r"w\.toml: concept 'a': item '@bassra'.*did you mean @basra\?"),
        ('[concepts.basra]\nany = ["@iraq"]', r"circle: .*@basra.*take one of them out"),
    ],
)
def test_a_concept_that_no_rule_names_yet_is_checked_too(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        load_watch([written(tmp_path, text, "w.toml")])


def test_other_peoples_servers_are_not_asked_too_often(tmp_path: Path) -> None:
    table = '[[sources]]\nname = "A"\nurl = "https://a.example/feed"\nevery = "5s"'

    with pytest.raises(BadInput, match=r"source 'A'.*5s is too often; the shortest is 10s"):
        load_watch([written(tmp_path, table)])


def test_a_source_address_stands_once_over_all_files(tmp_path: Path) -> None:
    table = '[[sources]]\nname = "{}"\nurl = "https://a.example/feed"\n'
    first = written(tmp_path, table.format("A"), "a.toml")
    second = written(tmp_path, table.format("B"), "b.toml")

    with pytest.raises(BadInput, match=r"b\.toml: source address .* stands in .*a\.toml already"):
        load_watch([first, second])


def test_a_pack_gives_way_to_what_the_operator_says_of_the_same_thing(tmp_path: Path) -> None:
    pack = load_watch(["iraq"])
    source, rule = pack.sources[0], pack.rules[0]
    own = tmp_path / "own.toml"
    own.write_text(
        f'[[sources]]\nname = "Mine"\nurl = "{source.url}"\nevery = "1h"\n'
        f'[[rules]]\nname = "{rule.name}"\nquery = "=mine"\n',
        encoding="utf-8",
    )

    together = load_watch(["iraq", str(own)])

    assert [s.name for s in together.sources if s.url == source.url] == ["Mine"]
    assert [r.query for r in together.rules if r.name == rule.name] == ["=mine"]
    assert len(together.sources) == len(pack.sources)


SOURCE = '[[sources]]\nname = "A"\nurl = "https://a.example/news"\n'


def test_a_source_says_its_kind_its_proxy_and_its_selectors(tmp_path: Path) -> None:
    table = (
        f'{SOURCE}kind = "site:skynews"\nproxy = "socks5h://127.0.0.1:9050"\n'
        '[sources.listing]\nitem = "article.card"\ntime = ".//time/@datetime"\nzone = "Asia/Baghdad"\n'
    )

    [source] = load_watch([written(tmp_path, table)]).sources

    assert (source.kind, source.proxy) == ("site:skynews", "socks5h://127.0.0.1:9050")
    assert source.listing == {"item": "article.card", "time": ".//time/@datetime", "zone": "Asia/Baghdad"}


@pytest.mark.parametrize("kind", ["rss", "site:nobody", "skynews", ""])
def test_a_kind_that_nobody_reads_is_refused_with_those_that_are(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, f'{SOURCE}kind = "{kind}"')

    with pytest.raises(
        BadInput, match=r"source 'A'.*kind.* is no kind; leave it out, or .*feed, .*site:skynews"
    ):
        load_watch([path])


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ("127.0.0.1:9050", "not a URL"),
        ("socks5://127.0.0.1:9050", "write socks5h://host:port"),
        ("http://proxy.example", "a host and a port"),
        ("http://proxy.example:8080/path", "a host and a port"),
        ("ftp://proxy.example:21", "not a URL"),
        ("http://desk:hunter2@proxy.example:8080", r"name it in \[gate\] proxy_file"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_and_shows_no_login(
    tmp_path: Path, proxy: str, why: str
) -> None:
    path = written(tmp_path, f'{SOURCE}proxy = "{proxy}"')

    with pytest.raises(BadInput, match=rf"source 'A'.*proxy.*{why}") as refused:
        load_watch([path])

    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('item = "article..card"', "neither CSS nor XPath"),
        ('item = ""', "item is missing"),
        ('item = "li"\nlink = "//a["', "neither CSS nor XPath"),
        ('item = "li"\nzone = "Asia/Bagdad"', "no time zone; write for example"),
    ],
)
def test_selectors_and_zones_that_cannot_be_used_are_refused_at_once(
    tmp_path: Path, line: str, why: str
) -> None:
    path = written(tmp_path, f"{SOURCE}[sources.listing]\n{line}")

    with pytest.raises(BadInput, match=rf"source 'A'.*listing.*{why}") as refused:
        load_watch([path])

    assert "\n" not in str(refused.value)
