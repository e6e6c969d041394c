"""Content codings: undo gzip, deflate, br and zstd piece by piece, so that no bomb is ever unpacked whole."""

import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol

import brotli
from backports import zstd

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_PIECE_BYTES = 64 << 10
_MAX_CODINGS = 3  # more than one is already rare; each may multiply by a thousand
_ZSTD_WINDOW_LOG = 23  # 8 MiB, what RFC 9659 lets a web server ask for; the default would be 128 MiB
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_PLAIN_STARTS = (b"<", b"{", b"[", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class BrokenCodingError(ValueError):
    """The body is not what its Content-Encoding says."""


class Decoder(Protocol):
    """One coding; `complete` turns true when its end mark was seen."""

    complete: bool

    def feed(self, data: bytes) -> Iterator[bytes]: ...


class _Identity:
    complete = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Zlib:
    """gzip (members one after another, junk behind the last) and deflate, with and without its header."""

    def __init__(self, window_bits: int) -> None:
        self.complete = False
        self._window_bits = window_bits
        self._engine = zlib.decompressobj(window_bits)
        self._fed = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self.complete:
                if self._window_bits <= zlib.MAX_WBITS or not data.startswith(_GZIP_MAGIC):
                    return
                self._engine, self.complete = zlib.decompressobj(self._window_bits), False
            yield self._step(data)
            data = self._engine.unconsumed_tail
            if self._engine.eof:
                self.complete, data = True, self._engine.unused_data

    def _step(self, data: bytes) -> bytes:
        first, self._fed = not self._fed, True
        try:
            return self._engine.decompress(data, _PIECE_BYTES)
        except zlib.error as error:
            if first and self._window_bits == zlib.MAX_WBITS:
                # servers that send raw deflate under this name are as old as HTTP/1.1
                self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
                return self._step(data)
            raise BrokenCodingError(str(error)) from error


class _Brotli:
    def __init__(self) -> None:
        self.complete = False
        self._engine = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._engine.process(data, output_buffer_limit=_PIECE_BYTES)
            while piece or not self._engine.can_accept_more_data():
                yield piece
                if self._engine.is_finished():
                    break
                piece = self._engine.process(b"", output_buffer_limit=_PIECE_BYTES)
        except brotli.error as error:
            if not self.complete:  # otherwise: junk behind the end
                raise BrokenCodingError(str(error)) from error
        self.complete = self._engine.is_finished()


class _Zstd:
    """Frames one after another; junk after the last is ignored."""

    def __init__(self) -> None:
        self.complete = False
        self._engine = self._new()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or not self._engine.needs_input:
            if self._engine.eof:
                if not data.startswith(_ZSTD_MAGIC):
                    return
                self._engine, self.complete = self._new(), False
            try:
                yield self._engine.decompress(data, _PIECE_BYTES)
            except zstd.ZstdError as error:
                raise BrokenCodingError(str(error)) from error
            data = self._engine.unused_data if self._engine.eof else b""
            self.complete = self._engine.eof

    @staticmethod
    def _new() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})


_CODINGS = {
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _Brotli,
    "zstd": _Zstd,
    "identity": _Identity,
    "none": _Identity,
    "utf-8": _Identity,  # seen in the wild: a charset where a coding belongs
}


class BodyDecoder:
    """Undoes all codings of one body; no stage ever yields more than `limit` bytes, whatever it was fed.

    `overflow` turns true when a stage would have.
    """

    def __init__(self, content_encoding: Sequence[str], limit: int) -> None:
        names = [
            name.strip().lower() for line in content_encoding for name in line.split(",") if name.strip()
        ]
        if unknown := [name for name in names if name not in _CODINGS]:
            raise BrokenCodingError(f"unknown Content-Encoding {unknown[0][:40]!r}")
        if len(names) > _MAX_CODINGS:
            raise BrokenCodingError(f"{len(names)} codings one over the other")
        self.overflow = False
        self._stages: list[Decoder] = [_CODINGS[name]() for name in reversed(names)]
        self._left = [limit] * len(self._stages)
        self._started = not self._stages

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what the data decode to, piece by piece; stop at the limit. Raises BrokenCodingError."""
        if not self._started and data:
            self._started = True
            self._believe_magic_over_label(data)
        yield from self._through(0, data)

    @property
    def complete(self) -> bool:
        """Whether every stage saw its end: false for a body that was cut off under way."""
        return all(stage.complete for stage in self._stages)

    def _through(self, index: int, data: bytes) -> Iterator[bytes]:
        if index == len(self._stages):
            yield data
            return
        for piece in self._stages[index].feed(data):
            kept = piece[: self._left[index]]
            self._left[index] -= len(kept)
            self.overflow = self.overflow or len(kept) < len(piece)
            yield from self._through(index + 1, kept)
            if self.overflow:
                return

    def _believe_magic_over_label(self, data: bytes) -> None:
        """A wrong label is the server's slip, not a reason to lose the news; bytes show what they are."""
        label = self._stages[0]
        if data.startswith(_GZIP_MAGIC):
            if isinstance(label, _Brotli | _Zstd):
                self._stages[0] = _CODINGS["gzip"]()
        elif data.startswith(_ZSTD_MAGIC):
            self._stages[0] = _Zstd()
        elif not isinstance(label, _Brotli) and data.lstrip()[:3].startswith(_PLAIN_STARTS):
            self._stages, self._left = [], []
