"""SOCKS 5 (RFC 1928): a connector that hands the name to the proxy, and looks up nothing but the proxy itself."""

import asyncio
import socket
from ssl import SSLContext
from typing import Any

import aiohttp
from aiohttp import ClientConnectorError, ClientRequest, ClientTimeout
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.asyncio import Proxy as SocksClient

from spiders.gate.connector import GuardedConnector, GuardedResolver, Judge, RefusedAddressError
from spiders.gate.proxies import Proxy
from spiders.gate.urls import is_address


class ProxyFailedError(aiohttp.ClientConnectionError):
    """The proxy brought no connection about."""


class _Unlooked(AbstractResolver):
    """Hands the name on as it is: who looks it up is the proxy."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=host, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


class SocksConnector(GuardedConnector):
    """Dials the proxy and nothing else; `judge` has the last word on the proxy's own address."""

    def __init__(
        self,
        proxy: Proxy,
        judge: Judge,
        resolver: AbstractResolver,
        *,
        tls: SSLContext,
        max_header_bytes: int,
        patience_seconds: float,
    ) -> None:
        super().__init__(judge, resolver, tls=tls, max_header_bytes=max_header_bytes)
        self._proxy = proxy
        self._judge = judge
        self._to_proxy = GuardedResolver(resolver, judge)
        self._patience_seconds = patience_seconds  # Tor takes longer than a connection of our own
        self._resolver = _Unlooked()

    async def _wrap_create_connection(
        self,
        *args: Any,
        addr_infos: list[Any],
        req: ClientRequest,
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature, pinned by a contract test
        client_error: type[Exception] = ClientConnectorError,
        **kwargs: Any,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        host, port = addr_infos[0][4][:2]
        made = await self._dial(str(host), int(port))
        try:
            return await self._wrap_existing_connection(
                *args, sock=made, req=req, timeout=timeout, client_error=client_error, **kwargs
            )
        except BaseException:
            made.close()
            raise

    async def _dial(self, host: str, port: int) -> socket.socket:
        proxy, unreachable = self._proxy, ProxyConnectionError()
        for address in await self._addresses():
            client = SocksClient(ProxyType.SOCKS5, address, proxy.port, proxy.user, proxy.password, rdns=True)
            try:
                return await client.connect(host, port, timeout=self._patience_seconds)
            except ProxyConnectionError as error:
                unreachable = error
            except (ProxyError, ProxyTimeoutError) as error:
                raise ProxyFailedError(_words(error)) from error
        raise ProxyFailedError("cannot be reached") from unreachable

    async def _addresses(self) -> list[str]:
        """The proxy's own addresses, judged; python-socks dials an address as it is."""
        if is_address(self._proxy.host):
            if refusal := self._judge(self._proxy.host, self._proxy.port):
                raise RefusedAddressError(refusal)
            return [self._proxy.host]
        try:
            found = await self._to_proxy.resolve(self._proxy.host, self._proxy.port)
        except RefusedAddressError:
            raise
        except OSError as error:
            raise ProxyFailedError("its name cannot be looked up") from error
        return [each["host"] for each in found]


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
