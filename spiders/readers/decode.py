"""Bytes to text, decided by us: one bad byte must not turn a whole Arabic feed into noise."""

import codecs
import re
import zlib
from dataclasses import dataclass, replace

import charset_normalizer
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, resolve_encoding

from spiders.readers.mojibake import told_back

MOST_BYTES = 16 << 20  # what a body may unpack to
SNIFF_BYTES = 64 << 10
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML 1.0, appendix F.1: the first bytes of "<?xml" (or "<" and any letter) without a byte order mark
_STARTS = (
    (rb"\x00\x00\x00<", "utf-32-be"),
    (rb"<\x00\x00\x00", "utf-32-le"),
    (rb"\x00<\x00[!-~]", "utf-16-be"),
    (rb"<\x00[!-~]\x00", "utf-16-le"),
    (rb"\x4c\x6f\xa7\x94", "cp037"),
)
_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_MARKUP = re.compile(rb"<[^<>]{0,5000}>|[\x00-\x40\x5b-\x60\x7b-\x7f]{20,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_UNSAFE = {"utf-7", "utf-16", "utf-32", "unicode_escape", "raw_unicode_escape", "idna", "punycode"}
_WESTERN = {"cp1252", "cp1250", "cp1254", "iso8859-15", "iso8859-2", "latin-1"}
_ARABIC = ("cp1256", "iso8859-6", "mac_arabic")
# the letters that make up nine tenths of running Arabic, Persian and Kurdish text
_ARABIC_COMMON = frozenset("اليمنورتبةعدسفهكقحجأشىصطإخذضزغثءئظؤآیکەگپچ")
_DETECTABLE = ["utf_8", "cp1252", "cp1251", "koi8_r", "gb18030", "big5", "euc_kr", "cp949", "shift_jis",
               "euc_jp", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "iso8859_6", "cp874"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text, how it was read, how many characters were beyond saving, and what is odd about it."""

    text: str
    encoding: str
    replaced: int = 0
    note: str | None = None


def unpack(body: bytes, *, most_bytes: int = MOST_BYTES) -> tuple[bytes, bool]:
    """Open a gzip body (sitemap.xml.gz); gives the bytes and whether they were cut or broken."""
    if not body.startswith(b"\x1f\x8b"):
        return body, False
    opener = zlib.decompressobj(wbits=31)
    try:
        opened = opener.decompress(body, most_bytes)
    except zlib.error:
        return _what_opens(body, most_bytes), True
    return opened, not opener.eof


def _what_opens(body: bytes, most_bytes: int) -> bytes:
    opener, opened = zlib.decompressobj(wbits=31), bytearray()
    for at in range(0, len(body), 1024):
        try:
            opened += opener.decompress(body[at : at + 1024], most_bytes - len(opened))
        except zlib.error:
            break
        if len(opened) >= most_bytes:
            break
    return bytes(opened)


def decode(body: bytes, *, content_type: str | None = None) -> Decoded:
    """Text of a body: by its mark, else UTF-8 if most of it is, else as declared, else by its looks.

    What was encoded twice is told back, where that is beyond doubt.
    """
    found = _decode(body, content_type)
    back = told_back(found.text)
    return replace(found, text=back[0], note=f"encoded twice, by way of {back[1]}") if back else found


def _decode(body: bytes, content_type: str | None) -> Decoded:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _replacing(body[len(mark) :], name)
    for start, name in _STARTS:
        if re.match(start, body[:8]):
            return _replacing(body, name)
    declared = _declared(body, content_type)
    utf8 = _as_utf8(body, declared)
    if utf8 is not None:
        return utf8
    for name in declared:
        text = _strictly(body, name)
        if text is not None and not (_is_dense(body) and _looks_other(body, name)):
            return Decoded(text=text, encoding=name)
    return _detected(body, declared)


def _as_utf8(body: bytes, declared: list[str]) -> Decoded | None:
    """UTF-8 wins over any declaration when its sequences are sound: others do not make them by chance."""
    text = _strictly(body, "utf-8")
    if text is not None:
        escapes = next((name for name in declared if name.startswith(("iso2022", "hz"))), None)
        if escapes and (b"\x1b" in body or b"~{" in body):
            return _replacing(body, escapes)
        odd = declared and text and not text.isascii() and "utf-8" not in declared
        return Decoded(text=text, encoding="utf-8", note=f"declared {declared[0]}, is utf-8" if odd else None)
    whole = _CHARACTER.findall(body)
    bad = len(_HIGH.findall(_CHARACTER.sub(b"", body)))
    # One bad byte in a thousand is damage. Twice as many sound sequences as bad bytes is still UTF-8: in
    # windows-1256, koi8-r and the double-byte encodings sound sequences are under a fifth of all.
    if len(whole) > 2 * bad:
        return _replacing(body, "utf-8")
    return None


def _declared(body: bytes, content_type: str | None) -> list[str]:
    names = [_in_body(body), _in_header(content_type)]
    return list(dict.fromkeys(name for name in names if name and name not in _UNSAFE))


def _in_body(body: bytes) -> str | None:
    name = html_body_declared_encoding(body[:SNIFF_BYTES])
    return _known(name)


def _in_header(content_type: str | None) -> str | None:
    return _known(http_content_type_encoding(content_type)) if content_type else None


def _known(name: str | None) -> str | None:
    """The codec browsers would use for a label (WHATWG): iso-8859-1 means windows-1252."""
    try:
        found = resolve_encoding(name) if name else None
        return codecs.lookup(found).name if found else None
    except LookupError:
        return None


def _strictly(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _replacing(body: bytes, name: str) -> Decoded:
    text = body.decode(name, "replace")
    replaced = text.count("\ufffd")
    return Decoded(
        text=text,
        encoding=name,
        replaced=replaced,
        note=f"{replaced} characters unreadable" if replaced else None,
    )


def _is_dense(body: bytes) -> bool:
    """Runs of three and more high bytes: no Western text has them, Arabic and Cyrillic have little else."""
    sample = _MARKUP.sub(b" ", body[: 1 << 20])
    high = len(_HIGH.findall(sample))
    return high > 20 and 2 * sum(map(len, _HIGH_RUN.findall(sample))) > high


def _looks_other(body: bytes, name: str) -> bool:
    """Whether dense text cannot be in that encoding: no Western one has it, and of the Arabic ones one fits best."""
    if name in _ARABIC:
        return _arabic(_sample(body)) not in (None, name)
    return name in _WESTERN


def _sample(body: bytes) -> bytes:
    return _MARKUP.sub(b" ", body[: 1 << 20])[:SNIFF_BYTES]


def _detected(body: bytes, declared: list[str]) -> Decoded:
    sample = _sample(body)
    name = _arabic(sample) if _is_dense(body) else None
    if name is None:
        best = charset_normalizer.from_bytes(sample, cp_isolation=_DETECTABLE).best()
        name = best.encoding if best else (declared[0] if declared else "cp1252")
    found = _replacing(body, codecs.lookup(name).name)
    return Decoded(
        text=found.text, encoding=found.encoding, replaced=found.replaced, note=f"guessed {found.encoding}"
    )


def _arabic(sample: bytes) -> str | None:
    """The Arabic encoding in which nearly all high bytes are everyday letters, if there is one."""
    best, best_share = None, 0.8
    for name in _ARABIC:
        high = [c for c in sample.decode(name, "replace") if c > "\x7f" and c != "\xa0"]
        common = sum(c in _ARABIC_COMMON for c in high)
        share = common / len(high) if high else 0.0
        if share > best_share:
            best, best_share = name, share
    return best
