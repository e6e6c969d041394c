"""The daemon as operators meet it: signals, reloads, sources that fail, a database that goes away."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from daemon_process import DaemonProcess
from press import PAPER, newspaper, rule, source, source_at, story
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from marsad.demo.newspaper import Newspaper


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with newspaper() as press:
        yield press


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.slow
async def test_sigterm_ends_the_daemon_while_a_fetch_hangs(
    dsn: str, tmp_path: Path, paper: Newspaper
) -> None:
    paper.goes_silent()
    settings = {"collect": {"timeout_seconds": 120}}
    async with DaemonProcess(folder=tmp_path, dsn=dsn, watch=source(paper), settings=settings) as daemon:
        await paper.wait_for_visits(PAPER, 1)

        assert await daemon.stop(seconds=30) == 0
        assert [event for event in daemon.events if event["level"] in ("warning", "error")] == []


async def test_an_unreachable_source_is_named_and_the_others_go_on(
    dsn: str, tmp_path: Path, paper: Newspaper
) -> None:
    paper.publish(PAPER, story("Militia storms the port"))
    dead = source_at(f"http://127.0.0.1:{closed_port()}/feed", name="Nobody")
    async with DaemonProcess(folder=tmp_path, dsn=dsn, watch=dead + source(paper)) as daemon:
        failed = await daemon.wait_for_event("visited", source="Nobody")
        fine = await daemon.wait_for_event("visited", source="Courier")

        assert (failed["failed"], fine["new"]) == ("connect", 1)
        assert "127.0.0.1 cannot be reached" in failed["reason"]
        assert await daemon.stop() == 0
        assert "Traceback" not in daemon.log


@pytest.mark.slow
async def test_sighup_takes_new_rules_and_keeps_the_old_ones_when_the_file_is_broken(
    dsn: str, tmp_path: Path, paper: Newspaper
) -> None:
    sources = source(paper)
    async with DaemonProcess(folder=tmp_path, dsn=dsn, watch=sources + rule("Floods", "flood")) as daemon:
        await daemon.wait_for_event("visited", source="Courier")

        daemon.watch = sources + rule("Fires", "fire AND (")
        kept = await daemon.wait_for_event("watch_files_kept", after=daemon.hang_up())
        paper.publish(PAPER, story("A flood in Mosul"))
        await daemon.wait_for_output("A flood in Mosul")

        daemon.watch = sources + rule("Fires", "fire")
        taken = await daemon.wait_for_event("watch_files_taken", after=daemon.hang_up())
        paper.publish(PAPER, story("Another flood in Mosul"))
        paper.publish(PAPER, story("A fire in Kirkuk"))
        await daemon.wait_for_output("A fire in Kirkuk")

        assert "rule 'Fires': column" in kept["reason"]
        assert "SIGHUP" in kept["remedy"]
        assert sorted(taken["changes"]) == ["+ rule Fires", "- rule Floods"]
        assert "Another flood" not in "\n".join(daemon.output)


@pytest.mark.slow
async def test_a_database_that_goes_away_is_survived(
    server: str, dsn: str, tmp_path: Path, paper: Newspaper
) -> None:
    name = Identifier(str(conninfo_to_dict(dsn)["dbname"]))
    async with (
        DaemonProcess(folder=tmp_path, dsn=dsn, watch=source(paper) + rule("Fires", "fire")) as daemon,
        await psycopg.AsyncConnection.connect(server, autocommit=True) as admin,
    ):
        await daemon.wait_for_event("visited", source="Courier")

        await admin.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [conninfo_to_dict(dsn)["dbname"]],
        )
        await daemon.wait_for_line("not currently accepting connections")
        await admin.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        paper.publish(PAPER, story("A fire in Kirkuk"))

        await daemon.wait_for_output("A fire in Kirkuk", seconds=60)
        assert daemon.returncode is None


@pytest.mark.slow
async def test_a_second_daemon_on_the_same_home_adopts_the_database_and_outlives_the_first(
    short_home: Path, tmp_path: Path, paper: Newspaper
) -> None:
    home, watch = short_home / "two-daemons", source(paper) + rule("Fires", "fire")
    async with (
        DaemonProcess(folder=tmp_path / "a", home=home, watch=watch) as first,
        DaemonProcess(folder=tmp_path / "b", home=home, watch=watch) as second,
    ):
        assert await first.stop() == 0
        paper.publish(PAPER, story("A fire in Kirkuk"))

        await second.wait_for_output("A fire in Kirkuk")
        assert await second.stop() == 0
        assert "embedded_server_restarted" not in second.log
