"""Text files that people write: read as UTF-8, and as TOML; what cannot be read is said with the remedy."""

import os
import tomllib
from pathlib import Path
from typing import Any

from marsad.errors import BadInput


def is_file(path: Path) -> bool:
    """Whether there is such a file for us; `Path.is_file` raises where a folder on the way is closed to us."""
    return os.path.isfile(path)


def read_text(path: Path) -> str:
    """The text of a file; BadInput says why it cannot be read and what to do."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be read: {error.strerror}; check the path and its permissions"
        ) from None


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; BadInput names line and column of the first fault."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: not valid TOML: {error}; mend it there") from None
