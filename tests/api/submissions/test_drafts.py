"""Drafts: every state kept, the newest stands, and another device goes on where this one stopped."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy.orm import Session

from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.submissions.conftest import Desk, Ledger, open_desk
from tests.api.submissions.test_attempts import change_assignment
from tests.fixtures.web import Api, StandingClock

STATEMENTS_PER_DRAFT = 7
"""Tenant, attempt with its terms, question, what is known, draft, time at work, event."""


def essay_url(desk: Desk) -> str:
    return f"{desk.url}/drafts/{desk.school.free_question.id}"


async def write(desk: Desk, words: str, client_seq: int) -> httpx2.Response:
    body = {"answer": {"text": words}, "client_seq": client_seq}
    return await desk.student.put(essay_url(desk), json=body)


async def choose(desk: Desk, option: str, client_seq: int) -> httpx2.Response:
    body = {"answer": {"option_id": option}, "client_seq": client_seq}
    return await desk.student.put(f"{desk.url}/drafts/{desk.school.choice_question.id}", json=body)


async def standing(desk: Desk) -> dict[str, Any]:
    """What each question's draft says, by the attempt itself."""
    return {draft["question_id"]: draft["answer"] for draft in (await desk.read())["drafts"]}


async def test_what_one_device_wrote_another_finds(api: Api, desk: Desk) -> None:
    saved = data_of(await write(desk, "Because the halves ", 1))
    assert (saved["stands"], saved["standing"]["answer"]) == (True, {"text": "Because the halves "})
    data_of(await choose(desk, "a", 2))
    resumed = await open_desk(api.signed_in(desk.school.classmate), desk.school)
    essay, choice = str(desk.school.free_question.id), str(desk.school.choice_question.id)
    assert await standing(resumed) == {essay: {"text": "Because the halves "}, choice: {"option_id": "a"}}


async def test_an_older_state_is_kept_and_never_overwrites_a_newer_one(desk: Desk) -> None:
    data_of(await write(desk, "newer", 7))
    late = data_of(await write(desk, "older", 3))
    assert (late["stands"], late["standing"]["client_seq"]) == (False, 7)
    assert late["standing"]["answer"] == {"text": "newer"}
    states = items_of(await desk.student.get(f"{essay_url(desk)}/history"))
    assert [(state["client_seq"], state["answer"]["text"]) for state in states] == [
        (3, "older"),
        (7, "newer"),
    ]


async def test_states_that_arrive_in_any_order_at_once_leave_the_newest(desk: Desk) -> None:
    numbers = [9, 2, 14, 5, 11, 1, 8, 13, 4, 12]
    answers = await asyncio.gather(*(write(desk, f"state {number}", number) for number in numbers))
    assert {answer.status_code for answer in answers} == {200}
    assert list((await standing(desk)).values()) == [{"text": "state 14"}]


async def test_the_same_state_again_is_the_same_and_leaves_one_trace(desk: Desk, ledger: Ledger) -> None:
    answers = await asyncio.gather(*(write(desk, "once", 1) for _ in range(5)))
    assert len({answer.content for answer in answers}) == 1
    for table in ("app.answer_drafts WHERE", "app.interaction_events WHERE verb = 'typed' AND"):
        assert ledger.one(f"SELECT count(*) FROM {table} submission_id = :id", id=desk.submission_id) == 1


async def test_another_answer_under_the_same_number_is_refused(desk: Desk) -> None:
    data_of(await write(desk, "one", 1))
    refusal_of(await write(desk, "another", 1), 409, "client_seq_reused")
    assert list((await standing(desk)).values()) == [{"text": "one"}]


async def test_events_say_how_much_was_typed_and_never_what(desk: Desk, ledger: Ledger) -> None:
    data_of(await write(desk, "twelve chars", 1))
    data_of(await choose(desk, "c", 1))
    statement = (
        "SELECT verb, payload FROM app.interaction_events WHERE submission_id = :id AND verb <> 'started'"
    )
    events = {row["verb"]: row["payload"] for row in ledger.all(statement, id=desk.submission_id)}
    assert events == {"typed": {"characters": 12}, "changed": {"option_id": "c"}}


async def test_a_cleared_text_stays_cleared(desk: Desk) -> None:
    data_of(await write(desk, "something", 1))
    assert data_of(await write(desk, "", 2))["standing"]["answer"] == {"text": ""}


@pytest.mark.parametrize(
    ("answer", "field"),
    [({"option_id": "z"}, "answer.option_id"), ({"text": "words"}, "answer")],
    ids=["no such option", "text for a choice"],
)
async def test_a_draft_fits_its_question(desk: Desk, answer: dict[str, str], field: str) -> None:
    url = f"{desk.url}/drafts/{desk.school.choice_question.id}"
    refused = await desk.student.put(url, json={"answer": answer, "client_seq": 1})
    refusal_of(refused, 422, "answer_does_not_fit")
    assert refused.json()["errors"][0]["field"] == field


async def test_a_text_of_twenty_thousand_characters_is_the_longest(desk: Desk) -> None:
    data_of(await write(desk, "x" * 20_000, 1))
    assert (await write(desk, "x" * 20_001, 2)).status_code == 422


async def test_after_the_hand_in_nothing_more_is_taken(desk: Desk) -> None:
    data_of(await write(desk, "before", 1))
    await desk.submit()
    refusal_of(await write(desk, "after", 2), 409, "submission_closed")
    assert data_of(await write(desk, "before", 1))["stands"] is True  # a retry of what was kept


async def test_a_draft_on_its_way_at_the_end_is_taken_and_no_later_one(
    desk: Desk, rows: Session, clock: StandingClock
) -> None:
    change_assignment(rows, desk.school, "time_limit_minutes = 1")
    clock.advance(timedelta(seconds=89))
    data_of(await write(desk, "in time", 1))
    clock.advance(timedelta(seconds=1))
    refusal_of(await write(desk, "too late", 2), 409, "time_is_up")


async def test_a_teacher_sees_drafts_and_another_teacher_does_not(api: Api, desk: Desk) -> None:
    data_of(await write(desk, "half", 1))
    url = f"{essay_url(desk)}/history"
    assert len(items_of(await api.signed_in(desk.school.teacher).get(url))) == 1
    for stranger in (desk.school.other_teacher, desk.school.student):
        refusal_of(await api.signed_in(stranger).get(url), 404, "not_found")


async def test_history_comes_in_pages(desk: Desk) -> None:
    for number in range(5):
        data_of(await write(desk, f"state {number}", number))
    seen: list[int] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2"} | ({} if cursor is None else {"cursor": cursor})
        page = data_of(await desk.student.get(f"{essay_url(desk)}/history", params=query))
        seen += [state["client_seq"] for state in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [0, 1, 2, 3, 4]


async def test_writing_has_a_limit_of_its_own(desk: Desk) -> None:
    saved = await write(desk, "words", 1)
    assert saved.headers["RateLimit-Policy"].startswith('"drafts"')


async def test_a_draft_costs_a_fixed_number_of_statements(desk: Desk, statements: StatementCounter) -> None:
    costs = []
    for number in range(4):
        with statements.counting() as seen:
            data_of(await write(desk, f"state {number}", number))
        costs.append(len(seen))
    assert len(set(costs)) == 1
    assert costs[0] <= STATEMENTS_PER_DRAFT, seen
