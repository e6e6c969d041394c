"""Keys: what strangers control is hashed or cut before it is indexed, so its length can break nothing."""

import hashlib
from urllib.parse import urlsplit

MAX_HOST_CHARS = 255


def digest(text: str) -> bytes:
    """Return the SHA-256 of the text; lone surrogates count too, so that cleaning joins no two keys."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def host_of(url: str) -> str:
    """Return the host of the URL in lower case for counting per host; empty when it has none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".")[:MAX_HOST_CHARS]
