"""What a fetch can end as: values, so that the caller decides and the log and the screen say the same reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class FailureKind(StrEnum):
    """Why a fetch brought nothing. Refused means we would not go there; the others are the other side's."""

    REFUSED = "refused"  # scheme, port, private address, redirect to one: our gate says no
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"  # loop, too many, no Location
    TOO_LARGE = "too large"
    HTTP = "http"  # 4xx and 5xx without a better class
    GONE = "gone"  # 404, 410
    BLOCKED = "blocked"  # 401, 403, 429, challenge
    PROTOCOL = "protocol"  # not HTTP, broken compression, headers out of bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One GET; the conditional headers are sent only to the host that gave them."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  # may hold secrets
    timeout: timedelta = timedelta(seconds=30)
    max_bytes: int = 16 << 20
    proxy: str | None = None  # http:// or socks5h://, instead of the gate's own way out
    browser: bool = False  # render the page in a browser first (the extra `browser`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A 200 answer. `truncated` means the body was cut at max_bytes and is still worth reading."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    address: str | None  # the IP address really dialled
    redirects: tuple[str, ...] = ()
    moved_to: str | None = None  # set when every hop was 301 or 308
    truncated: bool = False
    certificate: str | None = None  # SHA-256 of the server's certificate in hex; None without TLS
    issuer: str | None = None  # who signed it
    seconds: float = field(default=0.0, compare=False)  # on the wire, over all hops
    robots: str | None = field(default=None, compare=False)  # what robots.txt said of it

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        return self.headers.get("last-modified")

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304 answer: nothing new since the validators we sent."""

    url: str
    final_url: str
    moved_to: str | None = None
    certificate: str | None = None
    issuer: str | None = None
    seconds: float = field(default=0.0, compare=False)
    robots: str | None = field(default=None, compare=False)  # what robots.txt said of it


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """No usable answer; `reason` is one line for people, with the remedy where there is one."""

    url: str
    kind: FailureKind
    reason: str
    status: int | None = None
    retry_after: timedelta | None = None
    seconds: float = field(default=0.0, compare=False)
    robots: str | None = field(default=None, compare=False)  # what robots.txt said of it


FetchResult = Fetched | NotModified | FetchFailed
