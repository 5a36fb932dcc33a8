"""Handing in takes along what is written and not given; resuming leaves a trace and says how long is left."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tests.api.envelopes import data_of
from tests.api.submissions.conftest import Desk, Ledger, open_desk
from tests.api.submissions.test_attempts import change_assignment
from tests.api.submissions.test_drafts import choose, write
from tests.fixtures.web import StandingClock


async def answers_of(desk: Desk) -> dict[str, Any]:
    return {answer["question_id"]: answer for answer in (await desk.read())["answers"]}


async def test_drafts_become_answers_at_the_hand_in(desk: Desk, ledger: Ledger) -> None:
    data_of(await choose(desk, "a", 1))
    data_of(await choose(desk, "b", 2))
    data_of(await write(desk, " Because. ", 4))
    handed_in = await desk.submit()
    assert (handed_in["score"], handed_in["status"], handed_in["handed_in_by"]) == (
        "2.00",
        "submitted",
        "student",
    )
    answers = await answers_of(desk)
    choice = answers[str(desk.school.choice_question.id)]
    essay = answers[str(desk.school.free_question.id)]
    assert (choice["verdict"], choice["client_seq"], choice["answer"]) == ("correct", 2, {"option_id": "b"})
    assert (essay["status"], essay["client_seq"], essay["answer"]) == ("pending", 4, {"text": "Because."})
    answered = "SELECT count(*) FROM app.interaction_events WHERE submission_id = :id AND verb = 'answered'"
    assert ledger.one(answered, id=desk.submission_id) == 2
    jobs = "SELECT count(*) FROM app.background_jobs WHERE subject_id = :id"
    assert ledger.one(jobs, id=essay["id"]) == 1


async def test_handing_in_again_gives_no_draft_twice(desk: Desk) -> None:
    data_of(await choose(desk, "b", 1))
    assert await desk.submit() == await desk.submit()
    assert len(await answers_of(desk)) == 1


async def test_what_was_answered_is_not_replaced_by_a_draft(desk: Desk) -> None:
    await desk.answer(desk.choice("b", 1))
    data_of(await choose(desk, "a", 2))
    assert (await desk.submit())["score"] == "2.00"
    assert [answer["client_seq"] for answer in (await desk.read())["answers"]] == [1]


async def test_an_empty_draft_is_no_answer(desk: Desk) -> None:
    data_of(await write(desk, "a thought", 1))
    data_of(await write(desk, "  ", 2))
    assert (await desk.submit())["status"] == "graded"
    assert await answers_of(desk) == {}


async def test_a_retry_of_an_answer_that_the_hand_in_gave_is_answered_with_it(desk: Desk) -> None:
    data_of(await choose(desk, "b", 3))
    await desk.submit()
    assert (await desk.answer(desk.choice("b", 3)))["verdict"] == "correct"


async def test_everyone_gets_the_points_of_a_question_that_was_wrong(
    desk: Desk, rows: Session, ledger: Ledger
) -> None:
    desk.school.choice_question.credits_everyone = True
    rows.merge(desk.school.choice_question)
    rows.flush()
    data_of(await choose(desk, "a", 1))
    assert Decimal((await desk.submit())["score"]) == 2


async def test_resuming_leaves_a_trace(desk: Desk, ledger: Ledger) -> None:
    await open_desk(desk.student, desk.school)
    statement = "SELECT verb FROM app.interaction_events WHERE submission_id = :id ORDER BY verb"
    assert [row["verb"] for row in ledger.all(statement, id=desk.submission_id)] == ["resumed", "started"]


async def test_an_attempt_says_how_long_is_left_by_our_clock(
    desk: Desk, rows: Session, clock: StandingClock
) -> None:
    assert (await desk.read())["seconds_left"] is None
    change_assignment(rows, desk.school, "time_limit_minutes = 2")
    clock.advance(timedelta(seconds=45))
    shown = await desk.read()
    assert (shown["seconds_left"], shown["server_time"]) == (75, clock.now.isoformat().replace("+00:00", "Z"))
    clock.advance(timedelta(seconds=90))
    assert (await desk.read())["seconds_left"] == 0
    await desk.submit()
    assert (await desk.read())["seconds_left"] is None


async def test_time_at_work_counts_drafts_and_the_hand_in(desk: Desk, clock: StandingClock) -> None:
    clock.advance(timedelta(seconds=30))
    data_of(await choose(desk, "a", 1))
    clock.advance(timedelta(seconds=150))  # away
    data_of(await choose(desk, "b", 2))
    clock.advance(timedelta(seconds=20))
    assert (await desk.submit())["active_ms"] == 50_000
