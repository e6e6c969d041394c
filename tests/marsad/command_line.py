"""The command line as its users meet it: arguments and standard input in; exit code, output and complaints out."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daemon_process import clean_environment

SERVER = Path(__file__).with_name("command_server.py")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What became of a command."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line on stderr; fails when there is none, more than one, or a traceback."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("marsad: "), self.err
        return lines[0].removeprefix("marsad: ")


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A command under way."""

    pid: int
    line: "CommandLine"

    def ended(self) -> Ended:
        """Wait for its end."""
        return self.line.collect()


@dataclass(kw_only=True)
class CommandLine:
    """Runs commands one at a time, with `folder` as home and working directory."""

    server: "subprocess.Popen[str]"
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path, stdin: bytes | str = b"", **how: Any) -> Ended:
        """Run a command to its end."""
        return self.begin(*arguments, stdin=stdin, **how).ended()

    async def beside(self, *arguments: str | Path, stdin: bytes | str = b"", **how: Any) -> Ended:
        """Run a command while servers of this loop answer it."""
        return await asyncio.to_thread(self.run, *arguments, stdin=stdin, **how)

    def begin(
        self,
        *arguments: str | Path,
        stdin: bytes | str = b"",
        env: Mapping[str, str] | None = None,
        uid: int | None = None,
    ) -> Begun:
        """Start a command and return at once."""
        paths = {name: self.folder / f".{name}" for name in ("stdin", "stdout", "stderr")}
        paths["stdin"].write_bytes(stdin.encode() if isinstance(stdin, str) else stdin)
        for name in ("stdout", "stderr"):
            paths[name].write_bytes(b"")
        self._tell(
            {
                "argv": [str(argument) for argument in arguments],
                "env": clean_environment(
                    {"MARSAD_HOME": str(self.folder / "home"), **self.env, **(env or {})}
                ),
                "cwd": str(self.folder),
                "uid": uid,
                **{name: str(path) for name, path in paths.items()},
            }
        )
        return Begun(pid=self._told()["pid"], line=self)

    def collect(self) -> Ended:
        code = self._told()["code"]
        out, err = ((self.folder / name).read_text(encoding="utf-8") for name in (".stdout", ".stderr"))
        return Ended(code=code, out=out, err=err)

    def _tell(self, request: Mapping[str, Any]) -> None:
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()

    def _told(self) -> dict[str, Any]:
        assert self.server.stdout is not None
        return json.loads(self.server.stdout.readline())


def start_server() -> "subprocess.Popen[str]":
    """A server with the command line imported; its stdin closed ends it."""
    server = subprocess.Popen(
        [sys.executable, str(SERVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**clean_environment(), "OPENBLAS_NUM_THREADS": "1"},
        cwd="/",
    )
    assert server.stdout is not None
    assert json.loads(server.stdout.readline()) == {"ready": True}
    return server


def stop_server(server: "subprocess.Popen[str]") -> None:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.close()
    server.wait(20)
    server.stdout.close()


def is_root() -> bool:
    return os.geteuid() == 0
