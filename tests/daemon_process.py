"""A real daemon: `marsad run` as a process of its own, told what to watch, heard through its log, killed at will."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

MARSAD = Path(sys.executable).with_name("marsad")
READY_SECONDS = 45.0  # a loaded machine imports slowly
LEASE_SECONDS = 2.0  # what a killed daemon held is free this soon

Event = Mapping[str, Any]


class EventMissingError(AssertionError):
    """The daemon did not log what it should; the message shows the end of its log."""


def toml_of(table: str, values: Mapping[str, Any]) -> str:
    """One TOML table; JSON's texts, numbers, booleans and lists are TOML's."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"[{table}]" if table else "", *lines, ""])


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings of Marsad, so that nobody's own set-up leaks into a test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARSAD_")}
    return {**kept, "PYTHONUNBUFFERED": "1", **(more or {})}


@dataclass(kw_only=True)
class DaemonProcess:
    """`marsad run` on `folder`; as a context manager it starts, waits until it is ready, and leaves nothing behind.

    `settings` are tables over the defaults of the tests, for example {"collect": {"timeout_seconds": 2}}.
    """

    folder: Path
    dsn: str | None = None  # None: the embedded server, in a home that its user can reach
    home: Path | None = None
    watch: str = ""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    lines: list[str] = field(default_factory=list)  # its log, of all its lives
    events: list[Event] = field(default_factory=list)
    output: list[str] = field(default_factory=list)  # its standard output
    _process: Process | None = None
    _reading: list["asyncio.Task[None]"] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Self:
        await self.start()
        await self.wait_for_event("ready")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill(everything=True)

    @property
    def configuration_file(self) -> Path:
        return self.folder / "marsad.toml"

    @property
    def watch_file(self) -> Path:
        return self.folder / "watch.toml"

    @property
    def returncode(self) -> int | None:
        return self._process.returncode if self._process else None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def configure(self) -> None:
        """Write configuration and watch file; `start` does it too."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.watch_file.write_text(self.watch, encoding="utf-8")
        top: dict[str, Any] = {
            "home": str(self.home or self.folder / "home"),
            "watch": [str(self.watch_file)],
        }
        tables: dict[str, dict[str, Any]] = {
            "gate": {"allow_networks": ["127.0.0.0/8"]},
            "collect": {
                "tick_seconds": 0.1,
                "concurrency": 8,
                "readers": 1,
                "timeout_seconds": 5,
                "lease_seconds": LEASE_SECONDS,
            },
            "deliver": {"sweep_seconds": 0.5, "lease_seconds": LEASE_SECONDS},
            "log": {"format": "json"},
        }
        for table, values in self.settings.items():
            tables[table] = {**tables.get(table, {}), **values}
        if self.dsn is not None:
            top["dsn"] = self.dsn
        parts = [toml_of("", top | tables.pop("", {})), *(toml_of(*table) for table in tables.items())]
        self.configuration_file.write_text("\n".join(parts), encoding="utf-8")

    async def start(self, env: Mapping[str, str] | None = None) -> None:
        """Start it, again if it lived before; `env` is added to its environment."""
        assert self._process is None or self._process.returncode is not None
        self.configure()
        command = [str(MARSAD), "--config", str(self.configuration_file), "run", *self.arguments]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=clean_environment(env),
            cwd=self.folder,
            start_new_session=True,
            limit=1 << 24,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._reading = [
            asyncio.create_task(self._read(self._process.stdout, self.output.append)),
            asyncio.create_task(self._read(self._process.stderr, self._heard)),
        ]

    async def wait_for_event(
        self, name: str, *, seconds: float = READY_SECONDS, after: int = 0, **keys: object
    ) -> Event:
        """The first event of this name with these values, from number `after` of `events` on; waits for it."""

        def found() -> Event | None:
            matching = (e for e in self.events[after:] if e.get("event") == name)
            return next((e for e in matching if all(e.get(k) == v for k, v in keys.items())), None)

        await self._until(lambda: found() is not None, f"no {name} {keys or ''}", seconds)
        event = found()
        assert event is not None
        return event

    async def wait_for_line(self, text: str, *, seconds: float = READY_SECONDS) -> str:
        """The first line of its log that contains `text`."""
        await self._until(lambda: any(text in line for line in self.lines), f"no line with {text!r}", seconds)
        return next(line for line in self.lines if text in line)

    async def wait_for_output(self, text: str, *, seconds: float = READY_SECONDS) -> str:
        """The first line of its standard output that contains `text`."""
        await self._until(lambda: any(text in line for line in self.output), f"no output {text!r}", seconds)
        return next(line for line in self.output if text in line)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the daemon itself, not to its children."""
        os.kill(self.pid, number)

    def hang_up(self) -> int:
        """Ask it to read its watch files again; returns the `after` for what it says of that."""
        before = len(self.events)
        self.watch_file.write_text(self.watch, encoding="utf-8")
        self.signal(signal.SIGHUP)
        return before

    async def stop(self, *, seconds: float = 30.0) -> int:
        """SIGTERM, as systemd does it; its exit code. Raises TimeoutError when it does not end in time."""
        self.signal(signal.SIGTERM)
        return await self.ended(seconds=seconds)

    async def ended(self, *, seconds: float = READY_SECONDS) -> int:
        """Wait until it is gone, by itself or at a crash point; its exit code (-9: killed)."""
        assert self._process is not None
        async with asyncio.timeout(seconds):
            await self._process.wait()
            await asyncio.gather(*self._reading)
        return self._process.returncode or 0

    async def kill(self, *, everything: bool = False) -> None:
        """SIGKILL the daemon; `everything`: its reading children as well, at the end of a test."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if everything:
                os.killpg(self._process.pid, signal.SIGKILL)
            elif self._process.returncode is None:
                self._process.kill()
        await self._process.wait()
        await asyncio.gather(*self._reading)

    async def _until(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        async def wait() -> None:
            async with self._news:
                await self._news.wait_for(lambda: condition() or self._is_over())

        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wait(), seconds)
        if not condition():
            end = f"it ended with {self.returncode}" if self._is_over() else f"within {seconds:g} s"
            raise EventMissingError(f"{what}, {end}; its log ends:\n" + "\n".join(self.lines[-30:]))

    def _is_over(self) -> bool:
        return all(task.done() for task in self._reading)

    async def _read(self, stream: asyncio.StreamReader, hear: Callable[[str], None]) -> None:
        async for line in stream:
            async with self._news:
                hear(line.decode("utf-8", "replace").rstrip("\n"))
                self._news.notify_all()
        asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self._tell()))

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _heard(self, line: str) -> None:
        self.lines.append(line)
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict):
                self.events.append(event)
