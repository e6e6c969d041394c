"""One mail, one conversation with one mail server, and what its answers mean (R23, D11)."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from email.headerregistry import Address
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

import aiosmtplib
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from alerts.addresses import is_loopback, mail_address
from alerts.outcome import Delivered, Outcome, Pace, Refused, TryLater, Unknown
from alerts.safe import one_line
from alerts.secret import SecretError, hide, read_secret

GOODBYE_SECONDS = 5.0
DEFAULT_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class SmtpServer(BaseModel):
    """The mail server that takes our mail. Certificates are always verified."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: str = Field(min_length=1, pattern=r"^[^\s/@]+$")
    port: int = Field(default=0, ge=0, le=65535)  # 0: what is usual for `tls`
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    sender: str
    sender_name: str = "Marsad"
    ca_file: Path | None = None  # certificates to trust instead of the system's
    hello: str = Field(default="[127.0.0.1]", pattern=r"^[!-~]+$")  # tells nobody where we stand
    timeout: float = Field(default=60.0, gt=0, le=600)  # seconds for each answer

    @field_validator("sender")
    @classmethod
    def _sender_is_an_address(cls, value: str) -> str:
        return mail_address(value)

    @model_validator(mode="after")
    def _secrets_make_sense(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("has both password and password_file; keep password_file")
        has_password = self.password is not None or self.password_file is not None
        if has_password != (self.username is not None):
            raise ValueError("needs username and password_file together, or neither")
        if self.username is not None and self.tls == "none" and not is_loopback(self.host):
            raise ValueError('would send the password in the clear; set tls = "starttls"')
        return self

    @property
    def address(self) -> Address:
        """The sender as a header has it."""
        return Address(
            display_name=one_line(self.sender_name, 60).replace("=?", "= ?"), addr_spec=self.sender
        )


class Stage(StrEnum):
    """How far a conversation has come; what a failure means depends on it."""

    CONNECT = "connecting"
    TLS = "STARTTLS"
    LOGIN = "logging in"
    SENDER = "naming the sender"
    RECIPIENT = "naming the recipient"
    DATA = "sending the message"
    DONE = "parting"


# Until then the server has not heard of this message: its "never" is about us or our settings and may heal.
_ABOUT_US = frozenset({Stage.CONNECT, Stage.TLS, Stage.LOGIN})
_REMEDIES = {
    Stage.TLS: " (nothing was sent unencrypted; check the server's certificate and tls = ...)",
    Stage.LOGIN: " (check username and password_file)",
}


@dataclass(slots=True, kw_only=True)
class _Talk:
    """A conversation under way."""

    server: SmtpServer
    password: str
    stage: Stage = Stage.CONNECT


async def hand_over(mail: bytes, *, recipient: str, server: SmtpServer) -> Outcome:
    """Give one mail for one recipient to the server. Raises nothing that a network or a server can cause."""
    return await _converse(server, recipient=recipient, mail=mail)


async def check(server: SmtpServer) -> Outcome:
    """Say whether the server can be reached, is who it says and takes our login; sends nothing."""
    return await _converse(server, recipient=None, mail=b"")


async def _converse(server: SmtpServer, *, recipient: str | None, mail: bytes) -> Outcome:
    try:
        talk = _Talk(server=server, password=read_secret(server.password, server.password_file))
    except SecretError as error:
        return TryLater(reason=str(error), pace=Pace.MAIL)
    try:
        async with asyncio.timeout(server.timeout * 4), _connected(talk) as client:
            if recipient is None:
                return Delivered(detail=f"{server.host} is reachable and takes our login")
            return await _deliver(talk, client, recipient, mail)
    except (
        aiosmtplib.SMTPException,
        OSError,
        ValueError,
    ) as error:  # OSError: TimeoutError, ssl.SSLError too
        return _judged(talk, error)


@contextlib.asynccontextmanager
async def _connected(talk: _Talk) -> AsyncGenerator[aiosmtplib.SMTP, None]:
    """A connection that has greeted, is encrypted as the settings demand, and is logged in."""
    server = talk.server
    context = await asyncio.to_thread(ssl.create_default_context, cafile=server.ca_file)
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port or DEFAULT_PORTS[server.tls],
        local_hostname=server.hello,
        timeout=server.timeout,
        use_tls=server.tls == "tls",
        start_tls=False,  # asked for below, so that a failure knows its stage
        tls_context=context,
    )
    try:
        await client.connect()
        await client.ehlo()
        if server.tls == "starttls":
            talk.stage = Stage.TLS
            await client.starttls()
            await client.ehlo()
        if server.username is not None:
            talk.stage = Stage.LOGIN
            await client.login(server.username, talk.password)
        yield client
        await _goodbye(client)
    finally:
        client.close()


async def _deliver(talk: _Talk, client: aiosmtplib.SMTP, recipient: str, mail: bytes) -> Delivered:
    talk.stage = Stage.SENDER
    await client.mail(talk.server.sender)
    talk.stage = Stage.RECIPIENT
    await client.rcpt(recipient)
    talk.stage = Stage.DATA
    answer = await client.data(mail)
    talk.stage = Stage.DONE
    return Delivered(detail=one_line(f"{answer.code} {answer.message}", 200))


async def _goodbye(client: aiosmtplib.SMTP) -> None:
    """Part politely; what goes wrong now changes nothing about the mail."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=GOODBYE_SECONDS)


def _judged(talk: _Talk, error: Exception) -> Outcome:
    """What a failure means, by the stage it came in and by the server's code."""
    reason = _told(talk, error)
    code = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0
    if talk.stage is Stage.DATA and code == 0:
        return Unknown(reason=f"{reason}; the server may have taken it")
    if 500 <= code <= 599 and talk.stage not in _ABOUT_US:
        return Refused(reason=reason)
    return TryLater(reason=reason, pace=Pace.MAIL)


def _told(talk: _Talk, error: Exception) -> str:
    """One line for people: where, at which stage, what was said, and what to do where we know it."""
    match error:
        case aiosmtplib.SMTPResponseException():
            said = f"{error.code} {error.message}"
        case aiosmtplib.SMTPTimeoutError() | TimeoutError():
            said = "no answer in time"
        case _:
            said = str(error) or type(error).__name__
    line = one_line(f"{talk.server.host}: {talk.stage}: {said}", 300) + _REMEDIES.get(talk.stage, "")
    login = f"\0{talk.server.username}\0{talk.password}" if talk.password else ""  # as AUTH PLAIN has it
    return hide(line, talk.password, login)
