"""Bad input ends in one line on stderr that says what, where and what to do; nothing crashes, nothing is lost."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from command_line import CommandLine, Ended, is_root
from daemon_process import MARSAD, clean_environment

from marsad.demo.loopback import Loopback
from storage.database import Database
from storage.sources import list_sources

NOBODY = 65534
LOOPBACK = {"MARSAD_GATE__ALLOW_NETWORKS": "127.0.0.0/8"}
UNREACHABLE = "postgresql://desk:canary-in-dsn@127.0.0.1:1/news"
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>A</title>
<item><title>One</title><link>https://a.example/1</link></item>{}</channel></rss>"""
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "'
    + "lol" * 100
    + '">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 50}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + ']><rss version="2.0"><channel><title>&i;</title><item><title>&i;</title>'
    + "<link>https://a.example/1</link></item></channel></rss>"
)


def refused(ended: Ended, *parts: str, code: int = 1) -> None:
    """The command ended with this code and one line that holds all these parts, in this order."""
    line = ended.complaint
    at = -1
    for part in parts:
        found = line.find(part, at + 1)
        assert found > at, f"{part!r} is not where it should be in {line!r}"
        at = found
    assert ended.code == code


class Site(Loopback):
    """A server that says when it was asked for what it will never answer."""

    def __init__(self, app: web.Application) -> None:
        super().__init__(app)
        self.asked = asyncio.Event()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A web server whose pages are what people mistake for feeds."""

    async def huge(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(500 << 20), "Content-Type": "text/xml"})
        await answer.prepare(request)
        await answer.write(FEED.partition("{}")[0].encode())
        filler = b"<item><title>More of it</title></item>" * 25_000
        with contextlib.suppress(ConnectionError):
            while True:
                await answer.write(filler)
        return answer

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound("http://10.20.30.40/feed")

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html><body><h1>Welcome</h1></body></html>", content_type="text/html")

    async def silent(request: web.Request) -> web.Response:
        server.asked.set()
        await asyncio.Event().wait()
        return web.Response()

    app = web.Application()
    for path, handler in {"/huge": huge, "/away": away, "/page": page, "/silent": silent}.items():
        app.router.add_get(path, handler)
    server = Site(app)
    await server.start()
    yield server
    await server.stop()


def watch(marsad: CommandLine, text: str | bytes) -> str:
    path = marsad.folder / "watch.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


# -- what is fetched


def test_an_unknown_host_is_named(marsad: CommandLine) -> None:
    ended = marsad.run("source", "try", "https://no-such-host.invalid/feed")

    refused(ended, "https://no-such-host.invalid/feed", "no such name", "check the spelling")


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "[::1]"])
def test_a_private_address_is_refused_with_the_setting_that_allows_it(
    marsad: CommandLine, address: str
) -> None:
    ended = marsad.run("source", "try", f"http://{address}/feed")

    refused(ended, "refused", address.strip("[]"), "allow it with [gate] allow_networks")


def test_a_private_address_is_not_added_as_a_source(marsad: CommandLine) -> None:
    ended = marsad.run("--dsn", UNREACHABLE, "source", "add", "http://10.1.2.3/feed")

    refused(ended, "source add http://10.1.2.3/feed", "refused", "[gate] allow_networks")


async def test_a_redirect_to_a_private_address_is_refused(marsad: CommandLine, site: Site) -> None:
    ended = await marsad.beside("source", "try", f"{site.origin}/away", env=LOOPBACK)

    refused(ended, f"{site.origin}/away", "10.20.30.40", "a private address", "[gate] allow_networks")


async def test_a_feed_of_500_mb_is_cut_said_and_still_read(marsad: CommandLine, site: Site) -> None:
    ended = await marsad.beside("source", "try", f"{site.origin}/huge", env=LOOPBACK)

    assert ended.rows[0]["title"] == "One"
    refused(ended, f"{site.origin}/huge", "cut", code=0)


def test_a_page_instead_of_a_feed_and_a_bomb_are_told_apart_from_feeds(marsad: CommandLine) -> None:
    files = {"page": "<html><body><h1>Welcome</h1></body></html>", "bomb": BOMB, "feed": FEED.format("")}
    for name, text in files.items():
        (marsad.folder / name).write_text(text)
    rows = "".join(f'{{"id": "{name}", "path": "{marsad.folder / name}"}}\n' for name in files)

    page, bomb, feed = marsad.run("try", "source", "--jsonl", stdin=rows).rows

    assert "an HTML page, not a feed" in page["error"]
    assert len(str(bomb)) < 10_000, "the entities were written out"
    assert [entry["title"] for entry in feed["entries"]] == ["One"]


def test_a_page_instead_of_a_feed_is_said_in_one_line(marsad: CommandLine) -> None:
    ended = marsad.run("try", "source", "-", stdin="<html><body><h1>Welcome</h1></body></html>")

    refused(ended, "-: an HTML page, not a feed")


def test_a_file_of_500_mb_is_one_line_too(marsad: CommandLine) -> None:
    path = marsad.folder / "huge.xml"
    with path.open("wb") as file:
        file.write(FEED.partition("{}")[0].encode())
        file.truncate(500 << 20)

    ended = marsad.run("try", "source", path)

    assert ended.code in (0, 1)
    refused(ended, str(path), code=ended.code)


@pytest.mark.parametrize(
    ("url", "said"), [("ftp://a.example/feed", "ftp: is not fetched"), ("https://", "no host name")]
)
def test_what_is_no_web_address_is_said(marsad: CommandLine, url: str, said: str) -> None:
    refused(marsad.run("try", "source", url), url, said)


# -- files and rows


def test_a_missing_file_is_named(marsad: CommandLine) -> None:
    refused(marsad.run("try", "page", "nowhere.html"), "nowhere.html", "no such file", "check the path")


def test_a_row_that_is_no_json_becomes_a_row_with_error_and_the_rest_go_on(marsad: CommandLine) -> None:
    rows = (
        '{"id": 1, "text": "The ministry said so"}\n{"id": 2,\n[3]\n{"id": 4}\n{"id": 5, "text": "Basra"}\n'
    )

    ended = marsad.run("try", "lang", "--jsonl", stdin=rows)

    assert [row.get("id") for row in ended.rows] == [1, None, None, 4, 5]
    assert [row.get("error", "").partition(":")[0] for row in ended.rows[1:3]] == [
        "line 2 is not JSON",
        'line 3 is not a JSON object; write {"id"',
    ]
    assert "'text' is missing" in ended.rows[3]["error"]
    assert (ended.code, ended.err) == (0, "")


def test_a_stage_without_rows_says_where_they_go(marsad: CommandLine) -> None:
    refused(marsad.run("try", "story"), "--jsonl")


@pytest.mark.skipif(not is_root(), reason="only root can become somebody else")
def test_a_file_that_is_not_ours_to_read_is_named(marsad: CommandLine) -> None:
    path = watch(marsad, "")
    os.chmod(path, 0o600)
    open_folders(marsad.folder)

    ended = marsad.run("try", "rule", "--watch", path, "--jsonl", uid=NOBODY)

    refused(ended, path, "cannot be read: Permission denied", "permissions")


@pytest.mark.skipif(not is_root(), reason="only root can become somebody else")
def test_a_home_that_is_not_ours_is_named(marsad: CommandLine) -> None:
    home = marsad.folder / "home"
    home.mkdir()
    home.chmod(0o755)
    open_folders(marsad.folder)

    ended = marsad.run("--home", home, "source", "list", uid=NOBODY)

    refused(ended, str(home), "not ours to write in", "--home")


def test_a_home_that_cannot_be_made_is_named(marsad: CommandLine) -> None:
    refused(marsad.run("--home", "/dev/null/home", "migrate"), "/dev/null/home", "cannot be made", "--home")


def open_folders(folder: Path) -> None:
    """Let others pass to this folder, and write the output of the command."""
    for each in (folder, *folder.parents):
        if each.owner() == "root" and str(each).startswith("/tmp/"):
            each.chmod(0o755)
    for name in (".stdin", ".stdout", ".stderr"):
        (folder / name).touch()
        (folder / name).chmod(0o666)


# -- watch files


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[[rules]]\nname = R", ("not valid TOML", "line 2, column")),
        ("rules = 'x'", ("rules: must be a list",)),
        ('[[rulez]]\nname = "R"', ("unknown key rulez", "did you mean rules?")),
        (
            '[[sources]]\nname = "A"\nurl = "https://a.example/"\nevry = "5m"',
            ("source 'A'", "sources[1].evry", "did you mean every?"),
        ),
        (
            '[[sources]]\nname = "A"\nadress = "https://a.example/"',
            ("source 'A'", "unknown key sources[1].adress", "known here", "url"),
        ),
        (
            '[[sources]]\nname = "A"\nurl = "https://a.example/"\nevery = "5 fortnights"',
            ("source 'A'", "'5 fortnights' is not a duration", "5m, 90s, 2h or 1d"),
        ),
        (
            '[[rules]]\nname = "R"\nquery = "basra AND tikrit )"',
            ("rule 'R'", "column 18"),
        ),
        ('[[rules]]\nname = "R"\nquery = "(militia OR now AND"', ("rule 'R'", "column 17", "AND")),
        ('[[rules]]\nname = "R"\nquery = "NOT basra"', ("rule 'R'", "NOT")),
        ('[[rules]]\nname = "R"', ("rule 'R'", "asks for nothing", "query =")),
        ('[[rules]]\nname = "R"\nquery = "@nosuch"', ("rule 'R'", "no concept @nosuch", "[concepts]")),
        (
            '[[rules]]\nname = "R"\nquery = "basra"\nalert = ["desk"]',
            ("rule 'R'", "no channel 'desk'", "add it as a [[channels]] table"),
        ),
        (
            '[[rules]]\nname = "R"\nquery = "a"\n[[rules]]\nname = "R"\nquery = "b"',
            ("rule 'R' stands here twice", "remove one of them"),
        ),
        ('[[rules]]\nname = "R"\nquery = "a"\nlanguages = ["xx-nope"]', ("rule 'R'", "no language")),
        ('[[rules]]\nname = "R"\nquery = "a"\nseverity = "loud"', ("rule 'R'", "severity", "'critical'")),
        ('[[channels]]\nname = "C"\nkind = "emial"', ("channel 'C'", "no kind 'emial'", "email")),
        (
            '[[channels]]\nname = "C"\nkind = "email"\nto = ["x"]',
            ("channel 'C'", "'x' is not a mail address"),
        ),
        ("[concepts.c]\nxx-nope = ['a']", ("concept 'c'", "'xx-nope' is no language")),
        (b"\xff\xfe", ("not UTF-8 at byte 1", "save the file as UTF-8")),
    ],
)
def test_a_broken_watch_file_is_said_with_place_and_remedy(
    marsad: CommandLine, text: str | bytes, parts: tuple[str, ...]
) -> None:
    path = watch(marsad, text)

    ended = marsad.run("--dsn", UNREACHABLE, "run", "--watch", path)

    refused(ended, path, *parts)


def test_two_files_that_both_name_a_rule_are_both_named(marsad: CommandLine) -> None:
    rule = '[[rules]]\nname = "R"\nquery = "basra"\n'
    first, second = marsad.folder / "a.toml", marsad.folder / "b.toml"
    first.write_text(rule)
    second.write_text(rule)

    ended = marsad.run("apply", "--watch", first, "--watch", second)

    refused(ended, str(second), "rule 'R'", str(first), "remove one of them")


def test_a_missing_watch_file_is_said_with_the_packs_that_there_are(marsad: CommandLine) -> None:
    refused(marsad.run("run", "--watch", "iraqq"), "iraqq", "no such watch file", "iraq")


def test_a_folder_without_watch_files_is_said(marsad: CommandLine) -> None:
    (marsad.folder / "empty").mkdir()

    refused(marsad.run("run", "--watch", "empty"), "empty", "no *.toml file")


def test_a_broken_query_of_a_command_names_the_column(marsad: CommandLine) -> None:
    refused(marsad.run("rule", "try", "basra AND (militia", "text"), "column 11", "never closed", "write )")


async def test_a_broken_watch_file_changes_nothing_that_is_there(
    marsad: CommandLine, dsn: str, db: Database
) -> None:
    good = '[[sources]]\nname = "A"\nurl = "https://a.example/feed"\n'
    applied = await marsad.beside("--dsn", dsn, "apply", "--yes", "--watch", watch(marsad, good))
    assert applied.code == 0, applied.err

    broken = await marsad.beside("--dsn", dsn, "apply", "--yes", "--watch", watch(marsad, good + "evry = 1"))

    assert broken.code == 1
    async with db.connection() as conn:
        assert [source.name for source in await list_sources(conn)] == ["A"]


async def test_apply_changes_nothing_when_nobody_answers(marsad: CommandLine, dsn: str, db: Database) -> None:
    good = '[[sources]]\nname = "A"\nurl = "https://a.example/feed"\n'

    ended = await marsad.beside("--dsn", dsn, "apply", "--watch", watch(marsad, good))

    assert ended.code == 1
    assert "--yes" in ended.err
    async with db.connection() as conn:
        assert await list_sources(conn) == []


# -- configuration and command line


@pytest.mark.parametrize(
    ("env", "parts"),
    [
        ({"MARSAD_SMPT__HOST": "mail"}, ("MARSAD_SMPT__HOST", "did you mean MARSAD_SMTP__HOST?")),
        ({"MARSAD_NONSENSE": "1"}, ("MARSAD_NONSENSE is not a setting", "unset it")),
        ({"MARSAD_SMTP__HOTS": "mail"}, ("MARSAD_SMTP__HOTS", "did you mean host?")),
        ({"MARSAD_SMTP": "mail"}, ("MARSAD_SMTP", "smtp: must be a table")),
        ({"MARSAD_COLLECT__CONCURRENCY": "lots"}, ("MARSAD_COLLECT__CONCURRENCY", "whole number")),
        ({"MARSAD_GATE__ALLOW_NETWORKS": "10.1.2.3/8"}, ("MARSAD_GATE__ALLOW_NETWORKS", "10.1.2.3/8")),
        ({"MARSAD_COLLECT": "5", "MARSAD_COLLECT__READERS": "5"}, ("MARSAD_COLLECT", "table")),
        (
            {"MARSAD_CONFIG": "/nowhere.toml"},
            ("/nowhere.toml", "no such configuration file", "MARSAD_CONFIG"),
        ),
        ({"MARSAD_DSN_FILE": "/nowhere.dsn"}, ("/nowhere.dsn", "cannot be read")),
    ],
)
def test_a_bad_environment_variable_is_named(
    marsad: CommandLine, env: dict[str, str], parts: tuple[str, ...]
) -> None:
    refused(marsad.run("source", "list", env=env), *parts)


def test_a_typo_in_the_configuration_file_is_said_with_what_was_meant(marsad: CommandLine) -> None:
    path = marsad.folder / "marsad.toml"
    path.write_text("[colect]\nreaders = 1\n")

    refused(marsad.run("source", "list"), "marsad.toml", "unknown key colect", "did you mean collect?")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["frobnicate"], ("No such command 'frobnicate'", "marsad --help")),
        (["run", "--nope"], ("No such option: --nope", "marsad run --help")),
        (["run", "--role", "boss"], ("'boss' is no role", "all, collect or deliver")),
        (["alert", "list", "--limit", "x"], ("--limit", "marsad alert list --help")),
        (["demo", "--port", "99999"], ("--port", "65535")),
        (["search"], ("'query'", "marsad search --help")),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    marsad: CommandLine, arguments: list[str], parts: tuple[str, ...]
) -> None:
    refused(marsad.run(*arguments), *parts, code=2)


def test_a_bare_command_shows_what_there_is(marsad: CommandLine) -> None:
    assert "apply" in marsad.run().out
    assert "remove" in marsad.run("source").out


def test_a_dsn_that_does_not_answer_is_said_without_its_password(marsad: CommandLine) -> None:
    ended = marsad.run("--dsn", UNREACHABLE, "source", "list")

    refused(ended, "The database does not answer", "port=1", "Connection refused", "correct the DSN")
    assert "canary" not in ended.err


def test_a_dsn_that_is_none_is_said(marsad: CommandLine) -> None:
    refused(marsad.run("--dsn", "nonsense", "migrate"), "the DSN cannot be read", "correct the DSN")


def test_the_daemon_says_that_its_database_does_not_answer(marsad: CommandLine) -> None:
    ended = marsad.run("--dsn", UNREACHABLE, "run", "--watch", watch(marsad, ""))

    refused(ended, "The database does not answer", "correct the DSN")


def test_a_port_in_use_is_said_with_the_option_that_chooses_another(marsad: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ended = marsad.run("demo", "--once", "--port", str(port))

    refused(ended, f"port {port} cannot be used", "in use", "--port")


# -- how commands end


def test_a_closed_pipe_ends_a_command_without_a_word() -> None:
    command = subprocess.Popen(
        [str(MARSAD), "try", "lang", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    )
    with command:
        assert command.stdin
        assert command.stdout
        assert command.stderr
        command.stdin.write(b'{"id": 1, "text": "The ministry said so"}\n')
        command.stdin.flush()
        assert b'"lang"' in command.stdout.readline()
        command.stdout.close()
        command.stdin.write(b'{"id": 2, "text": "The ministry said so"}\n' * 10)
        command.stdin.close()

        assert command.wait(30) == 0
        assert command.stderr.read() == b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_ctrl_c_and_sigterm_end_a_command_without_a_word(
    marsad: CommandLine, site: Site, number: signal.Signals, code: int
) -> None:
    command = marsad.begin("source", "try", f"{site.origin}/silent", env=LOOPBACK)
    await asyncio.wait_for(site.asked.wait(), 20)

    os.kill(command.pid, number)
    ended = await asyncio.to_thread(command.ended)

    assert (ended.code, ended.err) == (code, "")
