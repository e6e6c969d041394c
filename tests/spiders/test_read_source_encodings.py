"""Encodings: what bytes say goes before what is said of them, and one bad byte costs one letter (D4, R17)."""

from datetime import UTC, datetime

import pytest

from spiders.readers.decode import decode
from spiders.readers.mojibake import is_garbled
from spiders.readers.source import read_source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AR = "إصابة جنديين بانفجار عبوة ناسفة قرب كركوك"
CKB = "خۆپیشاندەران گەڕانەوە بۆ گۆڕەپانی تەحریر لە بەغدا"
FA = "بارش شدید باران در استان‌های جنوبی کشور"
TR = "Kerkük’te yaşayan Türkmenler için yeni okul açıldı"
KMR = "Li Hewlêrê xwepêşandana mezin a karkerên şaredariyê"
SYR = "ܡܠܟܐ ܕܐܬܘܪ ܒܢܐ ܡܕܝܢܬܐ ܪܒܬܐ ܥܠ ܢܗܪܐ ܕܕܩܠܬ"
ALL = (AR, CKB, FA, TR, KMR, SYR)
ARABIC_BYTES = ("cp1256", "iso8859-6", "mac_arabic")
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32-le")
SAID = (None, "utf-8", "windows-1256", "iso-8859-1", "windows-1252", "us-ascii", "nonsense")


def feed(text: str, said: str | None) -> str:
    head = f'<?xml version="1.0" encoding="{said}"?>' if said else '<?xml version="1.0"?>'
    items = "".join(
        f"<item><title>{text} {n}</title><link>https://e.org/{n}</link></item>" for n in range(10)
    )
    return f"{head}<rss version='2.0'><channel><title>{text}</title>{items}</channel></rss>"


def titles(raw: bytes, content_type: str | None = None) -> list[str]:
    reading = read_source(raw, url="https://e.org/rss", content_type=content_type, now=NOW)
    return [entry.title for entry in reading.entries]


def kept(raw: bytes, text: str, content_type: str | None = None) -> int:
    wanted = {f"{text} {n}" for n in range(10)}
    return len(wanted & set(titles(raw, content_type)))


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("text", ALL)
def test_utf_8_is_read_as_utf_8_whatever_is_said_of_it(text: str, said: str | None):
    assert kept(feed(text, said).encode(), text, f"text/xml; charset={said}" if said else None) == 10


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("encoding", ARABIC_BYTES)
def test_arabic_single_bytes_are_known_by_their_looks(encoding: str, said: str | None):
    assert kept(feed(AR, said).encode(encoding), AR) == 10


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("text", ALL)
def test_wide_characters_are_read_with_and_without_a_mark(text: str, encoding: str):
    assert kept(feed(text, "utf-16" if "16" in encoding else None).encode(encoding), text) == 10


@pytest.mark.parametrize("percent", range(0, 100, 4))
@pytest.mark.parametrize("text", [AR, CKB, SYR, TR])
def test_a_bad_byte_anywhere_in_utf_8_costs_one_title_at_most(text: str, percent: int):
    raw = feed(text, "windows-1256" if percent % 8 else "utf-8").encode()
    at = len(raw) * percent // 100

    found = titles(raw[:at] + b"\xff" + raw[at:])

    assert len({f"{text} {n}" for n in range(10)} & set(found)) >= 9
    assert not any(is_garbled(title) for title in found)


@pytest.mark.parametrize("percent", range(3, 100, 12))
def test_a_bad_byte_in_windows_1256_costs_one_title_at_most(percent: int):
    raw = feed(AR, "windows-1256").encode("cp1256")
    at = len(raw) * percent // 100

    assert kept(raw[:at] + b"\x00\x00" + raw[at:], AR) >= 9
    assert kept(raw[:at] + b"\xff" + raw[at:], AR) >= 9


@pytest.mark.parametrize("name", ["cp1252", "latin-1", "cp1256"])
@pytest.mark.parametrize("text", [AR, CKB, TR, KMR, SYR])
def test_text_encoded_twice_is_told_back_when_that_is_clearly_better(text: str, name: str):
    once = feed(text, "utf-8").encode()
    try:
        twice = once.decode(name).encode()
    except UnicodeDecodeError:
        twice = "".join(bytes([byte]).decode(name, "ignore") or chr(byte) for byte in once).encode()

    assert kept(twice, text) == 10


def test_real_text_that_looks_a_little_like_mojibake_is_left_alone():
    for text in (
        "Ø er en ø i Danmark; Æ og Å også",
        "Â présent, déjà vu, l’été",
        "ط ظ ع غ ق",
        "São Paulo é grande",
    ):
        raw = feed(text, "utf-8").encode()
        assert kept(raw, text) == 10
        assert decode(raw).note is None


@pytest.mark.parametrize(
    "raw", [b"", b"\xff", b"\xfe\xff", b"\xff\xfe\x00", b"\x00<\x00", b"\xef\xbb\xbf", b"\x80" * 100]
)
def test_no_bytes_raise(raw: bytes):
    assert isinstance(decode(raw).text, str)
    assert isinstance(decode(raw, content_type="text/html; charset=\xff").text, str)
