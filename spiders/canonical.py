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
