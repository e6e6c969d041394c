"""A WebSub hub on loopback: takes subscriptions, asks back, signs what it pushes, and misbehaves on demand."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp import web

from marsad.demo.arrivals import Arrivals
from marsad.demo.loopback import Loopback


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request of a subscriber, as it came."""

    mode: str
    topic: str
    callback: str
    secret: str
    lease_seconds: int
    status: int  # what we answered


class WebSubHub:
    """`requests` is what subscribers asked, `verified` (mode, topic) what they confirmed when asked back."""

    def __init__(self, *, lease_seconds: int = 600) -> None:
        self.lease_seconds = lease_seconds
        self.requests: Arrivals[Request] = Arrivals("requests to the hub")
        self.verified: Arrivals[tuple[str, str]] = Arrivals("verified requests")
        self.subscriptions: dict[str, Request] = {}  # by topic
        self.asks_back = True
        self._script: list[tuple[int, Mapping[str, str]]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        app = web.Application()
        app.router.add_post("/{name:hub.*}", self._receive)
        self._server = Loopback(app)

    async def __aenter__(self) -> Self:
        await self._server.start()
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
        await self._server.stop()

    @property
    def url(self) -> str:
        return f"{self._server.origin}/hub"

    def answer_next(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        """Answer the next request like this and forget about it."""
        self._script.append((status, headers or {}))

    async def push(
        self,
        topic: str,
        body: bytes,
        *,
        content_type: str = "application/rss+xml",
        algorithm: str = "sha256",
        secret: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Distribute content to who subscribed to the topic; the status of the answer. `secret`: sign with another."""
        subscription = self.subscriptions[topic]
        signed = signature(body, secret=secret or subscription.secret, algorithm=algorithm)
        sent = {"Content-Type": content_type, "X-Hub-Signature": signed, **(headers or {})}
        return await self.send(subscription.callback, body, {n: v for n, v in sent.items() if v})

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        async with self._session.post(url, data=body, headers=headers) as response:
            return response.status

    async def ask(self, callback: str, **query: str) -> tuple[int, bytes, Mapping[str, str]]:
        """GET a callback with these hub.* parameters."""
        async with self._session.get(callback, params={f"hub.{n}": v for n, v in query.items()}) as response:
            return response.status, await response.read(), response.headers

    async def _receive(self, request: web.Request) -> web.Response:
        form = await request.post()
        status, headers = self._script.pop(0) if self._script else (202, {})
        asked = Request(
            mode=str(form["hub.mode"]),
            topic=str(form["hub.topic"]),
            callback=str(form["hub.callback"]),
            secret=str(form["hub.secret"]),
            lease_seconds=int(str(form["hub.lease_seconds"])),
            status=status,
        )
        self.requests.add(asked)
        if status == 202 and self.asks_back:
            task = asyncio.create_task(self._verify(asked))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return web.Response(status=status, headers=dict(headers), text="as you say")

    async def _verify(self, asked: Request) -> None:
        challenge = secrets.token_urlsafe(16)
        query = {"mode": asked.mode, "topic": asked.topic, "challenge": challenge}
        if asked.mode == "subscribe":
            query["lease_seconds"] = str(self.lease_seconds)
        status, body, _ = await self.ask(asked.callback, **query)
        if status // 100 != 2 or body != challenge.encode():
            return
        if asked.mode == "subscribe":
            self.subscriptions[asked.topic] = asked
        else:
            self.subscriptions.pop(asked.topic, None)
        self.verified.add((asked.mode, asked.topic))


def signature(body: bytes, *, secret: str, algorithm: str = "sha256") -> str:
    return f"{algorithm}={hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()}"
