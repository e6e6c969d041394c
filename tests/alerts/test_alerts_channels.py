import io
import json
import os
from pathlib import Path

import pytest
from alert_samples import BODY, NOW, TITLE, item, notice, reason
from post_office import PostOffice

from alerts.channels import KINDS, Means, parse_settings, recipients, send
from alerts.notice import Notice
from alerts.outcome import Delivered, TryLater
from alerts.payload import PayloadV1
from alerts.problems import ChannelError
from alerts.smtp import SmtpServer
from alerts.webhook import PostFailed

SECRET = "whsec_" + "QUJD" * 10
GOOD = {
    "email": {"to": ["desk@example.org", "ops@example.org", "desk@example.org"], "zone": "Asia/Baghdad"},
    "webhook": {"url": "https://ops.example.org/hook?key=t0ken", "secret": SECRET},
    "terminal": {},
    "file": {"path": "/var/lib/marsad/alerts.jsonl"},
}


def test_every_kind_has_settings_and_recipients():
    found = {kind: recipients(parse_settings(kind, GOOD[kind])) for kind in KINDS}

    assert found == {
        "email": ("desk@example.org", "ops@example.org"),
        "webhook": ("https://ops.example.org/…",),
        "terminal": ("terminal",),
        "file": ("/var/lib/marsad/alerts.jsonl",),
    }


def test_name_and_kind_of_a_watch_file_are_passed_over():
    assert parse_settings("email", {"name": "desk", "kind": "email", "to": ["a@b.example"]}, name="desk")


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        ("fax", {}, "there is no kind 'fax'; use one of: email, webhook, terminal, file"),
        ("email", {}, "to Field required; its settings are: to, zone, lang"),
        ("email", {"to": []}, "to"),
        (
            "email",
            {"to": ["a@b.example"], "too": 1},
            "unknown setting 'too'; its settings are: to, zone, lang",
        ),
        ("email", {"to": ["Desk <desk@example.org>"]}, "write it as name@example.org"),
        ("email", {"to": ["a@b.example\r\nBcc: c@d.example"]}, "is not a mail address"),
        ("email", {"to": ["a@b.example"], "zone": "Baghdad"}, "write it as Asia/Baghdad"),
        ("email", {"to": ["a@b.example"], "lang": "xx"}, "lang"),
        ("webhook", {"url": "https://a.example/"}, "needs either secret_file"),
        ("webhook", {"url": "https://a.example/", "secret": ""}, "the secret is empty; make one with"),
        ("webhook", {"url": "https://a.example/", "secret": "hunter2"}, "make one with"),
        ("webhook", {"url": "https://a.example/", "secret": "whsec_aHVudGVyMg=="}, "24 to 64 bytes"),
        ("webhook", {"url": "http://a.example/", "secret": SECRET}, "use https"),
        ("webhook", {"url": "http://127.0.0.1.evil.example/", "secret": SECRET}, "use https"),
        ("webhook", {"url": "ftp://a.example/", "secret": SECRET}, "write it as https://host/path"),
        ("webhook", {"url": "https://u:hunter2@a.example/", "secret": SECRET}, "leave them out"),
        ("webhook", {"url": "https://a.example/\r\nx: y", "secret": SECRET}, "write it as https"),
        ("file", {"path": "alerts.jsonl"}, "must be an absolute path"),
    ],
)
def test_settings_that_cannot_be_meant_are_one_clear_line_without_secrets(kind, raw, said):
    with pytest.raises(ChannelError) as caught:
        parse_settings(kind, raw, name="desk")

    line = str(caught.value)
    assert line.startswith("channel 'desk': ")
    assert said in line
    assert "hunter2" not in line
    assert "aHVudGVyMg" not in line
    assert "\n" not in line


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9:8080", "[::1]:8080", "[::1]"])
def test_plain_http_is_taken_for_this_machine_itself(host):
    assert parse_settings("webhook", {"url": f"http://{host}/hook", "secret": SECRET})


@pytest.mark.parametrize("kind", ["email", "webhook", "terminal"])
async def test_a_channel_without_its_means_is_tried_later_not_lost(kind):
    outcome = await send(
        notice(),
        settings=parse_settings(kind, GOOD[kind]),
        recipient="desk@example.org",
        means=Means(),
        now=NOW,
    )

    assert isinstance(outcome, TryLater)


async def test_each_channel_is_sent_to_by_its_means(tmp_path):
    posted: list[bytes] = []

    async def post(url, *, headers, body, timeout):
        posted.append(body)
        return PostFailed("line cut")

    stream = io.StringIO()
    file = {"path": str(tmp_path / "alerts.jsonl")}
    async with PostOffice().opened() as office:
        server = SmtpServer(host="127.0.0.1", port=office.port, tls="none", sender="a@b.example")
        means = Means(server=server, post=post, stream=stream)
        outcomes = {
            kind: await send(
                notice(),
                settings=parse_settings(kind, file if kind == "file" else GOOD[kind]),
                recipient="desk@example.org",
                means=means,
                now=NOW,
            )
            for kind in KINDS
        }

    assert isinstance(outcomes.pop("webhook"), TryLater)
    assert all(isinstance(outcome, Delivered) for outcome in outcomes.values())
    assert len(office.taken) == len(posted) == 1
    assert TITLE in stream.getvalue()
    assert (tmp_path / "alerts.jsonl").exists()


async def to_file(path: Path, made: Notice):
    settings = parse_settings("file", {"path": str(path)})
    return await send(made, settings=settings, recipient=str(path), means=Means(), now=NOW)


async def test_a_file_gets_one_json_line_per_notice_readable_by_us_alone(tmp_path):
    path = tmp_path / "alerts.jsonl"
    for number in range(3):
        assert isinstance(await to_file(path, notice(id=f"m{number}")), Delivered)

    rows = [PayloadV1.model_validate_json(line) for line in path.read_text().splitlines()]
    assert [row.id for row in rows] == ["m0", "m1", "m2"]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_line_torn_by_a_crash_does_not_swallow_the_next_one(tmp_path):
    path = tmp_path / "alerts.jsonl"
    path.write_text('{"version": 1, "ty')

    await to_file(path, notice())

    assert PayloadV1.model_validate_json(path.read_text().splitlines()[1])


async def test_a_full_disk_or_a_missing_folder_is_tried_later(tmp_path):
    missing = await to_file(tmp_path / "gone" / "alerts.jsonl", notice())
    full = await to_file(Path("/dev/full"), notice())

    assert isinstance(missing, TryLater)
    assert "No such file" in missing.reason
    assert isinstance(full, TryLater)


async def on_screen(made: Notice, stream: io.TextIOBase, **raw):
    settings = parse_settings("terminal", raw)
    return await send(made, settings=settings, recipient="terminal", means=Means(stream=stream), now=NOW)


async def test_a_terminal_shows_rule_severity_words_title_source_link_and_age():
    stream = io.StringIO()
    basra = item(rule="Unrest", severity="critical", reasons=(reason(BODY, "الرصاص الحي", concept=None),))

    await on_screen(notice(item(), basra), stream)

    shown = stream.getvalue()
    for said in (
        "CRITICAL",
        "Unrest, Militia in Basra",
        TITLE,
        "الرصاص الحي",
        "ميليشيات @militia",
        "وكالة الضفاف · tier 1 · IQ · just now · +3 outlets",
        "https://news.example.org/ar/2026/basra?id=4711",
    ):
        assert said in shown
    assert "\x1b" not in shown


async def test_a_terminal_that_wants_colour_gets_it_and_strangers_cannot_send_commands():
    stream = io.StringIO()
    hostile = "\x1b]0;owned\x07[bold]x[/bold] :smile: \x9b2J \u202e"
    rule = {"rule": hostile, "source": hostile, "article_url": hostile, "severity": hostile}

    await on_screen(notice(item(title=hostile, text=hostile, reasons=(), **rule)), stream, colour="always")

    shown = stream.getvalue()
    assert "\x1b[" in shown
    assert "[bold]x[/bold] :smile:" in shown
    for char in ("\x1b]", "\x07", "\x9b", "\u202e"):
        assert char not in shown


async def test_a_terminal_lists_a_first_look():
    stream = io.StringIO()
    found = [item(title=f"Title {n}", article_url=f"https://a.example/{n}") for n in range(60)]

    await on_screen(notice(*found, kind="summary"), stream)

    assert "Title 49" in stream.getvalue()
    assert "Title 50" not in stream.getvalue()
    assert "and 10 more" in stream.getvalue()


async def test_a_terminal_that_is_gone_is_tried_later():
    closed = io.StringIO()
    closed.close()
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as broken, open(os.devnull, "w") as nowhere:
        outcomes = [await on_screen(notice(), closed), await on_screen(notice(), broken)]
        os.dup2(nowhere.fileno(), broken.fileno())  # so that closing it can flush what it kept

    assert all(isinstance(outcome, TryLater) for outcome in outcomes)


async def test_the_payload_is_the_same_in_a_file_and_in_a_web_hook(tmp_path):
    posted: list[bytes] = []

    async def post(url, *, headers, body, timeout):
        posted.append(body)
        return PostFailed("line cut")

    await to_file(tmp_path / "a", notice())
    await send(
        notice(),
        settings=parse_settings("webhook", GOOD["webhook"]),
        recipient="x",
        means=Means(post=post),
        now=NOW,
    )

    assert json.loads((tmp_path / "a").read_text()) == json.loads(posted[0])
