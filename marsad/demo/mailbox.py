"""Mailbox: a real SMTP server that keeps what it accepts, and refuses when the script says so."""

import asyncio
import os
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from marsad.demo.arrivals import Arrivals

Verb = Literal["MAIL", "RCPT", "DATA"]
MAX_MESSAGE_BYTES = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One accepted message: the envelope, the bytes off the wire, and the bytes parsed."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain text part, empty when there is none."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def html(self) -> str:
        """The HTML part, empty when there is none."""
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""


class Mailbox:
    """An SMTP server on 127.0.0.1. With `folder`, each mail is on disk, fsynced, before it is accepted."""

    def __init__(self, *, port: int = 0, folder: Path | None = None) -> None:
        self.host, self.port = "127.0.0.1", port
        self.refused: list[tuple[Verb, int]] = []
        self._folder = folder
        self._arrivals = Arrivals[Mail]("mails")
        self._refusals: dict[Verb, list[int]] = {"MAIL": [], "RCPT": [], "DATA": []}
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Transport] = set()

    async def __aenter__(self) -> Self:
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.get_running_loop().create_server(self._session, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is None:
            return
        self._server.close()
        for transport in tuple(self._sessions):
            transport.abort()
        await self._server.wait_closed()

    @property
    def mails(self) -> list[Mail]:
        """Every mail accepted so far, oldest first."""
        return list(self._arrivals.items)

    def refuse_next(self, code: int, *, verb: Verb = "DATA", times: int = 1) -> None:
        """Answer the next `times` commands of this verb with `code` instead of accepting them."""
        self._refusals[verb].extend([code] * times)

    async def wait_for(self, n: int, seconds: float = 10) -> list[Mail]:
        """Every mail so far, once there are at least `n`; raises TooFewArrivedError."""
        return await self._arrivals.wait_for(n, seconds)

    def scripted_refusal(self, verb: Verb) -> str | None:
        """The answer that the script demands now, None when the command may pass."""
        if not self._refusals[verb]:
            return None
        code = self._refusals[verb].pop(0)
        self.refused.append((verb, code))
        return f"{code} {'try again later' if code < 500 else 'refused'}, says the script"

    def accept(self, envelope: Envelope) -> None:
        """Keep a message that was received in full."""
        raw = envelope.original_content or b""
        if self._folder:
            _write_durably(self._folder / f"{len(list(self._folder.glob('*.eml'))) + 1:06}.eml", raw)
        self._arrivals.add(
            Mail(
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                raw=raw,
                message=message_from_bytes(raw, policy=policy.default),
            )
        )

    def _session(self) -> SMTP:
        return _WatchedSMTP(_Postman(self), sessions=self._sessions)


class _WatchedSMTP(SMTP):
    """One SMTP conversation, known to the mailbox so that closing the mailbox can hang up."""

    def __init__(self, handler: "_Postman", *, sessions: set[asyncio.Transport]) -> None:
        super().__init__(
            handler,
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            hostname="mailbox.demo.invalid",
            ident="Marsad demo mailbox",
        )
        self._sessions = sessions
        self._own: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._own = transport
            self._sessions.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._own is not None:
            self._sessions.discard(self._own)
        super().connection_lost(error)


class _Postman:
    """The hooks that aiosmtpd calls by name."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_MAIL(  # noqa: N802 (aiosmtpd finds it by this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._mailbox.scripted_refusal("MAIL")
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._mailbox.scripted_refusal("RCPT")
        if refusal is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        refusal = self._mailbox.scripted_refusal("DATA")
        if refusal is None:
            self._mailbox.accept(envelope)
        return refusal or "250 Kept"


def _write_durably(path: Path, raw: bytes) -> None:
    with path.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
