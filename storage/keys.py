"""Keys: what strangers control is hashed or cut before it is indexed, so its length can break nothing."""

import hashlib
from urllib.parse import urlsplit

MAX_HOST_CHARS = 255
_USUAL_PORTS = {"http": 80, "https": 443}


def digest(text: str) -> bytes:
    """Return the SHA-256 of the text; lone surrogates count too, so that cleaning joins no two keys."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def host_of(url: str) -> str:
    """Return the host of the URL in lower case, with its port where that is not the usual one, for counting per host.

    http and https of one host share their turns. Empty when the URL has no host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    host = host.rstrip(".")[:MAX_HOST_CHARS]
    return f"{host}:{port}" if host and port not in (None, _USUAL_PORTS.get(parts.scheme)) else host
