"""Volume in every form: how many, what is usual, the past as bars, the stories, and who did not answer."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from alert_samples import NOW
from post_office import PostOffice
from test_alerts_message import HOSTILE, assert_inert

from alerts.channels import Means, parse_settings, send
from alerts.headers import envelope
from alerts.message import build
from alerts.notice import Bar, LanguageShare, Notice, Volume, VolumeStory
from alerts.outcome import Delivered
from alerts.payload import PayloadV1
from alerts.smtp import SmtpServer
from alerts.terminal import TerminalSettings, rendered
from alerts.volumes import headline_of, span_words, sparkline
from alerts.volumewords import volume_wording

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def story(**changes: Any) -> VolumeStory:
    made = VolumeStory(
        title="متظاهرون في ساحة التحرير",
        url="https://news.example.org/tahrir",
        lang="ar",
        source="وكالة الضفاف",
        first_seen=NOW - HOUR,
        outlets=9,
    )
    return replace(made, **changes)


def volume(**changes: Any) -> Volume:
    made = Volume(
        rule="Tahrir spike",
        severity="high",
        kind="spike",
        query="@tahrir",
        lang=None,
        since=NOW - DAY,
        until=NOW,
        count=24,
        threshold=12,
        span=DAY,
        usual=3.2,
        same_time=4.0,
        languages=(LanguageShare(lang="ar", count=20), LanguageShare(lang="en", count=4)),
        stories=(story(),),
        bars=(
            Bar(start=NOW - 3 * DAY, count=3),
            Bar(start=NOW - 2 * DAY, count=None),
            Bar(start=NOW - DAY, count=24),
        ),
        blind=("Shafaq News",),
        blind_total=2,
        sources=30,
    )
    return replace(made, **changes)


def silence(**changes: Any) -> Volume:
    values: dict[str, Any] = {
        "kind": "absence", "since": NOW - 7 * HOUR, "count": 0, "threshold": None, "span": 6 * HOUR, "usual": None,
        "same_time": None, "languages": (), "stories": (), **changes,
    }  # fmt: skip
    return volume(**values)


def notice(*volumes: Volume, **changes: Any) -> Notice:
    made = Notice(id="msg_0003", kind="volume", items=(), owed_at=NOW, volumes=volumes or (volume(),))
    return replace(made, **changes)


def test_the_subject_says_how_many_and_what_is_usual() -> None:
    assert build(notice()).subject == "[high] Tahrir spike: 24 stories in 24 h, usually 3.2 (Sundays 4)"
    assert build(notice(volume(), silence())).subject.endswith("(Sundays 4) (+1)")
    assert build(notice(volume(lang="ckb"))).subject.startswith("[high] Tahrir spike (ckb): 24 stories")
    assert build(notice(volume(kind="count", usual=None, span=HOUR))).subject.endswith("24 stories in 1 h")
    assert build(notice(silence()), zone="Asia/Baghdad").subject == (
        "[high] Tahrir spike: nothing for 7 h, since 2026-11-22 12:03 +03"
    )


def test_the_weekday_is_that_of_the_readers_clock_and_none_for_hours() -> None:
    assert "(Mondays 4)" in headline_of(volume(until=NOW + 6 * HOUR), lang="en", zone="Asia/Baghdad")
    assert "(at this time of the week 4)" in headline_of(volume(span=HOUR), lang="en", zone="UTC")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_text_and_html_say_the_numbers_the_stories_the_past_and_who_is_blind(lang: Any) -> None:
    message = build(notice(volume(told=12)), lang=lang)
    words = volume_wording(lang)

    for part in (message.text, message.html):
        for said in (
            "@tahrir", "متظاهرون في ساحة التحرير", "https://news.example.org/tahrir", "وكالة الضفاف", "Shafaq News",
            words.outlets.of(9), words.not_watched, words.doubled.format(words.stories.of(12)),
            words.alerts_at.format(words.stories.of(12)), "ar 20",
        ):  # fmt: skip
            assert said in part
        assert "{" not in part
    assert "▁·█" in message.text
    assert_inert(message.html)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        *((1, "خبر واحد"), (2, "خبران"), (3, "3 أخبار"), (10, "10 أخبار")),
        *((11, "11 خبرًا"), (100, "100 خبر"), (103, "103 أخبار")),
    ],
)
def test_arabic_counts_as_arabic_does(number: int, said: str) -> None:
    assert volume_wording("ar").stories.of(number) == said


def test_spans_are_said_in_what_people_count_them_by() -> None:
    words = volume_wording("en")

    said = [span_words(span, words) for span in (DAY, 7 * DAY, 36 * HOUR, HOUR, timedelta(minutes=90))]
    assert said == ["24 h", "7 days", "36 h", "1 h", "90 min"]
    assert sparkline([]) == ""
    assert sparkline([Bar(start=NOW, count=0), Bar(start=NOW, count=None)]) == "▁·"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_that_strangers_write_becomes_markup(hostile: str) -> None:
    wild = volume(
        rule=hostile, query=hostile, lang=hostile, blind=(hostile,),
        stories=(story(title=hostile, url=hostile, source=hostile, lang=hostile),),
        languages=(LanguageShare(lang=hostile, count=1),),
    )  # fmt: skip
    message = build(notice(wild), lang="ar")

    assert_inert(message.html)
    for part in (message.subject, message.html, message.text):
        assert not any(char in part for char in "\x00\x1b\x9b\u202e\u2066")
    PayloadV1.model_validate(message.payload)


def test_all_messages_of_a_rule_are_one_thread() -> None:
    sender = Address(username="m", domain="example.org")
    mails = [
        message_from_bytes(
            envelope(build(one), one, sender=sender, recipient="desk@example.org", now=NOW), policy=default
        )
        for one in (notice(), notice(volume(count=50), id="msg_0004"), notice(volume(rule="Other")))
    ]

    assert mails[0]["References"] == mails[1]["References"] != mails[2]["References"]


async def test_every_kind_of_channel_tells_of_volume(tmp_path: Path) -> None:
    path, stream = tmp_path / "alerts.jsonl", io.StringIO()
    async with PostOffice().opened() as office:
        server = SmtpServer(host="127.0.0.1", port=office.port, tls="none", sender="a@b.example")
        means = Means(server=server, stream=stream)
        for kind, raw in (
            ("email", {"to": ["desk@example.org"], "lang": "ar"}),
            ("terminal", {}),
            ("file", {"path": str(path)}),
        ):
            settings = parse_settings(kind, raw)
            outcome = await send(
                notice(), settings=settings, recipient="desk@example.org", means=means, now=NOW
            )
            assert isinstance(outcome, Delivered)

    [mail] = [message_from_bytes(data, policy=default) for data in office.taken]
    assert mail["Subject"] == "[مرتفع] Tahrir spike: 24 خبرًا خلال 24 ساعة، والمعتاد 3.2 (أيام الأحد 4)"
    assert "24 stories in 24 h, usually 3.2 (Sundays 4)" in stream.getvalue()
    assert json.loads(path.read_text())["type"] == "alert.volume"


def test_a_notice_without_volumes_is_no_crash() -> None:
    empty = replace(notice(), volumes=())

    message = build(empty)
    assert (message.subject, message.payload["total"]) == ("Marsad", 0)
    assert rendered(empty, settings=TerminalSettings(), tty=False, now=NOW) == ""
