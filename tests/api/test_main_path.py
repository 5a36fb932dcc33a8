"""The main job over HTTP, in process: from an invitation to a grade with its history."""

from datetime import timedelta
from typing import Any

import httpx2

from tests.factories.world import World
from tests.fixtures.web import Api, StandingClock

PASSWORD = "plum-harbor-lantern-42"


def data_of(response: httpx2.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    body = response.json()
    assert body["success"] is True
    return body["data"]


async def sign_in(api: Api, email: str) -> httpx2.AsyncClient:
    tokens = data_of(await api.anonymous.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD}))
    client = api.signed_in_with(tokens["access_token"])
    return client


async def test_a_class_goes_from_invitation_to_graded_work(api: Api, world: World, clock: StandingClock) -> None:
    bench = world.districts[0].schools[0]
    admin = api.signed_in(bench.admin)
    teacher_email = f"teacher-{bench.school.id}@school.example"
    invitation = data_of(
        await admin.post("/api/v1/auth/invitations", json={"email": teacher_email, "role": "teacher"}), 201
    )
    data_of(
        await api.anonymous.post(
            "/api/v1/auth/register/teacher",
            json={
                "invitation_token": invitation["invitation_token"],
                "name": "Grace",
                "email": teacher_email,
                "password": PASSWORD,
            },
        ),
        202,
    )
    teacher = await sign_in(api, teacher_email)
    school_class = data_of(
        await teacher.post("/api/v1/classes", json={"name": "Algebra I", "subject": "Mathematics"}), 201
    )
    student_email = f"student-{bench.school.id}@school.example"
    data_of(
        await api.anonymous.post(
            "/api/v1/auth/register/student",
            json={
                "name": "Ana",
                "email": student_email,
                "password": PASSWORD,
                "grade_level": 9,
                "birth_date": "2010-05-01",
                "class_code": school_class["code"],
            },
        ),
        202,
    )
    student = await sign_in(api, student_email)
    places = data_of(await teacher.get(f"/api/v1/classes/{school_class['id']}/enrollments?status=pending"))["items"]
    assert [place["student_name"] for place in places] == ["Ana"]
    decided = data_of(
        await teacher.patch(
            f"/api/v1/classes/{school_class['id']}/enrollments/{places[0]['id']}", json={"status": "approved"}
        )
    )
    assert decided["status"] == "approved"
    concept = data_of(
        await teacher.post("/api/v1/concepts", json={"subject": "Mathematics", "name": "Slope"}), 201
    )
    assignment = data_of(
        await teacher.post(
            "/api/v1/assignments", json={"class_id": school_class["id"], "title": "Lines", "max_attempts": 2}
        ),
        201,
    )
    url = f"/api/v1/assignments/{assignment['id']}"
    choice = data_of(
        await teacher.post(
            f"{url}/questions",
            json={
                "kind": "multiple_choice",
                "prompt": "What is the slope of y = 2x?",
                "points": "2",
                "difficulty": "easy",
                "concept_ids": [concept["id"]],
                "options": [
                    {"text": "1", "feedback": "That is the slope of y = x."},
                    {"text": "2", "is_correct": True, "feedback": "Right."},
                    {"text": "x"},
                    {"text": "0"},
                ],
            },
        ),
        201,
    )
    essay = data_of(
        await teacher.post(
            f"{url}/questions",
            json={"kind": "free_response", "prompt": "Explain slope.", "points": "3", "concept_ids": [concept["id"]]},
        ),
        201,
    )
    assert data_of(await teacher.post(f"{url}/publish"))["status"] == "published"
    shown = data_of(await student.get(url))
    assert "correct_option" not in shown["questions"][0]
    submission = data_of(
        await student.post("/api/v1/submissions", json={"assignment_id": assignment["id"]}), 201
    )
    answers = f"/api/v1/submissions/{submission['id']}/answers"
    verdict = data_of(
        await student.post(
            answers,
            json={"question_id": choice["id"], "answer": {"option_id": "b"}, "time_spent_ms": 900, "client_seq": 1},
        ),
        201,
    )
    assert (verdict["verdict"], verdict["score"], verdict["feedback"]) == ("correct", "2.00", "Right.")
    again = data_of(
        await student.post(
            answers,
            json={"question_id": choice["id"], "answer": {"option_id": "b"}, "time_spent_ms": 900, "client_seq": 1},
        ),
        201,
    )
    assert again == verdict
    pending = data_of(
        await student.post(
            answers, json={"question_id": essay["id"], "answer": {"text": "Rise over run."}, "client_seq": 2}
        ),
        201,
    )
    assert pending["verdict"] == "pending"
    assert data_of(await student.get(f"/api/v1/jobs/{pending['job_id']}"))["status"] == "queued"
    clock.advance(timedelta(minutes=1))
    handed_in = data_of(await student.post(f"/api/v1/submissions/{submission['id']}/submit"))
    assert (handed_in["score"], handed_in["possible"], handed_in["percent"]) == ("2.00", "5.00", "40.00")
    history = data_of(await student.get(f"/api/v1/grades/{handed_in['grade_id']}/history"))["items"]
    assert [change["new_score"] for change in history] == ["2.00", "2.00"]
    overview = data_of(await teacher.get(f"/api/v1/analytics/classes/{school_class['id']}/overview"))
    assert overview["as_of"] is None
