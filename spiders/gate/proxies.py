"""Proxies: another way out of this machine, through which then everything goes and nothing beside it."""

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote

from yarl import URL

from spiders.gate.addresses import Refusal
from spiders.gate.urls import read_url, refuse

HTTP, SOCKS = "http", "socks5h"
_EXAMPLE = "write it as http://host:port or socks5h://host:port"
_LOCAL_LOOKUP = frozenset({"socks", "socks4", "socks4a", "socks5"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A host and a port that dials for us, and looks the names up where it stands."""

    scheme: str  # http: CONNECT and absolute-form; socks5h: SOCKS 5 with the name, not the address
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """Without the login: what logs and people may see."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> URL:
        return URL(self.place)

    @property
    def authorization(self) -> str | None:
        """The value of Proxy-Authorization."""
        if self.user is None:
            return None
        login = f"{self.user}:{self.password or ''}".encode()
        return f"Basic {base64.b64encode(login).decode()}"


def read_proxy(text: str) -> Proxy | Refusal:
    """Read a proxy's URL; a login may stand before the host, and never shows in a Refusal."""
    scheme, mark, rest = text.strip().partition("://")
    login, at, place = rest.rpartition("@")
    if scheme.lower() in _LOCAL_LOOKUP:
        return refuse(f"{scheme}: would look names up on this machine; write socks5h://host:port")
    if not mark or scheme.lower() not in {HTTP, SOCKS}:
        return refuse(f"the proxy is not a URL that can be used; {_EXAMPLE}")
    url = read_url(f"{scheme}://{place}", frozenset({HTTP, SOCKS}))
    if isinstance(url, Refusal):
        return refuse(f"the proxy: {url.reason}; {_EXAMPLE}")
    if url.explicit_port is None or url.path not in {"", "/"} or url.query_string:
        return refuse(f"a proxy is a host and a port and nothing else; {_EXAMPLE}")
    user, _, password = login.partition(":")
    return Proxy(
        scheme=url.scheme,
        host=url.raw_host or "",
        port=url.explicit_port,
        user=unquote(user) if at else None,
        password=unquote(password) if at else None,
    )
