import asyncio
import base64
import contextlib
import logging
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from alert_samples import NOW, TITLE, item, notice
from post_office import DROP, SILENCE, PostOffice, certificate
from pydantic import ValidationError

from alerts import email
from alerts.email import EmailSettings, SmtpServer, check
from alerts.outcome import Delivered, Outcome, Pace, Refused, TryLater, Unknown

SETTINGS = EmailSettings(to=("desk@example.org",))
PASSWORD = "correct horse battery"


def plain(office: PostOffice, **changes) -> SmtpServer:
    return SmtpServer(
        **{"host": "127.0.0.1", "port": office.port, "tls": "none", "sender": "alerts@watch.example.org"}
        | changes
    )


async def send(server: SmtpServer, made=None, recipient: str = "desk@example.org") -> Outcome:
    return await email.send(made or notice(), settings=SETTINGS, recipient=recipient, server=server, now=NOW)


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


class Letters:
    """What aiosmtpd hands over."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        return "250 OK"


@contextlib.asynccontextmanager
async def aiosmtpd_server(letters: Letters, *, ssl_context=None, **options):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(letters, hostname="mx", loop=loop, **options), "127.0.0.1", 0, ssl=ssl_context
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def knows_us(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == PASSWORD.encode())


async def test_a_real_server_takes_the_alert_over_starttls_with_a_login(tls, tmp_path):
    context, trusted = tls
    (tmp_path / "password").write_text(PASSWORD + "\n")
    letters = Letters()
    options = {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": knows_us,
        "auth_required": True,
    }

    async with aiosmtpd_server(letters, **options) as port:
        server = SmtpServer(
            host="localhost",
            port=port,
            sender="alerts@watch.example.org",
            username="marsad",
            password_file=tmp_path / "password",
            ca_file=trusted,
        )
        assert isinstance(await check(server), Delivered)
        outcome = await send(server)

    assert isinstance(outcome, Delivered)
    (envelope,) = letters.envelopes
    assert envelope.mail_from == "alerts@watch.example.org"
    assert envelope.rcpt_tos == ["desk@example.org"]
    mail = message_from_bytes(envelope.content, policy=default)
    assert TITLE in mail["Subject"]
    assert mail["Message-ID"] == "<msg_0001@watch.example.org>"
    assert "*ميليشيات*" in mail.get_body(("plain",)).get_content()


async def test_a_real_server_takes_the_alert_over_tls_from_the_first_byte(tls):
    context, trusted = tls
    letters = Letters()

    async with aiosmtpd_server(letters, ssl_context=context) as port:
        server = SmtpServer(
            host="localhost", port=port, tls="tls", sender="a@watch.example.org", ca_file=trusted
        )
        outcome = await send(server)

    assert isinstance(outcome, Delivered)
    assert len(letters.envelopes) == 1


async def test_a_text_full_of_dots_arrives_as_it_was(tls):
    letters = Letters()
    dotted = item(text="\n.\n..\n.QUIT\r\n.\r\nBasra \x00\ud800 " + "y" * 10_000, summary="", reasons=())

    async with aiosmtpd_server(letters) as port:
        outcome = await send(
            SmtpServer(host="127.0.0.1", port=port, tls="none", sender="a@b.example"), notice(dotted)
        )

    assert isinstance(outcome, Delivered)
    content = message_from_bytes(letters.envelopes[0].content, policy=default)
    assert ". .. .QUIT . Basra" in content.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ({"BANNER": "421 too busy"}, TryLater),
        ({"BANNER": "554 no service here"}, TryLater),
        ({"BANNER": DROP}, TryLater),
        ({"BANNER": "not smtp at all"}, TryLater),
        ({"EHLO": DROP}, TryLater),
        ({"MAIL": "421 shutting down"}, TryLater),
        ({"MAIL": "451 later"}, TryLater),
        ({"MAIL": "550 sender refused"}, Refused),
        ({"MAIL": DROP}, TryLater),
        ({"RCPT": "450 4.2.0 greylisted"}, TryLater),
        ({"RCPT": "451 4.7.1 greylisted"}, TryLater),
        ({"RCPT": "452 mailbox full"}, TryLater),
        ({"RCPT": "550 no such user"}, Refused),
        ({"RCPT": "553 bad name"}, Refused),
        ({"RCPT": DROP}, TryLater),
        ({"DATA": "451 later"}, TryLater),
        ({"DATA": "554 no"}, Refused),
        ({"MESSAGE": "451 later"}, TryLater),
        ({"MESSAGE": "421 later"}, TryLater),
        ({"MESSAGE": "552 too large"}, Refused),
        ({"MESSAGE": "554 looks like spam"}, Refused),
        ({"MESSAGE": DROP}, Unknown),
        ({"QUIT": DROP}, Delivered),
        ({"QUIT": "500 what"}, Delivered),
        ({}, Delivered),
    ],
)
async def test_each_answer_of_a_mail_server_has_its_outcome(replies, kind):
    async with PostOffice(replies=replies).opened() as office:
        outcome = await send(plain(office))

    assert isinstance(outcome, kind)
    if isinstance(outcome, TryLater):
        assert outcome.pace is Pace.MAIL
    if isinstance(outcome, TryLater | Refused):
        said = next(iter(replies.values()))
        assert "127.0.0.1" in outcome.reason
        assert said == DROP or said in outcome.reason


@pytest.mark.parametrize(
    ("verb", "kind"), [("BANNER", TryLater), ("RCPT", TryLater), ("MESSAGE", Unknown), ("QUIT", Delivered)]
)
async def test_a_server_that_falls_silent_is_left_in_time(verb, kind, monkeypatch):
    monkeypatch.setattr("alerts.smtp.GOODBYE_SECONDS", 0.2)

    async with PostOffice(replies={verb: SILENCE}).opened() as office:
        outcome = await send(plain(office, timeout=0.3))

    assert isinstance(outcome, kind)
    assert kind is Delivered or "no answer in time" in outcome.reason


async def test_mail_lost_after_data_may_have_arrived_and_is_sent_again_under_the_same_id():
    async with PostOffice(replies={"MESSAGE": DROP}).opened() as office:
        first = await send(plain(office))
        office.replies.clear()
        second = await send(plain(office), notice(attempt=2))

    assert isinstance(first, Unknown)
    assert isinstance(second, Delivered)
    ids = {message_from_bytes(mail, policy=default)["Message-ID"] for mail in office.taken}
    assert len(office.taken) == 2
    assert ids == {"<msg_0001@watch.example.org>"}


async def test_nobody_listening_is_tried_later():
    async with PostOffice().opened() as office:
        pass

    outcome = await send(plain(office))

    assert isinstance(outcome, TryLater)
    assert "connecting" in outcome.reason


async def test_a_server_stripped_of_starttls_gets_no_mail_and_no_password(tls):
    office = PostOffice(extensions=("AUTH PLAIN LOGIN",))

    async with office.opened():
        server = plain(office, tls="starttls", username="marsad", password=PASSWORD, ca_file=tls[1])
        outcome = await send(server)

    assert isinstance(outcome, TryLater)
    assert "STARTTLS" in outcome.reason
    assert [line.split()[0] for line in office.heard if line != "QUIT"] == ["EHLO"]
    assert office.taken == []


@pytest.mark.parametrize("mode", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["unknown authority", "other name"])
async def test_a_certificate_that_does_not_hold_gets_no_mail(mode, wrong, tls, tmp_path):
    context, trusted = tls if wrong == "unknown authority" else certificate(tmp_path, name="other.example")
    office = PostOffice(extensions=("STARTTLS",), tls=context)
    trust = {} if wrong == "unknown authority" else {"ca_file": trusted}

    async with office.opened(at_once_tls=mode == "tls"):
        outcome = await send(plain(office, tls=mode, **trust))

    assert isinstance(outcome, TryLater)
    assert "certificate" in outcome.reason.lower()
    assert office.taken == []


@pytest.mark.parametrize(
    "answer",
    ["535 5.7.8 bad credentials", "454 later", "534 {plain}", "535 you said {coded}", "535 {password}"],
)
async def test_a_refused_login_is_tried_later_and_never_repeats_the_password(answer, tls, caplog):
    caplog.set_level(logging.DEBUG)
    coded = base64.b64encode(PASSWORD.encode()).decode()
    token = base64.b64encode(f"\0marsad\0{PASSWORD}".encode()).decode()
    reply = answer.format(password=PASSWORD, coded=coded, plain=token)
    office = PostOffice(extensions=("STARTTLS", "AUTH PLAIN"), tls=tls[0], replies={"AUTH": reply})

    async with office.opened():
        outcome = await send(
            plain(office, tls="starttls", username="marsad", password=PASSWORD, ca_file=tls[1])
        )

    assert isinstance(outcome, TryLater)
    assert "logging in" in outcome.reason
    assert "check username and password_file" in outcome.reason
    for secret in (PASSWORD, coded, token):
        assert secret not in outcome.reason
        assert secret not in caplog.text
    assert office.encrypted


async def test_a_password_file_that_is_gone_is_tried_later_with_its_name(tmp_path):
    async with PostOffice().opened() as office:
        outcome = await send(plain(office, username="marsad", password_file=tmp_path / "gone"))

    assert isinstance(outcome, TryLater)
    assert str(tmp_path / "gone") in outcome.reason
    assert office.heard == []


async def test_a_servers_words_cannot_forge_lines_or_terminal_commands():
    async with PostOffice(replies={"RCPT": "550 no\x1b[2J\x07\udcff " + "x" * 3000}).opened() as office:
        outcome = await send(plain(office))

    assert isinstance(outcome, Refused)
    assert outcome.reason.isprintable()
    assert len(outcome.reason) <= 400


async def test_our_greeting_tells_nobody_where_we_stand():
    async with PostOffice().opened() as office:
        await send(plain(office))

    assert office.heard[0] == "EHLO [127.0.0.1]"


async def test_a_recipient_that_is_no_address_is_refused_before_any_connection():
    async with PostOffice().opened() as office:
        outcome = await send(plain(office), recipient="x@example.org>\r\nRCPT TO:<evil@example.org")

    assert isinstance(outcome, Refused)
    assert office.heard == []


async def test_cancelling_leaves_no_connection_behind():
    async with PostOffice(replies={"MESSAGE": SILENCE}).opened() as office:
        sending = asyncio.create_task(send(plain(office)))
        await office.arrived.wait()
        sending.cancel()

        with pytest.raises(asyncio.CancelledError):
            await sending


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "marsad"},
        {"password": "x"},
        {"username": "marsad", "password": "x", "password_file": "/x"},
        {"host": "mail.example.org", "tls": "none", "username": "marsad", "password": "x"},
        {"sender": "Marsad <alerts@example.org>"},
        {"sender": "a@b\r\nBcc: c@d.example"},
        {"hello": "a b"},
        {"host": "mail.example.org/x"},
        {"tls": "maybe"},
        {"tlss": "tls"},
    ],
)
def test_settings_of_a_mail_server_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValidationError):
        SmtpServer.model_validate({"host": "127.0.0.1", "sender": "a@b.example"} | wrong)


def test_secrets_do_not_show_when_settings_are_printed():
    assert "hunter2" not in repr(SmtpServer(host="h", sender="a@b.example", username="u", password="hunter2"))
