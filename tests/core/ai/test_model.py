"""What comes of a question to a model: typed replies, kinds of trouble, how often the provider is called."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from core.ai import (
    AiError,
    AiOffError,
    Ask,
    BadReplyError,
    ModelRefusedError,
    ProviderRefusesError,
    ProviderUnavailableError,
)
from tests.core.ai.desk import Answer, Desk, good

Question = Callable[..., Ask[Answer]]


async def test_a_reply_is_typed_and_says_where_it_comes_from(desk: Desk, question: Question) -> None:
    desk.provider.script.then("reply", text=good())
    reply = await desk.ask(question())
    assert reply.value == Answer(answer="42")
    assert (reply.model, reply.prompt_label, reply.is_repeated) == ("gpt-6-luna", "tests/1", False)
    assert reply.cost_usd > 0


async def test_a_request_asks_for_the_schema_and_keeps_nothing_there(desk: Desk, question: Question) -> None:
    desk.provider.script.then("reply", text=good())
    await desk.ask(question())
    (call,) = desk.provider.calls
    assert call.body["store"] is False
    assert call.body["response_format"]["json_schema"]["strict"] is True
    assert call.headers["authorization"] == "Bearer a-key-of-nobody"
    assert [message["role"] for message in call.body["messages"]] == ["system", "user"]


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "reply", "text": f"Sure! {good()} I hope it helps."},
        {"kind": "reply", "text": good()[:8]},
        {"kind": "reply", "text": ""},
        {"kind": "reply", "text": '{"answer": 42, "score": 999}'},
        {"kind": "reply", "text": "[1, 2]"},
        {"kind": "reply", "text": '{"answer": "' + "a" * 500_000 + '"}'},
    ],
    ids=["prose", "half", "nothing", "extra keys", "a list", "endless"],
)
async def test_a_reply_of_another_form_is_asked_for_once_more(
    desk: Desk, question: Question, bad: dict[str, Any]
) -> None:
    desk.provider.script.then(**bad).then("reply", text=good("mended"))
    assert (await desk.ask(question())).value.answer == "mended"
    first, second = desk.provider.calls
    assert len(second.body["messages"]) == len(first.body["messages"]) + 2
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]


async def test_two_replies_of_another_form_are_the_end(desk: Desk, question: Question) -> None:
    desk.provider.script.then("reply", text="no", times=None)
    with pytest.raises(BadReplyError):
        await desk.ask(question())
    assert len(desk.provider.calls) == 2


async def test_a_model_that_declines_is_not_pressed(desk: Desk, question: Question) -> None:
    desk.provider.script.then("refuse")
    with pytest.raises(ModelRefusedError):
        await desk.ask(question())
    assert len(desk.provider.calls) == 1


WAITING_HELPS = {
    "500s": ({"kind": "status", "status": 500}, "provider_unavailable", 3),
    "too fast": ({"kind": "status", "status": 429, "code": "rate_limit_exceeded"}, "provider_unavailable", 3),
    "come back in an hour": (
        {"kind": "status", "status": 429, "code": "rate_limit_exceeded", "retry_after": 3600},
        "provider_unavailable",
        1,
    ),
    "stalled": ({"kind": "stall", "seconds": 30}, "timeout", 3),
    "drop by drop": ({"kind": "drip"}, "timeout", 3),
    "cut connection": ({"kind": "drop"}, "connection_failed", 3),
    "page of a proxy": ({"kind": "page"}, "garbled_answer", 3),
}


@pytest.mark.parametrize("trouble", WAITING_HELPS)
async def test_a_provider_that_is_away_is_tried_a_few_times(
    desk: Desk, question: Question, trouble: str
) -> None:
    behaviour, reason, calls = WAITING_HELPS[trouble]
    desk.change(openai_timeout_seconds=0.3)
    desk.provider.script.then(**behaviour, times=None)
    with pytest.raises(ProviderUnavailableError) as raised:
        await desk.ask(question())
    assert (raised.value.reason, len(desk.provider.calls)) == (reason, calls)


async def test_one_bad_moment_of_the_provider_is_not_noticed(desk: Desk, question: Question) -> None:
    desk.provider.script.then("status", status=503).then("drop").then("reply", text=good())
    assert (await desk.ask(question())).value.answer == "42"
    assert len({call.headers["idempotency-key"] for call in desk.provider.calls}) == 1


async def test_the_pause_the_provider_asks_for_is_kept(desk: Desk, question: Question) -> None:
    desk.provider.script.then("status", status=429, code="rate_limit_exceeded", retry_after=0.4)
    desk.provider.script.then("reply", text=good())
    loop = asyncio.get_running_loop()
    started = loop.time()
    await desk.ask(question())
    assert loop.time() - started >= 0.4


NOTHING_HELPS = {
    "no money": ({"status": 429, "code": "insufficient_quota"}, "quota_exhausted"),
    "wrong key": ({"status": 401, "code": "invalid_api_key"}, "credentials_refused"),
    "forbidden": ({"status": 403, "code": "unsupported_country"}, "credentials_refused"),
    "no such model": ({"status": 404, "code": "model_not_found"}, "model_not_found"),
}


@pytest.mark.parametrize("trouble", NOTHING_HELPS)
async def test_a_provider_that_does_not_serve_us_is_left_alone(
    desk: Desk, question: Question, trouble: str
) -> None:
    behaviour, reason = NOTHING_HELPS[trouble]
    desk.provider.script.then("status", **behaviour, times=None)
    for number in range(5):
        with pytest.raises(ProviderRefusesError) as raised:
            await desk.ask(question(salt=str(number)))
        assert raised.value.reason == reason
    assert len(desk.provider.calls) == 1


async def test_one_question_the_provider_cannot_take_does_not_close_the_door(
    desk: Desk, question: Question
) -> None:
    desk.provider.script.then("status", status=400, code="context_length_exceeded")
    desk.provider.script.then("reply", text=good())
    with pytest.raises(ProviderRefusesError):
        await desk.ask(question())
    assert (await desk.ask(question(salt="shorter"))).value.answer == "42"


async def test_a_dead_provider_is_left_alone_after_five_calls(desk: Desk, question: Question) -> None:
    desk.provider.script.then("status", status=500, times=None)
    reasons = []
    for number in range(6):
        with pytest.raises(AiError) as raised:
            await desk.ask(question(salt=str(number)))
        reasons.append(raised.value.reason)
    assert len(desk.provider.calls) == 5
    assert set(reasons[2:]) == {"circuit_open"}


async def test_without_a_key_nobody_is_asked(desk: Desk, question: Question) -> None:
    with pytest.raises(AiOffError) as raised:
        await desk.change(openai_api_key=SecretStr("")).ask(question())
    assert raised.value.reason == "no_key"
    assert desk.provider.calls == []


async def test_names_addresses_and_ids_stay_in_the_house_and_come_back(
    desk: Desk, question: Question
) -> None:
    secret = "Zoë Brandt, zoe@maple.example, (555) 123-4567, 0199a1b2-0000-7000-8000-0123456789ab"
    desk.provider.script.then("reply", text=good("[name 1] wrote from [email 2]."))
    reply = await desk.ask(question(data={"source": secret}, names=("Zoë Brandt",)))
    left = json.dumps(desk.provider.calls[0].body, ensure_ascii=False)
    assert [part for part in ("Zoë", "zoe@", "123-4567", "0199a1b2") if part in left] == []
    assert str(desk.context.tenant) not in left
    assert reply.value.answer == "Zoë Brandt wrote from zoe@maple.example."
