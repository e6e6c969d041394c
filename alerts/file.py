"""The channel "file": one JSON line per notice, on disk before it counts as delivered."""

import asyncio
import json
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from alerts.notice import Notice
from alerts.outcome import Delivered, Outcome, TryLater
from alerts.payload import payload


class FileSettings(BaseModel):
    """Which file the lines are added to; its folder must be there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path

    @field_validator("path")
    @classmethod
    def _path_is_absolute(cls, value: Path) -> Path:
        if not value.is_absolute():
            raise ValueError("must be an absolute path, as in /var/lib/marsad/alerts.jsonl")
        return value


async def send(notice: Notice, *, settings: FileSettings) -> Outcome:
    """Add the notice to the file, in the JSON that webhooks get."""
    line = json.dumps(payload(notice).model_dump(mode="json"), ensure_ascii=False, allow_nan=False)
    try:
        await asyncio.to_thread(_append, settings.path, line.encode())
    except OSError as error:
        return TryLater(reason=f"{settings.path}: {error.strerror or error}")
    return Delivered(detail=str(settings.path))


def _append(path: Path, line: bytes) -> None:
    """One line in one write, synced; a line torn by an earlier crash is closed first."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "rb+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        data = (b"\n" if torn else b"") + line + b"\n"
        if file.write(data) != len(data):
            raise OSError(None, "the disk took only a part of the line")
        os.fsync(descriptor)
