"""An overall grade as its teacher and its student see it."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of
from tests.api.submissions.conftest import open_desk
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api


async def test_a_student_sees_what_is_posted_and_the_teacher_all_of_it(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    manual = text("UPDATE app.assignments SET grade_posting = 'manual' WHERE id = :id")
    rows.execute(manual, {"id": school.assignment.id})
    student, teacher = api.signed_in(school.classmate), api.signed_in(school.teacher)
    url = f"/api/v1/grades/classes/{school.school_class.id}/students/{school.classmate.id}"
    before = data_of(await student.get(url))
    assert (before["current_percent"], before["version"], before["categories"]) == (None, None, [])
    desk = await open_desk(student, school)
    await desk.answer(desk.choice("b"))
    await desk.submit()
    own, whole = data_of(await student.get(url)), data_of(await teacher.get(url))
    assert (own["current_percent"], own["all_current_percent"], own["version"]) == (None, None, None)
    assert [set(category) & {"all_current", "all_final"} for category in own["categories"]] == [
        set() for _ in own["categories"]
    ]
    assert (whole["current_percent"], whole["all_current_percent"]) == (None, "50.00")
    posted = {"assignment_id": str(school.assignment.id)}
    data_of(await teacher.post("/api/v1/grades/publish", json=posted))
    assert data_of(await student.get(url))["current_percent"] == "50.00"
