"""The queue of answers that wait for a person, and what a person's decision does."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.grades.facts import Cells, read_facts
from core.db import Database
from core.models import AiGrading, StudentAnswer, UserEvent
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId
from core.user_events import UserEventDraft, record_user_event
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.submissions.conftest import Desk, open_desk
from tests.factories.submission import make_ai_grading, make_answer, make_submission
from tests.factories.user import make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

REVIEWS = "/api/v1/grades/reviews"


@pytest.fixture
def teacher(api: Api, school: SchoolBench) -> httpx2.AsyncClient:
    return api.signed_in(school.teacher)


async def essay_of(api: Api, school: SchoolBench) -> tuple[Desk, str]:
    """A classmate's attempt with a right choice (2) and an essay (2 possible), handed in."""
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice("b"))
    answer = await desk.answer(desk.essay("Light becomes sugar."))
    await desk.submit()
    return desk, answer["id"]


def propose(rows: Session, answer_id: str, score: str = "1.5", **columns: Any) -> AiGrading:
    answer = rows.query(StudentAnswer).filter_by(id=answer_id).one()
    rows.execute(
        text("UPDATE app.student_answers SET status = 'awaiting_teacher' WHERE id = :id"), {"id": answer_id}
    )
    attempt = rows.execute(
        text("SELECT class_id FROM app.student_submissions WHERE id = :id"), {"id": answer.submission_id}
    ).one()
    grading = make_ai_grading(rows, attempt, answer)  # type: ignore[arg-type]
    for name, value in {"score": Decimal(score), **columns}.items():
        setattr(grading, name, value)
    rows.flush()
    return grading


async def test_the_queue_shows_what_waits_with_its_proposal_oldest_first(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient, rows: Session
) -> None:
    _, answer_id = await essay_of(api, school)
    url = f"{REVIEWS}?class_id={school.school_class.id}"
    assert [item["answer_id"] for item in items_of(await teacher.get(url))] == [str(school.free_answer.id)]
    pending = items_of(await teacher.get(f"{url}&include_pending=true"))
    assert [item["answer_id"] for item in pending] == [str(school.free_answer.id), answer_id]
    propose(rows, answer_id)
    first, second = items_of(await teacher.get(url))
    assert first["proposal"]["state"] == "waiting"
    assert (second["student_name"], second["answer"]) == (
        school.classmate.name,
        {"text": "Light becomes sugar."},
    )
    assert (second["proposal"]["score"], second["possible"], second["score"]) == ("1.50", "2.00", None)


async def test_suspicious_answers_can_be_asked_for(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient, rows: Session
) -> None:
    _, answer_id = await essay_of(api, school)
    propose(rows, answer_id, suspicions=[{"sign": "instruction_to_grader", "detail": "Give full points"}])
    found = items_of(await teacher.get(f"{REVIEWS}?suspicious=true"))
    assert [item["answer_id"] for item in found] == [answer_id]
    others = items_of(await teacher.get(f"{REVIEWS}?suspicious=false"))
    assert answer_id not in {item["answer_id"] for item in others}


async def test_a_decision_moves_answer_attempt_grade_and_ledger_and_tells_the_student(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient, rows: Session
) -> None:
    desk, answer_id = await essay_of(api, school)
    proposal = propose(rows, answer_id)
    shown = data_of(await teacher.post(f"{REVIEWS}/{answer_id}", json={"score": "2", "feedback": "Fine."}))
    assert (shown["score"], shown["graded_by"], shown["status"]) == ("2.00", "teacher", "graded")
    assert (shown["proposal"]["state"], shown["proposal"]["human_score"]) == ("changed", "2.00")
    attempt = await desk.read()
    assert (attempt["status"], attempt["score"]) == ("graded", "4.00")
    assert next(one for one in attempt["answers"] if one["id"] == answer_id)["feedback"] == "Fine."
    (grade,) = items_of(await desk.student.get(f"/api/v1/grades/students/{school.classmate.id}"))
    assert (grade["score"], grade["percent"], grade["status"]) == ("4.00", "100.00", "graded")
    history = items_of(await teacher.get(f"/api/v1/grades/{grade['id']}/history"))
    last = history[-1]
    assert (last["source"], last["reason"], last["actor_id"]) == (
        "teacher",
        "reviewed",
        str(school.teacher.id),
    )
    assert (last["old_score"], last["new_score"], last["answer_id"]) == ("2.00", "4.00", answer_id)
    told = rows.query(UserEvent).filter_by(user_id=school.classmate.id).order_by(UserEvent.seq).all()
    assert [event.name for event in told][-2:] == ["answer:graded", "grade:updated"]
    assert (told[-2].payload["answer_id"], told[-1].payload["score"]) == (answer_id, "4.00")
    rows.refresh(proposal)
    assert proposal.decided_by == school.teacher.id


async def test_an_answer_already_scored_can_be_scored_again(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient
) -> None:
    desk, answer_id = await essay_of(api, school)
    for score in ("2", "0.5"):
        data_of(await teacher.post(f"{REVIEWS}/{answer_id}", json={"score": score}))
    assert (await desk.read())["score"] == "2.50"
    choice = (await desk.read())["answers"][0]
    data_of(await teacher.post(f"{REVIEWS}/{choice['id']}", json={"score": "1"}))
    assert (await desk.read())["score"] == "1.50"


async def test_a_score_beyond_the_questions_points_is_refused(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient
) -> None:
    _, answer_id = await essay_of(api, school)
    answer = await teacher.post(f"{REVIEWS}/{answer_id}", json={"score": "2.01"})
    assert refusal_of(answer, 409, "score_out_of_range")["field"] == "score"
    assert (await teacher.post(f"{REVIEWS}/{answer_id}", json={"score": "-1"})).status_code == 422


async def test_a_try_that_does_not_count_is_not_found(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient
) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice("b"))
    practice = await desk.answer(desk.choice("a", 2))
    answer = await teacher.post(f"{REVIEWS}/{practice['id']}", json={"score": "1"})
    refusal_of(answer, 404, "not_found")


async def test_many_proposals_are_accepted_at_once_and_each_has_its_result(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient, rows: Session
) -> None:
    desk, answer_id = await essay_of(api, school)
    propose(rows, answer_id)
    no_proposal = str(school.choice_answer.id)
    wanted = [answer_id, str(school.free_answer.id), no_proposal, str(school.school.id), answer_id]
    results = data_of(await teacher.post(f"{REVIEWS}/accept", json={"answer_ids": wanted}))["items"]
    assert [(one["status"], one["code"]) for one in results] == [
        ("accepted", None),
        ("accepted", None),
        ("rejected", "no_proposal"),
        ("rejected", "not_found"),
    ]
    assert (await desk.read())["score"] == "3.50"
    states = {row.state for row in rows.query(AiGrading).filter_by(class_id=school.school_class.id)}
    assert states == {"accepted"}


async def test_what_is_not_released_is_not_told(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient, rows: Session
) -> None:
    later = text(
        "UPDATE app.assignments SET feedback_release = 'after_due', due_at = now() + interval '1 day' WHERE id = :id"
    )
    rows.execute(later, {"id": school.assignment.id})
    _, answer_id = await essay_of(api, school)
    before = rows.query(UserEvent).filter_by(user_id=school.classmate.id).count()
    data_of(await teacher.post(f"{REVIEWS}/{answer_id}", json={"score": "2"}))
    assert rows.query(UserEvent).filter_by(user_id=school.classmate.id).count() == before


async def test_deciding_on_an_open_attempt_leaves_its_grade_to_the_hand_in(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient
) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    answer = await desk.answer(desk.essay("Light."))
    data_of(await teacher.post(f"{REVIEWS}/{answer['id']}", json={"score": "1"}))
    assert (await desk.read())["status"] == "in_progress"
    handed_in = await desk.submit()
    assert (handed_in["score"], handed_in["grade_status"]) == ("1.00", "graded")


async def test_the_queue_costs_the_same_whatever_its_length(
    school: SchoolBench, teacher: httpx2.AsyncClient, rows: Session, statements: StatementCounter
) -> None:
    async def cost() -> int:
        with statements.counting() as seen:
            data_of(await teacher.get(f"{REVIEWS}?class_id={school.school_class.id}&limit=100"))
        return len(seen)

    few = await cost()
    for _ in range(10):
        attempt = make_submission(rows, school.assignment, make_student(rows, school.school))
        make_ai_grading(rows, attempt, make_answer(rows, attempt, school.free_question))
    assert await cost() == few


async def test_a_decision_and_an_entry_at_once_wait_for_each_other_in_one_order(
    api: Api, school: SchoolBench, teacher: httpx2.AsyncClient, database: Database
) -> None:
    """Who enters scores holds the student's place and tells last; a decision that told first would never end."""
    _, answer_id = await essay_of(api, school)
    context = TenantContext(TenantId.from_job(str(school.school.district_id)), DISTRICT_SCOPE)
    cells = Cells(school.school_class.id, (school.assignment.id,), (school.classmate.id,))
    async with database.tenant_transaction(context) as session:
        await read_facts(session, cells)
        deciding = asyncio.create_task(teacher.post(f"{REVIEWS}/{answer_id}", json={"score": "2"}))
        await asyncio.sleep(0.5)
        assert not deciding.done()
        await session.execute(text("SET LOCAL lock_timeout = '300ms'"))
        draft = UserEventDraft("grade:updated", {}, datetime.now(UTC), school.school.id)
        await record_user_event(session, [school.classmate.id], draft)
    assert data_of(await deciding)["score"] == "2.00"
