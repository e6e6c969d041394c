"""Hops: where a redirect leads, what may be sent along, and when to stop following."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urljoin

from yarl import URL

from spiders.fetching import FailureKind, FetchFailed, FetchRequest
from spiders.gate.addresses import Refusal
from spiders.gate.policy import GatePolicy

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_HARMLESS_ABROAD = frozenset({"accept", "accept-language"})  # what we call ourselves may be an agreement too
_ASCII_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
_MAX_COOKIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """The next request of a fetch, and the way that led to it."""

    start: str
    url: str
    headers: Mapping[str, str] = field(repr=False)  # the caller's own; may hold secrets
    validators: Mapping[str, str]  # If-None-Match, If-Modified-Since
    cookies: Mapping[str, str] = field(default_factory=dict[str, str])  # of this fetch and this origin only
    trail: tuple[str, ...] = ()  # the URLs that redirected
    seen: frozenset[tuple[str, frozenset[tuple[str, str]]]] = frozenset()
    permanent: bool = True

    def to_send(self) -> dict[str, str]:
        """All headers of this hop."""
        sent = {**self.headers, **self.validators}
        if self.cookies:
            ours = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            given = next((value for name, value in sent.items() if name.lower() == "cookie"), "")
            sent = {name: value for name, value in sent.items() if name.lower() != "cookie"}
            sent["Cookie"] = f"{given}; {ours}" if given else ours
        return sent

    def failed(self, kind: FailureKind, reason: str) -> FetchFailed:
        return FetchFailed(url=self.start, kind=kind, reason=reason)


def first_hop(request: FetchRequest, policy: GatePolicy) -> Hop | FetchFailed:
    """The request itself, judged."""
    url = policy.check_url(request.url)
    if isinstance(url, Refusal):
        return FetchFailed(url=request.url, kind=FailureKind.REFUSED, reason=f"refused: {url.reason}")
    validators = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return Hop(
        start=request.url,
        url=url,
        headers=request.headers,
        validators={name: value for name, value in validators.items() if value and value.isprintable()},
    )


def next_hop(
    hop: Hop, *, status: int, location: bytes | None, set_cookies: list[bytes], policy: GatePolicy
) -> Hop | FetchFailed:
    """Follow one redirect, or say why not.

    Nothing secret crosses an origin: the caller's headers and the cookies stay behind for good. The
    validators survive http://host -> https://host, the way of most feeds listed by their old address.
    """
    if location is None:
        return hop.failed(
            FailureKind.REDIRECT, f"{_place(hop.url)} redirects ({status}) without saying where"
        )
    url = policy.check_url(urljoin(hop.url, _as_text(location)))
    if isinstance(url, Refusal):
        return hop.failed(
            FailureKind.REFUSED, f"refused: {_place(hop.url)} redirects to a place we do not go: {url.reason}"
        )
    if len(hop.trail) >= policy.max_redirects:
        return hop.failed(FailureKind.REDIRECT, f"more than {policy.max_redirects} redirects")
    same = origin(url) == origin(hop.url)
    cookies = {**hop.cookies, **_cookies(set_cookies)} if same else {}
    seen = hop.seen | {(hop.url, frozenset(hop.cookies.items()))}
    if (url, frozenset(cookies.items())) in seen:
        return hop.failed(FailureKind.REDIRECT, f"{_place(url)} redirects in a circle")
    return replace(
        hop,
        url=url,
        headers=hop.headers if same else _harmless(hop.headers),
        validators=hop.validators if same or _is_upgrade(hop.url, url) else {},
        cookies=cookies,
        trail=(*hop.trail, hop.url),
        seen=seen,
        permanent=hop.permanent and status in _PERMANENT,
    )


def _as_text(location: bytes) -> str:
    """UTF-8 as it is; other bytes percent-encoded, which gives the server back what it sent."""
    try:
        return location.decode().strip()
    except UnicodeDecodeError:
        return quote(location, safe=_ASCII_PRINTABLE).strip()


def _cookies(lines: list[bytes]) -> dict[str, str]:
    """Cookies set on the way: sites that redirect to themselves until their cookie comes back need them."""
    jar: dict[str, str] = {}
    for line in lines[:_MAX_COOKIES]:
        parsed: SimpleCookie = SimpleCookie()
        try:
            parsed.load(line.decode("latin-1"))
        except CookieError:
            continue
        jar |= {name: morsel.coded_value for name, morsel in parsed.items()}
    return jar


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in _HARMLESS_ABROAD}


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: what is secret at one origin is not said to another (RFC 6454)."""
    parsed = URL(url)
    return parsed.scheme, parsed.raw_host, parsed.port


def _is_upgrade(old: str, new: str) -> bool:
    (scheme, host, port), (new_scheme, new_host, new_port) = origin(old), origin(new)
    return host == new_host and (scheme, port, new_scheme, new_port) == ("http", 80, "https", 443)


def _place(url: str) -> str:
    """A URL without its query, which may hold tokens."""
    return str(URL(url).with_query(None))
