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
            async for chunk in response.content.iter_any():
                self._wire_bytes += len(chunk)
                if await self._take(chunk, decoder):
                    return self._cut_at_limit(host)
            complete = decoder.complete or not self._wire_bytes
        except BrokenCodingError as error:
            reason = f"{host}: the compression of the answer is broken: {str(error)[:_LONGEST_DETAIL]}"
            return self._broke_off(reason, error)
        except (aiohttp.ClientError, OSError) as error:
            return self._broke_off(f"{host} broke off before any of the body came", error)
        return None if complete else self._broke_off(f"{host} sent a compressed body without its end", None)

    async def _take(self, chunk: bytes, decoder: BodyDecoder) -> bool:
        """Decode one chunk, letting others run in between; true when a limit is reached."""
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
