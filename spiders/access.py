"""Access: the headers, cookies and logins that a source asks for, kept in a file that only we may read."""

import base64
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

_MAX_BYTES = 64 << 10
_ONLY_OURS = 0o600
_CACHED_FILES = 256
_SHORTHAND = re.compile(r"(?P<kind>basic|bearer|cookie)[ \t]+(?P<rest>.+)", re.IGNORECASE)
_HEADER = re.compile(r"(?P<name>[!$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(?P<value>.+)")
# What the gate says itself, and what would change the meaning of the request.
_NOT_THEIRS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "if-modified-since",
        "if-none-match",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
_FORMS = "write `Name: value`, `basic user:password`, `bearer TOKEN` or `cookie NAME=VALUE`"


class AccessError(Exception):
    """A secret file cannot be used; the message is one line with the remedy and never shows what is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What to send along to the source's own origin, and to nobody else."""

    headers: Mapping[str, str] = field(repr=False)


def headers_for(secret_file: str | None) -> Mapping[str, str]:
    """The headers of a source, read anew whenever its file changed; raises AccessError.

    Give them to a FetchRequest: they stay behind when a redirect leaves the origin.
    """
    if secret_file is None:
        return MappingProxyType({})
    path = Path(secret_file)
    try:
        now = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return _cached(path, now.st_ino, now.st_mtime_ns, now.st_ctime_ns).headers


def read_access(path: Path) -> Access:
    """Read a secret file: a header, login or cookie on each line, `#` before a comment. Raises AccessError."""
    headers: dict[str, str] = {}
    for number, line in enumerate(read_private(path).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        _add(headers, *_header(line.strip(), where=f"{path}: line {number}"), where=f"{path}: line {number}")
    if not headers:
        raise AccessError(f"{path}: there is nothing in it; {_FORMS}")
    return Access(headers=MappingProxyType(headers))


def read_private(path: Path) -> str:
    """The text of a file that nobody but its owner may read or write; raises AccessError for any other."""
    try:
        with open(path, "rb", opener=_without_waiting) as stream:
            _judge(path, os.fstat(stream.fileno()))
            raw = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(raw) > _MAX_BYTES:
        raise AccessError(f"{path}: is longer than {_MAX_BYTES >> 10} KiB; it is not a secret file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AccessError(f"{path}: is not UTF-8 text; save it as such") from None


@lru_cache(maxsize=_CACHED_FILES)
def _cached(path: Path, _inode: int, _modified_ns: int, _changed_ns: int) -> Access:
    return read_access(path)


def _without_waiting(name: str, flags: int) -> int:
    """Somebody may have put a pipe there, and opening one waits for a writer."""
    return os.open(name, flags | os.O_NONBLOCK)


def _judge(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise AccessError(f"{path}: is not a file; put the secret in a file of its own")
    mode = stat.S_IMODE(found.st_mode)
    if mode & ~_ONLY_OURS:
        raise AccessError(f"{path}: others may read it (mode {mode:04o}); run: chmod 600 {path}")


def _header(line: str, *, where: str) -> tuple[str, str]:
    if short := _SHORTHAND.fullmatch(line):
        name, value = _login(short["kind"].lower(), short["rest"].strip(), where=where)
    elif header := _HEADER.fullmatch(line):
        name, value = header["name"], header["value"].strip()
    else:
        raise AccessError(f"{where} cannot be read; {_FORMS}")
    if not value.isprintable():
        raise AccessError(f"{where} holds a control character; remove it")
    if name.lower() in _NOT_THEIRS:
        raise AccessError(f"{where}: {name} is not a header to set; remove the line")
    return name, value


def _login(kind: str, rest: str, *, where: str) -> tuple[str, str]:
    if kind == "basic":
        if ":" not in rest:
            raise AccessError(f"{where} has no colon between user and password; write `basic user:password`")
        return "Authorization", f"Basic {base64.b64encode(rest.encode()).decode()}"
    if kind == "bearer":
        return "Authorization", f"Bearer {rest}"
    if "=" not in rest:
        raise AccessError(f"{where} has no = in the cookie; write `cookie NAME=VALUE`")
    return "Cookie", rest


def _add(headers: dict[str, str], name: str, value: str, *, where: str) -> None:
    known = next((each for each in headers if each.lower() == name.lower()), None)
    if known is None:
        headers[name] = value
    elif known.lower() == "cookie":
        headers[known] = f"{headers[known]}; {value}"
    else:
        raise AccessError(f"{where}: {known} was given before; remove one of the two")


def _unreadable(path: Path, error: OSError) -> AccessError:
    return AccessError(f"{path}: cannot be read: {error.strerror}; create it with mode 0600, owned by Marsad")
