"""What one student is granted: for students of the class, told, on record, and seen by no other student."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import AssignmentStatus, User
from tests.api.assignments.test_assignments import ANY_VERSION, ASSIGNMENTS
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.assignment import make_assignment, make_extension
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

NOTICES = "/api/v1/notifications"


async def grant(api: Api, school: SchoolBench, student: User, **body: Any) -> Any:
    url = f"{ASSIGNMENTS}/{school.assignment.id}/extensions/{student.id}"
    return await api.signed_in(school.teacher).put(url, json=body)


async def kinds_told(api: Api, user: User) -> list[str]:
    return [notice["kind"] for notice in items_of(await api.signed_in(user).get(NOTICES))]


async def test_what_is_granted_is_the_students_own_and_told_once(api: Api, school: SchoolBench) -> None:
    body = {"due_at": "2027-02-01T00:00:00Z", "extra_attempts": 2, "reason": "Was ill"}
    for _ in range(2):
        granted = data_of(await grant(api, school, school.classmate, **body))
    assert granted["student_id"] == str(school.classmate.id)
    assert granted["granted_by"] == str(school.teacher.id)
    url = f"{ASSIGNMENTS}/{school.assignment.id}"
    shown = await api.signed_in(school.classmate).get(url)
    assert (data_of(shown)["due_at"], data_of(shown)["max_attempts"]) == ("2027-02-01T00:00:00Z", 4)
    assert "Was ill" not in shown.text
    assert await kinds_told(api, school.classmate) == ["extension_granted"]
    assert data_of(await api.signed_in(school.teacher).get(url))["due_at"] is None


async def test_what_is_granted_anew_replaces_all_of_the_old(api: Api, school: SchoolBench) -> None:
    data_of(await grant(api, school, school.classmate, extra_attempts=2, extra_minutes=5))
    data_of(await grant(api, school, school.classmate, extra_minutes=9))
    url = f"{ASSIGNMENTS}/{school.assignment.id}/extensions"
    listed = items_of(await api.signed_in(school.teacher).get(url))
    (own,) = [item for item in listed if item["student_id"] == str(school.classmate.id)]
    assert (own["extra_attempts"], own["extra_minutes"]) == (0, 9)
    assert await kinds_told(api, school.classmate) == ["extension_granted", "extension_granted"]


async def test_what_is_taken_back_is_gone_and_on_record(api: Api, school: SchoolBench, rows: Session) -> None:
    data_of(await grant(api, school, school.classmate, extra_attempts=2))
    url = f"{ASSIGNMENTS}/{school.assignment.id}/extensions/{school.classmate.id}"
    teacher = api.signed_in(school.teacher)
    data_of(await teacher.delete(url))
    refusal_of(await teacher.delete(url), 404)
    own = await api.signed_in(school.classmate).get(f"{ASSIGNMENTS}/{school.assignment.id}")
    assert data_of(own)["max_attempts"] == 2
    trail = text(
        "SELECT action, subject_id, details ->> 'extra_attempts' AS attempts FROM app.audit_events "
        "WHERE object_id = :id AND action <> 'read' ORDER BY occurred_at, id"
    )
    assert rows.execute(trail, {"id": school.assignment.id}).all() == [
        ("granted_extension", school.classmate.id, "2"),
        ("withdrew_extension", school.classmate.id, "2"),
    ]
    assert sorted(await kinds_told(api, school.classmate)) == ["extension_granted", "extension_withdrawn"]


@pytest.mark.parametrize("name", ["newcomer", "other_student", "teacher", "other_teacher"])
async def test_only_students_with_a_place_are_granted_anything(
    api: Api, school: SchoolBench, name: str
) -> None:
    refused = await grant(api, school, getattr(school, name), extra_attempts=1)
    unknown = await api.signed_in(school.teacher).put(
        f"{ASSIGNMENTS}/{school.assignment.id}/extensions/{new_id()}", json={"extra_attempts": 1}
    )
    refusal_of(refused, 404, "not_found")
    assert refused.content == unknown.content


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, []),
    "a reason only": ({"reason": "Kind"}, []),
    "attempts below zero": ({"extra_attempts": -1}, ["extra_attempts"]),
    "too many attempts": ({"extra_attempts": 101}, ["extra_attempts"]),
    "too many minutes": ({"extra_minutes": 1441}, ["extra_minutes"]),
    "a day without a zone": ({"due_at": "2027-01-01T00:00:00"}, ["due_at"]),
    "due after it ends": (
        {"due_at": "2027-01-02T00:00:00Z", "available_until": "2027-01-01T00:00:00Z"},
        ["available_until"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_with_it_is_named(api: Api, school: SchoolBench, name: str) -> None:
    body, fields = WRONG[name]
    refused = await grant(api, school, school.classmate, **body)
    assert refused.status_code == 422, refused.text
    assert [field for field in fields_of(refused) if field] == fields
    assert await kinds_told(api, school.classmate) == []


async def test_a_later_due_date_takes_the_end_along(api: Api, school: SchoolBench) -> None:
    url, teacher = f"{ASSIGNMENTS}/{school.assignment.id}", api.signed_in(school.teacher)
    times = {"due_at": "2027-01-01T00:00:00Z", "available_until": "2027-01-02T00:00:00Z"}
    data_of(await teacher.patch(url, json=times, headers=ANY_VERSION))
    later = "2027-01-05T00:00:00Z"
    data_of(await grant(api, school, school.classmate, due_at=later))
    shown = data_of(await api.signed_in(school.classmate).get(url))
    assert (shown["due_at"], shown["available_until"]) == (later, later)


async def test_an_end_before_the_class_is_due_is_refused(api: Api, school: SchoolBench) -> None:
    url, teacher = f"{ASSIGNMENTS}/{school.assignment.id}", api.signed_in(school.teacher)
    data_of(await teacher.patch(url, json={"due_at": "2027-01-03T00:00:00Z"}, headers=ANY_VERSION))
    refused = await grant(api, school, school.classmate, available_until="2027-01-02T00:00:00Z")
    assert refusal_of(refused, 422)["field"] == "available_until"


async def test_nobody_is_told_of_a_draft(api: Api, school: SchoolBench, rows: Session) -> None:
    draft = make_assignment(rows, school.school_class, AssignmentStatus.DRAFT)
    url = f"{ASSIGNMENTS}/{draft.id}/extensions/{school.classmate.id}"
    data_of(await api.signed_in(school.teacher).put(url, json={"extra_minutes": 5}))
    assert await kinds_told(api, school.classmate) == []


async def test_staff_list_them_in_pages_and_the_reading_is_on_record(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    students = [school.student]
    for _ in range(3):
        students.append(make_student(rows, school.school))
        make_enrollment(rows, school.school_class, students[-1])
        make_extension(rows, school.assignment, students[-1])
    url, seen, cursor = f"{ASSIGNMENTS}/{school.assignment.id}/extensions", [], None
    for _ in range(2):
        query = {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
        page = data_of(await api.signed_in(school.admin).get(url, params=query))
        seen += [item["student_id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == ([str(student.id) for student in students], None)
    reads = text("SELECT subject_id FROM app.audit_events WHERE actor_id = :id AND object_type = 'extension'")
    assert set(rows.execute(reads, {"id": school.admin.id}).scalars()) == {student.id for student in students}


async def test_no_student_sees_what_others_are_granted(api: Api, school: SchoolBench) -> None:
    url = f"{ASSIGNMENTS}/{school.assignment.id}/extensions"
    for user in (school.student, school.classmate):
        refusal_of(await api.signed_in(user).get(url), 403, "forbidden")
