"""What single students need: granted by the teacher, known to staff and to the student, to nobody else."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.models import User
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api


def url_of(school: SchoolBench, student: User) -> str:
    return f"/api/v1/classes/{school.school_class.id}/students/{student.id}/accommodation"


def trail(rows: Session, student: User) -> list[tuple[str, Any]]:
    statement = text(
        "SELECT action, details FROM app.audit_events"
        " WHERE subject_id = :id AND object_type = 'accommodation' AND action <> 'read' ORDER BY id"
    )
    return list(rows.execute(statement, {"id": student.id}).tuples())


async def test_a_grant_takes_the_place_of_the_one_before(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    teacher, url = api.signed_in(school.teacher), url_of(school, school.classmate)
    assert data_of(await teacher.get(url))["time_multiplier"] == "1.00"
    data_of(await teacher.put(url, json={"time_multiplier": "2", "due_shift_hours": 48}))
    granted = data_of(await teacher.put(url, json={"time_multiplier": "1.25"}))
    assert granted == {
        "class_id": str(school.school_class.id),
        "student_id": str(school.classmate.id),
        "time_multiplier": "1.25",
        "due_shift_hours": 0,
    }
    assert data_of(await teacher.get(url)) == granted
    assert trail(rows, school.classmate) == [
        ("granted", {"time_multiplier": "2", "due_shift_hours": 48}),
        ("granted", {"time_multiplier": "1.25", "due_shift_hours": 0}),
    ]


async def test_two_grants_at_once_leave_one(api: Api, school: SchoolBench, rows: Session) -> None:
    teacher, url = api.signed_in(school.teacher), url_of(school, school.classmate)
    answers = await asyncio.gather(*(teacher.put(url, json={"due_shift_hours": hours}) for hours in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    count = text("SELECT count(*) FROM app.accommodations WHERE student_id = :id")
    assert rows.execute(count, {"id": school.classmate.id}).scalar_one() == 1


async def test_what_is_withdrawn_is_nothing_again(api: Api, school: SchoolBench, rows: Session) -> None:
    teacher, url = api.signed_in(school.teacher), url_of(school, school.student)
    assert data_of(await teacher.get(url))["time_multiplier"] == "1.50"
    first, again = [await teacher.delete(url) for _ in range(2)]
    assert first.content == again.content == (await teacher.get(url)).content
    assert (data_of(again)["time_multiplier"], data_of(again)["due_shift_hours"]) == ("1.00", 0)
    assert trail(rows, school.student) == [("withdrawn", {})]


async def test_a_student_sees_their_own_and_no_classmates(api: Api, school: SchoolBench) -> None:
    student = api.signed_in(school.student)
    assert data_of(await student.get(url_of(school, school.student)))["due_shift_hours"] == 24
    refusal_of(await student.get(url_of(school, school.classmate)), 404, "not_found")
    refusal_of(await api.signed_in(school.classmate).get(url_of(school, school.student)), 404, "not_found")
    refusal_of(await student.put(url_of(school, school.student), json={}), 403, "forbidden")


async def test_an_admin_reads_and_leaves_granting_to_the_teacher(api: Api, school: SchoolBench) -> None:
    admin, url = api.signed_in(school.admin), url_of(school, school.student)
    assert data_of(await admin.get(url))["time_multiplier"] == "1.50"
    refusal_of(await admin.put(url, json={}), 403, "forbidden")


async def test_only_who_is_in_the_class_can_be_granted_anything(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    for person in (school.newcomer, school.other_student, school.teacher):
        for method in ("GET", "PUT", "DELETE"):
            body = {} if method == "PUT" else None
            refusal_of(await teacher.request(method, url_of(school, person), json=body), 404, "not_found")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_multiplier", "0.99"),
        ("time_multiplier", "10.01"),
        ("time_multiplier", "1.005"),
        ("time_multiplier", "NaN"),
        ("due_shift_hours", -1),
        ("due_shift_hours", 8761),
        ("due_shift_hours", 1.5),
    ],
)
async def test_what_is_wrong_with_a_grant_is_named(
    api: Api, school: SchoolBench, field: str, value: object
) -> None:
    url = url_of(school, school.student)
    assert fields_of(await api.signed_in(school.teacher).put(url, json={field: value})) == [field]


async def test_the_roster_shows_what_each_needs(api: Api, school: SchoolBench) -> None:
    url = f"/api/v1/classes/{school.school_class.id}/roster"
    needs = {
        item["student_id"]: item["accommodation"]
        for item in items_of(await api.signed_in(school.teacher).get(url))
    }
    assert needs == {
        str(school.student.id): {"time_multiplier": "1.50", "due_shift_hours": 24},
        str(school.classmate.id): None,
    }
