"""Raw bytes are on disk, whole and under their hash, before anybody is told of them."""

import hashlib
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from storage.captures import CaptureStore


def test_bytes_stand_under_their_hash_and_once(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)

    first, second = store.put(b"body"), store.put(b"body")

    name = hashlib.sha256(b"body").hexdigest()
    assert first == second
    assert first.path == tmp_path / name[:2] / name[2:4] / name == store.path(first.sha256)
    assert first.path.read_bytes() == b"body" == store.read(first.sha256)
    assert first.size == 4
    assert list((tmp_path / "arriving").iterdir()) == []


def test_bytes_that_changed_on_disk_are_not_passed_off_as_the_capture(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    stored = store.put(b"body")
    stored.path.write_bytes(b"forged")

    with pytest.raises(ValueError, match="backup"):
        store.read(stored.sha256)


def test_a_kill_before_the_rename_leaves_no_half_capture(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from storage.captures import CaptureStore;"
        f"CaptureStore(Path({str(tmp_path)!r})).put(b'body')"
    )

    killed = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "MARSAD_CRASHPOINT": "cp04"}, check=False
    )

    store = CaptureStore(tmp_path)
    assert killed.returncode == -signal.SIGKILL
    assert not store.path(hashlib.sha256(b"body").digest()).exists()
    assert store.remove_leftovers() == 0, "young files may be somebody's who is still writing"
    assert store.remove_leftovers(older_than=timedelta(0)) == 1
    assert store.put(b"body").path.read_bytes() == b"body"
