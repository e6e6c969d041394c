"""Addresses that people write in settings: of mail, web hooks, time zones; checked when they are read."""

import ipaddress
import re
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# RFC 5321 4.1.2, dot-string and domain, without quoted strings and address literals.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE
)


def mail_address(text: str) -> str:
    """The address in ASCII, an international domain as its xn-- form; ValueError when it is none."""
    local, _, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    fits = len(local) <= 64 and len(domain) <= 253
    if not (fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise ValueError(f"{text[:80]!r} is not a mail address; write it as name@example.org")
    return f"{local}@{domain}"


def hook_url(text: str) -> str:
    """The address of a web hook: http or https, a host, no password in it; ValueError when it is none."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable, parts = False, None
    if not usable or parts is None or not re.fullmatch(r"[!-~]+", text) or "\\" in text:
        raise ValueError("is not a web address; write it as https://host/path")
    if parts.username is not None or parts.fragment:
        raise ValueError("holds a user name or a #fragment; leave them out, the signature proves who we are")
    return text


def redacted(url: str) -> str:
    """The address without its path and query, which may be the secret of the other side (S22)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…" if parts.path not in ("", "/") or parts.query else url


def zone_name(text: str) -> str:
    """The name of a time zone as tzdata knows it; ValueError when it does not."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{text[:80]!r} is not a time zone; write it as Asia/Baghdad or UTC") from error
    return text


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's own."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
