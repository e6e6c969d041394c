"""The guarded connector: judges every address before it is dialled, and bounds what comes before a body."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ssl import SSLContext
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler

from spiders.gate.addresses import Refusal

_DNS_THREADS = 32  # a resolver that hangs for 30 s holds its own threads, not the default pool's six
_DNS_CACHE_SECONDS = 60
_MAX_ADDRESSES = 16  # dialled; all are judged
_FIRST_FINAL_STATUS = 200

Judge = Callable[[str, int], Refusal | None]  # of an address and a port about to be dialled
_AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]


class RefusedAddressError(OSError):
    """The address is not one we dial."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class HeadersOutOfBoundsError(aiohttp.ClientError):
    """The answer's headers are too many or too long."""


class SystemResolver(AbstractResolver):
    """getaddrinfo in threads of our own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_DNS_THREADS, thread_name_prefix="gate-dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        ask = partial(
            socket.getaddrinfo,
            host,
            port,
            family,
            socket.SOCK_STREAM,
            socket.IPPROTO_TCP,
            socket.AI_ADDRCONFIG,
        )
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=proto,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, _, proto, _, address in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """Refuses a name as a whole when we would not dial one of its addresses: DNS rebinding gives both."""

    def __init__(self, inner: AbstractResolver, judge: Judge) -> None:
        self._inner = inner
        self._judge = judge

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for each in found:
            if refusal := self._judge(each["host"], port):
                raise RefusedAddressError(
                    Refusal(reason=f"{host} leads to a place we do not go: {refusal.reason}")
                )
        return found[:_MAX_ADDRESSES]

    async def close(self) -> None:
        await self._inner.close()


class BoundedResponseHandler(ResponseHandler):
    """Counts the bytes until the final headers are complete.

    aiohttp 3.14 bounds each field and their number, not their sum, and each 1xx answer starts afresh.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, max_header_bytes: int) -> None:
        super().__init__(loop=loop)
        self._header_bytes_left = max_header_bytes
        self._in_headers = True

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_headers:
            return
        self._header_bytes_left -= len(data)
        if self._header_bytes_left < 0:
            self.set_exception(HeadersOutOfBoundsError("the headers do not end"))
            self.abort_transport()

    def feed_data(self, data: Any, size: int = 0) -> None:
        self._in_headers = self._in_headers and data[0].code < _FIRST_FINAL_STATUS
        super().feed_data(data, size)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """Tell whoever reads the body too: on a bad chunk length aiohttp 3.14.5 leaves it waiting."""
        super().set_exception(exc, exc_cause or exc)
        body = self._payload
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError(str(exc)), exc)

    def abort_transport(self) -> None:
        """Drop the connection and keep the exception that says why."""
        if self.transport is not None:
            self.transport.abort()


class GuardedConnector(aiohttp.TCPConnector):
    """One connection per exchange (among thousands of hosts, keep-alive only holds sockets), each judged."""

    def __init__(
        self, judge: Judge, resolver: AbstractResolver, *, tls: SSLContext, max_header_bytes: int
    ) -> None:
        super().__init__(
            ssl=tls,
            resolver=GuardedResolver(resolver, judge),
            socket_factory=partial(_guarded_socket, judge),
            force_close=True,
            limit=0,
            ttl_dns_cache=_DNS_CACHE_SECONDS,
        )
        loop = asyncio.get_running_loop()
        # Private, and pinned by a contract test: there is no other way to reach the protocol of a client.
        self._factory = partial(BoundedResponseHandler, loop, max_header_bytes)


def _guarded_socket(judge: Judge, info: _AddrInfo) -> socket.socket:
    family, kind, proto, _, address = info
    if refusal := judge(str(address[0]), int(address[1])):
        raise RefusedAddressError(refusal)
    made = socket.socket(family, kind, proto)
    made.setblocking(False)
    return made
