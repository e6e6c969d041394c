"""Captures: the raw bytes as they came, named by their hash, safe on disk before anything reads them."""

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from psycopg.types.json import Jsonb

from storage.clean import clean_json, clean_optional, clean_text, clean_time
from storage.crashpoint import crashpoint
from storage.database import Conn
from storage.rows import fetch_value


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """Bytes that are on disk for good."""

    sha256: bytes
    size: int
    path: Path


class CaptureStore:
    """A folder of captures, `ab/cd/<hash>`; any number of processes may write to it at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._arriving = root / "arriving"
        self._arriving.mkdir(parents=True, exist_ok=True)
        self._reachable: set[Path] = set()  # folders whose own names we have synced; at most 65,536

    def path(self, sha256: bytes) -> Path:
        """Say where the bytes with this hash are, or would be."""
        name = sha256.hex()
        return self.root / name[:2] / name[2:4] / name

    def put(self, body: bytes) -> StoredCapture:
        """Keep the bytes and return once they would survive a power cut. Blocks: call it in a thread."""
        sha256 = hashlib.sha256(body).digest()
        path = self.path(sha256)
        if not path.exists():
            self._write(path, body)
        _sync_folder(path.parent)  # also when it was there: its writer may not have come this far yet
        if path.parent not in self._reachable:
            _sync_folder(path.parent.parent)
            _sync_folder(self.root)
            self._reachable.add(path.parent)
        return StoredCapture(sha256=sha256, size=len(body), path=path)

    def read(self, sha256: bytes) -> bytes:
        """Return the bytes; FileNotFoundError when they were never kept, ValueError when they changed."""
        body = self.path(sha256).read_bytes()
        if hashlib.sha256(body).digest() != sha256:
            raise ValueError(
                f"capture {sha256.hex()} does not have its hash any more: restore it from a backup"
            )
        return body

    def remove_leftovers(self, *, older_than: timedelta = timedelta(hours=1)) -> int:
        """Remove what killed writers left behind and return how many files that were."""
        limit = time.time() - older_than.total_seconds()
        stale = [file for file in self._arriving.iterdir() if file.stat().st_mtime < limit]
        for file in stale:
            file.unlink(missing_ok=True)
        return len(stale)

    def _write(self, path: Path, body: bytes) -> None:
        arriving = self._arriving / uuid4().hex
        with arriving.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        crashpoint("cp04")
        path.parent.mkdir(parents=True, exist_ok=True)
        arriving.rename(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def record_capture(
    conn: Conn,
    *,
    stored: StoredCapture,
    url: str,
    final_url: str,
    status: int,
    headers: Mapping[str, str],
    address: str | None,
    fetched_at: datetime,
    robots: str | None = None,
) -> int:
    """Note from where and when the bytes came, and what robots.txt said of it; return the id of the note."""
    return await fetch_value(
        conn,
        """
        INSERT INTO capture (sha256, size_bytes, url, final_url, status, headers, address, fetched_at, robots)
        VALUES (%(sha256)s, %(size)s, %(url)s, %(final_url)s, %(status)s, %(headers)s, %(address)s,
                coalesce(%(fetched_at)s, clock_timestamp()), %(robots)s)
        RETURNING id
        """,
        {
            "sha256": stored.sha256,
            "size": stored.size,
            "url": clean_text(url),
            "final_url": clean_text(final_url),
            "status": status,
            "headers": Jsonb(clean_json(dict(headers))),
            "address": clean_optional(address),
            "fetched_at": clean_time(fetched_at),
            "robots": clean_optional(robots, max_chars=2000),
        },
    )
