"""The hook receiver accepts only what is well signed, answers by script, and writes before it answers."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from standardwebhooks import Webhook

from marsad.demo.arrivals import TooFewArrivedError
from marsad.demo.hookreceiver import HookReceiver


async def call(
    hook: HookReceiver, *, id_: str = "msg_1", secret: str | None = None, age: timedelta = timedelta(0)
) -> tuple[int, Mapping[str, str]]:
    body, when = json.dumps({"rule": "البصرة"}, ensure_ascii=False), datetime.now(UTC) - age
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(when.timestamp())),
        "webhook-signature": Webhook(secret or hook.secret).sign(id_, when, body),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(hook.url, data=body, headers=headers) as answer,
    ):
        return answer.status, answer.headers


async def test_a_well_signed_call_is_kept() -> None:
    async with HookReceiver() as hook:
        status, _ = await call(hook)

        (kept,) = await hook.wait_for(1)

    assert status == 204
    assert (kept.id, kept.payload, kept.verified) == ("msg_1", {"rule": "البصرة"}, True)


async def test_a_call_with_another_secret_is_refused_and_not_kept() -> None:
    async with HookReceiver() as hook:
        status, _ = await call(hook, secret="whsec_" + "QUJD" * 8)

    assert status == 401
    assert hook.received == []
    assert [(seen.verified, seen.payload) for seen in hook.calls] == [(False, None)]


async def test_a_call_signed_an_hour_ago_is_refused() -> None:
    async with HookReceiver() as hook:
        status, _ = await call(hook, age=timedelta(hours=1))

    assert (status, hook.received) == (401, [])


@pytest.mark.parametrize(
    "headers", [{}, {"webhook-id": "a", "webhook-timestamp": "x", "webhook-signature": "garbage"}]
)
async def test_garbage_is_refused(headers: dict[str, str]) -> None:
    async with (
        HookReceiver() as hook,
        aiohttp.ClientSession() as session,
        session.post(hook.url, data=b"\xff{", headers=headers) as answer,
    ):
        assert (answer.status, hook.received) == (401, [])


async def test_scripted_answers_are_given_in_order_and_then_it_thanks_again() -> None:
    async with HookReceiver() as hook:
        hook.answer_next(503, {"Retry-After": "7"})
        hook.answer_next(410)
        answers = [await call(hook, id_=f"msg_{n}") for n in range(3)]

        await hook.wait_for_calls(3)
        (kept,) = await hook.wait_for(1)

    assert [status for status, _ in answers] == [503, 410, 204]
    assert answers[0][1]["Retry-After"] == "7"
    assert kept.id == "msg_2"


async def test_a_refused_call_does_not_count_as_received() -> None:
    async with HookReceiver() as hook:
        hook.answer_next(500)
        await call(hook)

        with pytest.raises(TooFewArrivedError, match="1 accepted webhook calls, 0 arrived"):
            await hook.wait_for(1, 0.05)


async def test_each_call_is_on_disk_before_its_answer(tmp_path: Path) -> None:
    log = tmp_path / "hooks.jsonl"
    async with HookReceiver(log=log) as hook:
        hook.answer_next(500)
        await call(hook, id_="first")
        await call(hook, id_="second")
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]

    assert [(line["id"], line["status"]) for line in lines] == [("first", 500), ("second", 204)]
