"""Scrapy's way through the gate: the download handler of the daemon and of plain `scrapy crawl`."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings

from spiders.gate.addresses import parse_networks
from spiders.gate.exchange import Answer, Call, Cut
from spiders.gate.gate import Gate
from spiders.gate.policy import GatePolicy
from spiders.gate.proxies import Proxy, read_proxy

_CERTIFICATE = "certificate_sha256"
_ISSUER = "certificate_issuer"


class GateDownloadHandler(BaseDownloadHandler):
    """Downloads through the spider's own `gate` when it has one, else through one made from the settings."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        given = getattr(crawler.spider, "gate", None)
        self._gate = given if isinstance(given, Gate) else Gate(policy_from(crawler.settings))
        self._owned = self._gate is not given

    async def download_request(self, request: Request) -> Response:
        """Return the decoded response; what was cut off is kept, and `cut_of(response)` says why.

        Raises GateError, whose text is the reason for people.
        """
        timeout, max_bytes = request.meta.get("download_timeout"), request.meta.get("download_maxsize")
        answer = await self._gate.exchange(
            Call(
                method=request.method,
                url=request.url,
                headers=_sent_headers(request),
                body=request.body,
                timeout=timedelta(seconds=timeout) if timeout else None,
                max_bytes=max_bytes or None,
                proxy=request.meta.get("proxy"),
            )
        )
        request.meta[_CERTIFICATE] = answer.certificate
        request.meta[_ISSUER] = answer.issuer
        return _response(answer)

    async def close(self) -> None:
        if self._owned:
            await self._gate.close()


def policy_from(settings: BaseSettings) -> GatePolicy:
    """Read the gate's policy from Scrapy settings; raises ValueError for what cannot be read."""
    named = str(settings.get("GATE_PROXY") or "")
    return GatePolicy(
        allow_networks=parse_networks(settings.getlist("GATE_ALLOW_NETWORKS")),
        allow_ports=frozenset(int(port) for port in settings.getlist("GATE_ALLOW_PORTS")),
        trust_ca_files=tuple(Path(name) for name in settings.getlist("GATE_TRUST_CA_FILES")),
        max_bytes=settings.getint("DOWNLOAD_MAXSIZE"),
        max_redirects=settings.getint("REDIRECT_MAX_TIMES"),
        total_timeout_seconds=settings.getfloat("DOWNLOAD_TIMEOUT"),
        user_agent=str(settings.get("USER_AGENT")),
        proxy=_proxy(named) if named else None,
    )


def _proxy(text: str) -> Proxy:
    proxy = read_proxy(text)
    if isinstance(proxy, Proxy):
        return proxy
    raise ValueError(f"GATE_PROXY: {proxy.reason}")


def cut_of(response: Response) -> Cut | None:
    """Why the body is short, or None when it is whole."""
    return next((cut for cut in Cut if cut.value in response.flags), None)


def certificate_of(response: Response) -> str | None:
    """SHA-256 of the server's certificate in hex; None without TLS."""
    return response.meta.get(_CERTIFICATE)


def issuer_of(response: Response) -> str | None:
    """Who signed the server's certificate; None without TLS."""
    return response.meta.get(_ISSUER)


def _sent_headers(request: Request) -> dict[str, str]:
    return {
        name.decode("latin-1"): ", ".join(value.decode("latin-1") for value in values)
        for name, values in request.headers.items()
    }


def _response(answer: Answer) -> Response:
    # aiohttp reads header bytes as UTF-8 with surrogate escapes; this gives the bytes back as they came
    headers = Headers(
        [
            (name.encode(), value.encode("utf-8", "surrogateescape"))
            for name, value in answer.headers
            if name.lower() != "content-encoding"  # undone already
        ]
    )
    kind = responsetypes.from_args(headers=headers, url=answer.url, body=answer.body)
    return kind(
        url=answer.url,
        status=answer.status,
        headers=headers,
        body=answer.body,
        flags=[answer.cut.value] if answer.cut else [],
        ip_address=ip_address(answer.address) if answer.address else None,
    )
