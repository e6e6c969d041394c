"""`marsad source add|check|import|export|move` as people meet them, against a real site and a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import CommandLine

from marsad.commands.source_add import picked
from marsad.demo.newspaper import Newspaper
from marsad.demo.outlets import Outlet, OutletKind, Story
from storage.database import Database
from storage.sources import (
    SourceSpec,
    VisitOutcome,
    claim_due_sources,
    finish_visit,
    list_sources,
    put_source,
    source_key,
)

COURIER = Outlet(key="courier", name="The Tigris Courier", lang="en", kind=OutletKind.RSS)
FRONT = Outlet(key="front", name="The Front", lang="en", kind=OutletKind.LISTING)
TITLES = [
    "Protesters gather on Tahrir Square in Baghdad",
    "Governor of Basra orders an inquiry into the shooting",
    "Drought leaves the marshes dry for a third year",
    "Ministry announces a new electricity tariff",
]
MINUTE = timedelta(minutes=1)
OLD, NEW = "https://old.example/feed", "https://new.example/feed"


@pytest.fixture
async def press() -> AsyncIterator[Newspaper]:
    async with Newspaper([COURIER, FRONT]) as opened:
        for title in TITLES:
            story = Story(key=title.lower().replace(" ", "-"), title=title, text=f"{title}.")
            opened.publish("courier", story)
            opened.publish("front", story)
        yield opened


@pytest.fixture
def line(marsad: CommandLine, dsn: str) -> CommandLine:
    marsad.env |= {
        "MARSAD_DSN": dsn,
        "MARSAD_GATE__ALLOW_NETWORKS": "127.0.0.0/8",
        "MARSAD_COLLECT__READERS": "1",
    }
    return marsad


async def urls(db: Database) -> list[str]:
    async with db.connection() as conn:
        return [source.url for source in await list_sources(conn)]


# --- add ---


async def test_a_feed_is_added_as_it_is_with_its_own_name_and_language(
    line: CommandLine, db: Database, press: Newspaper
) -> None:
    ended = await line.beside("source", "add", press.url("courier"), "--country", "IQ", "--tag", "wire")

    assert (ended.code, ended.err) == (0, "")
    async with db.connection() as conn:
        (source,) = await list_sources(conn)
    assert (source.url, source.name, source.lang) == (press.url("courier"), "The Tigris Courier", "en")
    assert (source.country, source.tags, source.origin, source.kind) == ("IQ", ("wire",), "hand", None)


async def test_without_a_terminal_nobody_is_asked_and_nothing_is_added_until_yes(
    line: CommandLine, db: Database, press: Newspaper
) -> None:
    asked = await line.beside("source", "add", press.url("front"))

    assert asked.code == 1
    assert f"give --yes for the recommended, or add one: {press.url('front')}" in asked.complaint
    assert await urls(db) == []

    taken = await line.beside("source", "add", press.url("front"), "--yes", "--name", "Front")

    assert (taken.code, taken.err) == (0, "")
    assert await urls(db) == [press.url("front")]
    number, mark, kind, entries = taken.out.splitlines()[0].split("\t")[:4]
    assert (number, mark, kind, entries) == ("1", "recommended", "listing", "4")
    assert taken.out.splitlines()[-1].endswith(": Front")


async def test_what_cannot_be_reached_is_not_added_unless_unseen(line: CommandLine, db: Database) -> None:
    ended = await line.beside("source", "add", "http://127.0.0.1:9/feed")

    assert ended.code == 1
    assert "--unseen adds the address all the same" in ended.complaint
    assert (await line.beside("source", "add", "http://127.0.0.1:9/feed", "--unseen")).code == 0
    assert await urls(db) == ["http://127.0.0.1:9/feed"]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--tier", "7", "tier"),
        ("--robots", "maybe", "robots"),
        ("--every", "soon", "every"),
        ("--every", "1s", "too often"),
    ],
)
def test_a_setting_that_cannot_be_is_one_line(
    marsad: CommandLine, option: str, value: str, said: str
) -> None:
    ended = marsad.run("source", "add", "https://a.example/feed", option, value)

    assert ended.code == 1
    assert said in ended.complaint


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("1", [1]),
        ("3, 1", [3, 1]),
        ("all", [1, 2, 3]),
        ("2 2", [2]),
        ("4", []),
        ("x", []),
        ("1 x", []),
        ("0", []),
    ],
)
def test_an_answer_is_numbers_that_are_there_or_all(answer: str, numbers: list[int]) -> None:
    assert picked(answer, 3) == numbers


# --- check ---


async def test_a_check_tells_what_works_and_why_the_rest_does_not_and_stores_nothing(
    line: CommandLine, press: Newspaper, db: Database
) -> None:
    watch = Path(line.folder / "w.toml")
    tables = {
        "Good": press.url("courier"),
        "Gone": f"{press.origin}/courier/nothing.xml",
        "Dead": "http://127.0.0.1:9/",
    }
    watch.write_text(
        "".join(f'[[sources]]\nname = "{name}"\nurl = "{url}"\n' for name, url in tables.items())
    )

    ended = await line.beside("source", "check", "--watch", watch, "--json", "--strict")

    rows = {row["name"]: row for row in ended.rows}
    assert ended.code == 1  # for --strict
    assert {name: row["status"] for name, row in rows.items()} == {
        "Good": "works", "Gone": "gone", "Dead": "connect",
    }  # fmt: skip
    assert (rows["Good"]["entries"], rows["Good"]["lang"], rows["Good"]["kind"]) == (4, "en", "feed")
    assert rows["Dead"]["problem"]
    assert ended.err == "1 of 3 work\n"
    assert await urls(db) == []


async def test_only_sources_that_are_there_are_checked(line: CommandLine, db: Database) -> None:
    assert "no sources are watched yet" in (await line.beside("source", "check")).complaint
    async with db.transaction() as conn:
        await put_source(
            conn, SourceSpec(key=source_key(OLD), name="Paper", url=OLD, every=MINUTE), origin="hand"
        )

    assert "Nobody: no such source" in (await line.beside("source", "check", "Nobody")).complaint


# --- import and export ---

OPML = """<opml version="2.0"><body><outline text="Iraq">
<outline text="A" xmlUrl="https://a.example/feed"/><outline text="B" xmlUrl="https://b.example/feed"/>
<outline text="B again" xmlUrl="https://b.example/feed"/><outline text="Local" xmlUrl="http://10.0.0.1/feed"/>
<outline text="File" xmlUrl="file:///etc/passwd"/></outline></body></opml>"""


async def test_an_import_is_shown_first_and_done_only_when_confirmed(line: CommandLine, db: Database) -> None:
    path = line.folder / "list.opml"
    path.write_text(OPML)

    shown = await line.beside("source", "import", path)

    assert shown.code == 1
    assert "give --yes to add 2 sources" in shown.complaint
    assert shown.out.splitlines()[-1].endswith("2 new, 0 watched already, 2 refused, 1 named twice")
    assert await urls(db) == []

    done = await line.beside("source", "import", path, "--yes")

    assert (done.code, done.out.splitlines()[-1]) == (0, "2 sources added")
    async with db.connection() as conn:
        assert [(s.name, s.tags, s.origin) for s in await list_sources(conn)] == [
            ("A", ("Iraq",), "hand"), ("B", ("Iraq",), "hand"),
        ]  # fmt: skip
    assert "0 new, 2 watched already" in (await line.beside("source", "import", path)).out


async def test_what_is_exported_is_known_when_it_is_imported(line: CommandLine, db: Database) -> None:
    path = line.folder / "out.opml"
    await line.beside("source", "import", "-", "--yes", stdin=OPML)

    written = await line.beside("source", "export", path)

    assert written.out == f"2 sources written to {path}\n"
    assert (await line.beside("source", "export")).out.count("xmlUrl") == 2
    assert "0 new, 2 watched already, 0 refused" in (await line.beside("source", "import", path)).out


@pytest.mark.parametrize(("text", "said"), [("hello", "not XML"), ("<html/>", "a web page")])
def test_what_is_no_list_is_one_line(marsad: CommandLine, text: str, said: str) -> None:
    ended = marsad.run("source", "import", "-", stdin=text)

    assert ended.code == 1
    assert said in ended.complaint


# --- move ---


async def given_moved(db: Database, *, origin: str, to: str | None = NEW) -> None:
    async with db.transaction() as conn:
        await put_source(
            conn, SourceSpec(key=source_key(OLD), name="Paper", url=OLD, every=MINUTE), origin=origin
        )
        (leased,) = await claim_due_sources(conn, limit=1, lease=MINUTE, per_host=2)
        outcome = VisitOutcome(
            started_at=datetime.now(UTC), outcome="new", pace=MINUTE, due_in=MINUTE, moved_to=to
        )
        await finish_visit(conn, leased, outcome)


async def test_a_proposed_address_is_taken_when_somebody_says_so(line: CommandLine, db: Database) -> None:
    await given_moved(db, origin="hand")

    ended = await line.beside("source", "move", OLD)

    assert ended.out == f"Paper: {OLD} -> {NEW}\n"
    assert await urls(db) == [NEW]


@pytest.mark.parametrize(
    ("origin", "to", "said"),
    [
        ("file", NEW, f"comes from a watch file; write {NEW} there"),
        ("hand", None, "no new address is proposed"),
        ("hand", "http://10.0.0.1/feed", "is refused"),
    ],
)
async def test_a_move_that_cannot_be_made_is_one_line(
    line: CommandLine, db: Database, origin: str, to: str | None, said: str
) -> None:
    await given_moved(db, origin=origin, to=to)

    ended = await line.beside("source", "move", "Paper")

    assert ended.code == 1
    assert said in ended.complaint
    assert await urls(db) == [OLD]
