"""A teacher's word on grades, through the public door."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.models import Notification, UserEvent
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.submissions.conftest import open_desk
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

GRADES = "/api/v1/grades"


@pytest.fixture
def teacher(api: Api, school: SchoolBench) -> httpx2.AsyncClient:
    return api.signed_in(school.teacher)


async def enter(teacher: httpx2.AsyncClient, school: SchoolBench, **measure: Any) -> Any:
    """Enter a measure for the classmate; returns the one result."""
    entry = {"student_id": str(school.classmate.id), **measure}
    body = {"assignment_id": str(school.assignment.id), "entries": [entry]}
    (result,) = data_of(await teacher.post(f"{GRADES}/entries", json=body), 201)["items"]
    return result


async def grade_of(teacher: httpx2.AsyncClient, grade_id: str) -> Any:
    return data_of(await teacher.get(f"{GRADES}/{grade_id}"))


@pytest.mark.parametrize(
    ("measure", "score", "percent"),
    [
        ({"score": "3.5"}, "3.50", "87.50"),
        ({"score": "5"}, "5.00", "125.00"),
        ({"percent": "50"}, "2.00", "50.00"),
        ({"letter": "B+"}, "3.56", "89.00"),
        ({"passed": True}, "4.00", "100.00"),
        ({"passed": False}, "0.00", "0.00"),
    ],
    ids=["points", "extra_credit", "percent", "letter", "passed", "failed"],
)
async def test_a_score_is_entered_in_any_measure(
    teacher: httpx2.AsyncClient, school: SchoolBench, measure: dict[str, Any], score: str, percent: str
) -> None:
    result = await enter(teacher, school, **measure)
    assert (result["status"], result["code"]) == ("accepted", None)
    grade = await grade_of(teacher, result["grade_id"])
    assert (grade["score"], grade["percent"], grade["status"]) == (score, percent, "graded")
    (line,) = items_of(await teacher.get(f"{GRADES}/{result['grade_id']}/history"))
    assert (line["source"], line["reason"], line["actor_id"]) == (
        "teacher",
        "score entered",
        str(school.teacher.id),
    )


@pytest.mark.parametrize(
    ("measure", "code"),
    [
        ({"score": "1", "letter": "A"}, "one_measure"),
        ({"letter": "Z"}, "letter_unknown"),
        ({"score": "41"}, "score_too_high"),
    ],
    ids=["two", "letter", "slip"],
)
async def test_an_entry_that_does_not_fit_is_refused_by_itself(
    teacher: httpx2.AsyncClient, school: SchoolBench, measure: dict[str, Any], code: str
) -> None:
    entries = [
        {"student_id": str(school.classmate.id), **measure},
        {"student_id": str(school.student.id), "score": "4"},
        {"student_id": str(school.newcomer.id), "score": "4"},
    ]
    body = {"assignment_id": str(school.assignment.id), "entries": entries}
    results = data_of(await teacher.post(f"{GRADES}/entries", json=body), 201)["items"]
    assert [result["code"] for result in results] == [code, None, "not_enrolled"]


async def test_an_entry_counts_instead_of_attempts_until_it_is_taken_back(
    api: Api, teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    result = await enter(teacher, school, score="1")
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice("b"))
    await desk.submit()
    assert (await grade_of(teacher, result["grade_id"]))["score"] == "1.00"
    await enter(teacher, school)
    assert (await grade_of(teacher, result["grade_id"]))["score"] == "2.00"


async def test_an_override_stands_until_it_is_withdrawn(
    api: Api, teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice("b"))
    url = f"{GRADES}/{(await desk.submit())['grade_id']}"
    body = {"percent": "100", "reason": "Shown in class"}
    word = data_of(await teacher.put(f"{url}/override", json=body))
    assert (word["score"], word["source"], word["override_score"]) == ("4.00", "override", "4.00")
    await enter(teacher, school, score="0")
    assert data_of(await teacher.get(url))["score"] == "4.00"
    word = data_of(await teacher.delete(f"{url}/override"))
    assert (word["score"], word["source"], word["override_score"]) == ("0.00", "teacher", None)
    reasons = [line["reason"] for line in items_of(await teacher.get(f"{url}/history"))]
    assert reasons[-3:] == ["Shown in class", "score entered", "override withdrawn"]
    nothing = await teacher.put(f"{url}/override", json={"reason": "?"})
    refusal_of(nothing, 422, "one_measure")


async def test_excused_missing_and_late_are_the_teachers_word_and_null_gives_it_back(
    teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    late = {"late": {"percent": "25", "interval": "day"}, "missing_deduction": "50"}
    policy = f"/api/v1/classes/{school.school_class.id}/grading-policy"
    data_of(await teacher.put(policy, json=late, headers={"If-Match": "*"}))
    result = await enter(teacher, school, score="4")
    url = f"{GRADES}/{result['grade_id']}"
    word = data_of(await teacher.patch(url, json={"late_seconds": 90_000}))
    assert (word["score"], word["deduction"], word["late_seconds"]) == ("2.00", "2.00", 90_000)
    word = data_of(await teacher.patch(url, json={"excused": True, "reason": "Ill"}))
    assert (word["score"], word["deduction"], word["is_excused"]) == ("4.00", "0.00", True)
    word = data_of(await teacher.patch(url, json={"excused": None, "late_seconds": None}))
    assert (word["score"], word["late_seconds"], word["is_excused"]) == ("4.00", 0, False)
    await enter(teacher, school)
    word = data_of(await teacher.patch(url, json={"missing": True}))
    assert (word["score"], word["source"]) == ("2.00", "missing")
    word = data_of(await teacher.patch(url, json={"missing": None}))
    assert (word["score"], word["status"]) == (None, "no_score")


async def test_manual_grades_are_seen_when_they_are_published_and_told_once(
    api: Api, teacher: httpx2.AsyncClient, school: SchoolBench, rows: Session
) -> None:
    manual = text("UPDATE app.assignments SET grade_posting = 'manual' WHERE id = :id")
    rows.execute(manual, {"id": school.assignment.id})
    student = api.signed_in(school.classmate)
    desk = await open_desk(student, school)
    await desk.answer(desk.choice("b"))
    grade_id = (await desk.submit())["grade_id"]

    def told() -> list[str]:
        events = rows.query(UserEvent).filter_by(user_id=school.classmate.id).order_by(UserEvent.seq)
        return [event.name for event in events if event.name == "grade:updated"]

    assert data_of(await student.get(f"{GRADES}/{grade_id}"))["score"] is None
    assert told() == []
    body = {"assignment_id": str(school.assignment.id)}
    assert data_of(await teacher.post(f"{GRADES}/publish", json=body)) == {"changed": 1}
    assert data_of(await student.get(f"{GRADES}/{grade_id}"))["score"] == "2.00"
    assert data_of(await teacher.post(f"{GRADES}/publish", json=body)) == {"changed": 0}
    assert told() == ["grade:updated"]
    notices = rows.query(Notification).filter_by(user_id=school.classmate.id, kind="grade_published").count()
    assert notices == 1
    assert data_of(await teacher.post(f"{GRADES}/publish", json={**body, "posted": False})) == {"changed": 1}
    assert data_of(await student.get(f"{GRADES}/{grade_id}"))["score"] is None


async def test_what_posts_by_itself_cannot_be_hidden_and_a_draft_not_graded(
    teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    body = {"assignment_id": str(school.assignment.id), "posted": False}
    refusal_of(await teacher.post(f"{GRADES}/publish", json=body), 409, "posts_automatically")
    entries = [{"student_id": str(school.student.id), "score": "1"}]
    draft = {"assignment_id": str(school.draft.id), "entries": entries}
    refusal_of(await teacher.post(f"{GRADES}/entries", json=draft), 409, "not_gradeable")
