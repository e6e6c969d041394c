"""The channels there are: their settings, their recipients and how each is sent to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from pydantic import ValidationError

from alerts import email, file, terminal, webhook
from alerts.addresses import redacted
from alerts.email import EmailSettings
from alerts.file import FileSettings
from alerts.notice import Notice
from alerts.outcome import Outcome, TryLater
from alerts.problems import ChannelError
from alerts.smtp import SmtpServer
from alerts.terminal import TerminalSettings
from alerts.webhook import Post, WebhookSettings

Settings = EmailSettings | WebhookSettings | TerminalSettings | FileSettings

KINDS: dict[str, type[Settings]] = {
    "email": EmailSettings,
    "webhook": WebhookSettings,
    "terminal": TerminalSettings,
    "file": FileSettings,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What sending needs besides a channel's settings; None where the daemon has none."""

    server: SmtpServer | None = None
    post: Post | None = None
    stream: TextIO | None = None


def parse_settings(kind: str, raw: dict[str, Any], *, name: str = "") -> Settings:
    """The settings of a channel, or a ChannelError. "name" and "kind" in `raw` are passed over."""
    label = repr(name) if name else f"of kind {kind!r}"
    settings = KINDS.get(kind)
    if settings is None:
        raise ChannelError(label, f"there is no kind {kind!r}", f"use one of: {', '.join(KINDS)}")
    given = {key: value for key, value in raw.items() if key not in ("name", "kind")}
    try:
        return settings.model_validate(given)
    except ValidationError as error:
        raise ChannelError(label, _wrong(error), _remedy(error, settings)) from None


def recipients(settings: Settings) -> tuple[str, ...]:
    """To whom one alert is owed on this channel: each is delivered to, and retried, alone."""
    match settings:
        case EmailSettings(to=to):
            return tuple(dict.fromkeys(to))
        case WebhookSettings(url=url):
            return (redacted(url),)
        case TerminalSettings():
            return ("terminal",)
        case FileSettings(path=path):
            return (str(path),)


async def send(notice: Notice, *, settings: Settings, recipient: str, means: Means, now: datetime) -> Outcome:
    """Send the notice to one recipient of the channel."""
    match settings, means:
        case EmailSettings(), Means(server=SmtpServer() as server):
            return await email.send(notice, settings=settings, recipient=recipient, server=server, now=now)
        case EmailSettings(), _:
            return TryLater(reason="no mail server is set up; add a [smtp] section with host and sender")
        case WebhookSettings(), Means(post=post) if post is not None:
            return await webhook.send(notice, settings=settings, post=post, now=now)
        case WebhookSettings(), _:
            return TryLater(reason="this process has no gate to the network for web hooks")
        case TerminalSettings(), Means(stream=stream) if stream is not None:
            return await terminal.send(notice, settings=settings, stream=stream, now=now)
        case TerminalSettings(), _:
            return TryLater(reason="this process has no terminal")
        case FileSettings(), _:
            return await file.send(notice, settings=settings)


def _wrong(error: ValidationError) -> str:
    """The first thing that is wrong, without the value: it may be a secret."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"unknown setting {where!r}"
    return f"{where} {first['msg']}".replace("Value error, ", "").strip()


def _remedy(error: ValidationError, settings: type[Settings]) -> str:
    if all(problem["type"] == "value_error" for problem in error.errors(include_input=False)):
        return "correct it in the watch file or the dashboard"
    return f"its settings are: {', '.join(settings.model_fields)}"
