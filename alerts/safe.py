"""Strangers' text made harmless to show: no controls, no tricks with direction, only web links."""

import re
import unicodedata
from urllib.parse import urlsplit

FSI, PDI = "\u2068", "\u2069"  # first strong isolate ... pop: a foreign name cannot reorder our sentence

# C0, DEL, C1 (0x9B starts terminal commands), line and paragraph separators: all become a space.
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")
# Overrides, embeddings and isolates (S12), byte order marks, interlinear notes: dropped. The marks U+200E/F
# and the joiners U+200C/D stay: Arabic, Persian and Kurdish are written with them.
_TRICKS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, *range(0xFFF9, 0xFFFC)))
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_TABLE = _CONTROLS | _TRICKS | _SURROGATES
_SPACES = re.compile(r"\s+")
_RTL = frozenset({"R", "AL"})


def clean(text: str) -> str:
    """The same words on one line, spaces at the ends kept: for a piece of a longer text."""
    return _SPACES.sub(" ", text.translate(_TABLE))


def one_line(text: str, limit: int = 500) -> str:
    """The same words on one line of at most `limit` characters."""
    return shorten(clean(text[: limit * 4]).strip(), limit)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis in place of what was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def isolate(text: str) -> str:
    """The text inside direction isolates, for plain text that mixes scripts."""
    return f"{FSI}{clean(text)}{PDI}"


def direction(text: str) -> str:
    """Answer "rtl" or "ltr", by the first strong letter (UAX #9, rule P2)."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in _RTL:
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def web_link(url: str) -> str | None:
    """The address if a reader may safely click it: http or https, a host, no user name that poses as one."""
    if url != url.translate(_TABLE) or _SPACES.search(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    except ValueError:
        return None
    return url if usable else None
