"""Incidents in every form: what is wrong, since when, and which rules are blind."""

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
from test_alerts_message import HOSTILE, Page, assert_inert

from alerts.channels import Means, parse_settings, send
from alerts.headers import envelope
from alerts.message import build
from alerts.notice import Extent, Notice, Tally, Trouble
from alerts.outcome import Delivered
from alerts.payload import PayloadV1
from alerts.smtp import SmtpServer
from alerts.terminal import TerminalSettings, rendered
from alerts.troublewords import trouble_wording

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
KINDS = tuple(trouble_wording("en").kinds)
PARTS = ("channel", "queue", "schedule", "reader", "network")


def trouble(**changes: Any) -> Trouble:
    made = Trouble(
        kind="blocked",
        state="opened",
        subject="77aa",
        source="شفق نيوز",
        url="https://shafaq.example/feed?x=1",
        since=NOW - timedelta(hours=7),
        until=None,
        detail="status 403: a challenge page",
        remedy="visit it less often",
        rules=("Militia in Basra", "احتجاجات", "Unrest"),
    )
    return replace(made, **changes)


def over(**changes: Any) -> Trouble:
    return trouble(state="closed", until=NOW - timedelta(hours=1), **changes)


def notice(*troubles: Trouble, **changes: Any) -> Notice:
    made = Notice(id="msg_0002", kind="incident", items=(), owed_at=NOW, troubles=troubles or (trouble(),))
    return replace(made, **changes)


def subject(*troubles: Trouble, lang: Any = "en", zone: str = "UTC") -> str:
    return build(notice(*troubles), lang=lang, zone=zone).subject


def test_one_incident_is_told_in_the_subject_with_blindness_and_time():
    assert subject() == "[trouble] شفق نيوز is blocked: 3 rules are blind since 09:03"
    assert subject(trouble(rules=("Unrest",))).endswith("is blocked: 1 rule is blind since 09:03")
    assert subject(trouble(rules=())) == "[trouble] شفق نيوز is blocked since 09:03"
    assert subject(zone="Asia/Baghdad").endswith("since 12:03")
    assert subject(trouble(since=NOW - timedelta(days=2))).endswith("since 2026-11-20")
    assert subject(over()) == "[recovered] شفق نيوز is no longer blocked, 09:03 to 15:03"


def test_many_incidents_are_counted_by_kind_in_the_subject():
    many = [trouble(subject=str(n)) for n in range(9)]
    dead = [trouble(subject=f"d{n}", kind="dead") for n in range(5)]
    queue = trouble(subject="queue", kind="queue", source=None)

    assert subject(*many, *dead) == "[trouble] 14 sources in trouble: 9 blocked, 5 dead"
    assert subject(*many, *dead, over(), over(subject="b")) == (
        "[trouble] 14 sources in trouble: 9 blocked, 5 dead; 2 recovered"
    )
    assert subject(queue, trouble(kind="dead")) == (
        "[trouble] 1 source and 1 part of Marsad in trouble: 1 dead, 1 held up"
    )
    assert subject(over(), over(subject="b", kind="dead")) == (
        "[recovered] 2 sources well again: 1 no longer blocked, 1 no longer dead"
    )
    assert subject(trouble(), over(subject="b")).endswith("since 09:03; 1 recovered")


def test_kinds_beyond_the_fourth_are_counted_together():
    found = [trouble(kind=kind, subject=kind) for kind in KINDS[:7]]

    assert subject(*found).endswith(
        "1 blocked, 1 dead, 1 empty, 1 mojibake, 3 other".replace("mojibake", "garbled")
    )


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("kind", [*KINDS, "unheard of"])
def test_every_kind_has_its_words_in_every_language(lang, kind):
    words = trouble_wording(lang)
    known = words.kinds.get(kind, words.other)
    message = build(notice(trouble(kind=kind), over(kind=kind, subject="b")), lang=lang)

    for part in (message.text, message.html):
        assert known.label in part
        assert words.recovered_heading in part
        assert "{" not in part.replace("{{", "")
    assert len(message.subject) <= 200
    assert set(trouble_wording("ar").kinds) == set(KINDS)
    if lang == "ar" and kind in KINDS:
        assert known.advice


def test_the_kinds_are_those_of_the_operators_guide():
    told = OPERATING.read_text(encoding="utf-8").partition("## Incidents")[2].partition("\n## ")[0]

    named = [line.split("`")[1] for line in told.splitlines() if line.startswith("| `")]
    assert sorted(named) == sorted(KINDS)


def test_an_incident_says_what_since_when_what_to_do_and_names_the_blind_rules():
    message = build(notice(trouble(times=3)), zone="Asia/Baghdad")

    for part in (message.text, message.html):
        for said in (
            "شفق نيوز",
            "blocked",
            "Blind rules",
            "Militia in Basra",
            "احتجاجات",
            "Unrest",
            "2026-11-22 12:03 +03",
            "status 403: a challenge page",
            "visit it less often",
            "https://shafaq.example/feed?x=1",
            "The site sends a challenge",
            "3 times within an hour",
        ):
            assert said in part.replace("&amp;", "&")
    assert "Blind rules since \u20682026-11-22 12:03 +03\u2069: \u2068Militia in Basra" in message.text
    assert "Since: \u20682026" in build(notice(trouble(rules=()))).text


def test_rules_are_called_blind_only_where_they_are():
    slow = build(notice(trouble(kind="slow")))
    queue = build(notice(trouble(kind="queue", subject="queue", source=None)))

    assert slow.subject == "[trouble] شفق نيوز is slow since 09:03"
    assert queue.subject == "[trouble] Alerts are held up: 3 rules are not heard since 09:03"
    for part in (slow.text, slow.html, queue.text, queue.html):
        assert "lind rules" not in part
    assert "Rules not heard since \u20682026-11-22 09:03 UTC\u2069" in queue.text
    assert "Unrest" not in slow.text


def test_ten_blind_rules_are_named_and_the_rest_counted():
    rules = tuple(f"rule {n:03}" for n in range(40))
    message = build(notice(trouble(rules=rules, rules_total=400)))

    assert message.subject.endswith("400 rules are blind since 09:03")
    for part in (message.text, message.html):
        assert "rule 009" in part
        assert "rule 010" not in part
        assert "and 390 more" in part


def test_three_hundred_incidents_are_counted_and_the_first_fifty_named():
    found = tuple(
        trouble(subject=str(n), source=f"Source {n:03}", rules=(f"rule {n % 60:02}",)) for n in range(200)
    )
    extent = Extent(
        tallies=(
            Tally(kind="blocked", state="opened", count=280),
            Tally(kind="dead", state="closed", count=20),
        ),
        sources=280,
        parts=0,
        blind=tuple(f"rule {n:02}" for n in range(50)),
        blind_total=60,
    )
    message = build(notice(*found, extent=extent))

    assert message.subject == "[trouble] 280 sources in trouble: 280 blocked; 20 recovered"
    for part in (message.text, message.html):
        assert "Source 049" in part
        assert "Source 050" not in part
        assert "and 250 more: marsad incident list" in part
        assert "rule 49" in part
        assert "and 10 more" in part
    assert len(message.html) < 102_000, "Gmail cuts what is longer"
    assert message.payload["total"] == 300
    assert len(message.payload["incidents"]) == 200
    assert message.payload["trouble"]["blind_total"] == 60


def test_what_is_over_is_one_line_each_and_whole_when_it_is_all_there_is():
    alone = build(notice(over()))
    beside = build(notice(trouble(), over(subject="b", source="Rudaw")))

    for part in (alone.text, alone.html):
        assert "Until" in part
        assert "2026-11-22 15:03" in part
        assert "Blind rules" not in part, "they see again"
    assert "* [recovered] \u2068Rudaw\u2069 is no longer blocked" in beside.text


def test_the_plain_text_says_all_that_the_page_says():
    found = [trouble(subject=str(n), source=f"Source {n}") for n in range(12)]
    message = build(notice(*found, over(subject="o"), attempt=3))
    said = "".join(char for char in message.text if char not in "\u2068\u2069")

    page = Page(message.html)
    for where, words in page.words:
        text = " ".join(words.split()).strip("·:()، ").strip()
        if where not in ("head", "title", "html", "tr") and text and text != "Marsad":
            assert text in said, text


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["kind", "subject", "source", "url", "detail", "remedy", "rules"])
def test_nothing_that_strangers_write_becomes_markup_or_a_header(hostile, field):
    value = (hostile,) if field == "rules" else hostile
    for made in (trouble(**{field: value}), over(**{field: value})):
        for shown in (notice(made), notice(made, trouble(subject="b"))):
            message = build(shown, lang="ar")

            assert_inert(message.html)
            for part in (message.subject, message.html, message.text):
                assert not any(char in part for char in "\x00\x1b\x9b\u202e\u2066")
                part.encode("utf-8")
            terminal = rendered(shown, settings=TerminalSettings(colour="never"), tty=False, now=NOW)
            assert "\x1b" not in terminal
            assert PayloadV1.model_validate(message.payload)


def test_only_plain_web_addresses_become_links():
    assert "href" not in build(notice(trouble(url="javascript:alert(1)"))).html
    assert "href" not in build(notice(trouble(url=None))).html
    assert 'href="https://shafaq.example/feed?x=1"' in build(notice()).html


def test_the_page_runs_in_the_readers_direction_and_names_in_their_own():
    arabic = Page(build(notice(trouble(source="Shafaq News")), lang="ar").html)

    assert ("html", {"lang": "ar", "dir": "rtl"}) in arabic.tags
    assert "Shafaq News" in arabic.text_in("bdi")
    assert (
        "\u2068Shafaq News\u2069: محجوب عنا" in build(notice(trouble(source="Shafaq News")), lang="ar").text
    )


def test_a_part_of_the_installation_is_called_by_its_name():
    channel = trouble(kind="channel", subject="channel:desk", source=None, url=None, rules=())

    message = build(notice(channel))
    assert message.subject == "[trouble] Channel desk does not deliver since 09:03"
    assert message.payload["incidents"][0]["name"] == "desk"


def test_opening_and_end_of_one_trouble_are_one_thread():
    def references(made: Notice) -> Any:
        sender = Address(addr_spec="alerts@watch.example.org")
        mail = envelope(build(made), made, sender=sender, recipient="desk@example.org", now=NOW)
        return message_from_bytes(mail)["References"]

    assert references(notice()) == references(notice(over(), id="other")) is not None
    assert references(notice()) != references(notice(trouble(subject="b")))
    assert references(notice(trouble(), trouble(subject="b"))) is None


def test_a_terminal_shows_what_is_wrong():
    page = rendered(notice(), settings=TerminalSettings(colour="never"), tty=False, now=NOW)

    for said in ("BLOCKED", "is blocked: 3 rules are blind since 09:03", "Unrest", "visit it less often"):
        assert said in page
    assert "\x1b" not in page
    many = notice(*(trouble(subject=str(n)) for n in range(60)))
    listed = rendered(many, settings=TerminalSettings(), tty=True, now=NOW)
    assert "60 sources in trouble" in listed
    assert "and 10 more" in listed


def test_a_receiver_gets_incidents_and_no_items():
    payload = build(notice(trouble(), over(subject="b"))).payload

    assert (payload["version"], payload["type"], payload["items"]) == (1, "alert.incident", [])
    opened, closed = payload["incidents"]
    assert (opened["state"], opened["until"], opened["blind_total"]) == ("opened", None, 3)
    assert (closed["state"], closed["until"]) == ("closed", "2026-11-22T15:03:00Z")
    assert payload["trouble"]["tallies"] == [
        {"kind": "blocked", "state": "opened", "count": 1},
        {"kind": "blocked", "state": "closed", "count": 1},
    ]
    assert json.dumps(payload, allow_nan=False)


async def test_every_kind_of_channel_tells_incidents(tmp_path):
    stream = io.StringIO()
    path = tmp_path / "alerts.jsonl"
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
    assert mail["Subject"] == "[عطل] شفق نيوز: محجوب عنا؛ قواعد بلا رصد منذ 09:03، عددها 3"
    assert "احتجاجات" in mail.get_body(("html",)).get_content()
    assert "احتجاجات" in mail.get_body(("plain",)).get_content()
    assert "3 rules are blind" in stream.getvalue()
    assert json.loads(path.read_text())["type"] == "alert.incident"


def test_a_notice_without_incidents_is_no_crash():
    empty = replace(notice(), troubles=())

    message = build(empty)
    assert (message.subject, message.payload["total"]) == ("Marsad", 0)
    assert rendered(empty, settings=TerminalSettings(), tty=False, now=NOW) == ""
    assert io.StringIO(message.text).read()
