"""The gate: every HTTP exchange of the product, with one guard for addresses, sizes and times."""

import asyncio
import hashlib
import ssl
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property, partial
from types import TracebackType
from typing import Self, cast

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import Connection
from multidict import CIMultiDict
from yarl import URL

from spiders.fetching import FailureKind, FetchFailed
from spiders.gate.addresses import Refusal
from spiders.gate.body import Body
from spiders.gate.connector import GuardedConnector, SystemResolver
from spiders.gate.decoding import ACCEPT_ENCODING
from spiders.gate.exchange import Answer, Call, Cut, GateError, PostReply
from spiders.gate.faults import fault_of, proxy_fault, refusal_fault
from spiders.gate.policy import GatePolicy
from spiders.gate.proxies import HTTP, SOCKS, Proxy
from spiders.gate.retrying import retry_after
from spiders.gate.socks import SocksConnector

_FIRST_REDIRECT = 300
_LINE_BYTES = 8190
_READ_BYTES = 64 << 10
# A page that arrived in part is worth reading when the time is up; what a slow loris dripped is not.
_WORTH_KEEPING_BYTES = 16 << 10
_PROXY_WANTS_LOGIN = 407
_NO_AUTO_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class _Response(aiohttp.ClientResponse):
    """Remembers the peer, which aiohttp forgets as soon as a short body is complete (aiohttp#2205)."""

    dialled: str | None = None
    certificate: str | None = None
    issuer: str | None = None

    async def start(self, connection: Connection) -> Self:
        if (transport := connection.transport) is not None:
            peer = transport.get_extra_info("peername")
            self.dialled = str(peer[0]) if peer else None
            self.certificate = _fingerprint(transport.get_extra_info("ssl_object"))
            self.issuer = _issuer(transport.get_extra_info("ssl_object"))
        await super().start(connection)
        return self


class Gate:
    """Async context manager that owns one guarded session.

    Feeds and webhooks get a gate each, with a policy of their own.
    """

    def __init__(self, policy: GatePolicy, *, resolver: AbstractResolver | None = None) -> None:
        self.policy = policy
        self._resolver = resolver or SystemResolver()
        self._sessions: dict[Proxy | None, aiohttp.ClientSession] = {}
        self._closed = False

    async def __aenter__(self) -> Self:
        self._open(self.policy.proxy)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every exchange under way; they fail with a GateError."""
        self._closed = True
        for session in self._sessions.values():
            await session.close()
        if self._sessions:
            await self._resolver.close()

    def check_open(self) -> None:
        """Raises GateError once the gate is closed."""
        if self._closed:
            raise refusal_fault("the gate is closed, this process is stopping")

    async def exchange(self, call: Call) -> Answer:
        """Send one request and return its one answer, of whatever status.

        Raises GateError for everything that the other side or the network can do wrong, and for our own no.
        """
        url = self.policy.parse(call.url)
        if isinstance(url, Refusal):
            raise refusal_fault(url.reason)
        proxy = self.policy.way_out(call.proxy)
        if isinstance(proxy, Refusal):
            raise refusal_fault(proxy.reason)
        if refusal := self.policy.judge_way(url, proxy):
            raise refusal_fault(refusal.reason)
        return await self._in_time(call, url, proxy)

    async def post(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout: timedelta,  # noqa: ASYNC109 - the caller's patience is part of the call
        max_reply_bytes: int = 4096,
    ) -> PostReply | FetchFailed:
        """POST once, follow nothing, and return what the receiver said or why nobody did."""
        call = Call(
            method="POST", url=url, headers=headers, body=body, timeout=timeout, max_bytes=max_reply_bytes
        )
        try:
            answer = await self.exchange(call)
        except GateError as fault:
            return FetchFailed(url=url, kind=fault.kind, reason=fault.reason)
        named = {name.lower(): value for name, value in answer.headers}
        wait = retry_after(named.get("retry-after"), named.get("date"))
        return PostReply(status=answer.status, headers=named, body=answer.body, retry_after=wait)

    async def _in_time(self, call: Call, url: URL, proxy: Proxy | None) -> Answer:
        seconds = call.timeout.total_seconds() if call.timeout else self.policy.total_timeout_seconds
        body = Body(call.max_bytes if call.max_bytes is not None else self.policy.max_bytes)
        started: list[_Response] = []
        host = url.host or ""
        try:
            async with asyncio.timeout(seconds):
                return await self._talk(call, url, proxy, body, started)
        except aiohttp.ServerTimeoutError as error:
            raise fault_of(error, host, proxy) from error
        except TimeoutError as error:
            if started and (len(body) >= _WORTH_KEEPING_BYTES or not body.worth_it):
                return _answer(call, started[0], proxy, body, Cut.SLOW)
            where = f"{len(body)} bytes came" if started else "no answer came"
            reason = f"{host} took longer than {seconds:g} s: {where}"
            raise GateError(FailureKind.TIMEOUT, reason) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise fault_of(error, host, proxy) from error

    async def _talk(
        self, call: Call, url: URL, proxy: Proxy | None, body: Body, started: list[_Response]
    ) -> Answer:
        headers, tunnel = self._headers(call.headers), CIMultiDict({"User-Agent": self.policy.user_agent})
        through = proxy.url if proxy is not None and proxy.scheme == HTTP else None
        if proxy is not None and through is not None and proxy.authorization:
            (tunnel if url.scheme == "https" else headers)["Proxy-Authorization"] = proxy.authorization
        async with self._open(proxy).request(
            call.method,
            url,
            data=call.body or None,
            headers=headers,
            allow_redirects=False,
            proxy=through,
            proxy_headers=tunnel if through else None,
        ) as response:
            if proxy is not None and response.status == _PROXY_WANTS_LOGIN:
                raise proxy_fault(proxy, "wants a user name and a password; give them in [gate] proxy_file")
            self._judge_headers(response)
            assert isinstance(response, _Response)
            started.append(response)
            if response.status >= _FIRST_REDIRECT:
                body.is_of_an_error()
            cut = await body.read(response)
            if cut is not None:
                response.close()
            return _answer(call, response, proxy, body, cut)

    def _judge_headers(self, response: aiohttp.ClientResponse) -> None:
        """The parser bounds the number and the size of each; the exact sum is judged here."""
        total_bytes = sum(len(name) + len(value) + len(": \r\n") for name, value in response.raw_headers)
        if total_bytes > self.policy.max_header_bytes:
            limit = f"{self.policy.max_header_bytes >> 10} KiB"
            raise GateError(FailureKind.PROTOCOL, f"{response.url.host} sent more than {limit} of headers")

    def _headers(self, given: Mapping[str, str]) -> CIMultiDict[str]:
        headers = CIMultiDict({"User-Agent": self.policy.user_agent})
        headers.update(given)
        headers["Accept-Encoding"] = ACCEPT_ENCODING  # last: what we can undo is not the caller's to say
        return headers

    def _open(self, proxy: Proxy | None = None) -> aiohttp.ClientSession:
        self.check_open()
        if proxy not in self._sessions:
            self._sessions[proxy] = aiohttp.ClientSession(
                connector=self._connector(proxy),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                response_class=_Response,
                skip_auto_headers=_NO_AUTO_HEADERS,
                read_bufsize=_READ_BYTES,
                max_line_size=_LINE_BYTES,
                max_field_size=self.policy.max_header_bytes,
                max_headers=self.policy.max_headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.policy.connect_timeout_seconds),
            )
        return self._sessions[proxy]

    def _connector(self, proxy: Proxy | None) -> GuardedConnector:
        """One for each way out; that of a proxy can reach the proxy and nothing else."""
        policy = self.policy
        most = policy.max_header_bytes
        if proxy is None:
            return GuardedConnector(
                policy.judge_endpoint, self._resolver, tls=self._tls, max_header_bytes=most
            )
        judge = partial(policy.judge_proxy, proxy=proxy)
        if proxy.scheme != SOCKS:
            return GuardedConnector(judge, self._resolver, tls=self._tls, max_header_bytes=most)
        return SocksConnector(
            proxy,
            judge,
            self._resolver,
            tls=self._tls,
            max_header_bytes=most,
            patience_seconds=policy.total_timeout_seconds,
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return tls_context(self.policy)


def tls_context(policy: GatePolicy) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # not left to the system's OpenSSL settings
    for path in policy.trust_ca_files:
        context.load_verify_locations(path)
    return context


def _fingerprint(tls: ssl.SSLObject | None) -> str | None:
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    return hashlib.sha256(der).hexdigest() if der else None


def _issuer(tls: ssl.SSLObject | None) -> str | None:
    """The organisation that signed the certificate: it stays the same over renewals."""
    stated = (tls.getpeercert() or {}).get("issuer", ()) if tls is not None else ()
    names = {
        str(key): str(value) for part in stated for key, value in cast(tuple[tuple[str, str], ...], part)
    }
    return names.get("organizationName") or names.get("commonName")


def _answer(call: Call, response: _Response, proxy: Proxy | None, body: Body, cut: Cut | None) -> Answer:
    return Answer(
        url=call.url,
        status=response.status,
        headers=tuple(response.headers.items()),
        body=body.data,
        address=response.dialled if proxy is None else None,
        cut=cut,
        certificate=response.certificate,
        issuer=response.issuer,
    )
