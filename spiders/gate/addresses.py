"""Addresses: which of them are the public internet, by our own frozen copy of the IANA registries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# `ipaddress.is_global` changes with the Python patch level and calls multicast, NAT64 of 169.254.169.254
# and 6to4 of 127.0.0.1 global (3.11.7). This is iana-ipv4-special-registry, read in November 2026, plus
# multicast, the class E block, and the one public address that a cloud answers privately.
_SPECIAL_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "shared carrier space"),
        ("127.0.0.0/8", "this machine itself"),
        ("168.63.129.16/32", "the Azure host"),
        ("169.254.0.0/16", "link-local, where clouds keep their credentials"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "a withdrawn 6to4 relay"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
# Everything outside 2000::/3 is refused as a whole; these are the special blocks outside it, for the sake of
# the message, and then those inside it, for the sake of safety (iana-ipv6-special-registry).
_SPECIAL_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("::/128", "this host"),
        ("::1/128", "this machine itself"),
        ("64:ff9b:1::/48", "local translation"),
        ("100::/64", "a black hole"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "a withdrawn private address"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
    )
)
_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291 2.5.5.1, withdrawn
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: every public address looks like this in a network with DNS64
_TEREDO = IPv6Network("2001::/32")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP_MARK = 0x5EFE  # RFC 5214: the interface identifier is 0000:5efe or 0200:5efe, then the IPv4 address
_LOW_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the gate would not go there: one line for people, with the remedy."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def judge_address(address: Address | str, allow: tuple[Network, ...] = ()) -> Refusal | None:
    """Refuse every address that is not public unicast, looking through all ways to write IPv4 inside IPv6.

    What lies in one of the networks in `allow` passes, however it is written.
    """
    ip = ip_address(address.partition("%")[0]) if isinstance(address, str) else address
    if is_allowed(ip, allow):
        return None
    if isinstance(ip, IPv4Address):
        what = _special_v4(ip)
        return _refusal(f"{ip} is {what}") if what else None
    for inner in _embedded(ip):
        what = _special_v4(inner)
        if what and not is_allowed(inner, allow):
            return _refusal(f"{ip} holds {inner}, which is {what}")
    what = None if _is_only_a_wrapper(ip) else _special_v6(ip)
    return _refusal(f"{ip} is {what}") if what else None


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read what an operator wrote as allow_networks; raises ValueError with the remedy."""
    return tuple(_network(text.strip()) for text in texts if text.strip())


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(
            f"allow_networks: {error}; write networks such as 10.1.0.0/16 or fd00::/8"
        ) from error


def is_allowed(ip: Address, allow: tuple[Network, ...]) -> bool:
    """Whether the operator allowed this address, also when it is an IPv4 one written as ::ffff:1.2.3.4."""
    plain = (isinstance(ip, IPv6Address) and ip.ipv4_mapped) or ip
    return any(plain in network or ip in network for network in allow)


def _refusal(what: str) -> Refusal:
    return Refusal(reason=f"{what}; allow it with [gate] allow_networks if you mean it")


def _special_v4(ip: IPv4Address) -> str | None:
    return next((what for network, what in _SPECIAL_V4 if ip in network), None)


def _special_v6(ip: IPv6Address) -> str | None:
    for network, what in _SPECIAL_V6:
        if ip in network:
            return what
    return None if ip in _GLOBAL_UNICAST_V6 else "not a public address"


def _embedded(ip: IPv6Address) -> Iterator[IPv4Address]:
    """Every IPv4 address that a packet to this IPv6 address may end at."""
    low = IPv4Address(int(ip) & _LOW_32)
    if ip.ipv4_mapped or ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > _LOW_32 >> 16):
        yield low
    if ip.sixtofour:
        yield ip.sixtofour
    if ip.teredo:
        yield from ip.teredo
    if (int(ip) >> 32) & 0xFDFF_FFFF == _ISATAP_MARK:
        yield low


def _is_only_a_wrapper(ip: IPv6Address) -> bool:
    """Whether the IPv4 address inside is all that counts; nothing else makes these blocks private."""
    return ip.ipv4_mapped is not None or any(ip in block for block in (_NAT64, _SIX_TO_FOUR, _TEREDO))
