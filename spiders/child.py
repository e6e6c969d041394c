"""The inside of a killable child process: one job at a time from the parent's socket, within limits."""

import ctypes
import gc
import importlib
import math
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Protocol, cast

HEADER = struct.Struct(">cI")  # what the frame is, and how many bytes follow
READY, SETUP, DONE, JOB, RESULT, RETIRING, ERROR, MEMORY = b"O", b"S", b"D", b"J", b"R", b"L", b"E", b"M"
TASK_END = b"\0"
DETAIL_CHARS = 500
_PR_SET_PDEATHSIG = 1


class Worker(Protocol):
    """What an entry's factory gives back: it is told how things stand, then answers jobs, text for text."""

    def setup(self, text: str) -> None: ...
    def run(self, task: str, text: str) -> str: ...


class Line:
    """Frames over one socket; `receive` gives None when the parent is gone."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, kind: bytes, body: bytes = b"") -> None:
        self._sock.sendall(HEADER.pack(kind, len(body)) + body)

    def receive(self) -> tuple[bytes, bytes] | None:
        header = self._exactly(HEADER.size)
        if header is None:
            return None
        kind, size = HEADER.unpack(header)
        body = self._exactly(size)
        return None if body is None else (kind, body)

    def _exactly(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            part = self._sock.recv(min(size - len(parts), 1 << 20))
            if not part:
                return None
            parts += part
        return bytes(parts)


class Limits:
    """Soft limits, set anew around every job; the hard ones stay open so that they can be moved."""

    def __init__(self, *, cpu_seconds: int, memory_bytes: int) -> None:
        self._cpu_seconds, self._memory_bytes = cpu_seconds, memory_bytes
        self._hard_cpu = resource.getrlimit(resource.RLIMIT_CPU)[1]
        self._hard_memory = resource.getrlimit(resource.RLIMIT_AS)[1]
        self._base = _size_bytes()

    def before_job(self) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = math.ceil(used.ru_utime + used.ru_stime + self._cpu_seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, self._hard_cpu))
        resource.setrlimit(resource.RLIMIT_AS, (self._base + self._memory_bytes, self._hard_memory))

    def lift(self) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (self._hard_cpu, self._hard_cpu))
        resource.setrlimit(resource.RLIMIT_AS, (self._hard_memory, self._hard_memory))

    def settle(self) -> None:
        """What stands in memory now is ours; jobs may take `memory_bytes` on top of it."""
        gc.collect()
        self._base = _size_bytes()

    def worn(self) -> bool:
        """Jobs left so much behind that the next one would be short of memory through no fault of its own."""
        return _size_bytes() > self._base + self._memory_bytes // 2


def main(argv: list[str]) -> None:
    """`python -m spiders.child ENTRY FD CPU_SECONDS MEMORY_BYTES OUTPUT_BYTES`, started by Children only."""
    entry, fd, cpu_seconds, memory_bytes, output_bytes = argv[1], *(int(a) for a in argv[2:6])
    _leave_no_trace()
    line = Line(socket.socket(fileno=fd))
    try:
        worker = _open(entry)
    except Exception as problem:  # noqa: BLE001 - the child's border: the parent tells people why it cannot start
        line.send(ERROR, _describe(problem))
        return
    limits = Limits(cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
    limits.settle()
    line.send(READY)
    while (frame := line.receive()) is not None:
        kind, body = frame
        answer, reply = _set_up(worker, limits, body) if kind == SETUP else _work(worker, limits, body)
        if len(reply) > output_bytes:
            answer, reply = ERROR, f"the answer has {len(reply)} bytes, more than {output_bytes}".encode()
        if answer == RESULT and limits.worn():
            answer = RETIRING
        line.send(answer, reply)
        if answer in (MEMORY, RETIRING):
            return


def _set_up(worker: Worker, limits: Limits, body: bytes) -> tuple[bytes, bytes]:
    limits.lift()
    try:
        worker.setup(body.decode())
    except Exception as problem:  # noqa: BLE001 - the child's border
        return ERROR, _describe(problem)
    limits.settle()
    return DONE, b""


def _work(worker: Worker, limits: Limits, body: bytes) -> tuple[bytes, bytes]:
    task, _, text = body.partition(TASK_END)
    limits.before_job()
    try:
        return RESULT, worker.run(task.decode(), text.decode()).encode("utf-8", "replace")
    except MemoryError:
        limits.lift()
        return MEMORY, b"out of memory"
    except Exception as problem:  # noqa: BLE001 - the child's border: one job's failure is that job's answer
        return ERROR, _describe(problem)


def _open(entry: str) -> Worker:
    module, _, factory = entry.partition(":")
    return cast(Callable[[], Worker], getattr(importlib.import_module(module), factory))()


def _describe(problem: Exception) -> bytes:
    said = " ".join(str(problem).split())
    return f"{type(problem).__name__}: {said}"[:DETAIL_CHARS].encode("utf-8", "replace")


def _size_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def _leave_no_trace() -> None:
    """No core file and no life after the parent's; stop signals are the parent's to act on."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before prctl took hold
        sys.exit(0)


if __name__ == "__main__":
    main(sys.argv)
