"""The embedded PostgreSQL: a server in a folder, shared by the processes that use it, gone with the last.

Under the home: `data` (the cluster), `run` (its socket), `postgres.log`, the server's settings, `binaries`
(a copy, only where it is needed), and two locks. Who starts or stops holds `start.lock`; who uses the server
holds `users.lock` shared, so the last to leave can tell. As root the server runs as a system user: the home
must then be where that user can reach it (/var/lib/marsad, not /root/...).
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

import structlog
from psycopg.conninfo import make_conninfo

from storage.binaries import (
    Binaries,
    EmbeddedServerFailed,
    ServerUser,
    find_binaries,
    runnable,
    server_user,
)
from storage.cluster import (
    PORT,
    SOCKET_NAME,
    last_line,
    make_cluster,
    open_home,
    open_log,
    socket_folder,
    write_configuration,
)
from storage.processes import alive, servers_in

__all__ = ["EmbeddedServerFailed", "embedded_server"]

log = structlog.get_logger()

START_SECONDS = 600.0  # crash recovery of a big database takes minutes; nothing is gained by giving up early
RETRY_SECONDS = 10.0  # how long orphans of a killed server, or its unreaped pid, may stand in the way
STOP_SECONDS = 60.0
POLL_SECONDS = 0.02
WATCH_SECONDS = 2.0


@asynccontextmanager
async def embedded_server(home: Path, *, bindir: Path | None = None) -> AsyncGenerator[str]:
    """Run the server for as long as the block runs and yield its DSN: database and ordinary role `marsad`.

    A server that is running is adopted, one that dies is started again, and the last user stops it. Raises
    EmbeddedServerFailed with the remedy.
    """
    server = _Server(home, bindir)
    watch: asyncio.Task[None] | None = None
    try:
        dsn = await asyncio.to_thread(server.join)
        watch = asyncio.create_task(_watch(server), name="embedded-postgres-watch")
        yield dsn
    finally:
        if watch is not None:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
        await asyncio.to_thread(server.leave)


async def _watch(server: "_Server") -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            if await asyncio.to_thread(server.revive):
                log.warning("embedded_server_restarted", home=str(server.home))
        except (EmbeddedServerFailed, OSError) as error:
            log.error("embedded_server_down", home=str(server.home), reason=str(error))


class _Server:
    """The server in one home, as one of its users sees it. Blocks: to be called in threads."""

    def __init__(self, home: Path, bindir: Path | None) -> None:
        self.home = home.absolute()
        self.data = self.home / "data"
        self._bindir = bindir
        self._users: IO[bytes] | None = None
        self._mutex = threading.Lock()  # a cancelled start goes on in its thread: leaving waits for it
        self._left = False

    def join(self) -> str:
        """Start or adopt the server and count as its user until `leave`; return the DSN."""
        with self._mutex:
            try:
                folder = self._join()
            except OSError as error:
                raise EmbeddedServerFailed(
                    str(error), remedy=f"See that {self.home} is ours, on a disk with room for it"
                ) from error
            return make_conninfo("", host=str(folder), port=PORT, user="marsad", dbname="marsad")

    def revive(self) -> bool:
        """Start the server again if it died; say whether that was so."""
        with self._mutex:
            if self._left or self._answering() is not None:
                return False
            with _locked(self.home / "start.lock"):
                if self._answering() is not None:
                    return False
                self._ensure(server_user(self.data))
                return True

    def leave(self) -> None:
        """Stop being a user of the server, and stop it if there is no other."""
        with self._mutex:
            self._left = True
            if self._users is None:
                return
            with self._users as users, _locked(self.home / "start.lock"):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                self._stop()

    def _join(self) -> Path:
        user = server_user(self.data)
        open_home(self.home, user)
        self._users = (self.home / "users.lock").open("ab")
        with _locked(self.home / "start.lock"):
            fcntl.flock(self._users, fcntl.LOCK_SH)
            return self._ensure(user)

    def _ensure(self, user: ServerUser) -> Path:
        """Have a server that answers, and return the folder of its socket."""
        binaries: Binaries | None = None
        launched: int | None = None
        began = time.monotonic()
        while (folder := self._answering()) is None:
            waited = time.monotonic() - began
            if waited > START_SECONDS or (
                waited > RETRY_SECONDS and launched is not None and not alive(launched)
            ):
                raise self._failed("it did not start")
            if not servers_in(self.data) and (launched is None or not alive(launched)):
                binaries = binaries or self._binaries(user)
                launched = self._launch(binaries, user)
            time.sleep(POLL_SECONDS if launched is None or alive(launched) else 10 * POLL_SECONDS)
        return folder

    def _answering(self) -> Path | None:
        """Return the folder of the socket of a server that is ready, None when there is no such server."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return None
        if len(lines) < 8 or lines[7].strip() != "ready":
            return None
        folder = Path(lines[4])
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            try:
                probe.connect(str(folder / SOCKET_NAME))
            except OSError:
                return None
        return folder

    def _binaries(self, user: ServerUser) -> Binaries:
        version = self.data / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else None
        binaries = runnable(find_binaries(self._bindir, major=major), user, self.home / "binaries")
        if major is None:
            make_cluster(self.home, self.data, binaries, user)
        return binaries

    def _launch(self, binaries: Binaries, user: ServerUser) -> int:
        """Start the server as nobody's child, so that it outlives us and leaves no zombie; return its pid."""
        folder = socket_folder(self.home, user)
        self._clear_stale_locks(folder)
        configuration = write_configuration(self.home, self.data, folder)
        with open_log(self.home) as said:
            server = [binaries.postgres, "-D", self.data, "-c", f"config_file={configuration}"]
            started = user.run(["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *server], stdout=-1, stderr=said)
        return int(started.stdout)

    def _clear_stale_locks(self, socket_folder: Path) -> None:
        """Remove the lock files of a server that is gone. Call only when no process of a server is left.

        PostgreSQL believes a stale pid that is somebody else's by now (in a container it often is), or that
        is still a zombie, and refuses to start.
        """
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (socket_folder / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _stop(self) -> None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        if pid not in servers_in(self.data):
            return
        for way in (signal.SIGINT, signal.SIGQUIT):  # fast; then immediate: it recovers at the next start
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, way)
            end = time.monotonic() + STOP_SECONDS
            while alive(pid) and time.monotonic() < end:
                time.sleep(POLL_SECONDS)
            if not alive(pid):
                return

    def _failed(self, reason: str) -> EmbeddedServerFailed:
        try:
            line = last_line((self.home / "postgres.log").read_text(errors="replace")[-4000:])
        except OSError:
            line = ""
        return EmbeddedServerFailed(reason, remedy=f"Read {self.home / 'postgres.log'}", log_line=line)


@contextmanager
def _locked(file: Path) -> Generator[None]:
    with file.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
