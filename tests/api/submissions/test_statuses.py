"""How far a class is with an assignment, and an attempt that its teacher opens again."""

from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy.orm import Session

from api.submissions.overdue import hand_in_overdue
from core.db import Database
from core.jobs import job_context
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.submissions.conftest import SUBMISSIONS, Desk, Ledger, open_desk
from tests.api.submissions.test_attempts import change_assignment
from tests.api.submissions.test_drafts import choose
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock


async def read_statuses(teacher: httpx2.AsyncClient, school: SchoolBench) -> dict[str, Any]:
    query = {"assignment_id": str(school.assignment.id)}
    items = items_of(await teacher.get(f"{SUBMISSIONS}/statuses", params=query))
    return {item["student_id"]: item for item in items}


async def test_each_student_is_where_the_last_attempt_is(api: Api, school: SchoolBench) -> None:
    teacher, mine = api.signed_in(school.teacher), str(school.classmate.id)
    assert (await read_statuses(teacher, school))[mine]["status"] == "not_started"
    desk = await open_desk(api.signed_in(school.classmate), school)
    assert (await read_statuses(teacher, school))[mine]["status"] == "in_progress"
    await desk.answer(desk.essay("Because."))
    await desk.submit()
    assert (await read_statuses(teacher, school))[mine]["status"] == "submitted"
    last = await open_desk(desk.student, school)
    await last.submit()
    shown = (await read_statuses(teacher, school))[mine]
    assert (shown["status"], shown["submission_id"]) == ("graded", last.submission_id)
    assert (shown["attempts_used"], shown["attempts_allowed"], shown["name"]) == (2, 2, school.classmate.name)


async def test_time_at_work_is_that_of_all_attempts(api: Api, desk: Desk, clock: StandingClock) -> None:
    clock.advance(timedelta(seconds=40))
    last = await desk.next_attempt()
    clock.advance(timedelta(seconds=20))
    data_of(await choose(last, "a", 1))
    shown = (await read_statuses(api.signed_in(desk.school.teacher), desk.school))[
        str(desk.school.classmate.id)
    ]
    assert shown["active_ms"] == 60_000


async def test_who_has_not_begun_by_the_due_date_is_late(
    api: Api, rows: Session, school: SchoolBench
) -> None:
    change_assignment(rows, school, "due_at = now() - interval '1 minute'")
    shown = (await read_statuses(api.signed_in(school.teacher), school))[str(school.classmate.id)]
    assert shown["is_late"] is True


async def test_a_larger_class_costs_no_more_statements(
    api: Api, rows: Session, school: SchoolBench, statements: StatementCounter
) -> None:
    teacher, costs = api.signed_in(school.teacher), []
    for _ in range(2):
        with statements.counting() as seen:
            await read_statuses(teacher, school)
        costs.append(len(seen))
        for _ in range(5):
            make_enrollment(rows, school.school_class, make_student(rows, school.school))
    assert costs[0] == costs[1]


async def test_a_class_comes_in_pages(api: Api, rows: Session, school: SchoolBench) -> None:
    for _ in range(3):
        make_enrollment(rows, school.school_class, make_student(rows, school.school))
    teacher, seen = api.signed_in(school.teacher), list[str]()
    query = {"assignment_id": str(school.assignment.id), "limit": "2"}
    while True:
        page = data_of(await teacher.get(f"{SUBMISSIONS}/statuses", params=query))
        seen += [item["student_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == sorted(set(seen))
    assert len(seen) >= 5


async def test_students_and_other_teachers_see_no_statuses(api: Api, school: SchoolBench) -> None:
    url = f"{SUBMISSIONS}/statuses?assignment_id={school.assignment.id}"
    refusal_of(await api.signed_in(school.student).get(url), 403, "forbidden")
    refusal_of(await api.signed_in(school.other_teacher).get(url), 404, "not_found")


async def reopened(api: Api, desk: Desk) -> httpx2.Response:
    return await api.signed_in(desk.school.teacher).post(f"{desk.url}/reopen")


async def test_an_attempt_opened_again_goes_on_with_its_answers(api: Api, desk: Desk, ledger: Ledger) -> None:
    await desk.answer(desk.choice("b"))
    first = await desk.submit()
    assert data_of(await reopened(api, desk))["status"] == "in_progress"
    assert data_of(await reopened(api, desk))["submitted_at"] is None  # again: nothing more
    await desk.answer(desk.essay("I had forgotten this."))
    again = await desk.submit()
    assert (again["grade_id"], again["attempt_number"], again["status"]) == (
        first["grade_id"],
        1,
        "submitted",
    )
    audit = "SELECT count(*) FROM app.audit_events WHERE object_id = :id AND action = 'reopened'"
    assert ledger.one(audit, id=desk.submission_id) == 1
    history = data_of(await desk.student.get(f"/api/v1/grades/{first['grade_id']}/history"))["items"]
    assert "attempt opened again" in {line["reason"] for line in history}


async def test_its_student_is_told_and_its_grade_waits_for_the_new_hand_in(api: Api, desk: Desk) -> None:
    await desk.answer(desk.choice("b"))
    handed_in = await desk.submit()
    data_of(await reopened(api, desk))
    notices = items_of(await desk.student.get("/api/v1/notifications"))
    assert "submission_reopened" in {notice["kind"] for notice in notices}
    grade = data_of(await desk.student.get(f"/api/v1/grades/{handed_in['grade_id']}"))
    assert (grade["status"], grade["score"]) == ("no_score", None)


async def test_only_the_last_attempt_is_opened_again(api: Api, desk: Desk) -> None:
    await desk.next_attempt()
    refusal_of(await reopened(api, desk), 409, "later_attempt")


async def test_time_that_is_over_is_an_extensions_to_give(
    api: Api, rows: Session, desk: Desk, database: Database, clock: StandingClock
) -> None:
    change_assignment(rows, desk.school, "time_limit_minutes = 3")
    clock.advance(timedelta(minutes=4))
    await hand_in_overdue(database, job_context(str(desk.school.classmate.district_id)), clock.now)
    refusal_of(await reopened(api, desk), 409, "no_time_left")
    teacher = api.signed_in(desk.school.teacher)
    place = f"/api/v1/assignments/{desk.school.assignment.id}/extensions/{desk.school.classmate.id}"
    assert (await teacher.put(place, json={"extra_minutes": 30})).status_code == 200
    assert data_of(await reopened(api, desk))["seconds_left"] == 29 * 60
