import base64
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from alert_samples import NOW, TITLE, item, notice
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerts import webhook
from alerts.outcome import ChannelGone, Delivered, Outcome, Refused, TryLater
from alerts.payload import PayloadV1, payload
from alerts.webhook import PostFailed, WebhookSettings, judge, retry_after, signed

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD_SECRET = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"x" * 32).decode()
SCHEMA = Path(webhook.__file__).parent / "webhook-v1.schema.json"
DOCS = Path(__file__).parents[2] / "docs" / "webhook.md"


@dataclass
class Receiver:
    """A web hook's other side: keeps what came, and answers as it was told."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    reply: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers=self.headers, text=self.reply or None)

    @contextlib.asynccontextmanager
    async def opened(self):
        app = web.Application()
        app.router.add_post("/hook/{secret}", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook/t0ken"
        try:
            yield self
        finally:
            await runner.cleanup()


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


async def post(
    url: str, *, headers: Mapping[str, str], body: bytes, timeout: timedelta
) -> Answer | PostFailed:
    """A gate in small: what spiders' gate does, without its guards."""
    limit = aiohttp.ClientTimeout(total=timeout.total_seconds())
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return Answer(response.status, response.headers, await response.content.read(4096))
    except aiohttp.ClientError as error:
        raise PostFailed(f"{url}: {error}") from error


def settings(url: str, **changes) -> WebhookSettings:
    return WebhookSettings.model_validate({"url": url, "secret": SECRET} | changes)


async def send(receiver: Receiver, made=None, *, now: datetime | None = None, **changes) -> Outcome:
    chosen = settings(receiver.url, **changes)
    return await webhook.send(made or notice(), settings=chosen, post=post, now=now or datetime.now(UTC))


async def test_a_receiver_verifies_the_message_with_the_official_library_and_reads_it():
    async with Receiver().opened() as receiver:
        outcome = await send(receiver)

    assert isinstance(outcome, Delivered)
    headers, body = receiver.came[0]
    received = Webhook(SECRET).verify(body, headers)
    assert PayloadV1.model_validate(received).items[0].title == TITLE
    assert received["id"] == "msg_0001"
    assert received["type"] == "alert.story"
    assert any("ميليشيات" in passage for passage in received["items"][0]["snippets"])


async def test_a_changed_body_or_another_secret_does_not_verify():
    async with Receiver().opened() as receiver:
        await send(receiver)

    headers, body = receiver.came[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"high", b"low "), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(body, headers)


async def test_a_retry_has_the_same_id_and_body_and_a_new_time():
    later = datetime.now(UTC)
    async with Receiver().opened() as receiver:
        await send(receiver, now=later - timedelta(hours=1))
        await send(receiver, notice(attempt=2), now=later)

    (first, first_body), (second, second_body) = receiver.came
    assert first["webhook-id"] == second["webhook-id"]
    assert first_body == second_body
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3600
    assert Webhook(SECRET).verify(second_body, second)
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(SECRET).verify(first_body, first)


async def test_while_secrets_change_receivers_with_the_old_or_the_new_one_verify(tmp_path):
    (tmp_path / "secrets").write_text(f"{SECRET}\n{OLD_SECRET}\n")
    async with Receiver().opened() as receiver:
        await send(receiver, secret=None, secret_file=tmp_path / "secrets")

    headers, body = receiver.came[0]
    assert Webhook(SECRET).verify(body, headers)
    assert Webhook(OLD_SECRET).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(body, headers)


@pytest.mark.parametrize(
    "text", ["قصف في البصرة", "a.b.c", "\x00\ud800\u202e", '"\\</script>', "🕊" * 999, ""]
)
async def test_a_message_of_any_text_verifies(text):
    made = notice(item(title=text, text=text, source=text, article_url=text), id=f"a.b/{text}"[:80])

    async with Receiver().opened() as receiver:
        assert isinstance(await send(receiver, made), Delivered)

    headers, body = receiver.came[0]
    assert Webhook(SECRET).verify(body, headers)
    assert "." not in headers["webhook-id"]


def test_a_thousand_messages_verify():
    signers = (Webhook(SECRET),)
    for number in range(1000):
        body = json.dumps({"n": number, "text": "البصرة" * (number % 7)}, ensure_ascii=False)
        headers = signed(f"m.{number}", body, signers=signers, now=datetime.now(UTC))

        assert Webhook(SECRET).verify(body, headers)["n"] == number


def expected(status: int) -> type:
    if status < 300:
        return Delivered
    return ChannelGone if status == 410 else TryLater


@pytest.mark.parametrize("status", range(200, 600))
def test_each_status_has_its_outcome(status):
    outcome = judge(status, headers={"Retry-After": "90"}, now=NOW)

    assert type(outcome) is expected(status)
    if isinstance(outcome, TryLater) and status >= 400:
        assert outcome.retry_after == timedelta(seconds=90)
    if 300 <= status < 400:
        assert "redirects are not followed" in outcome.reason


@pytest.mark.parametrize("status", [200, 204, 302, 308, 401, 404, 408, 410, 413, 425, 429, 500, 503, 599])
async def test_a_real_answer_has_the_outcome_of_its_status(status):
    async with Receiver(status=status, headers={"Location": "http://127.0.0.1:1/"}).opened() as receiver:
        outcome = await send(receiver)

    assert type(outcome) is expected(status)
    assert len(receiver.came) == 1


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("-5", None),
        ("1e9", None),
        ("1000000000", timedelta(days=1)),
        ("9" * 5000, timedelta(days=1)),
        ("٣٠", None),
        ("soon", None),
        ("", None),
        ("Sun, 22 Nov 2026 16:05:00 GMT", timedelta(minutes=2)),
        ("Sun, 22 Nov 2026 16:01:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
        ("Sun, 99 Nov 2026 16:05:00 GMT", None),
    ],
)
def test_a_retry_after_is_read_as_seconds_or_date_and_nonsense_is_no_wish(value, wait):
    assert retry_after({"retry-AFTER": value}, NOW) == wait


async def test_what_our_own_gate_refuses_is_never_tried_again_and_a_lost_connection_is():
    async def gate(url, *, headers, body, timeout):
        return PostFailed("address 10.0.0.1 is private", refused=True)

    chosen = settings("https://hook.example.org/t0ken")
    refused = await webhook.send(notice(), settings=chosen, post=gate, now=NOW)
    async with Receiver().opened() as receiver:
        pass
    lost = await send(receiver)

    assert isinstance(refused, Refused)
    assert "private" in refused.reason
    assert isinstance(lost, TryLater)


@pytest.mark.parametrize("status", [200, 302, 410, 500])
async def test_reasons_show_neither_the_secret_path_nor_the_secret(status):
    async with Receiver(status=status, headers={"Location": "/"}).opened() as receiver:
        receiver.reply = f"\x1b[31m{receiver.url} {SECRET} {'x' * 9999}"
        outcome = await send(receiver)
    unreachable = await send(receiver)

    for told in (outcome, unreachable):
        line = told.detail if isinstance(told, Delivered) else told.reason
        assert "t0ken" not in line
        assert SECRET not in line
        assert line.isprintable()
        assert len(line) < 400


async def test_a_secret_file_that_is_gone_or_wrong_is_tried_later_without_posting(tmp_path):
    (tmp_path / "bad").write_text("whsec_c2hvcnQ=")
    async with Receiver().opened() as receiver:
        gone = await send(receiver, secret=None, secret_file=tmp_path / "gone")
        bad = await send(receiver, secret=None, secret_file=tmp_path / "bad")

    assert isinstance(gone, TryLater)
    assert str(tmp_path / "gone") in gone.reason
    assert isinstance(bad, TryLater)
    assert "24 to 64 bytes" in bad.reason
    assert "c2hvcnQ" not in bad.reason
    assert receiver.came == []


def test_the_schema_in_the_tree_is_that_of_the_payload():
    assert json.loads(SCHEMA.read_text()) == PayloadV1.model_json_schema(mode="serialization")


def test_the_examples_in_the_docs_are_valid_payloads_with_every_field():
    examples = [json.loads(part.split("```")[0]) for part in DOCS.read_text().split("```json\n")[1:]]

    assert [example["type"] for example in examples] == ["alert.story", "alert.incident", "alert.volume"]
    for example in examples:
        assert PayloadV1.model_validate(example).model_dump(mode="json") == example


def test_a_message_about_stories_has_no_fields_of_incidents():
    assert set(payload(notice()).model_dump(mode="json")) == {
        "version",
        "type",
        "id",
        "timestamp",
        "total",
        "items",
    }


def test_the_receiver_in_the_docs_takes_ours_once_and_nothing_else():
    code = DOCS.read_text().split("```python\n")[1].split("```")[0]
    receiver: dict = {}
    exec(compile(code, str(DOCS), "exec"), receiver)
    body = '{"id":"m1","items":[]}'
    good = signed("m1", body, signers=(Webhook(SECRET),), now=datetime.now(UTC))
    old = signed("m2", body, signers=(Webhook(SECRET),), now=datetime.now(UTC) - timedelta(minutes=6))

    assert receiver["receive"](body.encode(), good, SECRET) == 204
    assert receiver["receive"](body.encode(), good, SECRET) == 204
    assert receiver["receive"](b"{}", good, SECRET) == 401
    assert receiver["receive"](body.encode(), old, SECRET) == 401
    assert receiver["seen"] == {"m1"}
