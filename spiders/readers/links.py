"""Addresses out of strangers' hands: absolute, http, or not at all."""

import re
from urllib.parse import urljoin, urlsplit

MOST_CHARS = 4000
_UNWANTED = re.compile("[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]+")


def absolute(link: str | None, base: str) -> str | None:
    """The link as seen from `base`; None unless it is http or https to some host."""
    if not link:
        return None
    try:
        joined = urljoin(base, _UNWANTED.sub(_space, link.strip()))
        parts = urlsplit(joined)
        good = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        return None
    return joined if good and len(joined) <= MOST_CHARS else None


def host_of(url: str) -> str:
    """The host in lower case, without `www.`; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def same_site(one: str, other: str) -> bool:
    """One host is the other or stands below it."""
    a, b = host_of(one), host_of(other)
    return bool(a and b) and (a == b or a.endswith("." + b) or b.endswith("." + a))


def _space(found: re.Match[str]) -> str:
    return "%20" if found.group().strip(" \xa0") == "" else ""
