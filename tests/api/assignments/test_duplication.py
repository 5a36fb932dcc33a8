"""Copies for other classes and years: everything comes along but dates one did not ask for, answers and grades."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.assignments.drafts import draft_with, unreviewed_draft, url_of
from tests.api.assignments.test_assignments import ASSIGNMENTS
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, refusal_of
from tests.factories.assignment import make_choice_question, tag_question
from tests.factories.concept import make_concept
from tests.factories.school_class import make_class
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

ITS_OWN = {
    "id",
    "class_id",
    "title",
    "version",
    "created_at",
    "published_at",
    "status",
    "due_at",
    "available_at",
}


def content_of(question: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in question.items() if name not in {"id", "reviewed_at", "key_version"}
    }


async def test_a_copy_is_a_draft_with_the_same_settings_and_questions(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    school = bench.schools[0]
    settings = {
        "due_at": "2027-01-31T22:00:00Z",
        "time_limit_minutes": 30,
        "points": "20",
        "shuffle_options": True,
        "feedback_release": "after_due",
        "category": "Quiz",
    }
    source = await draft_with(api, school, 2, **settings)
    other_class = make_class(rows, school.teacher)
    url, teacher = f"{ASSIGNMENTS}/{source['id']}", api.signed_in(school.teacher)
    body = {"class_ids": [str(other_class.id)], "shift_days": 365, "title": "Next year"}
    (copy,) = data_of(await teacher.post(f"{url}/duplicate", json=body), 201)["assignments"]
    assert (copy["class_id"], copy["title"], copy["status"]) == (str(other_class.id), "Next year", "draft")
    assert (copy["due_at"], copy["available_at"]) == ("2028-01-31T22:00:00Z", None)
    whole = data_of(await teacher.get(f"{ASSIGNMENTS}/{copy['id']}"))
    same = set(source) - ITS_OWN - {"questions"}
    assert {name: whole[name] for name in same} == {name: source[name] for name in same}
    assert [content_of(item) for item in whole["questions"]] == [
        content_of(item) for item in source["questions"]
    ]
    assert not {item["id"] for item in whole["questions"]} & {item["id"] for item in source["questions"]}


async def test_tags_reviews_and_origins_come_along(api: Api, bench: DistrictBench, rows: Session) -> None:
    school = bench.schools[0]
    draft, (question, _) = unreviewed_draft(rows, school)
    tag_question(rows, question, bench.concept)
    teacher = api.signed_in(school.teacher)
    (copy,) = data_of(await teacher.post(f"{url_of(draft)}/duplicate", json={}), 201)["assignments"]
    assert copy["class_id"] == str(school.school_class.id)
    shown = data_of(await teacher.get(f"{ASSIGNMENTS}/{copy['id']}"))["questions"]
    assert [item["concept_ids"] for item in shown] == [[str(bench.concept.id)], []]
    assert {(item["review_status"], item["provenance"]["origin"]) for item in shown} == {("unreviewed", "ai")}
    keys = text("SELECT count(*) FROM app.question_key_versions WHERE question_id = ANY(:ids)")
    assert rows.execute(keys, {"ids": [item["id"] for item in shown]}).scalar() == 2


async def test_many_copies_cost_as_many_statements_as_one(
    api: Api, bench: DistrictBench, rows: Session, statements: StatementCounter
) -> None:
    school, costs = bench.schools[0], []
    classes = [str(make_class(rows, school.teacher).id) for _ in range(20)]
    for number in range(10):
        question = make_choice_question(rows, school.draft, number + 2)
        tag_question(rows, question, make_concept(rows, bench.district))
    for class_ids in (classes[:1], classes):
        with statements.counting() as seen:
            body = {"class_ids": class_ids}
            url = f"{url_of(school.draft)}/duplicate"
            made = data_of(await api.signed_in(school.teacher).post(url, json=body), 201)
        assert len(made["assignments"]) == len(class_ids)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 10


@pytest.mark.parametrize("stranger", ["a colleague's", "nobody's"])
async def test_one_class_that_is_not_ones_own_stops_all(
    api: Api, school: SchoolBench, rows: Session, stranger: str
) -> None:
    foreign = school.other_class.id if stranger == "a colleague's" else new_id()
    body = {"class_ids": [str(school.school_class.id), str(foreign)]}
    url = f"{url_of(school.draft)}/duplicate"
    refused = await api.signed_in(school.teacher).post(url, json=body)
    assert refusal_of(refused, 404, "not_found")["field"] == "class_ids"
    count = text("SELECT count(*) FROM app.assignments WHERE school_id = :id")
    assert rows.execute(count, {"id": school.school.id}).scalar() == 3


async def test_a_request_that_is_repeated_makes_one_copy(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    url, key = f"{url_of(school.draft)}/duplicate", {"Idempotency-Key": str(new_id())}
    teacher = api.signed_in(school.teacher)
    answers = [data_of(await teacher.post(url, json={}, headers=key), 201) for _ in range(2)]
    assert answers[0] == answers[1]
    count = text("SELECT count(*) FROM app.assignments WHERE school_id = :id")
    assert rows.execute(count, {"id": school.school.id}).scalar() == 4


async def test_days_outside_the_calendar_are_refused(api: Api, school: SchoolBench) -> None:
    draft = await draft_with(api, school, 0, due_at="2999-12-01T00:00:00Z")
    url = f"{ASSIGNMENTS}/{draft['id']}/duplicate"
    refused = await api.signed_in(school.teacher).post(url, json={"shift_days": 60})
    assert refusal_of(refused, 422)["field"] == "shift_days"


async def test_a_date_leaves_room_for_what_a_student_needs(api: Api, school: SchoolBench) -> None:
    body = {"class_id": str(school.school_class.id), "title": "Ages", "due_at": "9999-12-31T23:00:00Z"}
    refusal_of(await api.signed_in(school.teacher).post(ASSIGNMENTS, json=body), 422)
    needs = {"due_shift_hours": 8760}
    url = f"/api/v1/classes/{school.school_class.id}/students/{school.student.id}/accommodation"
    data_of(await api.signed_in(school.teacher).put(url, json=needs))
    latest = {**body, "due_at": "2999-12-31T23:00:00Z", "available_until": "2999-12-31T23:59:59Z"}
    made = data_of(await api.signed_in(school.teacher).post(ASSIGNMENTS, json=latest), 201)
    question = {"kind": "free_response", "prompt": "When?", "points": "1"}
    teacher, student = api.signed_in(school.teacher), api.signed_in(school.student)
    data_of(await teacher.post(f"{ASSIGNMENTS}/{made['id']}/questions", json=question), 201)
    data_of(await teacher.post(f"{ASSIGNMENTS}/{made['id']}/publish"))
    data_of(await student.get(ASSIGNMENTS))
    data_of(await student.post("/api/v1/submissions", json={"assignment_id": made["id"]}), 201)
