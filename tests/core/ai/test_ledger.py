"""Every question is one row, paid once, within the district's month, and readable only by us."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ai import AiOffError, Ask, BudgetExhaustedError, ProviderUnavailableError, Reply
from core.ai.ledger import estimate
from core.ai.provider import Request
from core.config import Settings
from core.encryption import EncryptedColumn
from tests.core.ai.desk import Answer, Desk, good
from tests.factories.ai import make_district_settings
from tests.factories.world import DistrictBench

Question = Callable[..., Ask[Answer]]
Rows = Callable[[], list[Any]]
Spending = Callable[[], dict[date, tuple[Decimal, Decimal]]]
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


async def test_a_question_asked_again_gets_the_reply_it_got_and_costs_nothing(
    desk: Desk, question: Question, spending: Spending
) -> None:
    desk.provider.script.then("reply", text=good())
    first = await desk.ask(question())
    paid = spending()
    again = await desk.ask(question())
    assert again.is_repeated
    assert (again.value, again.interaction_id) == (first.value, first.interaction_id)
    assert spending() == paid == {NOVEMBER: (first.cost_usd, 0)}
    assert len(desk.provider.calls) == 1


async def test_a_salt_makes_it_another_question(desk: Desk, question: Question, ledger_rows: Rows) -> None:
    desk.provider.script.then("reply", text=good("one")).then("reply", text=good("two"))
    values = [(await desk.ask(question(salt=salt))).value.answer for salt in ("", "again")]
    assert values == ["one", "two"]
    assert len(ledger_rows()) == 2


async def test_many_who_ask_the_same_at_once_pay_once(
    desk: Desk, question: Question, spending: Spending
) -> None:
    desk.provider.script.then("reply", text=good())
    replies = await asyncio.gather(*(desk.ask(question()) for _ in range(4)))
    assert len({reply.interaction_id for reply in replies}) == 1
    assert len(desk.provider.calls) == 1
    assert spending() == {NOVEMBER: (replies[0].cost_usd, 0)}


async def test_a_killed_worker_s_question_is_taken_over_with_its_key_and_money(
    desk: Desk, question: Question, spending: Spending
) -> None:
    desk.provider.script.then("stall", seconds=30)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(desk.ask(question()), 1)  # cancelled in the middle, as a worker's end does
    assert len(desk.provider.calls) == 1
    ((_, set_aside),) = spending().values()
    assert set_aside > 0
    desk.provider.script.then("reply", text=good())
    desk.now += timedelta(minutes=10)
    reply = await desk.ask(question())
    assert len({call.headers["idempotency-key"] for call in desk.provider.calls}) == 1
    assert spending() == {NOVEMBER: (reply.cost_usd, 0)}


async def test_money_that_a_killed_worker_set_aside_last_month_is_free_again(
    desk: Desk, question: Question, spending: Spending, rows: Session
) -> None:
    desk.provider.script.then("reply", text=good()).then("reply", text=good())
    await desk.ask(question())
    district = {"district": desk.context.tenant.value}
    for table in ("ai_interactions SET status = 'asked', reply_encrypted = NULL,", "ai_spending SET"):
        rows.execute(text(f"UPDATE app.{table} reserved_usd = 0.25 WHERE district_id = :district"), district)
    desk.provider.script.answered.clear()
    desk.now += timedelta(days=10)
    await desk.ask(question())
    assert [set_aside for _, set_aside in spending().values()] == [0, 0]
    assert spending()[DECEMBER][0] > 0


async def test_a_failed_question_owes_nothing_and_may_be_asked_again(
    desk: Desk, question: Question, spending: Spending, ledger_rows: Rows
) -> None:
    desk.provider.script.then("status", status=500, times=3)
    with pytest.raises(ProviderUnavailableError):
        await desk.ask(question())
    (failed,) = ledger_rows()
    assert (failed.status, failed.error_code, failed.calls) == ("failed", "provider_unavailable", 3)
    assert spending() == {NOVEMBER: (0, 0)}
    desk.provider.script.then("reply", text=good())
    await desk.ask(question())
    (answered,) = ledger_rows()
    assert (answered.status, answered.error_code, answered.calls) == ("answered", None, 4)


async def test_a_repair_is_a_question_of_its_own_and_paid_too(
    desk: Desk, question: Question, spending: Spending, ledger_rows: Rows
) -> None:
    desk.provider.script.then("reply", text="no").then("reply", text=good())
    await desk.ask(question())
    assert spending()[NOVEMBER][0] == sum(row.cost_usd for row in ledger_rows())
    assert [row.status for row in ledger_rows()] == ["answered", "answered"]


async def test_a_month_ends_when_its_money_is_spent(
    desk: Desk, question: Question, spending: Spending
) -> None:
    desk.change(ai_monthly_budget_usd=Decimal("0.003"))  # one call may cost 0.00201
    desk.provider.script.then("reply", text=good(), times=None)
    long = {"source": "word " * 2000}
    results = [await _outcome(desk, question(salt=str(number), data=long)) for number in range(8)]
    answered = results.count(Reply)
    assert results == [Reply] * answered + [BudgetExhaustedError] * (8 - answered)
    assert len(desk.provider.calls) == answered > 0
    assert sum(spending()[NOVEMBER]) <= Decimal("0.003")
    desk.now += timedelta(days=8)
    assert await _outcome(desk, question(salt="next month", data=long)) is Reply


async def test_many_at_once_cannot_spend_more_than_there_is(
    desk: Desk, question: Question, spending: Spending
) -> None:
    desk.change(ai_monthly_budget_usd=Decimal("0.005"))  # two calls may cost that
    desk.provider.script.then("stall", seconds=0.3, times=None)
    asked = [desk.ask(question(salt=str(number))) for number in range(6)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(result, BudgetExhaustedError) for result in results) == 4
    assert sum(spending()[NOVEMBER]) <= Decimal("0.005")


async def test_a_district_that_has_models_off_asks_none(
    desk: Desk, question: Question, rows: Session, bench: DistrictBench
) -> None:
    own = make_district_settings(rows, bench.district)
    own.ai_enabled = False
    rows.flush()
    with pytest.raises(AiOffError) as raised:
        await desk.ask(question())
    assert raised.value.reason == "ai_off"
    assert desk.provider.calls == []


async def test_a_district_s_own_budget_counts(
    desk: Desk, question: Question, rows: Session, bench: DistrictBench
) -> None:
    own = make_district_settings(rows, bench.district)
    own.ai_monthly_budget_usd = Decimal(0)
    rows.flush()
    with pytest.raises(BudgetExhaustedError):
        await desk.ask(question())


async def test_what_was_asked_and_replied_is_kept_encrypted_until_its_day(
    desk: Desk, question: Question, ledger_rows: Rows
) -> None:
    desk.provider.script.then("reply", text=good("a secret"))
    await desk.ask(question())
    (row,) = ledger_rows()
    assert b"secret" not in bytes(row.reply_encrypted)
    opened = {
        column: desk.columns.decrypt(
            bytes(getattr(row, column)), EncryptedColumn("ai_interactions", column).place(row.district_id)
        )
        for column in ("request_encrypted", "reply_encrypted")
    }
    assert opened["reply_encrypted"] == good("a secret")
    assert json.loads(opened["request_encrypted"])[0]["role"] == "system"
    assert row.expires_at == desk.now + timedelta(days=180)
    assert (row.purpose, row.prompt_version, row.model) == ("tests", "tests/1", "gpt-6-luna")


async def _outcome(desk: Desk, question: Ask[Answer]) -> type:
    try:
        return type(await desk.ask(question))
    except BudgetExhaustedError as error:
        return type(error)


def test_more_is_set_aside_for_a_text_whose_signs_are_tokens() -> None:
    settings = Settings(openai_input_price=Decimal(3), openai_output_price=Decimal(0))
    chinese = Request("m", ({"role": "user", "content": "光" * 3_000},), "Answer", {}, 0, "key")
    english = Request("m", ({"role": "user", "content": "a" * 3_000},), "Answer", {}, 0, "key")
    assert estimate(settings, chinese) == Decimal("0.009003")
    assert estimate(settings, english) == Decimal("0.003003")
