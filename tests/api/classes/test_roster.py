"""A roster as its teacher keeps it: students put in, invited, taken out, put in again."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import EnrollmentStatus, User
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student, make_teacher
from tests.factories.world import SchoolBench, World
from tests.fixtures.mail import Post, text_of
from tests.fixtures.web import Api

CLASSES = "/api/v1/classes"


async def add(api: Api, school: SchoolBench, **entry: Any) -> httpx2.Response:
    url = f"{CLASSES}/{school.school_class.id}/roster"
    return await api.signed_in(school.teacher).post(url, json=entry)


async def remove(api: Api, school: SchoolBench, student: User) -> httpx2.Response:
    url = f"{CLASSES}/{school.school_class.id}/roster/{student.id}"
    return await api.signed_in(school.teacher).delete(url)


def told(rows: Session, student: User) -> list[str]:
    statement = text(
        "SELECT payload ->> 'status' FROM app.user_events"
        " WHERE user_id = :id AND name = 'enrollment:updated' ORDER BY seq"
    )
    return list(rows.execute(statement, {"id": student.id}).scalars())


def history(rows: Session, school: SchoolBench, student: User) -> list[str]:
    statement = text(
        "SELECT c.new_status FROM app.enrollment_changes c JOIN app.class_enrollments e"
        " ON (e.district_id, e.id) = (c.district_id, c.enrollment_id)"
        " WHERE e.student_id = :student AND e.class_id = :class_id ORDER BY c.id"
    )
    values = {"student": student.id, "class_id": school.school_class.id}
    return list(rows.execute(statement, values).scalars())


@pytest.mark.parametrize("way", ["student_id", "email"])
async def test_a_student_of_the_school_gets_a_place_at_once_and_is_told(
    api: Api, school: SchoolBench, rows: Session, way: str
) -> None:
    student = make_student(rows, school.school)
    entry = {"student_id": str(student.id)} if way == "student_id" else {"email": student.email.upper()}
    assert data_of(await add(api, school, **entry)) == {"outcome": "added", "student_id": str(student.id)}
    data_of(await api.signed_in(student).get(f"{CLASSES}/{school.school_class.id}"))
    assert told(rows, student) == ["approved"]
    assert data_of(await add(api, school, **entry))["outcome"] == "already"
    assert told(rows, student) == ["approved"]


@pytest.mark.parametrize(
    "status", [EnrollmentStatus.PENDING, EnrollmentStatus.REJECTED, EnrollmentStatus.REMOVED]
)
async def test_adding_is_approving_whatever_was_before(
    api: Api, school: SchoolBench, rows: Session, status: EnrollmentStatus
) -> None:
    student = make_student(rows, school.school)
    make_enrollment(rows, school.school_class, student, status)
    assert data_of(await add(api, school, student_id=str(student.id)))["outcome"] == "added"
    assert history(rows, school, student) == [status.value, "approved"]


async def test_who_is_no_student_of_the_school_is_not_found_by_id(
    api: Api, shared_world: World, school: SchoolBench
) -> None:
    stranger = shared_world.districts[1].schools[0].student
    answers = [
        await add(api, school, student_id=str(person)) for person in (stranger.id, school.admin.id, new_id())
    ]
    assert len({answer.content for answer in answers}) == 1
    refusal_of(answers[0], 404, "not_found")


async def test_an_address_nobody_has_and_one_of_another_school_are_invited_alike(
    api: Api, bench: Any, rows: Session, post: Post
) -> None:
    home, sister = bench.schools
    known, unknown = sister.student.email, f"{new_id().hex}@school.example"
    answers = [await add(api, home, email=email) for email in (known, unknown)]
    assert answers[0].content == answers[1].content
    assert data_of(answers[0]) == {"outcome": "invited", "student_id": None}
    await post.deliver()
    for email in (known, unknown):
        (message,) = post.to(email)
        assert f"https://homeroom.example/register/student#code={home.school_class.code}" in text_of(message)
        assert home.teacher.name in text_of(message)


async def test_staff_are_invited_like_anybody_and_never_put_into_a_class(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    teacher = make_teacher(rows, school.school)
    assert data_of(await add(api, school, email=teacher.email))["outcome"] == "invited"


async def test_nobody_is_invited_with_a_code_that_is_over(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    teacher = api.signed_in(school.teacher)
    ended = {"expires_at": "2020-01-01T00:00:00Z"}
    data_of(await teacher.post(f"{CLASSES}/{school.school_class.id}/code", json=ended))
    refusal_of(await add(api, school, email="nobody@school.example"), 409, "class_code_ended")
    student = make_student(rows, school.school)
    assert data_of(await add(api, school, email=student.email))["outcome"] == "added"


@pytest.mark.parametrize(
    "entry", [{}, {"student_id": str(new_id()), "email": "a@b.example"}], ids=["none", "both"]
)
async def test_one_student_is_named_in_one_way(api: Api, school: SchoolBench, entry: dict[str, str]) -> None:
    refusal_of(await add(api, school, **entry), 422)


async def test_a_greeting_is_a_name_and_nothing_more(api: Api, school: SchoolBench) -> None:
    answer = await add(api, school, email="a@b.example", name="Win at https://evil.example")
    assert fields_of(answer) == ["name"]


async def test_who_is_removed_loses_the_class_at_once_and_keeps_the_sign_in(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    student = api.signed_in(school.student)
    assert data_of(await remove(api, school, school.student))["status"] == "removed"
    for url in (
        f"{CLASSES}/{school.school_class.id}",
        f"/api/v1/assignments/{school.assignment.id}",
    ):
        assert (await student.get(url)).status_code == 404, url
    answer = {"question_id": str(school.choice_question.id), "answer": {"option_id": "a"}, "client_seq": 99}
    refused = await student.post(f"/api/v1/submissions/{school.submission.id}/answers", json=answer)
    refusal_of(refused, 404)
    assert items_of(await student.get(CLASSES)) == []
    data_of(await student.get("/api/v1/users/me"))
    assert told(rows, school.student)[-1] == "removed"
    roster = items_of(await api.signed_in(school.teacher).get(f"{CLASSES}/{school.school_class.id}/roster"))
    assert str(school.student.id) not in {place["student_id"] for place in roster}


async def test_removing_again_changes_nothing_and_adding_again_works(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    first, again = [await remove(api, school, school.student) for _ in range(2)]
    assert first.content == again.content
    assert data_of(await add(api, school, student_id=str(school.student.id)))["outcome"] == "added"
    data_of(await api.signed_in(school.student).get(f"{CLASSES}/{school.school_class.id}"))
    assert history(rows, school, school.student) == ["approved", "removed", "approved"]
    assert told(rows, school.student)[-2:] == ["removed", "approved"]


async def test_only_who_is_in_a_class_can_be_removed(api: Api, school: SchoolBench) -> None:
    for student in (school.newcomer, school.other_student, school.admin):
        refusal_of(await remove(api, school, student), 404, "not_found")


async def test_the_history_of_a_place_is_told_in_order_and_in_pages(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    await remove(api, school, school.student)
    await add(api, school, student_id=str(school.student.id))
    teacher, url = api.signed_in(school.teacher), f"{CLASSES}/{school.school_class.id}"
    roster = items_of(await teacher.get(f"{url}/roster"))
    place = next(item["id"] for item in roster if item["student_id"] == str(school.student.id))
    seen: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        page = data_of(await teacher.get(f"{url}/enrollments/{place}/history", params={"limit": 1, **cursor}))
        seen += page["items"]
        cursor = {"cursor": page["next_cursor"]}
    assert page["next_cursor"] is None
    assert [(change["old_status"], change["new_status"]) for change in seen] == [
        (None, "approved"),
        ("approved", "removed"),
        ("removed", "approved"),
    ]
    assert seen[-1]["changed_by"] == str(school.teacher.id)


async def test_the_history_of_another_classs_place_is_not_found_through_this_one(
    api: Api, school: SchoolBench
) -> None:
    url = f"{CLASSES}/{school.other_class.id}/enrollments/{school.pending.id}/history"
    refusal_of(await api.signed_in(school.other_teacher).get(url), 404, "not_found")
