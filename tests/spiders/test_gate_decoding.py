import gzip
import zlib

import brotli
import pytest
from backports import zstd

from spiders.gate.decoding import BodyDecoder, BrokenCodingError

NEWS = ("<rss>" + "".join(f"<item>خبر {number} بغداد</item>" for number in range(3000)) + "</rss>").encode()
LIMIT = 1 << 20


def _raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


ENCODED = {
    "gzip": gzip.compress(NEWS),
    "x-gzip": gzip.compress(NEWS),
    "deflate": zlib.compress(NEWS),
    "br": brotli.compress(NEWS),
    "zstd": zstd.compress(NEWS),
    "GZIP , br": brotli.compress(gzip.compress(NEWS)),
    "gzip, gzip, gzip": gzip.compress(gzip.compress(gzip.compress(NEWS))),
    "identity": NEWS,
}


def _decode(label: str, data: bytes, *, limit: int = LIMIT, step: int = 1000) -> tuple[bytes, BodyDecoder]:
    decoder = BodyDecoder([label], limit)
    parts = [data[start : start + step] for start in range(0, len(data), step)]
    return b"".join(piece for part in parts for piece in decoder.feed(part)), decoder


@pytest.mark.parametrize("step", [1, 7, 1000, 1 << 20])
@pytest.mark.parametrize("label", ENCODED)
def test_every_coding_is_undone_in_pieces_of_any_size(label: str, step: int) -> None:
    data = ENCODED[label]

    body, decoder = _decode(label, data, step=max(step, len(data) // 2000))

    assert body == NEWS
    assert decoder.complete
    assert not decoder.overflow


def test_deflate_without_its_header_is_undone_too() -> None:
    body, decoder = _decode("deflate", _raw_deflate(NEWS))

    assert body == NEWS
    assert decoder.complete


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_members_one_after_another_are_all_undone_and_junk_behind_them_is_ignored(compress) -> None:
    label = "gzip" if compress is gzip.compress else "zstd"

    body, decoder = _decode(label, compress(b"one ") + compress(b"two") + b"JUNK" * 9)

    assert body == b"one two"
    assert decoder.complete


@pytest.mark.parametrize("label", ["gzip", "deflate", "br", "zstd"])
def test_of_a_truncated_body_everything_until_the_cut_is_kept(label: str) -> None:
    data = ENCODED[label]

    body, decoder = _decode(label, data[: len(data) * 2 // 3])

    assert NEWS.startswith(body)
    assert not decoder.complete
    assert len(body) > 1000 or label == "zstd"  # one zstd block may be the whole text


@pytest.mark.parametrize(
    "label", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "gzip, gzip, gzip", "br, zstd"]
)
def test_a_bomb_is_never_unpacked_past_the_limit(label: str) -> None:
    data = bytes(64 << 20)
    codings = {"gzip": gzip.compress, "deflate": zlib.compress, "br": _quick_brotli, "zstd": zstd.compress}
    for name in label.split(", "):
        data = codings[name](data)

    body, decoder = _decode(label, data, step=64 << 10)

    assert len(body) <= LIMIT
    assert decoder.overflow


def _quick_brotli(data: bytes) -> bytes:
    return brotli.compress(data, quality=1)


@pytest.mark.parametrize(
    ("label", "data", "body"),
    [
        ("gzip", NEWS, NEWS),
        ("zstd", b"\n " + NEWS, b"\n " + NEWS),
        ("deflate", b'{"items": []}', b'{"items": []}'),
        ("br", gzip.compress(NEWS), NEWS),
        ("gzip", zstd.compress(NEWS), NEWS),
        ("utf-8", NEWS, NEWS),
    ],
)
def test_a_wrong_label_does_not_lose_the_news(label: str, data: bytes, body: bytes) -> None:
    assert _decode(label, data)[0] == body


@pytest.mark.parametrize("label", ["gzip", "br", "zstd", "deflate"])
def test_garbage_is_named_as_broken(label: str) -> None:
    with pytest.raises(BrokenCodingError):
        _decode(label, b"\xff\xfa\x17garbage" * 50)


@pytest.mark.parametrize("label", ["rot13", "gzip, gzip, gzip, gzip"])
def test_unknown_and_endless_codings_are_refused(label: str) -> None:
    with pytest.raises(BrokenCodingError):
        BodyDecoder([label], LIMIT)


def test_a_zstd_frame_cannot_ask_for_more_memory_than_a_browser_gives() -> None:
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.compression_level: 1}
    greedy = zstd.ZstdCompressor(options=options)
    data = greedy.compress(bytes(1 << 20)) + greedy.flush()

    with pytest.raises(BrokenCodingError):
        _decode("zstd", data)
