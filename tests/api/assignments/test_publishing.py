"""Publishing what somebody stands behind, taking back what nobody has begun, putting away what is over."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.models import AssignmentStatus
from tests.api.assignments.drafts import draft_with, unreviewed_draft, url_of
from tests.api.assignments.test_assignments import ASSIGNMENTS
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.assignment import make_assignment, make_choice_question
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

TRAIL = text("SELECT action, details FROM app.audit_events WHERE object_id = :id ORDER BY occurred_at, id")


async def test_what_nobody_has_looked_at_is_not_published(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    draft, _ = unreviewed_draft(rows, school)
    teacher = api.signed_in(school.teacher)
    for body in (None, {}, {"allow_unreviewed": False}):
        refused = await teacher.post(f"{url_of(draft)}/publish", json=body)
        refusal_of(refused, 409, "unreviewed_questions")
    assert data_of(await teacher.get(url_of(draft)))["status"] == "draft"
    assert items_of(await api.signed_in(school.classmate).get("/api/v1/notifications")) == []


async def test_it_is_published_when_the_teacher_says_so_and_the_trail_keeps_it(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    draft, questions = unreviewed_draft(rows, school)
    teacher = api.signed_in(school.teacher)
    data_of(await teacher.post(f"{url_of(draft)}/questions/{questions[0].id}/accept"))
    data_of(await teacher.post(f"{url_of(draft)}/publish", json={"allow_unreviewed": True}))
    (published,) = rows.execute(TRAIL, {"id": draft.id}).all()
    assert published == ("published", {"unreviewed_question_ids": [str(questions[1].id)]})


async def test_accepting_all_opens_the_way(api: Api, school: SchoolBench, rows: Session) -> None:
    draft, questions = unreviewed_draft(rows, school, 3)
    teacher = api.signed_in(school.teacher)
    shown = data_of(await teacher.post(f"{url_of(draft)}/questions/accept-all"))
    assert {question["review_status"] for question in shown["questions"]} == {"accepted"}
    again = data_of(await teacher.post(f"{url_of(draft)}/questions/accept-all"))
    assert again["version"] == shown["version"] == 2
    data_of(await teacher.post(f"{url_of(draft)}/publish"))
    trail = rows.execute(TRAIL, {"id": draft.id}).all()
    accepted = {"question_ids": sorted(str(question.id) for question in questions)}
    assert trail == [("accepted_questions", accepted), ("published", {})]


async def test_accepting_notes_who_did_it_first(api: Api, school: SchoolBench, rows: Session) -> None:
    draft, (question, _) = unreviewed_draft(rows, school)
    url = f"{url_of(draft)}/questions/{question.id}/accept"
    teacher = api.signed_in(school.teacher)
    accepted = data_of(await teacher.post(url))
    assert accepted["review_status"] == "accepted"
    assert accepted["reviewed_at"] is not None
    assert data_of(await teacher.post(url)) == accepted


async def test_a_publication_says_only_what_it_knows(api: Api, school: SchoolBench) -> None:
    url = f"{ASSIGNMENTS}/{school.draft.id}/publish"
    refused = await api.signed_in(school.teacher).post(url, json={"allow_unreviewed": "perhaps"})
    assert fields_of(refused) == ["allow_unreviewed"]


async def test_what_nobody_has_begun_becomes_a_draft_again(api: Api, school: SchoolBench) -> None:
    draft = await draft_with(api, school, 1)
    url, teacher = f"{ASSIGNMENTS}/{draft['id']}", api.signed_in(school.teacher)
    data_of(await teacher.post(f"{url}/publish"))
    data_of(await api.signed_in(school.classmate).get(url))
    taken_back = data_of(await teacher.post(f"{url}/unpublish"))
    assert (taken_back["status"], taken_back["published_at"]) == ("draft", None)
    assert data_of(await teacher.post(f"{url}/unpublish")) == taken_back
    refusal_of(await api.signed_in(school.classmate).get(url), 404)


@pytest.mark.parametrize("first", ["publish", "archive"])
async def test_what_somebody_has_begun_stays(api: Api, school: SchoolBench, first: str) -> None:
    url, teacher = f"{ASSIGNMENTS}/{school.assignment.id}", api.signed_in(school.teacher)
    data_of(await teacher.post(f"{url}/{first}"))
    refusal_of(await teacher.post(f"{url}/unpublish"), 409, "has_submissions")


async def test_nobody_begins_what_is_being_taken_back(api: Api, school: SchoolBench, rows: Session) -> None:
    """Whoever is first wins; never does a draft have an attempt."""
    teacher, student = api.signed_in(school.teacher), api.signed_in(school.student)
    for _ in range(8):
        assignment = make_assignment(rows, school.school_class)
        make_choice_question(rows, assignment)
        begun, taken_back = await asyncio.gather(
            student.post("/api/v1/submissions", json={"assignment_id": str(assignment.id)}),
            teacher.post(f"{url_of(assignment)}/unpublish"),
        )
        assert sorted([begun.is_success, taken_back.is_success]) == [False, True], (
            begun.text,
            taken_back.text,
        )


async def test_what_is_put_away_is_read_but_not_begun(api: Api, school: SchoolBench, rows: Session) -> None:
    url, teacher = f"{ASSIGNMENTS}/{school.assignment.id}", api.signed_in(school.teacher)
    archived = data_of(await teacher.post(f"{url}/archive"))
    assert archived["status"] == "archived"
    assert data_of(await teacher.post(f"{url}/archive")) == archived
    student, classmate = api.signed_in(school.student), api.signed_in(school.classmate)
    assert data_of(await student.get(url))["status"] == "archived"
    data_of(await student.get(f"/api/v1/grades/{school.grade.id}"))
    data_of(await student.get(f"/api/v1/submissions/{school.submission.id}"))
    begun = await classmate.post("/api/v1/submissions", json={"assignment_id": str(school.assignment.id)})
    refusal_of(begun, 404)
    back = data_of(await teacher.post(f"{url}/publish"))
    assert (back["status"], back["published_at"]) == ("published", archived["published_at"])
    assert items_of(await classmate.get("/api/v1/notifications")) == []


async def test_a_draft_put_away_was_never_seen(api: Api, school: SchoolBench, rows: Session) -> None:
    draft = make_assignment(rows, school.school_class, AssignmentStatus.DRAFT)
    data_of(await api.signed_in(school.teacher).post(f"{url_of(draft)}/archive"))
    student = api.signed_in(school.student)
    refusal_of(await student.get(url_of(draft)), 404)
    assert items_of(await student.get(ASSIGNMENTS, params={"status": "archived"})) == []
