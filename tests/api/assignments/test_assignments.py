"""Assignments: drafts for the teacher, published for the class, told once."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

ASSIGNMENTS = "/api/v1/assignments"
ANY_VERSION = {"If-Match": "*"}


async def new_draft(api: Api, school: SchoolBench, **fields: Any) -> dict[str, Any]:
    body = {"class_id": str(school.school_class.id), "title": "Lines", **fields}
    made = await api.signed_in(school.teacher).post(ASSIGNMENTS, json=body)
    draft: dict[str, Any] = data_of(made, 201)
    return draft


async def test_a_new_assignment_is_a_draft_only_its_teacher_and_admins_see(
    api: Api, school: SchoolBench
) -> None:
    draft = await new_draft(api, school, max_attempts=3, due_at="2027-01-01T00:00:00+02:00")
    assert (draft["status"], draft["max_attempts"], draft["version"]) == ("draft", 3, 1)
    assert draft["due_at"] == "2026-12-31T22:00:00Z"
    url = f"{ASSIGNMENTS}/{draft['id']}"
    for user in (school.teacher, school.admin):
        assert data_of(await api.signed_in(user).get(url))["questions"] == []
    refusal_of(await api.signed_in(school.student).get(url), 404, "not_found")
    assert draft["id"] not in (await api.signed_in(school.student).get(ASSIGNMENTS)).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", None),
        ("class_id", "x"),
        ("max_attempts", 0),
        ("max_attempts", 101),
        ("due_at", "2027-01-01T00:00:00"),
        ("due_at", "soon"),
        ("instructions", "x" * 20_001),
        ("status", "published"),
        ("version", 9),
    ],
)
async def test_what_is_wrong_with_an_assignment_is_named(
    api: Api, school: SchoolBench, field: str, value: object
) -> None:
    body = {"class_id": str(school.school_class.id), "title": "Lines", field: value}
    assert fields_of(await api.signed_in(school.teacher).post(ASSIGNMENTS, json=body)) == [field]


async def test_an_assignment_cannot_be_due_before_it_opens(api: Api, school: SchoolBench) -> None:
    times = {"available_at": "2027-01-02T00:00:00Z", "due_at": "2027-01-01T00:00:00Z"}
    body = {"class_id": str(school.school_class.id), "title": "Lines", **times}
    teacher = api.signed_in(school.teacher)
    assert "available_at" in refusal_of(await teacher.post(ASSIGNMENTS, json=body), 422)["message"]
    draft = await new_draft(api, school, available_at=times["available_at"])
    changed = await teacher.patch(
        f"{ASSIGNMENTS}/{draft['id']}", json={"due_at": times["due_at"]}, headers=ANY_VERSION
    )
    assert refusal_of(changed, 422)["field"] == "due_at"
    assert data_of(await teacher.get(f"{ASSIGNMENTS}/{draft['id']}"))["due_at"] is None


async def test_a_change_touches_only_what_was_given_and_counts_the_version(
    api: Api, school: SchoolBench
) -> None:
    draft = await new_draft(api, school, description="Old", due_at="2027-01-01T00:00:00Z")
    url, teacher = f"{ASSIGNMENTS}/{draft['id']}", api.signed_in(school.teacher)
    changed = data_of(await teacher.patch(url, json={"title": "Curves", "due_at": None}, headers=ANY_VERSION))
    assert changed == {**draft, "title": "Curves", "due_at": None, "version": 2}


@pytest.mark.parametrize("field", ["title", "max_attempts"])
async def test_what_an_assignment_must_have_cannot_be_taken_away(
    api: Api, school: SchoolBench, field: str
) -> None:
    url = f"{ASSIGNMENTS}/{school.assignment.id}"
    assert fields_of(
        await api.signed_in(school.teacher).patch(url, json={field: None}, headers=ANY_VERSION)
    ) == [field]


async def test_publishing_needs_a_question(api: Api, school: SchoolBench) -> None:
    draft = await new_draft(api, school)
    answer = await api.signed_in(school.teacher).post(f"{ASSIGNMENTS}/{draft['id']}/publish")
    refusal_of(answer, 409, "nothing_to_publish")


async def test_publishing_tells_each_approved_student_once(api: Api, school: SchoolBench) -> None:
    draft = await new_draft(api, school)
    url, teacher = f"{ASSIGNMENTS}/{draft['id']}", api.signed_in(school.teacher)
    question = {"kind": "free_response", "prompt": "Why?", "points": "1"}
    data_of(await teacher.post(f"{url}/questions", json=question), 201)
    answers = await asyncio.gather(*(teacher.post(f"{url}/publish") for _ in range(5)))
    assert len({answer.content for answer in answers}) == 1
    published = data_of(answers[0])
    assert published["status"] == "published"
    assert published["published_at"] is not None
    for user, told in {school.classmate: ["Lines"], school.newcomer: [], school.other_student: []}.items():
        notices = items_of(await api.signed_in(user).get("/api/v1/notifications"))
        assert [notice["title"] for notice in notices] == told


async def test_lists_are_filtered_by_class_and_status(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    counts = {
        "": 3,
        "?status=draft": 2,
        "?category=Homework": 3,
        "?category=Quiz": 0,
        "?status=archived": 0,
        f"?class_id={school.school_class.id}&status=published": 1,
        f"?class_id={school.other_class.id}": 0,
    }
    for query, count in counts.items():
        assert len(items_of(await teacher.get(ASSIGNMENTS + query))) == count, query
    assert fields_of(await teacher.get(f"{ASSIGNMENTS}?status=gone")) == ["status"]


async def test_a_deleted_assignment_is_gone_for_all_and_its_grades_stay(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    url = f"{ASSIGNMENTS}/{school.assignment.id}"
    data_of(await api.signed_in(school.teacher).delete(url, headers=ANY_VERSION))
    for user in (school.teacher, school.student, school.admin):
        refusal_of(await api.signed_in(user).get(url), 404, "not_found")
    data_of(await api.signed_in(school.student).get(f"/api/v1/grades/{school.grade.id}"))
    data_of(await api.signed_in(school.student).get(f"/api/v1/submissions/{school.submission.id}"))
    trail = text("SELECT action FROM app.audit_events WHERE object_id = :id")
    assert rows.execute(trail, {"id": school.assignment.id}).scalars().all() == ["deleted"]
