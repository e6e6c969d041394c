from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default

import pytest
from alert_samples import NOW, item, notice

from alerts import headers
from alerts.headers import envelope, header_safe
from alerts.message import Message, build

SENDER = Address(display_name="Marsad", addr_spec="alerts@watch.example.org")
OURS = [
    "auto-submitted",
    "content-type",
    "date",
    "from",
    "list-id",
    "message-id",
    "mime-version",
    "references",
    "subject",
    "to",
]
INJECTIONS = [
    "=?utf-8?q?Iraq=0D=0ABcc=3A_v=40x=2Ecom?=",
    "=?utf-8?b?SXJhcQ0KQmNjOiB2QHguY29t?=",
    "=?utf-8?q?a?= =?utf-8?q?=0D=0ABcc=3A_v=40x=2Ecom?=",
    "==?utf-8?q?=0ABcc=3Ax=40x?=?=",
    "Iraq\r\nBcc: v@x.com",
    "Iraq\nBcc: v@x.com",
    "Iraq\rBcc: v@x.com",
    "Iraq\r\n\r\n<script>body</script>",
    "Iraq\u2028Bcc: v@x.com",
    "Iraq\u2029Bcc: v@x.com",
    "Iraq\x85Bcc: v@x.com",
    "Iraq\x0b\x0cBcc: v@x.com",
    "Iraq\x00\udc80\ud800",
    "البصرة\r\nBcc: v@x.com",
    "\u202eIraq\u2066",
    "Iraq " * 4000,
    "ا" * 100_000,
    "",
]


def parsed(mail: bytes):
    return message_from_bytes(mail, policy=default)


def sent(made, *, sender=SENDER) -> bytes:
    return envelope(build(made), made, sender=sender, recipient="desk@example.org", now=NOW)


@pytest.mark.parametrize("vector", INJECTIONS)
@pytest.mark.parametrize("field", ["title", "rule", "source", "story", "severity", "article_url", "id"])
@pytest.mark.parametrize("kind", ["story", "summary"])
def test_whatever_strangers_write_the_mail_goes_out_with_exactly_our_headers(vector, field, kind):
    made = notice(id=vector, kind=kind) if field == "id" else notice(item(**{field: vector}), kind=kind)

    mail = sent(made)

    wanted = [name for name in OURS if kind == "story" or name != "references"]
    assert sorted(name.lower() for name in parsed(mail)) == wanted
    assert parsed(mail)["To"] == "desk@example.org"
    assert len(parsed(mail)["Subject"]) <= 200
    assert not parsed(mail).defects
    assert b"\nBcc:" not in mail.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("vector", INJECTIONS)
def test_a_cleaned_header_holds_no_line_break_and_no_encoded_word(vector):
    safe = header_safe(vector)

    assert len(safe.splitlines()) <= 1
    assert "=?" not in safe
    assert len(safe) <= 200


@pytest.mark.parametrize("vector", [vector for vector in INJECTIONS if "Bcc" in vector])
def test_a_header_that_slips_through_the_cleaning_costs_the_subject_not_the_alert(vector, monkeypatch):
    monkeypatch.setattr(headers, "header_safe", lambda text: vector)

    mail = parsed(sent(notice()))

    assert sorted(name.lower() for name in mail) == OURS
    assert mail["Bcc"] is None
    assert "Militia in Basra" in mail.get_body(("plain",)).get_content()


def test_a_retry_carries_the_same_message_id_and_a_story_one_thread():
    first, again = parsed(sent(notice())), parsed(sent(notice(attempt=4)))
    other = parsed(sent(notice(item(rule="Unrest"), id="msg_0002")))

    assert first["Message-ID"] == again["Message-ID"] == "<msg_0001@watch.example.org>"
    assert other["Message-ID"] != first["Message-ID"]
    assert other["References"] == first["References"]


def test_a_strange_id_still_makes_a_valid_message_id():
    assert parsed(sent(notice(id="a.b c@d>\r\n" * 40)))["Message-ID"].endswith("@watch.example.org>")


def test_both_parts_arrive_whole_in_short_seven_bit_lines():
    made = notice(item(text="x" * 10_000 + "\n.\n.\nFrom here\n" + "ا" * 3000, summary="", reasons=()))
    mail = sent(made)

    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    assert mail.isascii()
    assert b"\n" not in mail.replace(b"\r\n", b"")
    body = parsed(mail)
    assert body.get_content_type() == "multipart/alternative"
    assert body.get_body(("plain",)).get_content().replace("\r\n", "\n") == build(made).text
    assert body.get_body(("html",)).get_content().replace("\r\n", "\n") == build(made).html


def test_vacation_notices_are_told_to_stay_silent_and_lists_can_be_filtered():
    mail = parsed(sent(notice()))

    assert mail["Auto-Submitted"] == "auto-generated"
    assert "<marsad.watch.example.org>" in mail["List-Id"]
    assert mail["Date"].datetime == NOW


@pytest.mark.parametrize(
    "title",
    [
        "قوات الأمن تحتجز مصوراً صحفياً أثناء تغطية تظاهرة في الناصرية",
        "مامۆستایان لە سلێمانی بەهۆی دواکەوتنی مووچەوە خۆپیشاندان دەکەن",
        "Drone strike on militia depot south of Baghdad kills three, wounds five and burns for an hour",
        "Çok uzun bir başlık: Basra'da göstericiler liman yolunu üçüncü gün de kapattı, valilik açıklama yaptı",
        "x" * 120,
    ],
)
@pytest.mark.parametrize("rule", ["Basra", "Protesters or activists arrested or abducted in Iraq"])
def test_a_subject_arrives_letter_by_letter_and_space_by_space(title, rule):
    subject = f"[high] {rule}: {title}"
    made = notice(item(title=title, rule=rule))

    mail = envelope(
        Message(subject=subject, text="", html="", payload=build(made).payload),
        made,
        sender=SENDER,
        recipient="desk@example.org",
        now=NOW,
    )

    assert parsed(mail)["Subject"] == header_safe(subject)
    assert max(len(line) for line in mail.split(b"\r\n")) < 998
