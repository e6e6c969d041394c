"""The channel "email": one mail per recipient, in the reader's language and zone."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.addresses import mail_address, zone_name
from alerts.headers import envelope
from alerts.message import build
from alerts.notice import Notice
from alerts.outcome import Outcome, Refused
from alerts.smtp import SmtpServer, check, hand_over
from alerts.wording import Lang

__all__ = ["EmailSettings", "SmtpServer", "check", "send"]


class EmailSettings(BaseModel):
    """Who gets the mails, and how they read time and language."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    to: tuple[Annotated[str, AfterValidator(mail_address)], ...] = Field(min_length=1)
    zone: Annotated[str, AfterValidator(zone_name)] = "UTC"
    lang: Lang = "en"


async def send(
    notice: Notice, *, settings: EmailSettings, recipient: str, server: SmtpServer, now: datetime
) -> Outcome:
    """Send the notice to one recipient; the same Message-ID at every attempt."""
    try:
        address = mail_address(recipient)
    except ValueError as error:
        return Refused(reason=str(error))
    message = build(notice, zone=settings.zone, lang=settings.lang)
    mail = envelope(message, notice, sender=server.address, recipient=address, now=now)
    return await hand_over(mail, recipient=address, server=server)
