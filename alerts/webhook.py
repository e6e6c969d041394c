"""The channel "webhook": our JSON, signed as Standard Webhooks demands, sent through a guarded gate."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Protocol, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, field_validator, model_validator
from standardwebhooks.webhooks import Webhook

from alerts.addresses import hook_url, is_loopback, redacted
from alerts.notice import Notice
from alerts.outcome import ChannelGone, Delivered, Outcome, Refused, TryLater
from alerts.payload import payload, webhook_id
from alerts.retry import LONGEST_WAIT
from alerts.safe import one_line
from alerts.secret import SecretError, hide, read_secret
from alerts.times import in_utc

TIMEOUT = timedelta(seconds=20)  # Standard Webhooks: 15 to 30 s
HEAD_OF_REPLY = 120
_PREFIX = "whsec_"
_REMEDY = 'make one with: echo "whsec_$(head -c 32 /dev/urandom | base64)"'


class PostFailed(Exception):  # noqa: N818 - an answer as often as an exception
    """No answer came. `refused` means that our own gate would not go there, today or tomorrow."""

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refused = refused


class Reply(Protocol):
    """The answer to a POST, its body cut short."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Post(Protocol):
    """One POST that follows no redirect; raises or returns PostFailed when no answer came."""

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout: timedelta,  # noqa: ASYNC109 - the gate's
    ) -> Reply | PostFailed: ...


class WebhookSettings(BaseModel):
    """Where the web hook is, and the secret it checks us by: "whsec_" and base64 of 24 to 64 random bytes.

    For a change of secrets, put the new one first and the old one behind it: messages are signed with both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(hook_url)]
    secret: SecretStr | None = None
    secret_file: Path | None = None
    allow_http: bool = False

    @field_validator("secret")
    @classmethod
    def _secret_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _signers(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _can_be_trusted(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError('needs either secret_file = "/path" or secret = "whsec_..."')
        host = urlsplit(self.url).hostname or ""
        if self.url.startswith("http:") and not (self.allow_http or is_loopback(host)):
            raise ValueError("would be sent in the clear; use https, or set allow_http = true")
        return self


async def send(notice: Notice, *, settings: WebhookSettings, post: Post, now: datetime) -> Outcome:
    """Post the notice; the same id and body at every attempt, signed anew."""
    try:
        secret = read_secret(settings.secret, settings.secret_file)
        signers = _signers(secret)
    except (SecretError, ValueError) as error:
        return TryLater(reason=f"{redacted(settings.url)}: {error}")
    body = json.dumps(
        payload(notice).model_dump(mode="json"), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    headers = signed(notice.id, body, signers=signers, now=now)
    reply = await _posted(post, settings.url, headers, body.encode())
    return _judged(reply, settings.url, secret, now)


def signed(notice_id: str, body: str, *, signers: tuple[Webhook, ...], now: datetime) -> dict[str, str]:
    """The headers of a message, with one signature for each secret that is in use."""
    moment, identity = in_utc(now), webhook_id(notice_id)
    signatures = " ".join(signer.sign(identity, moment, body) for signer in signers)
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Marsad",
        "webhook-id": identity,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signatures,
    }


def judge(status: int, *, headers: Mapping[str, str], now: datetime) -> Outcome:
    """What a status means. Only 410 is final: any other receiver may be mended while we try."""
    match status:
        case _ if 200 <= status <= 299:
            return Delivered(detail=f"status {status}")
        case 410:
            return ChannelGone(reason="status 410: the receiver says that it is gone for good")
        case _ if 300 <= status <= 399:
            return TryLater(
                reason=f"status {status}: redirects are not followed; set url to the final address"
            )
        case _:
            return TryLater(reason=f"status {status}", retry_after=retry_after(headers, now))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What a Retry-After asks for, in seconds or as a date; None when it is missing, past or nonsense."""
    value = next((text.strip() for name, text in headers.items() if name.lower() == "retry-after"), "")
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_WAIT)
    try:
        wait = in_utc(parsedate_to_datetime(value)) - in_utc(now)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(wait, LONGEST_WAIT) if wait > timedelta(0) else None


async def _posted(post: Post, url: str, headers: Mapping[str, str], body: bytes) -> Reply | PostFailed:
    try:
        return await post(url, headers=headers, body=body, timeout=TIMEOUT)
    except PostFailed as failure:
        return failure


def _judged(reply: Reply | PostFailed, url: str, secret: str, now: datetime) -> Outcome:
    where = redacted(url)
    if isinstance(reply, PostFailed):
        reason = hide(one_line(f"{where}: {reply.reason}".replace(url, where), 300), *secret.split())
        return Refused(reason=reason) if reply.refused else TryLater(reason=reason)
    match judge(reply.status, headers=reply.headers, now=now):
        case Delivered(detail=detail):
            return Delivered(detail=f"{where}: {detail}")
        case ChannelGone(reason=reason):
            return ChannelGone(reason=f"{where}: {reason}")
        case TryLater(reason=reason, retry_after=wait):
            said = one_line(reply.body[: HEAD_OF_REPLY * 4].decode("utf-8", "replace"), HEAD_OF_REPLY)
            told = f"{where}: {reason}" + (f" ({said})" if said else "")
            return TryLater(reason=hide(told.replace(url, where), *secret.split()), retry_after=wait)
        case other:
            return other


def _signers(secrets: str) -> tuple[Webhook, ...]:
    """A signer for each secret, the one in force first; ValueError names the remedy."""
    if not secrets.strip():
        raise ValueError(f"the secret is empty; {_REMEDY}")
    return tuple(_signer(secret) for secret in secrets.split()[:2])


def _signer(secret: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"the secret is not base64; {_REMEDY}") from None
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError(f"the secret must be whsec_ and base64 of 24 to 64 bytes; {_REMEDY}")
    return Webhook(key)
