"""Outlets' files: what is wrong with one is told by file and key; all are read fast, and say what they know."""

import time
from importlib.resources import files

import pytest

from spiders import sites
from spiders.readers.xml import html_tree
from spiders.sites import outlets, selectors
from spiders.sites.outletfile import OutletError, read_outlet

GOOD = """
name = "paper"
hosts = ["paper.example"]
lang = "en"
zone = "Asia/Baghdad"
story = '^/news/\\d+'

[[version]]
since = 2026-01-01
body = [".body"]

[version.listing]
item = ["article"]
"""


def test_a_whole_file_is_read():
    site = read_outlet(GOOD, file="paper.toml")
    assert (site.name, len(site.versions), str(site.zone)) == ("paper", 1, "Asia/Baghdad")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('lang = "en"', "", "lang: Field required"),
        ('lang = "en"', 'lang = "English"', "lang: String should match"),
        ('"Asia/Baghdad"', '"Baghdad"', "zone: 'Baghdad' is no time zone; write for example Asia/Baghdad"),
        ('"Asia/Baghdad"', '"../etc/passwd"', "zone: '../etc/passwd' is no time zone"),
        ("'^/news/\\d+'", "'^/news/(\\d+'", "story: '^/news/(\\\\d+' is no regular expression"),
        (
            '"paper.example"',
            '"www.paper.example"',
            "hosts.0: 'www.paper.example' is no host; write for example",
        ),
        ('"paper.example"', '"https://paper.example"', "hosts.0: 'https://paper.example' is no host"),
        ('".body"', '".body["', "version.0.body.0: '.body[' is no CSS selector"),
        ('".body"', '"//div["', "version.0.body.0: '//div[' is no XPath selector"),
        ("body =", "boddy =", "version.0.boddy: there is no such key"),
        ("since = 2026-01-01", 'since = "yesterday"', "version.0.since:"),
        (
            'item = ["article"]',
            'code = "paper:magic"',
            "version.0.listing.code: there is no code 'paper:magic'",
        ),
        ("[[version]]", "[[versions]]", "version: Input should be a valid"),
        ("name =", "name", "not TOML:"),
        ('name = "paper"', 'name = "other"', "name: the file of 'other' is called other.toml"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_by_file_and_key(right: str, wrong: str, told: str):
    assert right in GOOD
    with pytest.raises(OutletError) as caught:
        read_outlet(GOOD.replace(right, wrong), file="paper.toml")

    assert str(caught.value).startswith(f"paper.toml: {told}")
    assert "\n" not in str(caught.value)


def test_the_newest_design_comes_first_however_the_file_orders_them():
    older = '\n[[version]]\nsince = 2020-01-01\nbody = [".old"]\n'
    site = read_outlet(GOOD + older + older.replace("2020", "2027"), file="paper.toml")
    assert [version.since.year for version in site.versions] == [2027, 2026, 2020]


def test_all_outlets_are_read_in_under_50_ms():
    def seconds() -> float:
        outlets.cache_clear()
        selectors._compiled.cache_clear()
        begun = time.process_time()
        outlets()
        return time.process_time() - begun

    assert min(seconds() for _ in range(5)) < 0.05


def test_they_are_read_once_for_each_process():
    assert outlets() is outlets()


def test_every_file_says_what_is_evidenced_and_what_is_guessed():
    found = {file.name: file for file in files(sites).joinpath("outlets").iterdir()}

    assert set(found) == {f"{name}.toml" for name in outlets()}
    for file in found.values():
        comment = "".join(
            line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")
        )
        assert "Evidenced:" in comment
        assert "Guessed:" in comment


def test_no_two_outlets_own_an_address():
    hosts = [host for site in outlets().values() for host in site.hosts]
    assert len(hosts) == len(set(hosts))
    for site in outlets().values():
        assert [other.name for other in outlets().values() if other.owns(f"https://{site.hosts[0]}/")] == [
            site.name
        ]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        (".a", ["one", "two"]),
        ("//p[2]", ["two"]),
        (".//p[1]", ["one"]),
        ("(//p)[2]", ["two"]),
        ("//time", ["2026-01-01"]),
        ("//time/@datetime", ["2026-01-01"]),
        ("a::attr(href)", ["/x"]),
        ('meta[name="day"]', ["2026-02-02"]),
        ("(string(//p[2]))", ["two"]),
        (".none", []),
    ],
)
def test_a_selector_is_css_or_xpath(selector: str, found: list[str]):
    tree = html_tree(
        '<html><head><meta name="day" content="2026-02-02"></head><body><p class="a">one</p><p class="a"> two</p>'
        '<time datetime="2026-01-01">today</time><a href="/x"></a></body></html>'
    )
    assert tree is not None
    assert selectors.wrong_with(selector) is None
    assert list(selectors.values(tree, selector)) == found
