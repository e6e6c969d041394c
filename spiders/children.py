"""Killable child processes: work on strangers' data happens there, so that it cannot hang the service."""

import asyncio
import contextlib
import os
import select
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from types import TracebackType
from typing import Literal, Self

from spiders import child

FailureOfChild = Literal["cpu", "memory", "time", "crash", "error"]
START_SECONDS = 60.0  # importing trafilatura and lxml takes two on an idle machine
SETUP_SECONDS = 120.0
INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "HOME", "TZ", "TMPDIR")
# one thread each: OpenBLAS alone reserves some 30 MB of address space for every core
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}


class ChildFailed(Exception):  # noqa: N818 - a value of the job, told as it reads
    """A job did not end well in its child process; `kind` says which limit it met, `detail` what is known."""

    def __init__(self, kind: FailureOfChild, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind: FailureOfChild = kind
        self.detail = detail


class Children:
    """`count` child processes that run one job each at a time; text in, text out, within limits that hold.

    `entry` is "module:factory"; the factory's object has `setup(text)` and `run(task, text) -> text`. A child
    that dies, hangs or overflows takes its own job with it and nothing else; the next job finds a new one.
    """

    def __init__(
        self,
        entry: str,
        *,
        count: int = 2,
        cpu_seconds: int = 8,  # with the end of the process within ten: what is stopped is read by linear means
        memory_bytes: int = 512 << 20,
        wall_seconds: float = 20,
        output_bytes: int = 32 << 20,
    ) -> None:
        self._arguments = (entry, cpu_seconds, memory_bytes, output_bytes)
        self._wall_seconds, self._output_bytes = wall_seconds, output_bytes
        self._count = count
        self._setup, self._version = "", 0
        self._slots: asyncio.LifoQueue[_Slot] = asyncio.LifoQueue()
        self._alive: set[_Child] = set()

    async def __aenter__(self) -> Self:
        """Start them all, so that an entry which cannot be opened is known before the first job."""
        try:
            # all of them are waited for, or one that fails would leave its siblings half started
            starting = (self._start() for _ in range(self._count))
            for started in await asyncio.gather(*starting, return_exceptions=True):
                if isinstance(started, BaseException):
                    raise started
                self._slots.put_nowait(_Slot(started))
        except BaseException:
            await self._kill_all()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._kill_all()

    async def configure(self, setup: str) -> None:
        """Have every child told `setup` before its next job; a job that runs now ends under the old one."""
        if setup != self._setup or not self._version:
            self._setup = setup
            self._version += 1

    @property
    def idle(self) -> int:
        """How many children have nothing to do."""
        return self._slots.qsize()

    async def run(self, task: str, job: str) -> str:
        """Give the job to the next free child and return its answer; ChildFailed says why there is none."""
        slot = await self._slots.get()
        try:
            held = await self._usable(slot)
            answer, body = await self._ask(held, child.JOB, task.encode() + child.TASK_END + job.encode())
            if answer in (child.RETIRING, child.MEMORY):
                await self._empty(slot)
        finally:
            if slot.child is not None and not slot.child.idle:
                await self._empty(slot)
            self._slots.put_nowait(slot)
        if answer in (child.RESULT, child.RETIRING):
            return body.decode()
        raise ChildFailed("memory" if answer == child.MEMORY else "error", body.decode("utf-8", "replace"))

    async def _usable(self, slot: "_Slot") -> "_Child":
        if slot.child is not None and slot.child.gone:
            await self._empty(slot)
        held = slot.child = slot.child or await self._start()
        if held.version != self._version:
            await self._tell(held)
        return held

    async def _empty(self, slot: "_Slot") -> None:
        dead, slot.child = slot.child, None
        if dead is not None:
            await self._bury(dead)

    async def _tell(self, held: "_Child") -> None:
        version = self._version
        answer, body = await self._ask(held, child.SETUP, self._setup.encode(), seconds=SETUP_SECONDS)
        if answer != child.DONE:
            raise ChildFailed("error", f"setting up: {body.decode('utf-8', 'replace')}")
        held.version = version

    async def _ask(
        self, held: "_Child", kind: bytes, body: bytes, *, seconds: float | None = None
    ) -> tuple[bytes, bytes]:
        limit = seconds or self._wall_seconds
        try:
            async with asyncio.timeout(limit):
                return await held.exchange(kind, body, self._output_bytes)
        except TimeoutError:
            raise ChildFailed("time", f"no answer within {limit:g} s; its process was killed") from None
        except (OSError, asyncio.IncompleteReadError):
            raise await held.cause_of_death() from None

    async def _start(self) -> "_Child":
        entry, cpu_seconds, memory_bytes, output_bytes = self._arguments
        ours, theirs = socket.socketpair()
        with theirs:
            numbers = (theirs.fileno(), cpu_seconds, memory_bytes, output_bytes)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "spiders.child", entry, *map(str, numbers)),
                stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, pass_fds=[theirs.fileno()], env=_environment(),
            )  # fmt: skip
        started = _Child(process, *await asyncio.open_connection(sock=ours))
        self._alive.add(started)
        try:
            answer, body = await self._ask_ready(started)
        except BaseException:
            await self._bury(started)
            raise
        if answer != child.READY:
            await self._bury(started)
            raise ChildFailed("error", f"{entry} cannot be opened: {body.decode('utf-8', 'replace')}")
        return started

    async def _ask_ready(self, started: "_Child") -> tuple[bytes, bytes]:
        try:
            async with asyncio.timeout(START_SECONDS):
                return await started.receive(self._output_bytes)
        except TimeoutError:
            raise ChildFailed("time", f"a child process did not start within {START_SECONDS:g} s") from None
        except (OSError, asyncio.IncompleteReadError):
            raise await started.cause_of_death() from None

    async def _bury(self, dead: "_Child") -> None:
        self._alive.discard(dead)
        await dead.kill()

    async def _kill_all(self) -> None:
        await asyncio.gather(*(self._bury(one) for one in list(self._alive)))


class _Slot:
    """A place for one child; empty from a child's death until the next job."""

    def __init__(self, held: "_Child | None") -> None:
        self.child = held


class _Child:
    """One process and the socket to it; `idle` is False from sending a job until its answer is whole."""

    def __init__(self, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self.version = 0
        self.idle = True

    @property
    def gone(self) -> bool:
        """An idle child has nothing to say, so whatever can be read from it now is its end."""
        if self._process.returncode is not None or self._reader.at_eof():
            return True
        ear = select.poll()
        ear.register(self._writer.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(ear.poll(0))

    async def exchange(self, kind: bytes, body: bytes, most_bytes: int) -> tuple[bytes, bytes]:
        self.idle = False
        self._writer.write(child.HEADER.pack(kind, len(body)) + body)
        await self._writer.drain()
        answer = await self.receive(most_bytes)
        self.idle = True
        return answer

    async def receive(self, most_bytes: int) -> tuple[bytes, bytes]:
        kind, size = child.HEADER.unpack(await self._reader.readexactly(child.HEADER.size))
        if size > most_bytes:
            raise ChildFailed("error", f"the answer has {size} bytes, more than {most_bytes}")
        return kind, await self._reader.readexactly(size)

    async def cause_of_death(self) -> ChildFailed:
        with contextlib.suppress(ProcessLookupError):
            async with asyncio.timeout(5):
                await self._process.wait()
        code = self._process.returncode
        if code is None:
            return ChildFailed("crash", "the child process closed its socket but lives")
        if code == -signal.SIGXCPU:
            return ChildFailed("cpu", "the job used up its processor time")
        if code < 0:
            return ChildFailed("crash", f"the child process was ended by {signal.Signals(-code).name}")
        return ChildFailed("crash", f"the child process ended by itself with code {code}")

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        await self._process.wait()


def _environment() -> dict[str, str]:
    """The same modules as ours, nothing else: no DSN, no secret, no proxy reaches a child."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**kept, **ONE_THREAD, "PYTHONPATH": paths, "PYTHONUTF8": "1"}
