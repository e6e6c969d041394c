"""The mailbox keeps what it accepts, refuses by script, and says what did not arrive."""

import socket
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from marsad.demo.arrivals import TooFewArrivedError
from marsad.demo.mailbox import Mailbox


def letter(subject: str = "تنبيه: البصرة") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "marsad@example.org", "desk@example.org", subject
    message.set_content("ساحة التحرير")
    message.add_alternative("<p>ساحة التحرير</p>", subtype="html")
    return message


async def send(mailbox: Mailbox, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname=mailbox.host, port=mailbox.port, start_tls=False)


async def test_a_mail_arrives_parsed_and_raw() -> None:
    async with Mailbox() as mailbox:
        await send(mailbox, letter())

        (mail,) = await mailbox.wait_for(1)

    assert mail.message["Subject"] == "تنبيه: البصرة"
    assert (mail.sender, mail.recipients) == ("marsad@example.org", ("desk@example.org",))
    assert mail.text.strip() == "ساحة التحرير"
    assert "<p>ساحة التحرير</p>" in mail.html
    assert b"Subject: =?utf-8?" in mail.raw


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [451, 550])
async def test_a_scripted_refusal_is_answered_once(verb: str, code: int) -> None:
    async with Mailbox() as mailbox:
        mailbox.refuse_next(code, verb=verb)

        with pytest.raises(aiosmtplib.SMTPException) as refusal:
            await send(mailbox, letter())
        await send(mailbox, letter("second try"))

        (mail,) = await mailbox.wait_for(1)
    assert str(code) in str(refusal.value) or getattr(refusal.value, "code", None) == code
    assert mail.message["Subject"] == "second try"
    assert mailbox.refused == [(verb, code)]


async def test_a_mail_is_on_disk_before_it_is_accepted(tmp_path: Path) -> None:
    async with Mailbox(folder=tmp_path / "mails") as mailbox:
        await send(mailbox, letter())
    async with Mailbox(folder=tmp_path / "mails") as mailbox:
        await send(mailbox, letter("after a restart"))
        mails = mailbox.mails

    files = sorted((tmp_path / "mails").iterdir())
    assert [file.name for file in files] == ["000001.eml", "000002.eml"]
    assert files[1].read_bytes() == mails[0].raw


async def test_waiting_for_more_than_arrived_says_how_many_did() -> None:
    async with Mailbox() as mailbox:
        await send(mailbox, letter())

        with pytest.raises(TooFewArrivedError, match=r"waited 0.05 s for 2 mails, 1 arrived"):
            await mailbox.wait_for(2, 0.05)


async def test_closing_hangs_up_on_clients_that_linger() -> None:
    async with Mailbox() as mailbox:
        client = aiosmtplib.SMTP(hostname=mailbox.host, port=mailbox.port, start_tls=False)
        await client.connect()

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await client.noop()
    client.close()


async def test_a_mailbox_comes_back_on_the_port_it_had() -> None:
    async with Mailbox() as mailbox:
        await send(mailbox, letter())
    async with Mailbox(port=mailbox.port) as again:
        await send(again, letter())

        assert len(again.mails) == 1
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", mailbox.port)) != 0
