"""Faults: what a failed exchange is called, in one line that names what, where and the remedy."""

import socket
import ssl

import aiohttp

from spiders.fetching import FailureKind
from spiders.gate.connector import HeadersOutOfBoundsError, RefusedAddressError
from spiders.gate.exchange import GateError
from spiders.gate.proxies import Proxy
from spiders.gate.socks import ProxyFailedError

_LONGEST_DETAIL = 160
_DNS_REASONS = {
    socket.EAI_NONAME: "there is no such name; check the spelling, or the network if no name is found",
    socket.EAI_AGAIN: "the name server does not answer; it may do so later",
    socket.EAI_FAIL: "the name server failed",
}


def fault_of(error: Exception, host: str, proxy: Proxy | None = None) -> GateError:
    """Name an exception of aiohttp or of the system; the order goes from the special to the general."""
    if (refused := _refused(error)) is not None:
        return refusal_fault(refused.refusal.reason)
    if proxy is not None and (what := _proxy_reason(error)) is not None:
        return proxy_fault(proxy, f"{what}; {host} is not fetched any other way")
    match error:
        case HeadersOutOfBoundsError():
            return GateError(FailureKind.PROTOCOL, f"{host}: {error}; the answer is not read")
        case aiohttp.ClientSSLError():
            return GateError(FailureKind.TLS, f"{host}: {_tls_reason(error)}")
        case aiohttp.ClientConnectorDNSError():
            return GateError(FailureKind.DNS, f"{host}: {_dns_reason(error.os_error)}")
        case aiohttp.ServerTimeoutError() | TimeoutError():
            return GateError(FailureKind.TIMEOUT, f"{host} does not take connections in time")
        case aiohttp.ClientConnectorError():
            return GateError(FailureKind.CONNECT, f"{host} cannot be reached: {_detail(error.os_error)}")
        case aiohttp.ServerDisconnectedError():
            return GateError(FailureKind.CONNECT, f"{host} closed the connection without an answer")
        case aiohttp.ClientOSError():
            return GateError(FailureKind.CONNECT, f"{host} broke the connection: {_detail(error)}")
        case aiohttp.InvalidURL():
            return refusal_fault(f"the URL cannot be read: {_detail(error)}")
        case aiohttp.ClientResponseError():
            return GateError(
                FailureKind.PROTOCOL, f"{host} does not speak HTTP as it should: {_detail(error)}"
            )
        case _:
            return GateError(FailureKind.PROTOCOL, f"{host}: {type(error).__name__}: {_detail(error)}")


def refusal_fault(reason: str) -> GateError:
    """Our own no."""
    return GateError(FailureKind.REFUSED, f"refused: {reason}")


def proxy_fault(proxy: Proxy, what: str) -> GateError:
    """What the way out did wrong, not the source."""
    return GateError(FailureKind.CONNECT, f"the proxy {proxy.place} {what}")


def _proxy_reason(error: Exception) -> str | None:
    match error:
        case ProxyFailedError():
            return f"brought no connection about: {_detail(error)}"
        case aiohttp.ClientHttpProxyError():
            return f"answered {error.status} {_detail(error)}"
        case aiohttp.ClientConnectorDNSError():
            return f"cannot be reached: {_dns_reason(error.os_error)}"
        case aiohttp.ClientProxyConnectionError():
            return f"cannot be reached: {_detail(error.os_error)}"
        case aiohttp.ServerTimeoutError():
            return "does not take connections in time"
        case _:
            return None


def _refused(error: BaseException | None) -> RefusedAddressError | None:
    """aiohttp carries the guard's exception as `os_error`, or chained below it."""
    while error is not None:
        if isinstance(error, RefusedAddressError):
            return error
        inner = getattr(error, "os_error", None)
        error = inner if isinstance(inner, RefusedAddressError) else error.__cause__
    return None


def _tls_reason(error: aiohttp.ClientSSLError) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        what = cause.verify_message.rstrip(".") or "cannot be verified"
        return f"the certificate is not trusted: {what}; if it is yours, name it in [gate] trust_ca_files"
    return f"TLS failed: {_detail(cause)}"


def _dns_reason(error: OSError) -> str:
    known = _DNS_REASONS.get(error.errno) if error.errno is not None else None
    return known or f"the name cannot be looked up: {_detail(error)}"


def _detail(error: BaseException) -> str:
    text = (
        getattr(error, "strerror", None)
        or getattr(error, "message", None)
        or str(error)
        or type(error).__name__
    )
    return " ".join(str(text).split())[:_LONGEST_DETAIL]
