"""The home of the embedded server: its folders, the place of its socket, and its settings."""

import contextlib
import hashlib
import os
import pwd
import shutil
from pathlib import Path
from typing import BinaryIO

from storage.binaries import Binaries, EmbeddedServerFailed, ServerUser

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
MAX_SOCKET_PATH_BYTES = 107  # sun_path of unix(7), less its NUL
MAX_LOG_BYTES = 10 << 20
SHM_NEEDED_BYTES = 256 << 20  # containers give /dev/shm 64 MB, too little for a parallel query
ROLES = "CREATE ROLE marsad LOGIN\nCREATE DATABASE marsad OWNER marsad\n"


def open_home(home: Path, user: ServerUser) -> None:
    """Make the home; let the server's user pass through it, but touch nothing above it."""
    try:
        home.mkdir(mode=0o711 if user.switch else 0o700, parents=True, exist_ok=True)
        if user.switch and home.stat().st_uid == os.geteuid():
            home.chmod(home.stat().st_mode | 0o011)
    except OSError as error:
        raise EmbeddedServerFailed(
            f"{home} cannot be made: {error.strerror}", remedy="Choose another home with --home"
        ) from error
    if not user.can_reach(home):
        raise EmbeddedServerFailed(
            f"as root it runs as the user {user.name}, who cannot reach {home}",
            remedy="Choose a home that others may pass to, such as --home /var/lib/marsad",
        )


def make_cluster(home: Path, data: Path, binaries: Binaries, user: ServerUser) -> None:
    """Make the cluster, its role and its database aside, and move it into place when it is whole."""
    arriving = home / "data.arriving"
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir(mode=0o700)
    _give(arriving, user)
    options = [
        *("-D", arriving, "-U", "postgres", "--encoding=UTF8", "--data-checksums", "--no-instructions"),
        *("--auth-local=peer", "--auth-host=ident"),
    ]
    if binaries.major >= 17:  # the same lower() and sorting on every machine, whatever libc it has
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--sync-method=syncfs"]  # 0.9 s where one fsync per file took 4.5
    else:
        options += ["--locale=C.UTF-8"]
    done = user.run([binaries.initdb, *options])
    if done.returncode == 0:
        done = user.run([binaries.postgres, "--single", "-D", arriving, "postgres"], input=ROLES)
    if done.returncode != 0 or "ERROR:" in done.stderr:  # the single-user server ends with 0 after an error
        raise EmbeddedServerFailed(
            f"{home} could not be filled",
            remedy=f"See that the disk has room, remove {arriving}, and start again",
            log_line=last_line(done.stderr),
        )
    arriving.rename(data)
    _sync_folder(home)


def socket_folder(home: Path, user: ServerUser) -> Path:
    """Return a closed folder for the socket: in the home, or a short one if its path is too long."""
    folder = home / "run"
    if len(os.fsencode(folder / SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES or "," in str(folder):
        own = Path("/run") if user.switch else Path(f"/run/user/{user.uid}")
        base = own if os.access(own, os.W_OK) else Path("/tmp")  # noqa: S108 - checked for its owner below
        folder = base / f"marsad-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or found.st_uid not in (os.geteuid(), user.uid):
        raise EmbeddedServerFailed(f"{folder} belongs to somebody else", remedy="Remove it and start again")
    _give(folder, user)
    folder.chmod(0o700)
    return folder


def write_configuration(home: Path, data: Path, socket_folder: Path) -> Path:
    """Write the server's settings outside its data: the server's user can read but not change them."""
    us = pwd.getpwuid(os.geteuid()).pw_name
    settings = {
        "data_directory": data,
        "hba_file": home / "pg_hba.conf",
        "ident_file": home / "pg_ident.conf",
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": socket_folder,
        "unix_socket_permissions": "0700",
        "max_connections": 100,
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "dynamic_shared_memory_type": "posix" if _has_roomy_shared_memory() else "mmap",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "default_text_search_config": "pg_catalog.simple",
    }
    _write(home / "pg_hba.conf", "local all all peer map=marsad\n")
    _write(home / "pg_ident.conf", f'marsad "{us}" marsad\nmarsad "{us}" postgres\n')
    lines = (f"{name} = {_quoted(str(value))}\n" for name, value in settings.items())
    return _write(home / "postgresql.conf", "".join(lines))


def _write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    return file


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _has_roomy_shared_memory() -> bool:
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108 - asked for its size only
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= SHM_NEEDED_BYTES


def _give(folder: Path, user: ServerUser) -> None:
    if user.switch:
        os.chown(folder, user.uid, user.gid)


def open_log(home: Path) -> BinaryIO:
    """Open the server's log to write on, a big one put aside first; the server has only the handle."""
    file = home / "postgres.log"
    if file.exists() and file.stat().st_size > MAX_LOG_BYTES:
        file.replace(home / "postgres.log.1")
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:500] if lines else ""


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
