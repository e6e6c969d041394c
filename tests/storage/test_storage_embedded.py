"""The embedded server: shared, adopted, revived, and nothing that it acknowledged is ever lost."""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage import embedded
from storage.binaries import EmbeddedServerFailed, find_binaries, server_user
from storage.embedded import embedded_server
from storage.processes import alive, servers_in

PROGRAM = Path(__file__).with_name("server_user.py")
_numbers = count(1)


@pytest.fixture
def home(short_home: Path) -> Iterator[Path]:
    """A home with no server in it yet; whatever a test leaves running there is ended."""
    home = short_home / f"home{next(_numbers)}"
    yield home
    kill_the_server(home)
    shutil.rmtree(home, ignore_errors=True)


def kill_the_server(home: Path) -> None:
    for pid in servers_in(home / "data"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def postmaster(home: Path) -> int:
    return int((home / "data" / "postmaster.pid").read_text().split()[0])


async def value(dsn: str, sql: bytes) -> object:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        cursor = await conn.execute(sql)
        return (await cursor.fetchone() or [None])[0]


@asynccontextmanager
async def another_process(home: Path, what: str = "hold") -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        PROGRAM,
        home,
        what,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def told(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def test_the_server_starts_from_nothing_with_a_harmless_role_and_stops_with_its_user(
    home: Path,
) -> None:
    async with embedded_server(home) as dsn:
        assert (
            await value(dsn, b"SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user") == "false"
        )
        for name, expected in [
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("data_checksums", "on"),
            ("listen_addresses", ""),
            ("server_encoding", "UTF8"),
            ("TimeZone", "UTC"),
        ]:
            assert await value(dsn, f"SELECT current_setting('{name}')".encode()) == expected
        assert await value(dsn, "SELECT lower('ÉĞ')".encode()) == "éğ"
        assert (home / "run").stat().st_mode & 0o777 == 0o700
        assert (home / "data").stat().st_uid != 0
        pid = postmaster(home)

    assert not alive(pid)
    assert servers_in(home / "data") == set()


async def test_of_starters_at_once_one_starts_and_the_last_to_leave_stops(home: Path) -> None:
    async with another_process(home) as one, another_process(home) as two:
        said = [await told(one), await told(two)]
        assert said[0] == said[1] != ""
        pid = postmaster(home)

        await one.communicate(b"")
        assert alive(pid), "the other still uses it"
        await two.communicate(b"")
        assert not alive(pid)
        assert (one.returncode, two.returncode) == (0, 0)


async def test_nothing_acknowledged_is_lost_when_everything_is_killed(home: Path) -> None:
    async with another_process(home, "write") as writer:
        assert writer.stdout is not None
        acked = -1
        while acked < 200:
            line = await told(writer)
            acked = int(line.removeprefix("acked ")) if line.startswith("acked ") else acked
        kill_the_server(home)
        writer.kill()
        lines = (await writer.stdout.read()).decode().splitlines()
        acked = max([acked, *(int(line.split()[1]) for line in lines if line.startswith("acked "))])

    async with embedded_server(home) as dsn:
        kept = await value(dsn, b"SELECT count(*) FROM public.acked")
    assert kept in (acked + 1, acked + 2), "all that was acknowledged, and at most one more"


async def test_a_server_left_behind_by_a_killed_user_is_adopted(home: Path) -> None:
    async with another_process(home) as user:
        await told(user)
        pid = postmaster(home)
        user.kill()
        await user.wait()
    assert alive(pid)

    async with embedded_server(home) as dsn:
        assert postmaster(home) == pid
        assert await value(dsn, b"SELECT 1") == 1
    assert not alive(pid)


async def test_a_server_that_dies_under_its_user_is_started_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "WATCH_SECONDS", 0.05)
    async with embedded_server(home) as dsn:
        pid = postmaster(home)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

        async with asyncio.timeout(30):
            while True:
                try:
                    assert await value(dsn, b"SELECT 1") == 1
                except psycopg.OperationalError:
                    await asyncio.sleep(0.02)
                else:
                    break
        assert postmaster(home) != pid


@pytest.mark.parametrize("whose", ["living", "zombie", "garbage"])
async def test_a_stale_pid_file_does_not_keep_the_server_from_starting(home: Path, whose: str) -> None:
    async with embedded_server(home):
        lines = (home / "data" / "postmaster.pid").read_text().splitlines()
    owner = (home / "data").stat()
    command = {"living": ["/bin/cat"], "zombie": ["/bin/true"], "garbage": ["/bin/true"]}[whose]
    as_owner: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    other = subprocess.Popen(command, stdin=subprocess.PIPE, **(as_owner if os.geteuid() == 0 else {}))
    if whose != "living":
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    lines[0] = str(other.pid)
    for name in ("data/postmaster.pid", f"run/.s.PGSQL.{embedded.PORT}.lock"):
        (home / name).write_text("x" if whose == "garbage" else "\n".join(lines) + "\n")
        os.chown(home / name, owner.st_uid, owner.st_gid)

    try:
        async with embedded_server(home) as dsn:
            assert await value(dsn, b"SELECT 1") == 1
        assert whose != "living" or other.poll() is None, "a pid that is somebody else's is left alone"
    finally:
        other.communicate()


async def test_a_home_with_a_long_path_has_its_socket_elsewhere(home: Path) -> None:
    deep = home / ("d" * 100)
    deep.mkdir(parents=True)
    async with embedded_server(deep / "postgres") as dsn:
        assert await value(dsn, b"SELECT 1") == 1
        folder = Path(psycopg.conninfo.conninfo_to_dict(dsn)["host"] or "")  # type: ignore[arg-type]
        assert home not in folder.parents
        assert folder.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(folder)


async def test_debians_postgresql_15_serves_as_well(home: Path) -> None:
    bindir = Path("/usr/lib/postgresql/15/bin")
    if not bindir.exists():
        pytest.skip("Debian's postgresql-15 is not installed")

    async with embedded_server(home, bindir=bindir) as dsn:
        assert str(await value(dsn, b"SHOW server_version")).startswith("15.")
    async with embedded_server(home) as dsn:
        assert str(await value(dsn, b"SHOW server_version")).startswith("15."), "the data decide"


async def test_binaries_in_a_closed_folder_are_copied_and_the_folder_stays_closed(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as somebody else")
    original = find_binaries(None, major=None).folder
    closed = home / "closed"
    shutil.copytree(
        original.parents[1], closed / "pkg", symlinks=True, ignore=shutil.ignore_patterns("pginstall")
    )
    shutil.copytree(original.parents[2] / f"{original.parents[1].name}.libs", closed / "pkg.libs")
    libs = closed / f"{original.parents[1].name}.libs"
    (closed / "pkg.libs").rename(libs)
    (closed / "pkg").rename(closed / original.parents[1].name)
    closed.chmod(0o700)

    bindir = closed / original.parents[1].name / original.parent.name / "bin"
    async with embedded_server(home / "postgres", bindir=bindir) as dsn:
        assert await value(dsn, b"SELECT 1") == 1
        program = os.readlink(f"/proc/{postmaster(home / 'postgres')}/exe")
    assert program.startswith(str(home / "postgres" / "binaries"))
    assert closed.stat().st_mode & 0o777 == 0o700


async def test_a_home_that_the_server_cannot_reach_is_refused_with_the_remedy(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as somebody else")
    tmp_path.chmod(0o700)

    with pytest.raises(EmbeddedServerFailed, match="/var/lib/marsad"):
        async with embedded_server(tmp_path / "home"):
            pass
    assert tmp_path.stat().st_mode & 0o777 == 0o700


async def test_an_ordinary_user_needs_no_root(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the other tests show it")
    user = pwd.getpwnam("nobody")
    home.mkdir()
    os.chown(home, user.pw_uid, user.pw_gid)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, PROGRAM, home / "own", "hold", str(user.pw_uid)],
        input="",
        text=True,
        capture_output=True,
        check=False,
    )

    assert done.stdout.startswith("dsn "), done.stderr
    assert done.returncode == 0
    assert (home / "own" / "data").stat().st_uid == user.pw_uid


async def test_a_server_that_cannot_start_says_why_in_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "RETRY_SECONDS", 0.1)
    async with embedded_server(home):
        pass
    (home / "data" / "global" / "pg_control").unlink()

    with pytest.raises(EmbeddedServerFailed, match="pg_control") as caught:
        async with embedded_server(home):
            pass
    assert "\n" not in str(caught.value)
    assert "postgres.log" in str(caught.value)


async def test_data_of_a_version_that_is_not_installed_is_refused_untouched(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "PG_VERSION").write_text("13\n")

    with pytest.raises(EmbeddedServerFailed, match="PostgreSQL 13"):
        async with embedded_server(home):
            pass
    assert (home / "data" / "PG_VERSION").read_text() == "13\n"


async def test_a_killed_first_start_is_begun_again(home: Path) -> None:
    (home / "data.arriving").mkdir(parents=True)
    (home / "data.arriving" / "PG_VERSION").write_text("18\n")

    async with embedded_server(home) as dsn:
        assert await value(dsn, b"SELECT 1") == 1


def test_root_runs_the_server_as_the_owner_of_the_data(short_home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as somebody else")
    data = short_home / "owned"
    data.mkdir()
    os.chown(data, pwd.getpwnam("nobody").pw_uid, -1)

    assert server_user(data).name == "nobody"
    assert server_user(short_home / "new").name in ("postgres", "nobody")
