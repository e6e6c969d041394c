"""The address an article is known by: the same page under two spellings of its URL is one article."""

from urllib.parse import urldefrag, urlsplit

from courlan import normalize_url


def canonical_url(url: str) -> str:
    """Give `url` without fragment, tracking parameters and default port; unchanged when it cannot be parsed.

    The list of tracking parameters is courlan's (kept with trafilatura).
    """
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            return url
        return normalize_url(urldefrag(url).url, strict=False) or url
    except ValueError:
        return url


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs share scheme, host and port: what is secret at one may be said to the other (RFC 6454)."""
    return _origin(one) == _origin(other) is not None


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
