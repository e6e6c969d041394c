"""`marsad rule lint`: surprises said with place and remedy, without a database; also by `apply` and `rule try`."""

import re
from pathlib import Path

from command_line import CommandLine

CODE = re.compile(r"`([a-z-]+)`")
WATCH = """
[concepts.ferry]
en = ["ferry", "Ferry", "ferr*"]

[[rules]]
name  = "Ferries of Marlow"
query = 'lang:ckb AND lang:en @ferry'

[[rules]]
name  = "Quiet"
query = '@ferry NOT title:football'

[[channels]]
name = "desk"
kind = "terminal"
"""


def watch(marsad: CommandLine, text: str = WATCH) -> Path:
    path = marsad.folder / "ferries.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_findings_stand_under_their_rules_with_remedies(marsad: CommandLine) -> None:
    ended = marsad.run("rule", "lint", "--watch", watch(marsad))

    lines = ended.out.splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert lines[0] == "@ferry"
    assert "Ferries of Marlow" in lines
    assert (
        "  column 19: lang:ckb and lang:en exclude each other: no article meets both  never-matches" in lines
    )
    assert "    take one of them out, or join them by OR" in lines
    assert lines[-1] == "2 rules and 1 concept, 3 findings"
    assert "Quiet" not in lines


def test_the_same_in_json_a_row_each(marsad: CommandLine) -> None:
    rows = marsad.run("rule", "lint", "--watch", watch(marsad), "--rule", "Ferries of Marlow", "--json").rows

    assert rows == [
        {
            "rule": "Ferries of Marlow",
            "concept": None,
            "code": "never-matches",
            "column": 19,
            "says": "lang:ckb and lang:en exclude each other: no article meets both",
            "remedy": "take one of them out, or join them by OR",
        }
    ]


def test_a_query_is_linted_by_itself(marsad: CommandLine) -> None:
    ended = marsad.run("rule", "lint", "@basra NOT @iraq")

    assert ended.code == 0
    assert "@iraq counts @basra in" in ended.out
    assert ended.out.splitlines()[-1] == "1 query, 1 finding"


def test_a_query_may_name_the_concepts_of_a_watch_file(marsad: CommandLine) -> None:
    ended = marsad.run("rule", "lint", "@ferry AND bridge", "--watch", watch(marsad))

    assert (ended.code, ended.out) == (0, "1 query, nothing to mend\n")


def test_the_shipped_pack_has_nothing_to_mend(marsad: CommandLine) -> None:
    ended = marsad.run("rule", "lint")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith(" rules, nothing to mend\n"), ended.out
    assert int(ended.out.split()[0]) > 20


def test_what_cannot_be_compiled_is_one_clear_line(marsad: CommandLine) -> None:
    broken = watch(marsad, WATCH.replace("lang:ckb AND", "(lang:ckb AND"))

    for arguments, said in (
        (("--watch", broken), "this bracket is never closed"),
        (("basra AND (militia",), "column 11"),
        (("@nowhere-known",), "there is no concept @nowhere-known"),
        (("basra", "--rule", "Quiet"), "give a query or --rule, not both"),
        (("--rule", "Loud"), "--rule Loud: no such rule"),
    ):
        ended = marsad.run("rule", "lint", *arguments)
        assert ended.code == 1
        assert said in ended.complaint


def test_rule_try_says_what_is_odd_beside_its_answer(marsad: CommandLine) -> None:
    odd = marsad.run("rule", "try", "@basra NOT @iraq", "Protest in Basra")
    plain = marsad.run("rule", "try", "@basra", "Protest in Basra")

    assert odd.code == 1
    assert odd.err.startswith("! column 12: NOT @iraq takes away all that @basra meets")
    assert (plain.code, plain.err) == (0, "")


async def test_apply_says_what_is_odd_about_new_and_changed_rules_and_refuses_none(
    marsad: CommandLine, dsn: str
) -> None:
    path = watch(marsad)

    first = await marsad.beside("--dsn", dsn, "apply", "--watch", path, "--yes")
    watch(marsad, WATCH.replace("title:football", "title:hockey"))
    second = await marsad.beside("--dsn", dsn, "apply", "--watch", path, "--yes")

    assert (first.code, second.code) == (0, 0)
    assert "! rule Ferries of Marlow: column 19: lang:ckb and lang:en exclude each other" in first.err
    assert "! concept ferry: " in first.err
    assert "~ rule Quiet" in second.out
    assert second.err == ""


def test_the_page_about_rules_tells_every_finding() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs/rule-language.md").read_text(encoding="utf-8").partition("## What lint says")[2]
    told = {
        code
        for line in page.splitlines()
        if line.startswith("| `")
        for code in CODE.findall(line.split("|")[1])
    }
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "rules").glob("lint_*.py")))

    assert set(re.findall(r'"([a-z]+(?:-[a-z]+)+|twice|covered)",', code)) <= told
