"""Two small real proxies on loopback, HTTP and SOCKS 5; they know names that nobody else does."""

import asyncio
import base64
from contextlib import suppress
from dataclasses import dataclass, field

SOCKS_ATYP_V4, SOCKS_ATYP_NAME, SOCKS_ATYP_V6 = 1, 3, 4


@dataclass
class _WayOut:
    """Async context manager. `knows` maps a name to (address, port); what else is asked for fails."""

    knows: dict[str, tuple[str, int]] = field(default_factory=dict)
    login: str | None = None  # user:password
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    async def _dial(self, host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        self.asked.append(host)
        return await asyncio.open_connection(*self.knows[host]) if host in self.knows else None


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _join(near, far) -> None:
    try:
        await asyncio.gather(_pipe(near[0], far[1]), _pipe(far[0], near[1]))
    finally:
        far[1].close()


class HttpProxy(_WayOut):
    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        wanted = self.login and f"Basic {base64.b64encode(self.login.encode()).decode()}"
        if wanted and f"Proxy-Authorization: {wanted}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        place = target if method == "CONNECT" else target.split("/")[2]
        far = await self._dial(place.rpartition(":")[0] or place)
        if far is None:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        elif method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _join((reader, writer), far)
        else:
            path = "/" + target.split("/", 3)[3]
            far[1].write(head.replace(target, path, 1).encode("latin-1"))
            await _join((reader, writer), far)


class SocksProxy(_WayOut):
    @property
    def url(self) -> str:
        return f"socks5h://127.0.0.1:{self.port}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        if not await self._log_in(offered, reader, writer):
            return
        _, command, _, kind = await reader.readexactly(4)
        host = await self._host(kind, reader)
        await reader.readexactly(2)
        far = await self._dial(host) if command == 1 else None
        writer.write(b"\x05" + (b"\x00" if far else b"\x04") + b"\x00\x01\x00\x00\x00\x00\x00\x00")
        if far:
            await _join((reader, writer), far)

    async def _log_in(self, offered: bytes, reader, writer) -> bool:
        if self.login is None:
            writer.write(b"\x05\x00")
            return True
        if 2 not in offered:
            writer.write(b"\x05\xff")
            return False
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        user = await reader.readexactly((await reader.readexactly(1))[0])
        password = await reader.readexactly((await reader.readexactly(1))[0])
        good = f"{user.decode()}:{password.decode()}" == self.login
        writer.write(b"\x01\x00" if good else b"\x01\x01")
        return good

    async def _host(self, kind: int, reader: asyncio.StreamReader) -> str:
        if kind == SOCKS_ATYP_NAME:
            return (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        raw = await reader.readexactly(4 if kind == SOCKS_ATYP_V4 else 16)
        return ".".join(map(str, raw)) if kind == SOCKS_ATYP_V4 else raw.hex(":")
