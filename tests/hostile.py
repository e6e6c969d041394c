"""A hostile origin: one small server on loopback, each of its paths a fault; and a resolver to tell lies."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_network

from aiohttp.abc import AbstractResolver, ResolveResult

LOOPBACK = (ip_network("127.0.0.0/8"),)
FLOOD_BYTES = 64 << 20  # far more than any limit, little enough for a test that would let it through


@dataclass
class Seen:
    """One request as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    method: str
    body: bytes = b""


@dataclass
class Exchange:
    """What a fault is given to work with."""

    seen: Seen
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    origin: "HostileOrigin"

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        self.origin.sent_bytes += len(data)

    async def answer(self, status: str = "200 OK", body: bytes = b"", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode() + body)

    async def flood(self, piece: bytes) -> None:
        for _ in range(FLOOD_BYTES // len(piece)):
            await self.send(piece)

    async def silence(self) -> None:
        """Say nothing until the other side gives up."""
        await self.reader.read()

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.writer.transport.abort()


Fault = Callable[[Exchange], Awaitable[None]]


@dataclass
class HostileOrigin:
    """Async context manager. `origin.on("/path", fault)`, then look at `seen` and `connections`."""

    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    faults: dict[str, Fault] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    sent_bytes: int = 0
    port: int = 0

    async def __aenter__(self) -> "HostileOrigin":
        self._server = await asyncio.start_server(self._serve, self.host, self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def on(self, path: str, fault: Fault) -> str:
        self.faults[path] = fault
        return self.url(path)

    def answers(self, path: str, status: str = "200 OK", body: bytes = b"", **headers: str) -> str:
        return self.on(path, lambda exchange: exchange.answer(status, body, **headers))

    def url(self, path: str, host: str | None = None) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [each.path for each in self.seen]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._exchange(reader, writer)
        finally:
            self.open_now -= 1
            self._tasks.discard(task)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        seen = Seen(path=path, headers=headers, method=method, body=body)
        self.seen.append(seen)
        fault = self.faults.get(path) or (lambda exchange: exchange.answer("404 Not Found"))
        await fault(Exchange(seen=seen, reader=reader, writer=writer, origin=self))


class Told(AbstractResolver):
    """Answers each name with the addresses it was told; everything else does not exist."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): addresses for name, addresses in names.items()}
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.names[host]
        ]

    async def close(self) -> None:
        pass
