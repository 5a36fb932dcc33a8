"""`Idempotency-Key`: one effect and one answer, however often and however parallel the same POST arrives."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

CLASSES = "/api/v1/classes"
ART: dict[str, Any] = {"name": "Art", "subject": "Art"}


def keyed(key: str = "retry-1") -> dict[str, str]:
    return {"Idempotency-Key": key}


def classes_named(rows: Session, school: SchoolBench, name: str) -> int:
    statement = text("SELECT count(*) FROM app.classes WHERE school_id = :school AND name = :name")
    return int(rows.execute(statement, {"school": school.school.id, "name": name}).scalar_one())


async def test_twenty_at_once_have_one_effect_and_one_answer(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    teacher = api.signed_in(school.teacher)
    answers = await asyncio.gather(*(teacher.post(CLASSES, json=ART, headers=keyed()) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert classes_named(rows, school, "Art") == 1


async def test_without_a_key_every_post_counts(api: Api, school: SchoolBench, rows: Session) -> None:
    teacher = api.signed_in(school.teacher)
    first, second = [data_of(await teacher.post(CLASSES, json=ART), 201) for _ in range(2)]
    assert first["id"] != second["id"]
    assert classes_named(rows, school, "Art") == 2


async def test_another_body_under_the_same_key_is_refused(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    teacher = api.signed_in(school.teacher)
    data_of(await teacher.post(CLASSES, json=ART, headers=keyed()), 201)
    other = await teacher.post(CLASSES, json={**ART, "name": "Music"}, headers=keyed())
    assert refusal_of(other, 422, "idempotency_key_reused")["field"] == "Idempotency-Key"
    assert classes_named(rows, school, "Music") == 0


async def test_the_same_key_of_another_user_is_another_key(api: Api, school: SchoolBench) -> None:
    first = data_of(await api.signed_in(school.teacher).post(CLASSES, json=ART, headers=keyed()), 201)
    second = data_of(await api.signed_in(school.other_teacher).post(CLASSES, json=ART, headers=keyed()), 201)
    assert first["id"] != second["id"]
    assert second["teacher_id"] == str(school.other_teacher.id)


async def test_the_same_key_on_another_route_is_another_key(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    data_of(await teacher.post(CLASSES, json=ART, headers=keyed()), 201)
    concept = await teacher.post(
        "/api/v1/concepts", json={"subject": "Art", "name": "Perspective"}, headers=keyed()
    )
    assert data_of(concept, 201)["name"] == "Perspective"


async def test_a_request_that_failed_is_not_remembered(api: Api, school: SchoolBench, rows: Session) -> None:
    student, key = api.signed_in(school.other_student), keyed()
    body = {"code": school.school_class.code}
    hide = text("UPDATE app.classes SET deleted_at = :moment WHERE id = :id")
    rows.execute(hide, {"moment": "2026-01-01T00:00:00Z", "id": school.school_class.id})
    refusal_of(await student.post(f"{CLASSES}/join", json=body, headers=key), 404, "invalid_class_code")
    rows.execute(hide, {"moment": None, "id": school.school_class.id})
    place = data_of(await student.post(f"{CLASSES}/join", json=body, headers=key), 201)
    assert place["status"] == "pending"


@pytest.mark.parametrize("key", ["", "with space", "tab\t", "x" * 201])
async def test_a_key_that_cannot_be_one_is_refused_by_name(api: Api, school: SchoolBench, key: str) -> None:
    answer = await api.signed_in(school.teacher).post(CLASSES, json=ART, headers=keyed(key))
    assert refusal_of(answer, 422)["field"] == "idempotency-key"


async def repeat(client: httpx2.AsyncClient, url: str, body: dict[str, Any] | None) -> list[httpx2.Response]:
    return list(await asyncio.gather(*(client.post(url, json=body, headers=keyed()) for _ in range(5))))


async def test_every_post_that_makes_something_makes_it_once(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    teacher, student = api.signed_in(school.teacher), api.signed_in(school.classmate)
    class_id, assignment_id = school.school_class.id, school.assignment.id
    made = [
        (teacher, f"{CLASSES}/{class_id}/code", {}),
        (teacher, "/api/v1/concepts", {"subject": "Art", "name": "Shade"}),
        (teacher, "/api/v1/assignments", {"class_id": str(class_id), "title": "Sketch"}),
        (student, "/api/v1/submissions", {"assignment_id": str(assignment_id)}),
        (api.signed_in(school.other_student), f"{CLASSES}/join", {"code": school.other_class.code}),
    ]
    for client, url, body in made:
        answers = await repeat(client, url, body)
        assert {answer.is_success for answer in answers} == {True}, answers[0].text
        assert len({answer.content for answer in answers}) == 1, url


async def test_questions_are_added_once_and_publishing_tells_students_once(
    api: Api, school: SchoolBench
) -> None:
    teacher = api.signed_in(school.teacher)
    body = {"class_id": str(school.school_class.id), "title": "Sketch"}
    url = f"/api/v1/assignments/{data_of(await teacher.post('/api/v1/assignments', json=body), 201)['id']}"
    await repeat(teacher, f"{url}/questions", {"kind": "free_response", "prompt": "Why?", "points": "1"})
    await repeat(teacher, f"{url}/publish", None)
    assert len(data_of(await teacher.get(url))["questions"]) == 1
    told = data_of(await api.signed_in(school.classmate).get("/api/v1/notifications"))["items"]
    assert [notice["title"] for notice in told] == ["Sketch"]
