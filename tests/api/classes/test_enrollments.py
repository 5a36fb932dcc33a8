"""Places in a class: asked for once, decided once, told to both."""

import asyncio

import httpx2
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.models import EnrollmentStatus
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.school_class import make_enrollment
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

CLASSES = "/api/v1/classes"


async def decide(api: Api, school: SchoolBench, status: str) -> httpx2.Response:
    url = f"{CLASSES}/{school.school_class.id}/enrollments/{school.pending.id}"
    return await api.signed_in(school.teacher).patch(url, json={"status": status})


async def titles_of(client: httpx2.AsyncClient) -> list[str]:
    return [notice["kind"] for notice in items_of(await client.get("/api/v1/notifications"))]


async def test_asking_is_told_to_the_teacher(api: Api, school: SchoolBench) -> None:
    code = {"code": school.school_class.code}
    place = data_of(await api.signed_in(school.other_student).post(f"{CLASSES}/join", json=code), 201)
    assert (place["status"], place["decided_at"]) == ("pending", None)
    assert await titles_of(api.signed_in(school.teacher)) == ["enrollment_requested"]


async def test_asking_ten_times_at_once_is_one_place_and_one_notice(api: Api, school: SchoolBench) -> None:
    student, code = api.signed_in(school.other_student), {"code": school.school_class.code}
    answers = await asyncio.gather(*(student.post(f"{CLASSES}/join", json=code) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({data_of(answer, 201)["id"] for answer in answers}) == 1
    assert await titles_of(api.signed_in(school.teacher)) == ["enrollment_requested"]


async def test_who_has_a_place_keeps_it_by_asking_again(api: Api, school: SchoolBench) -> None:
    code = {"code": school.school_class.code}
    place = data_of(await api.signed_in(school.student).post(f"{CLASSES}/join", json=code), 201)
    assert place["status"] == "approved"


async def test_who_was_rejected_may_ask_again(api: Api, school: SchoolBench) -> None:
    data_of(await decide(api, school, "rejected"))
    code = {"code": school.school_class.code}
    place = data_of(await api.signed_in(school.newcomer).post(f"{CLASSES}/join", json=code), 201)
    assert (place["status"], place["decided_at"], place["id"]) == ("pending", None, str(school.pending.id))
    assert data_of(await decide(api, school, "approved"))["status"] == "approved"


async def test_approval_opens_the_class_and_tells_the_student(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    newcomer = api.signed_in(school.newcomer)
    refusal_of(await newcomer.get(f"{CLASSES}/{school.school_class.id}"), 404)
    assert data_of(await decide(api, school, "approved"))["status"] == "approved"
    data_of(await newcomer.get(f"{CLASSES}/{school.school_class.id}"))
    told = text("SELECT name, payload ->> 'status' FROM app.user_events WHERE user_id = :id ORDER BY seq")
    heard = rows.execute(told, {"id": school.newcomer.id}).tuples().all()
    assert heard == [("enrollment:updated", "approved"), ("notification:new", None)]


async def test_the_same_decision_again_changes_nothing_and_another_is_a_conflict(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    first = await decide(api, school, "approved")
    again = await asyncio.gather(*(decide(api, school, "approved") for _ in range(5)))
    assert {answer.content for answer in again} == {first.content}
    refusal_of(await decide(api, school, "rejected"), 409, "enrollment_decided")
    trail = text("SELECT action FROM app.audit_events WHERE object_id = :id")
    assert rows.execute(trail, {"id": school.pending.id}).scalars().all() == ["approved"]


async def test_two_opposite_decisions_at_once_leave_one(api: Api, school: SchoolBench) -> None:
    answers = await asyncio.gather(decide(api, school, "approved"), decide(api, school, "rejected"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_place_is_approved_or_rejected_and_nothing_else(api: Api, school: SchoolBench) -> None:
    for status in ("pending", "removed", "", None):
        assert fields_of(await decide(api, school, str(status))) == ["status"]


async def test_a_place_of_another_class_is_not_found_through_this_one(api: Api, school: SchoolBench) -> None:
    url = f"{CLASSES}/{school.other_class.id}/enrollments/{school.pending.id}"
    answer = await api.signed_in(school.other_teacher).patch(url, json={"status": "approved"})
    refusal_of(answer, 404, "not_found")


async def test_the_roster_is_the_approved_and_the_list_can_be_filtered(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    make_enrollment(rows, school.school_class, school.other_student, EnrollmentStatus.REJECTED)
    teacher, url = api.signed_in(school.teacher), f"{CLASSES}/{school.school_class.id}"
    roster = items_of(await teacher.get(f"{url}/roster"))
    assert {place["student_id"] for place in roster} == {str(school.student.id), str(school.classmate.id)}
    assert {place["student_name"] for place in roster} == {school.student.name, school.classmate.name}
    for status, count in {"pending": 1, "approved": 2, "rejected": 1}.items():
        assert len(items_of(await teacher.get(f"{url}/enrollments?status={status}"))) == count
    assert len(items_of(await teacher.get(f"{url}/enrollments"))) == 4
    assert fields_of(await teacher.get(f"{url}/enrollments?status=lost")) == ["status"]
