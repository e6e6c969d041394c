"""URLs: read once, by one parser, and refused where another parser would read another host out of them."""

import re
import unicodedata
from ipaddress import ip_address

from yarl import URL

from spiders.gate.addresses import Refusal

MAX_URL_CHARS = 8192

_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<slashes>//)?(?P<authority>[^/]*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\\]")
# Dots that IDNA reads as dots while other parsers do not: 127。0。0。1 (UTS 46 section 2.3).
_OTHER_DOTS = frozenset("\u3002\uff0e\uff61\u2024")
_HOST_CHARS = re.compile(r"[a-z0-9_.:-]+")
# The URL standard's "ends in a number": getaddrinfo reads 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1.
_NUMBER_LABEL = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
# RFC 6761, RFC 6762, RFC 8375, ICANN's .internal, and what routers call the network at home.
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet", ".localdomain")


def read_url(url: str, schemes: frozenset[str]) -> URL | Refusal:
    """Read a URL; a host that is an address is written as one, everything else is a name."""
    if refusal := _judge_text(url) or _judge_shape(_SHAPE.match(url), schemes):
        return refusal
    try:
        parsed = URL(url).with_fragment(None)
        host, _ = parsed.raw_host, parsed.port
    except (ValueError, UnicodeError) as error:
        return refuse(f"the URL cannot be read: {error}")
    if not host or not _HOST_CHARS.fullmatch(host):
        return refuse("the URL has no usable host name")
    if not is_address(host) and _NUMBER_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return refuse(f"{host} is an odd spelling of an IP address; write it as four numbers")
    return parsed


def is_address(host: str) -> bool:
    """Whether the host of a URL that was read is an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_local_name(host: str) -> bool:
    """Whether a name means something only on this machine or in this network, or in the proxy's."""
    plain = host.lower().rstrip(".")
    return "." not in plain or plain.endswith(_LOCAL_ENDINGS)


def refuse(reason: str) -> Refusal:
    return Refusal(reason=reason)


def _judge_text(url: str) -> Refusal | None:
    if len(url) > MAX_URL_CHARS:
        return refuse(f"the URL is longer than {MAX_URL_CHARS} characters")
    if _CONTROL.search(url) or url != url.strip():
        return refuse("the URL holds a control character, a backslash or blanks around it")
    return None


def _judge_shape(shape: re.Match[str] | None, schemes: frozenset[str]) -> Refusal | None:
    if shape is None:
        return refuse("the URL has no scheme; write it in full, as https://host/path")
    scheme, authority = shape["scheme"].lower(), shape["authority"]
    if scheme not in schemes:
        return refuse(f"{scheme}: is not fetched, only {' and '.join(sorted(schemes))}")
    if not shape["slashes"] or not authority:
        return refuse("the URL has no host name; write it as https://host/path")
    # also `http://public#@127.0.0.1/`, which parsers read in two ways
    if "@" in authority:
        return refuse("a URL must not hold a user name or password; send them as a header")
    if "%" in authority or " " in authority or _OTHER_DOTS & set(authority):
        return refuse("the host name holds a character that parsers read in different ways")
    if unicodedata.normalize("NFKC", authority) != unicodedata.normalize("NFC", authority):
        return refuse("the host name is written in look-alike characters; write it in plain ones")
    return None
