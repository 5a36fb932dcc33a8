"""Attempts: starting, resuming, handing in, and which of several the grade stands for."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.submissions.conftest import SUBMISSIONS, Desk, Ledger, open_desk
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock


def change_assignment(rows: Session, school: SchoolBench, change: str, **values: Any) -> None:
    rows.execute(
        text(f"UPDATE app.assignments SET {change} WHERE id = :id"), {"id": school.assignment.id, **values}
    )


async def test_starting_tells_what_is_possible(desk: Desk) -> None:
    shown = await desk.read()
    assert (shown["attempt_number"], shown["status"]) == (1, "in_progress")
    assert (shown["score"], shown["possible"], shown["answers"]) == ("0.00", "4.00", [])


async def test_starting_again_resumes_with_the_answers_so_far(desk: Desk) -> None:
    answered = await desk.answer(desk.choice("b"))
    resumed = await open_desk(desk.student, desk.school)
    assert resumed.submission_id == desk.submission_id
    assert [answer["id"] for answer in (await resumed.read())["answers"]] == [answered["id"]]


async def test_fifty_starts_at_once_are_one_attempt(api: Api, school: SchoolBench, ledger: Ledger) -> None:
    student, body = api.signed_in(school.classmate), {"assignment_id": str(school.assignment.id)}
    answers = await asyncio.gather(*(student.post(SUBMISSIONS, json=body) for _ in range(50)))
    assert {data_of(answer, 201)["id"] for answer in answers} == {data_of(answers[0], 201)["id"]}
    owner = school.classmate.id
    assert ledger.one("SELECT count(*) FROM app.student_submissions WHERE student_id = :id", id=owner) == 1
    started = "SELECT count(*) FROM app.interaction_events WHERE actor_id = :id AND verb = 'started'"
    assert ledger.one(started, id=owner) == 1


async def test_no_more_attempts_than_the_assignment_allows(desk: Desk, ledger: Ledger) -> None:
    second = await desk.next_attempt()
    assert (await second.read())["attempt_number"] == 2
    await second.submit()
    body = {"assignment_id": str(desk.school.assignment.id)}
    answers = await asyncio.gather(*(desk.student.post(SUBMISSIONS, json=body) for _ in range(20)))
    for answer in answers:
        refusal_of(answer, 409, "attempts_exhausted")
    count = "SELECT count(*) FROM app.student_submissions WHERE student_id = :id"
    assert ledger.one(count, id=desk.school.classmate.id) == 2


@pytest.mark.parametrize(
    ("first", "second", "kept"), [("b", "a", "2.00"), ("a", "b", "2.00"), ("a", "a", "0.00")]
)
async def test_the_better_attempt_is_the_grade(desk: Desk, first: str, second: str, kept: str) -> None:
    await desk.answer(desk.choice(first))
    last = await desk.next_attempt()
    await last.answer(last.choice(second))
    handed_in = await last.submit()
    grade = data_of(await desk.student.get(f"/api/v1/grades/{handed_in['grade_id']}"))
    better = last if (first, second) == ("a", "b") else desk
    assert (grade["score"], grade["submission_id"]) == (kept, better.submission_id)
    assert grade["status"] == "graded"


async def test_handing_in_the_first_attempt_again_leaves_the_better_grade(desk: Desk) -> None:
    await desk.answer(desk.choice("a"))
    last = await desk.next_attempt()
    await last.answer(last.choice("b"))
    better = await last.submit()
    await desk.submit()
    grade = data_of(await desk.student.get(f"/api/v1/grades/{better['grade_id']}"))
    assert (grade["score"], grade["submission_id"]) == ("2.00", last.submission_id)


async def test_handing_in_is_done_once_however_often_it_is_asked(desk: Desk, ledger: Ledger) -> None:
    await desk.answer(desk.choice("b"))
    answers = await asyncio.gather(*(desk.student.post(f"{desk.url}/submit") for _ in range(10)))
    assert len({answer.content for answer in answers}) == 1
    assert data_of(answers[0])["status"] == "graded"
    for table in ("app.interaction_events WHERE verb = 'submitted' AND",
                  "app.user_events WHERE name = 'grade:updated' AND user_id = :student AND"):  # fmt: skip
        place = "payload ->> 'submission_id'" if "user_events" in table else "submission_id::text"
        count = ledger.one(
            f"SELECT count(*) FROM {table} {place} = :id",
            id=desk.submission_id,
            **({"student": desk.school.classmate.id} if "user_events" in table else {}),
        )
        assert count == 1, table


async def test_work_that_waits_for_the_teacher_is_handed_in_and_waits(desk: Desk) -> None:
    await desk.answer(desk.choice("b"))
    await desk.answer(desk.essay("Because."))
    handed_in = await desk.submit()
    assert (handed_in["status"], handed_in["grade_status"]) == ("submitted", "awaiting_teacher")
    assert (handed_in["score"], handed_in["percent"]) == ("2.00", "50.00")


async def test_an_empty_attempt_may_be_handed_in_and_is_worth_nothing(desk: Desk) -> None:
    handed_in = await desk.submit()
    assert (handed_in["score"], handed_in["percent"], handed_in["status"]) == ("0.00", "0.00", "graded")


async def test_an_answer_and_a_hand_in_that_race_leave_one_truth(desk: Desk, ledger: Ledger) -> None:
    answered, *_ = await asyncio.gather(
        desk.send(desk.choice("b")), *(desk.student.post(f"{desk.url}/submit") for _ in range(3))
    )
    assert answered.status_code in {201, 409}
    earned = "2.00" if answered.status_code == 201 else "0.00"
    settled = await desk.submit()
    assert settled["score"] == earned
    grade = data_of(await desk.student.get(f"/api/v1/grades/{settled['grade_id']}"))
    assert (grade["score"], grade["status"]) == (earned, "graded")


@pytest.mark.parametrize(
    "change",
    ["status = 'draft'", "status = 'archived'", "deleted_at = now()"],
    ids=["draft", "archived", "deleted"],
)
async def test_only_a_published_assignment_can_be_started(
    api: Api, school: SchoolBench, rows: Session, change: str
) -> None:
    change_assignment(rows, school, change)
    body = {"assignment_id": str(school.assignment.id)}
    refusal_of(await api.signed_in(school.classmate).post(SUBMISSIONS, json=body), 404, "not_found")


async def test_an_assignment_opens_at_its_time(
    api: Api, school: SchoolBench, rows: Session, clock: StandingClock
) -> None:
    change_assignment(rows, school, "available_at = :moment", moment=clock.now + timedelta(minutes=5))
    student, body = api.signed_in(school.classmate), {"assignment_id": str(school.assignment.id)}
    page = f"/api/v1/assignments/{school.assignment.id}"
    refusal_of(await student.post(SUBMISSIONS, json=body), 409, "not_available_yet")
    assert data_of(await student.get(page))["questions"] == []
    assert len(data_of(await api.signed_in(school.teacher).get(page))["questions"]) == 2
    clock.advance(timedelta(minutes=5))
    assert len(data_of(await student.get(page))["questions"]) == 2
    data_of(await student.post(SUBMISSIONS, json=body), 201)


async def test_a_student_whose_place_is_pending_cannot_start(api: Api, school: SchoolBench) -> None:
    body = {"assignment_id": str(school.assignment.id)}
    refusal_of(await api.signed_in(school.newcomer).post(SUBMISSIONS, json=body), 404, "not_found")


async def test_answers_to_a_deleted_assignment_are_refused(desk: Desk, rows: Session) -> None:
    change_assignment(rows, desk.school, "deleted_at = :moment", moment=datetime.now(UTC))
    refusal_of(await desk.send(desk.choice("b")), 404, "not_found")


async def test_answers_in_a_deleted_class_are_refused(api: Api, desk: Desk) -> None:
    data_of(await api.signed_in(desk.school.teacher).delete(f"/api/v1/classes/{desk.school.school_class.id}"))
    refusal_of(await desk.send(desk.choice("b")), 404, "not_found")


async def test_each_sees_the_attempts_that_are_theirs(api: Api, desk: Desk) -> None:
    school = desk.school
    first, second = str(school.submission.id), desk.submission_id
    expected = {
        school.student: [first],
        school.classmate: [second],
        school.teacher: [first, second],
        school.admin: [first, second],
        school.other_teacher: [],
        school.other_student: [],
    }
    for user, ids in expected.items():
        seen = items_of(await api.signed_in(user).get(SUBMISSIONS))
        assert sorted(item["id"] for item in seen) == sorted(ids), user.role


async def test_attempts_are_filtered(api: Api, desk: Desk) -> None:
    teacher = api.signed_in(desk.school.teacher)
    filters = {
        f"student_id={desk.school.classmate.id}": [desk.submission_id],
        f"assignment_id={desk.school.classmate.id}": [],
        "status=graded": [],
        f"status=in_progress&student_id={desk.school.student.id}": [str(desk.school.submission.id)],
    }
    for query, ids in filters.items():
        assert [item["id"] for item in items_of(await teacher.get(f"{SUBMISSIONS}?{query}"))] == ids, query
    refusal_of(await teacher.get(f"{SUBMISSIONS}?status=lost"), 422)


async def test_a_teacher_reads_the_key_beside_each_try(api: Api, desk: Desk) -> None:
    await desk.answer(desk.choice("a"))
    feedback = data_of(await api.signed_in(desk.school.teacher).get(f"{desk.url}/feedback"))
    assert [(answer["verdict"], answer["correct_option_id"]) for answer in feedback["answers"]] == [
        ("incorrect", "b")
    ]
