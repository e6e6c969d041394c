"""The body of one answer while it arrives: bounded, decoded, and kept however it ends."""

import asyncio

import aiohttp

from spiders.fetching import FailureKind
from spiders.gate.decoding import BodyDecoder, BrokenCodingError
from spiders.gate.exchange import Cut, GateError

_LONGEST_DETAIL = 160
_ERROR_PAGE_BYTES = 64 << 10


class Body:
    """Collects one body; `data` holds whatever was decoded until now, at most `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.worth_it = True  # false for what is read only out of courtesy: the page of a 404
        self._wire_bytes = 0
        self._decoded = bytearray()

    @property
    def data(self) -> bytes:
        return bytes(self._decoded[: self._max_bytes])

    def __len__(self) -> int:
        return min(len(self._decoded), self._max_bytes)

    def is_of_an_error(self) -> None:
        """Take only the start of it, and let no fault in it hide the status that came with it."""
        self._max_bytes, self.worth_it = min(self._max_bytes, _ERROR_PAGE_BYTES), False

    async def read(self, response: aiohttp.ClientResponse) -> Cut | None:
        """Read to the end, or to the first thing that goes wrong, and say which it was.

        Raises GateError when nothing usable came of it.
        """
        host = response.url.host or ""
        try:
            decoder = BodyDecoder(response.headers.getall("Content-Encoding", []), self._max_bytes + 1)
            return await self._read_all(response.content, decoder, host)
        except BrokenCodingError as error:
            reason = f"{host}: the compression of the answer is broken: {str(error)[:_LONGEST_DETAIL]}"
            return self._broke_off(reason, error)

    async def _read_all(self, content: aiohttp.StreamReader, decoder: BodyDecoder, host: str) -> Cut | None:
        try:
            async for chunk in content.iter_any():
                if await self._take(chunk, decoder):
                    return self._cut_at_limit(host)
        except (aiohttp.ClientError, OSError) as error:
            await self._take(_left_behind(content), decoder)
            return self._broke_off(f"{host} broke off before any of the body came", error)
        if decoder.complete or not self._wire_bytes:
            return None
        return self._broke_off(f"{host} sent a compressed body without its end", None)

    async def _take(self, chunk: bytes, decoder: BodyDecoder) -> bool:
        """Decode one chunk, letting others run in between; true when a limit is reached."""
        self._wire_bytes += len(chunk)
        for piece in decoder.feed(chunk):
            self._decoded += piece
            if len(self._decoded) > self._max_bytes:
                return True
            await asyncio.sleep(0)
        return decoder.overflow or self._wire_bytes > self._max_bytes

    def _cut_at_limit(self, host: str) -> Cut:
        if not self._decoded and self.worth_it:
            reason = f"{host} sent over {self._max_bytes} bytes that decode to nothing"
            raise GateError(FailureKind.TOO_LARGE, reason)
        return Cut.SIZE

    def _broke_off(self, reason: str, error: Exception | None) -> Cut:
        if not self._decoded and self.worth_it:
            raise GateError(FailureKind.PROTOCOL, reason) from error
        return Cut.BROKEN


def _left_behind(content: aiohttp.StreamReader) -> bytes:
    """What had arrived when the connection broke: aiohttp raises before it hands that out (3.14.5)."""
    content.set_exception(None)  # pyright: ignore[reportArgumentType] - the one way to it, kept by a test
    return content.read_nowait()
