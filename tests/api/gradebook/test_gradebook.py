"""The gradebook, its reports and the rows behind them say the same."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.gradebook.spreadsheets import harmless
from core.models import ClassGrade
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, refusal_of
from tests.api.submissions.conftest import open_desk
from tests.factories.assignment import make_assignment
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

GRADES = "/api/v1/grades"


@pytest.fixture
def teacher(api: Api, school: SchoolBench) -> httpx2.AsyncClient:
    return api.signed_in(school.teacher)


async def enter(teacher: httpx2.AsyncClient, assignment_id: object, **scores: str) -> None:
    entries = [{"student_id": student, "score": score} for student, score in scores.items()]
    body = {"assignment_id": str(assignment_id), "entries": entries}
    data_of(await teacher.post(f"{GRADES}/entries", json=body), 201)


async def gradebook(teacher: httpx2.AsyncClient, school: SchoolBench, **query: Any) -> Any:
    url = f"{GRADES}/classes/{school.school_class.id}"
    return data_of(await teacher.get(url, params=query))


async def test_each_student_has_a_cell_for_each_assignment(
    api: Api, teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice("b"))
    book = await gradebook(teacher, school)
    assert [column["id"] for column in book["assignments"]] == [str(school.assignment.id)]
    assert book["assignments"][0]["possible"] == "4.00"
    rows = {row["student_id"]: row for row in book["items"]}
    assert set(rows) == {str(school.student.id), str(school.classmate.id)}
    (cell,) = rows[str(school.classmate.id)]["cells"]
    assert (cell["submission_status"], cell["status"], cell["score"]) == (
        "in_progress",
        "in_progress",
        "2.00",
    )
    await desk.submit()
    rows = {row["student_id"]: row for row in (await gradebook(teacher, school))["items"]}
    (cell,) = rows[str(school.classmate.id)]["cells"]
    assert (cell["submission_status"], cell["status"], cell["percent"]) == ("graded", "graded", "50.00")
    assert rows[str(school.classmate.id)]["overall"]["current_percent"] == "50.00"
    assert rows[str(school.classmate.id)]["student_name"] == school.classmate.name


async def test_work_that_is_due_and_never_came_is_missing(
    teacher: httpx2.AsyncClient, school: SchoolBench, rows: Session
) -> None:
    due = text("UPDATE app.assignments SET due_at = :at WHERE id = :id")
    rows.execute(due, {"id": school.assignment.id, "at": datetime.now(UTC) - timedelta(hours=1)})
    book = await gradebook(teacher, school)
    cells = {row["student_id"]: row["cells"][0] for row in book["items"]}
    assert cells[str(school.classmate.id)]["is_missing"] is True
    assert cells[str(school.student.id)]["is_missing"] is False  # an accommodation shifts the date
    await enter(teacher, school.assignment.id, **{str(school.classmate.id): "1"})
    cells = {row["student_id"]: row["cells"][0] for row in (await gradebook(teacher, school))["items"]}
    assert cells[str(school.classmate.id)]["is_missing"] is False


async def test_gradebook_report_spreadsheet_and_rows_agree(
    teacher: httpx2.AsyncClient, school: SchoolBench, rows: Session
) -> None:
    second = make_assignment(rows, school.school_class)
    second.points, second.title = Decimal(30), "=HYPERLINK(1)"
    rows.flush()
    scores = {str(school.classmate.id): "3.35", str(school.student.id): "4"}
    await enter(teacher, school.assignment.id, **scores)
    await enter(teacher, second.id, **{str(school.classmate.id): "29"})
    book = {row["student_id"]: row for row in (await gradebook(teacher, school))["items"]}
    url = f"{GRADES}/reports?class_id={school.school_class.id}"
    report = data_of(await teacher.get(url))
    assert {row["student_id"]: row for row in report["students"]} == book
    answer = await teacher.get(f"{url}&format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    header, by_student = lines[0], {line[0]: line for line in lines[1:]}
    assert header[3] == "'=HYPERLINK(1) (30)"
    stored = rows.query(ClassGrade).filter_by(class_id=school.school_class.id).populate_existing()
    assert len(by_student) == len(book) == stored.count() == 2
    for grade in stored:
        line, shown = by_student[str(grade.student_id)], book[str(grade.student_id)]["overall"]
        for run in ("current", "final", "all_current", "all_final"):
            in_file = line[header.index(f"{run} percent")]
            assert Decimal(in_file) == Decimal(shown[f"{run}_percent"]) == getattr(grade, f"{run}_percent")
            assert line[header.index(f"{run} letter")] == shown[f"{run}_letter"]
    assert by_student[str(school.classmate.id)][2:4] == ["3.35", "29"]
    assert book[str(school.classmate.id)]["overall"]["current_percent"] == "95.15"  # 32.35 of 34


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_compute_is_marked_as_text(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless("Ada = 1") == "Ada = 1"


async def test_pages_of_students_are_keyset_pages(teacher: httpx2.AsyncClient, school: SchoolBench) -> None:
    first = await gradebook(teacher, school, limit=1)
    second = await gradebook(teacher, school, limit=1, cursor=first["next_cursor"])
    assert first["items"][0]["student_id"] < second["items"][0]["student_id"]
    assert second["next_cursor"] is None


async def test_a_gradebook_costs_the_same_whatever_its_size(
    teacher: httpx2.AsyncClient, school: SchoolBench, rows: Session, statements: StatementCounter
) -> None:
    async def cost() -> int:
        with statements.counting() as seen:
            await gradebook(teacher, school, limit=100)
        return len(seen)

    few = await cost()
    for _ in range(8):
        make_enrollment(rows, school.school_class, make_student(rows, school.school))
        make_assignment(rows, school.school_class)
    assert await cost() == few <= 13


async def test_a_report_is_for_those_who_see_the_class(api: Api, school: SchoolBench) -> None:
    url = f"{GRADES}/reports?class_id={school.school_class.id}"
    refusal_of(await api.signed_in(school.other_teacher).get(url), 404, "not_found")
    refusal_of(await api.signed_in(school.student).get(url), 403, "forbidden")
    refusal_of(await api.signed_in(school.teacher).get(f"{url}&format=xlsx"), 422)
