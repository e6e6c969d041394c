"""What the gate lets out: schemes, hosts, ports and sizes, decided before and after names are looked up."""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from yarl import URL

from spiders.gate.addresses import Address, Network, Refusal, is_allowed, judge_address

WEB_PORTS = frozenset({80, 443, 8080, 8443})
USER_AGENT = "Mozilla/5.0 (compatible; Marsad/0.1; news monitor)"
MAX_URL_CHARS = 8192

_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<slashes>//)?(?P<authority>[^/]*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\\]")
# Dots that IDNA reads as dots while other parsers do not: 127。0。0。1 (UTS 46 section 2.3).
_OTHER_DOTS = frozenset("\u3002\uff0e\uff61\u2024")
_HOST_CHARS = re.compile(r"[a-z0-9_.:-]+")
# The URL standard's "ends in a number": getaddrinfo reads 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1.
_NUMBER_LABEL = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """The operator's say: inside `allow_networks` every address and port is open, elsewhere only the web."""

    allow_networks: tuple[Network, ...] = ()
    ports: frozenset[int] = WEB_PORTS
    allow_ports: frozenset[int] = frozenset()
    schemes: frozenset[str] = frozenset({"http", "https"})
    max_bytes: int = 16 << 20
    max_header_bytes: int = 64 << 10
    max_headers: int = 200
    max_redirects: int = 5
    connect_timeout_seconds: float = 10.0
    total_timeout_seconds: float = 30.0
    user_agent: str = USER_AGENT
    trust_ca_files: tuple[Path, ...] = ()  # certificate authorities to trust besides the system's

    def check_url(self, url: str) -> str | Refusal:
        """Return the URL as it will be dialled, or why it will not be."""
        parsed = self.parse(url)
        return parsed if isinstance(parsed, Refusal) else str(parsed)

    def parse(self, url: str) -> URL | Refusal:
        """Read a URL once, with the parser whose result is also what connects (no parser differential)."""
        shape = _SHAPE.match(url)
        if refusal := _judge_text(url) or self._judge_shape(shape):
            return refusal
        try:
            parsed = URL(url).with_fragment(None)
            host, port = parsed.raw_host, parsed.port
        except (ValueError, UnicodeError) as error:
            return _refuse(f"the URL cannot be read: {error}")
        if not host or not _HOST_CHARS.fullmatch(host):
            return _refuse("the URL has no usable host name")
        return self._judge_host(host, port or 0) or parsed

    def judge_endpoint(self, address: Address | str, port: int) -> Refusal | None:
        """Judge what is really about to be dialled, after all names are looked up."""
        ip = ip_address(address.partition("%")[0]) if isinstance(address, str) else address
        if is_allowed(ip, self.allow_networks):
            return None
        return judge_address(ip, self.allow_networks) or self._judge_port(port)

    def _judge_shape(self, shape: re.Match[str] | None) -> Refusal | None:
        if shape is None:
            return _refuse("the URL has no scheme; write it in full, as https://host/path")
        scheme, authority = shape["scheme"].lower(), shape["authority"]
        if scheme not in self.schemes:
            return _refuse(f"{scheme}: is not fetched, only {' and '.join(sorted(self.schemes))}")
        if not shape["slashes"] or not authority:
            return _refuse("the URL has no host name; write it as https://host/path")
        # also `http://public#@127.0.0.1/`, which parsers read in two ways
        if "@" in authority:
            return _refuse("a URL must not hold a user name or password; send them as a header")
        if "%" in authority or " " in authority or _OTHER_DOTS & set(authority):
            return _refuse("the host name holds a character that parsers read in different ways")
        if unicodedata.normalize("NFKC", authority) != unicodedata.normalize("NFC", authority):
            return _refuse("the host name is written in look-alike characters; write it in plain ones")
        return None

    def _judge_host(self, host: str, port: int) -> Refusal | None:
        try:
            ip = ip_address(host)
        except ValueError:
            last = host.rstrip(".").rpartition(".")[2]
            if _NUMBER_LABEL.fullmatch(last):
                return _refuse(f"{host} is an odd spelling of an IP address; write it as four numbers")
            # a name may still lead into an allowed network, where every port is open: then the dialler judges
            return None if self.allow_networks else self._judge_port(port)
        return self.judge_endpoint(ip, port)

    def _judge_port(self, port: int) -> Refusal | None:
        ports = self.ports | self.allow_ports
        if port in ports:
            return None
        return _refuse(f"port {port} is not a web port; add it to [gate] ports if you mean it")


def _judge_text(url: str) -> Refusal | None:
    if len(url) > MAX_URL_CHARS:
        return _refuse(f"the URL is longer than {MAX_URL_CHARS} characters")
    if _CONTROL.search(url) or url != url.strip():
        return _refuse("the URL holds a control character, a backslash or blanks around it")
    return None


def _refuse(reason: str) -> Refusal:
    return Refusal(reason=reason)
