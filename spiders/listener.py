"""The listener: the small web server that hubs call; only callback paths exist on it, everything else is 404."""

import asyncio
import logging
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from spiders.websub import Intent, parse_intent
from storage.database import DatabaseError
from storage.subscriptions import Callback, callback_key

log = structlog.get_logger()

MAX_BODY_BYTES = 16 << 20
MAX_CONNECTIONS = 256
MAX_BODIES, MAX_BODIES_OF_ONE = 8, 2  # in memory at once: 128 MiB at worst, and no hub holds up the others
HEADER_SECONDS, BODY_SECONDS = 10.0, 30.0
REMEMBERED = (
    20_000  # callback paths that were known lately, and are looked up without being counted as strangers
)
MANY_UNKNOWN = 20.0, 100.0  # look-ups a second of paths that we do not remember, and how many at once
MANY_CALLS = 2.0, 60.0  # calls a second on one path, and how many at once
HEADERS_KEPT = ("content-type", "link", "user-agent", "x-hub-signature", "date")

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_quiet = logging.getLogger("marsad.listener")
_quiet.setLevel(logging.CRITICAL)


class Taken(Enum):
    """What became of a push."""

    TAKEN = auto()  # it is on disk, or was none of ours: either way the hub is done with it
    GONE = auto()  # we do not want it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A push as it came. Its headers are the hub's word only: no signature covers them."""

    body: bytes
    headers: Mapping[str, str]  # names in lower case
    signature: str | None
    address: str | None


class Desk(Protocol):
    """Who decides about what the listener hears."""

    async def find(self, key: bytes) -> Callback | None:
        """What stands behind the callback path with this key."""
        ...

    async def answer(self, callback: Callback, intent: Intent) -> bool:
        """Whether we mean what the hub asks, and it is on record."""
        ...

    async def take(self, callback: Callback, delivery: Delivery) -> Taken:
        """Keep what a hub brought; it is acknowledged when this returns, so by then it must be safe."""
        ...

    def told(self) -> None:
        """Called once the hub has its answer."""
        ...


class Bucket:
    """Lets `rate` calls a second through, and up to `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Listener:
    """Async context manager; listens while it is open. `port` is the real one afterwards."""

    def __init__(self, desk: Desk, *, host: str, port: int, prefix: str) -> None:
        self._desk, self._host, self.port = desk, host, port
        self._paths = re.compile(rf"(?:{re.escape(prefix.rstrip('/'))})?/({_TOKEN.pattern})")
        self._unknown = Bucket(*MANY_UNKNOWN)
        self._calls: OrderedDict[bytes, Bucket] = OrderedDict()  # also the paths that were known lately
        self._bodies: Counter[bytes] = Counter()
        self._server: _Server | None = None
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> "Listener":
        self._server = _Server(self._handle)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=5.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self.port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._server is not None:
            self._server.heard_from(request.protocol)
        try:
            answer = await self._answer(request)
        except TimeoutError:
            answer = _plain(408)
        except web.RequestPayloadError:
            answer = _plain(400)
        except (DatabaseError, OSError):  # the hub shall bring it again: nothing was acknowledged
            answer = _later(503, 60)
        except Exception:  # the border: a bug must not stop the listener, nor lose what the hub brings again
            log.exception("work_crashed", work="listener")
            answer = _later(500, 60)
        answer.headers["Server"] = "-"  # ours is nobody's business
        answer.force_close()
        await answer.prepare(request)
        await answer.write_eof()
        self._desk.told()
        return answer

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        path = self._paths.fullmatch(request.path)
        if path is None or request.method not in ("GET", "POST"):
            return _plain(404)
        key = callback_key(path[1])
        bucket = self._calls.get(key)
        if not (bucket or self._unknown).take():
            return _later(429 if bucket else 503, 30)
        callback = await self._desk.find(key)
        if callback is None:
            self._calls.pop(key, None)
            return _plain(404)
        self._remember(key)
        return await (
            self._verify(request, callback) if request.method == "GET" else self._take(request, callback, key)
        )

    def _remember(self, key: bytes) -> None:
        if key not in self._calls:
            self._calls[key] = Bucket(*MANY_CALLS)
        self._calls.move_to_end(key)
        if len(self._calls) > REMEMBERED:
            self._calls.popitem(last=False)

    async def _verify(self, request: web.BaseRequest, callback: Callback) -> web.Response:
        """Echo the challenge, as bytes that no browser takes for a page (section 8.2), if we mean it; else 404."""
        intent = parse_intent(request.query)
        if intent is None or not await self._desk.answer(callback, intent):
            return _plain(404)
        return web.Response(
            body=intent.challenge.encode(),
            content_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"},
        )

    async def _take(self, request: web.BaseRequest, callback: Callback, key: bytes) -> web.Response:
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return _plain(415)
        if (request.content_length or 0) > MAX_BODY_BYTES:
            return _plain(413)
        if self._bodies[key] >= MAX_BODIES_OF_ONE or self._bodies.total() >= MAX_BODIES:
            return _later(503, 5)
        self._bodies[key] += 1
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
            return _plain(413) if body is None else await self._hand_over(request, callback, body)
        finally:
            self._bodies[key] -= 1
            if not self._bodies[key]:
                del self._bodies[key]

    async def _hand_over(self, request: web.BaseRequest, callback: Callback, body: bytes) -> web.Response:
        named = {name.lower(): value for name, value in request.headers.items()}
        delivery = Delivery(
            body=body,
            headers={name: named[name] for name in HEADERS_KEPT if name in named},
            signature=named.get("x-hub-signature"),
            address=request.remote,
        )
        taken = await self._desk.take(callback, delivery)
        return _plain(202 if taken is Taken.TAKEN else 410)


class _Server(web.Server):
    """Bounds connections and ends those that say nothing: aiohttp waits for the first request for ever."""

    def __init__(self, handler: object) -> None:
        super().__init__(
            handler,  # type: ignore[arg-type]
            access_log=None,
            logger=_quiet,  # what strangers send malformed is not ours to log
            auto_decompress=False,  # a signature covers the bytes as they were sent, and no bomb is unpacked
            max_line_size=8190,
            max_field_size=16 << 10,
            lingering_time=1.0,
        )
        self._deadlines: dict[RequestHandler, asyncio.TimerHandle] = {}

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
            return
        loop = asyncio.get_running_loop()
        self._deadlines[handler] = loop.call_later(HEADER_SECONDS, transport.abort)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        self.heard_from(handler)
        super().connection_lost(handler, exc)

    def heard_from(self, handler: RequestHandler) -> None:
        """A request came: from here on its own time limits count."""
        deadline = self._deadlines.pop(handler, None)
        if deadline is not None:
            deadline.cancel()


async def _body(request: web.BaseRequest) -> bytes | None:
    """The body, None when there is too much of it."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _plain(status: int) -> web.Response:
    return web.Response(status=status, headers={"X-Content-Type-Options": "nosniff"})


def _later(status: int, seconds: int) -> web.Response:
    return web.Response(status=status, headers={"Retry-After": str(seconds)})
