"""From a message to the bytes of a mail whose headers are exactly ours, whoever wrote the title (S16)."""

import hashlib
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from alerts.message import Message
from alerts.notice import Notice
from alerts.safe import one_line, shorten
from alerts.times import in_utc

LONGEST_HEADER = 200
NEUTRAL_SUBJECT = "Marsad alert"
_ATEXT_LIMIT = 64


class _Policy(EmailPolicy):
    """SMTP's policy, with the subject folded by `email.header`.

    The folding of EmailPolicy loses the spaces between encoded words ("قوات الأمن" arrived as "قواتالأمن" on Python
    3.11.7, November 2026) and puts a space before a subject whose first line it cannot fill.
    """

    def fold(self, name: str, value: Any) -> str:
        return _subject_line(str(value)) if name.lower() == "subject" else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() == "subject":
            return _subject_line(str(value)).encode("ascii")
        return super().fold_binary(name, value)


def _subject_line(subject: str) -> str:
    if subject.isascii():
        return f"Subject: {subject}\r\n"  # cleaned and at most 200 characters: below RFC 5322's 998
    folded = Header(subject, "utf-8", maxlinelen=_LINE, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {folded}\r\n"


# Only 7 bit lines leave us: no server needs an extension, and no line is too long (RFC 5321 4.5.3.1.6).
_LINE = 76
_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


class UnsafeHeadersError(Exception):
    """The mail's headers are not the ones we set, in spite of cleaning; the mail is not to be sent."""


def header_safe(text: str) -> str:
    """The text for a header: one line, no encoded word of its own, at most 200 characters.

    CVE-2024-6923: Python before 3.12.5 decodes "=?utf-8?q?...=0D=0ABcc:..?=" and writes the line break.
    """
    return shorten(one_line(text, LONGEST_HEADER).replace("=?", "= ?"), LONGEST_HEADER)


def message_id(notice: Notice, domain: str) -> str:
    """The Message-ID: the same over all attempts, so that a second copy is known as one (D11)."""
    return f"<{_token(notice.id)}@{domain}>"


def envelope(message: Message, notice: Notice, *, sender: Address, recipient: str, now: datetime) -> bytes:
    """The mail for one recipient as it goes over the wire; its subject gives way before its delivery does."""
    mail = _mail(message, notice, sender=sender, recipient=recipient, now=now)
    try:
        mail["Subject"] = header_safe(message.subject)
        return _verified(mail)
    except (UnsafeHeadersError, MessageError, ValueError):
        del mail["Subject"]
        mail["Subject"] = NEUTRAL_SUBJECT
        return _verified(mail)


def _mail(
    message: Message, notice: Notice, *, sender: Address, recipient: str, now: datetime
) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=recipient)
    mail["Date"] = format_datetime(in_utc(now))
    mail["Message-ID"] = message_id(notice, sender.domain)
    if thread := _thread(notice):
        mail["References"] = f"<{thread}@{sender.domain}>"
    mail["List-Id"] = f"Marsad <marsad.{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's vacation notice answers us
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    mail.set_boundary(f"=_marsad_{_digest(notice.id)}")
    return mail


def _verified(mail: EmailMessage) -> bytes:
    """The mail's bytes, after reading them back: exactly our headers, each once."""
    data = mail.as_bytes(policy=_POLICY)
    seen = sorted(name.lower() for name in message_from_bytes(data))
    wanted = sorted(name.lower() for name in mail)
    if seen != wanted or len(set(seen)) != len(seen):
        raise UnsafeHeadersError
    return data


def _thread(notice: Notice) -> str | None:
    """What mail programs group messages by: one story, one trouble, its end included, or one rule that counts."""
    stories = {item.story or item.story_title for item in notice.items}
    troubles = {f"{trouble.kind} {trouble.subject}" for trouble in notice.troubles}
    if notice.kind == "story" and len(stories) == 1:
        return f"story-{_digest(stories.pop())}"
    if notice.kind == "incident" and len(troubles) == 1:
        return f"trouble-{_digest(troubles.pop())}"
    if notice.kind == "volume" and notice.volumes:
        return f"volume-{_digest(notice.volumes[0].rule)}"
    return None


def _token(notice_id: str) -> str:
    plain = notice_id.isascii() and notice_id.replace("-", "").replace("_", "").isalnum()
    return notice_id if plain and len(notice_id) <= _ATEXT_LIMIT else _digest(notice_id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
