"""One mail, one conversation with one mail server, and what its answers mean (R23, D11)."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
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
        return Address(display_name=one_line(self.sender_name, 60).replace("=?", "= ?"), addr_spec=self.sender)


class Stage(StrEnum):
    """How far a conversation has come; what a failure means depends on it."""

    CONNECT = "connecting"
    TLS = "STARTTLS"
    LOGIN = "logging in"
    SENDER = "naming the sender"
    RECIPIENT = "naming the recipient"
    DATA = "sending the message"


# Until then the server has not heard of this message: its "never" is about us or our settings and may heal.
_ABOUT_US = frozenset({Stage.CONNECT, Stage.TLS, Stage.LOGIN})


@dataclass(slots=True)
class _Talk:
    """A conversation under way."""

    client: aiosmtplib.SMTP
    stage: Stage = Stage.CONNECT


async def hand_over(data: bytes, *, recipient: str, server: SmtpServer) -> Outcome:
    """Give one mail for one recipient to the server. Never raises for what a network or a server does."""

    async def deliver(talk: _Talk) -> Delivered:
        talk.stage = Stage.SENDER
        await talk.client.mail(server.sender)
        talk.stage = Stage.RECIPIENT
        await talk.client.rcpt(recipient)
        talk.stage = Stage.DATA
        answer = await talk.client.data(data)
        return Delivered(detail=one_line(f"{answer.code} {answer.message}", 200))

    return await _converse(server, deliver)


async def check(server: SmtpServer) -> Outcome:
    """Say whether the server can be reached, is who it says and takes our login; sends nothing."""

    async def nothing_more(_: _Talk) -> Delivered:
        return Delivered(detail=f"{server.host} is reachable and takes our login")

    return await _converse(server, nothing_more)
