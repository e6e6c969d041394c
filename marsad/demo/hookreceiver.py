"""Hook receiver: a real webhook endpoint that checks Standard Webhooks signatures and keeps what it got."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from marsad.demo.arrivals import Arrivals
from marsad.demo.loopback import Loopback

MAX_BODY_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HookCall:
    """One POST: what came, whether its signature held, and what we answered."""

    id: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    payload: Any  # the JSON, None when the signature did not hold
    verified: bool
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A scripted reply."""

    status: int
    headers: Mapping[str, str]


class HookReceiver:
    """A webhook endpoint on 127.0.0.1. With `log`, each call is on disk, fsynced, before its answer."""

    def __init__(self, *, port: int = 0, secret: str | None = None, log: Path | None = None) -> None:
        self.secret = secret or "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        self._verifier = Webhook(self.secret)
        self._log = log
        self._script: list[Answer] = []
        self._calls = Arrivals[HookCall]("webhook calls")
        self._kept = Arrivals[HookCall]("accepted webhook calls")
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/hook", self._receive)
        self._server = Loopback(app, port=port)

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.stop()

    @property
    def url(self) -> str:
        return f"{self._server.origin}/hook"

    @property
    def calls(self) -> list[HookCall]:
        """Every POST so far, also those that were refused."""
        return list(self._calls.items)

    @property
    def received(self) -> list[HookCall]:
        """The POSTs that were well signed and answered with 2xx."""
        return list(self._kept.items)

    def answer_next(self, status: int, headers: Mapping[str, str] | None = None, *, times: int = 1) -> None:
        """Answer the next `times` well-signed POSTs like this instead of with 204."""
        self._script.extend([Answer(status=status, headers=dict(headers or {}))] * times)

    async def wait_for(self, n: int, seconds: float = 10) -> list[HookCall]:
        """The accepted calls, once there are at least `n`; raises TooFewArrivedError."""
        return await self._kept.wait_for(n, seconds)

    async def wait_for_calls(self, n: int, seconds: float = 10) -> list[HookCall]:
        """Every call, refused or not, once there are at least `n`; raises TooFewArrivedError."""
        return await self._calls.wait_for(n, seconds)

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        payload, answer = self._judge(body, headers)
        call = HookCall(
            id=headers.get("webhook-id", ""),
            headers=headers,
            body=body,
            payload=payload,
            verified=answer is not UNSIGNED,
            status=answer.status,
        )
        self._keep(call)
        return web.Response(status=answer.status, headers=dict(answer.headers))

    def _judge(self, body: bytes, headers: dict[str, str]) -> tuple[Any, Answer]:
        try:
            payload = self._verifier.verify(body, headers)
        except (WebhookVerificationError, ValueError):  # ValueError: not base64, not UTF-8, not JSON
            return None, UNSIGNED
        return payload, self._script.pop(0) if self._script else THANKS

    def _keep(self, call: HookCall) -> None:
        if self._log:
            _append_durably(self._log, call)
        self._calls.add(call)
        if call.verified and 200 <= call.status < 300:
            self._kept.add(call)


UNSIGNED = Answer(status=401, headers={})
THANKS = Answer(status=204, headers={})


def _append_durably(path: Path, call: HookCall) -> None:
    line = {"id": call.id, "status": call.status, "verified": call.verified, "payload": call.payload}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
