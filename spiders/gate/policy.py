"""What the gate lets out: schemes, hosts, ports and sizes, decided before and after names are looked up."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from yarl import URL

from spiders.gate.addresses import Address, Network, Refusal, is_allowed, judge_address
from spiders.gate.proxies import Proxy, read_proxy
from spiders.gate.urls import is_address, is_local_name, read_url, refuse

WEB_PORTS = frozenset({80, 443, 8080, 8443})
USER_AGENT = "Mozilla/5.0 (compatible; Marsad/0.1; news monitor)"


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
    proxy: Proxy | None = None  # everything goes through it, nothing outside it

    def check_url(self, url: str) -> str | Refusal:
        """Return the URL as it will be dialled, or why it will not be."""
        parsed = self.parse(url)
        return parsed if isinstance(parsed, Refusal) else str(parsed)

    def parse(self, url: str) -> URL | Refusal:
        """Read a URL once, with the parser whose result is also what connects (no parser differential)."""
        parsed = read_url(url, self.schemes)
        if isinstance(parsed, Refusal):
            return parsed
        return self._judge_host(parsed.raw_host or "", parsed.port or 0) or parsed

    def judge_endpoint(self, address: Address | str, port: int) -> Refusal | None:
        """Judge what is really about to be dialled, after all names are looked up."""
        ip = ip_address(address.partition("%")[0]) if isinstance(address, str) else address
        if is_allowed(ip, self.allow_networks):
            return None
        return judge_address(ip, self.allow_networks) or self._judge_port(port)

    def way_out(self, wanted: str | None) -> Proxy | Refusal | None:
        """The proxy that a request goes through: the one it asks for, else the operator's; None is directly.

        A password is taken only from the operator's own setting: the one for a source stands where many read.
        """
        if wanted is None:
            return self.proxy
        asked = read_proxy(wanted)
        if isinstance(asked, Refusal):
            return asked
        if self.proxy is not None and asked.place == self.proxy.place:
            return self.proxy
        if asked.user is not None:
            return refuse("a proxy with a password is named in [gate] proxy_file, not at a source")
        return (self.judge_proxy(asked.host, asked.port, asked) if is_address(asked.host) else None) or asked

    def judge_proxy(self, address: Address | str, port: int, proxy: Proxy) -> Refusal | None:
        """Judge the address of a proxy about to be dialled; the operator's own may be anywhere, as Tor is."""
        ip = ip_address(address.partition("%")[0]) if isinstance(address, str) else address
        if port != proxy.port:
            return refuse(f"port {port} is not that of the proxy {proxy.place}")
        if self.proxy is not None and proxy.place == self.proxy.place:
            return None
        return judge_address(ip, self.allow_networks)

    def judge_way(self, url: URL, proxy: Proxy | None) -> Refusal | None:
        """Judge a name that nobody will look up here: what a proxy dials, our address guard cannot see."""
        host = url.raw_host or ""
        if proxy is None:
            onion = host.rstrip(".").endswith(".onion")  # RFC 7686: asking DNS for it would tell the world
            return (
                refuse("an .onion address needs Tor; set [gate] proxy, as socks5h://host:port")
                if onion
                else None
            )
        if is_address(host):
            return None  # judged when the URL was read
        if is_local_name(host):
            return refuse(
                f"{host} is a local name, and a proxy would look it up where it stands; write its address"
            )
        return self._judge_port(url.port or 0)

    def _judge_host(self, host: str, port: int) -> Refusal | None:
        if is_address(host):
            return self.judge_endpoint(host, port)
        # a name may still lead into an allowed network, where every port is open: then the dialler judges
        return None if self.allow_networks else self._judge_port(port)

    def _judge_port(self, port: int) -> Refusal | None:
        ports = self.ports | self.allow_ports
        if port in ports:
            return None
        return refuse(f"port {port} is not a web port; add it to [gate] ports if you mean it")
