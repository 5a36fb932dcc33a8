"""A wrong key put right: what is rehearsed is what happens, once, and never to what a teacher decided."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.submissions.conftest import Desk, open_desk
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

MANY = 2_000
ANY_VERSION = {"If-Match": "*"}


@pytest.fixture
def teacher(api: Api, school: SchoolBench) -> httpx2.AsyncClient:
    return api.signed_in(school.teacher)


def key_of(school: SchoolBench) -> str:
    return f"/api/v1/assignments/{school.assignment.id}/questions/{school.choice_question.id}/key"


async def regrade(
    teacher: httpx2.AsyncClient, school: SchoolBench, correct: str, policy: str, **more: Any
) -> Any:
    body = {"correct": correct, "policy": policy, **more}
    return data_of(await teacher.post(key_of(school), json=body, headers=ANY_VERSION))


async def handed_in(api: Api, school: SchoolBench, option: str) -> Desk:
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice(option))
    await desk.submit()
    return desk


async def score_of(desk: Desk) -> str:
    return str((await desk.read())["score"])


@pytest.mark.parametrize(
    ("option", "policy", "score"),
    [
        ("a", "full_credit", "2.00"),
        ("c", "full_credit", "2.00"),
        ("a", "current_and_previous", "2.00"),
        ("b", "current_and_previous", "2.00"),
        ("c", "current_and_previous", "0.00"),
        ("a", "current_only", "2.00"),
        ("b", "current_only", "0.00"),
    ],
)
async def test_answers_given_under_the_old_key_are_treated_as_the_policy_says(
    *, api: Api, teacher: httpx2.AsyncClient, school: SchoolBench, option: str, policy: str, score: str
) -> None:
    """ "b" was right; "a" is."""
    desk = await handed_in(api, school, option)
    before = await score_of(desk)
    rehearsed = await regrade(teacher, school, "a", policy, dry_run=True)
    assert await score_of(desk) == before
    applied = await regrade(teacher, school, "a", policy)
    assert applied == {**rehearsed, "dry_run": False}
    assert await score_of(desk) == score
    (grade,) = items_of(await desk.student.get(f"/api/v1/grades/students/{school.classmate.id}"))
    assert grade["score"] == score
    mine = [one for one in applied["students"] if one["student_id"] == str(school.classmate.id)]
    assert [(one["old_score"], one["new_score"]) for one in mine] == (
        [] if before == score else [(before, score)]
    )


async def test_full_credit_reaches_those_who_left_the_question_out(
    api: Api, teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.submit()
    assert await score_of(desk) == "0.00"
    await regrade(teacher, school, "b", "full_credit")
    assert await score_of(desk) == "2.00"
    await regrade(teacher, school, "b", "current_only")
    assert await score_of(desk) == "0.00"


async def test_what_a_teacher_decided_stays(
    api: Api, teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    desk = await handed_in(api, school, "b")
    (answer,) = (await desk.read())["answers"]
    data_of(await teacher.post(f"/api/v1/grades/reviews/{answer['id']}", json={"score": "1.5"}))
    applied = await regrade(teacher, school, "a", "current_only")
    assert str(school.classmate.id) not in {one["student_id"] for one in applied["students"]}
    assert await score_of(desk) == "1.50"


async def test_history_keeps_every_key_and_the_score_before_the_first_regrade(
    api: Api, teacher: httpx2.AsyncClient, school: SchoolBench, rows: Session
) -> None:
    desk = await handed_in(api, school, "b")
    for correct in ("a", "b", "c"):
        await regrade(teacher, school, correct, "current_only")
    (grade,) = items_of(
        await teacher.get(f"/api/v1/grades?assignment_id={school.assignment.id}&status=graded")
    )
    history = items_of(await teacher.get(f"/api/v1/grades/{grade['id']}/history"))
    moved = [(one["old_score"], one["new_score"]) for one in history[-3:]]
    assert moved == [("2.00", "0.00"), ("0.00", "2.00"), ("2.00", "0.00")]
    assert {one["reason"] for one in history[-3:]} == {
        f"answer key changed (version {version})" for version in (2, 3, 4)
    }
    kept = text("SELECT score_before_regrade FROM app.grades WHERE id = :id")
    assert rows.execute(kept, {"id": grade["id"]}).scalar_one() == 2
    keys = items_of(await teacher.get(f"{key_of(school)}s"))
    assert [key["correct"] for key in keys] == ["b", "a", "b", "c"]
    assert [key["policy"] for key in keys] == [None, "current_only", "current_only", "current_only"]
    assert desk.submission_id


async def test_an_answer_in_an_open_attempt_is_judged_anew_as_well(
    api: Api, teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice("a"))
    await regrade(teacher, school, "a", "current_only")
    assert (await desk.submit())["score"] == "2.00"


@pytest.mark.parametrize(
    ("correct", "question", "status", "code"),
    [("z", "choice_question", 422, "no_such_option"), ("a", "free_question", 409, "no_key")],
)
async def test_what_has_no_such_key_is_refused(
    *,
    teacher: httpx2.AsyncClient,
    school: SchoolBench,
    correct: str,
    question: str,
    status: int,
    code: str,
) -> None:
    url = f"/api/v1/assignments/{school.assignment.id}/questions/{getattr(school, question).id}/key"
    body = {"correct": correct, "policy": "current_only"}
    refusal_of(await teacher.post(url, json=body, headers=ANY_VERSION), status, code)


async def test_a_draft_has_no_answers_and_a_stale_version_is_refused(
    teacher: httpx2.AsyncClient, school: SchoolBench
) -> None:
    body = {"correct": "a", "policy": "current_only"}
    draft = f"/api/v1/assignments/{school.draft.id}/questions/{school.draft_question.id}/key"
    refusal_of(await teacher.post(draft, json=body, headers=ANY_VERSION), 409, "not_published")
    refusal_of(await teacher.post(key_of(school), json=body), 428, "precondition_required")
    stale = await teacher.post(key_of(school), json=body, headers={"If-Match": '"99"'})
    refusal_of(stale, 412, "stale_version")


_CROWD = """
WITH crowd AS (
    INSERT INTO app.users (district_id, school_id, id, role, name, email, status)
    SELECT u.district_id, u.school_id, app.new_id(), 'student', 'Student ' || n, app.new_id() || '@crowd.example',
        'active'
    FROM app.users u, generate_series(1, :many) n WHERE u.id = :like RETURNING id, district_id, school_id
), places AS (
    INSERT INTO app.class_enrollments (district_id, school_id, id, class_id, student_id, status, requested_at)
    SELECT district_id, school_id, app.new_id(), :class, id, 'approved', now() FROM crowd
), attempts AS (
    INSERT INTO app.student_submissions (district_id, school_id, id, assignment_id, class_id, student_id,
        attempt_number, status, started_at, submitted_at, score, possible)
    SELECT district_id, school_id, app.new_id(), :assignment, :class, id, 1, 'graded', now(), now(),
        CASE WHEN random() < 0.5 THEN 2 ELSE 0 END, 4 FROM crowd
    RETURNING district_id, school_id, id, student_id, score
)
INSERT INTO app.student_answers (district_id, school_id, id, submission_id, assignment_id, question_id, student_id,
    client_seq, answer, status, is_correct, score, possible, time_spent_ms, counts, answered_at, graded_at, graded_by)
SELECT district_id, school_id, app.new_id(), id, :assignment, :question, student_id, 1,
    jsonb_build_object('option_id', CASE WHEN score = 2 THEN 'b' ELSE 'a' END), 'graded', score = 2, score, 2, 900,
    true, now(), now(), 'automatic'
FROM attempts
"""


async def test_two_thousand_submissions_are_regraded_at_once(
    teacher: httpx2.AsyncClient, school: SchoolBench, rows: Session, statements: StatementCounter
) -> None:
    places = {
        "class": school.school_class.id,
        "assignment": school.assignment.id,
        "question": school.choice_question.id,
        "like": school.classmate.id,
        "many": MANY,
    }
    rows.execute(text(_CROWD), places)
    recalculated = await teacher.post(
        "/api/v1/grades/recalculate", json={"class_id": str(school.school_class.id)}
    )
    data_of(recalculated)
    rehearsed = await regrade(teacher, school, "a", "current_only", dry_run=True)
    told = text("SELECT count(*) FROM app.user_events WHERE school_id = :id AND name = 'grade:updated'")
    before = rows.execute(told, {"id": school.school.id}).scalar_one()
    with statements.counting() as seen:
        applied = await regrade(teacher, school, "a", "current_only")
    assert len(seen) <= 40
    assert applied == {**rehearsed, "dry_run": False}
    assert (
        len(applied["students"]) == applied["answers_changed"] - 1 == MANY
    )  # an open attempt has no grade yet
    after = rows.execute(told, {"id": school.school.id}).scalar_one()
    assert after - before == MANY
    lines = text(
        "SELECT count(*) FROM app.grade_history WHERE school_id = :id AND reason LIKE 'answer key changed%'"
    )
    assert rows.execute(lines, {"id": school.school.id}).scalar_one() == MANY
