"""Processes as /proc shows them: which are alive, and which are the server's. Linux only."""

import os
from pathlib import Path


def alive(pid: int) -> bool:
    """Say whether the process runs; one that is dead but not yet reaped does not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return bool(fields) and fields[0] not in ("Z", "X")


def servers_in(data: Path) -> set[int]:
    """Return the living processes of a server on this data folder: it and its children all stand there."""
    here = os.path.realpath(data)
    found: set[int] = set()
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            cwd = os.readlink(f"/proc/{name}/cwd")
            program = Path(f"/proc/{name}/comm").read_text(errors="replace").strip()
        except OSError:  # somebody else's, or gone meanwhile
            continue
        if cwd == here and program == "postgres" and alive(int(name)):
            found.add(int(name))
    return found
