"""A source's body, opened; of one that is too long the beginning and the end, for the newest stands at one of them."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from spiders.readers.decode import MOST_BYTES

MOST_OPENED = 256 << 20  # how far we look for the end of what unpacks and unpacks
_STEP_BYTES = 1 << 20
_NEAR_BYTES = 1 << 20
# where an item of a feed or an address of a sitemap ends, and where one begins
_END = re.compile(rb"</(?:\w{1,20}:)?(?:item|entry|url|sitemap)\s*>")
_START = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry|url|sitemap)[\s>]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The bytes to read, and whether some are missing: cut off on their way, broken, or left out by us."""

    body: bytes
    short: bool


def both_ends(body: bytes, *, most_bytes: int = MOST_BYTES) -> Opened:
    """The body, out of its gzip (sitemap.xml.gz) if it is in one; at most `most_bytes`, half from each end."""
    if not body.startswith(b"\x1f\x8b"):
        return _ends(body[: most_bytes // 2], body[most_bytes // 2 :], most_bytes=most_bytes, short=False)
    head, tail, short = bytearray(), bytearray(), True
    seen = 0
    for part in _opened(body):
        short = part is None
        room = max(0, most_bytes // 2 - len(head))
        head += (part or b"")[:room]
        tail += (part or b"")[room:]
        seen += len(part or b"")
        if len(tail) > 2 * most_bytes:
            del tail[:-most_bytes]
    return _ends(bytes(head), bytes(tail), most_bytes=most_bytes, short=short or seen > most_bytes)


def _opened(body: bytes) -> Iterator[bytes | None]:
    """What a gzip body holds, piece by piece; None last when its end is missing, broken or too far away."""
    opener, seen = zlib.decompressobj(wbits=31), 0
    try:
        for at in range(0, len(body), 1024):
            part = body[at : at + 1024]
            while part and seen < MOST_OPENED:
                opened = opener.decompress(part, _STEP_BYTES)
                part, seen = opener.unconsumed_tail, seen + len(opened)
                yield opened
    except zlib.error:
        pass
    if not opener.eof:
        yield None


def _ends(head: bytes, tail: bytes, *, most_bytes: int, short: bool) -> Opened:
    """Both parts; cut where an item ends and another begins, so that no entry is made of two."""
    if len(head) + len(tail) <= most_bytes:
        return Opened(body=head + tail, short=short)
    tail = tail[-(most_bytes // 2) :]
    ends = list(_END.finditer(head, max(0, len(head) - _NEAR_BYTES)))
    start = _START.search(tail, 0, _NEAR_BYTES)
    return Opened(body=head[: ends[-1].end()] + tail[start.start() :] if ends and start else head, short=True)
