"""The main job over HTTP, in process: from an invitation to a grade with its history."""

from datetime import timedelta
from typing import Any

import httpx2

from tests.api.envelopes import data_of, items_of
from tests.factories.world import SchoolBench, World
from tests.fixtures.mail import Post
from tests.fixtures.web import Api, StandingClock

PASSWORD = "plum-harbor-lantern-42"
CHOICE = {
    "kind": "multiple_choice",
    "prompt": "What is the slope of y = 2x?",
    "points": "2",
    "difficulty": "easy",
    "options": [
        {"text": "1", "feedback": "That is the slope of y = x."},
        {"text": "2", "is_correct": True, "feedback": "Right."},
        {"text": "x"},
        {"text": "0"},
    ],
}
ESSAY = {"kind": "free_response", "prompt": "Explain slope.", "points": "3"}


async def post(client: httpx2.AsyncClient, path: str, body: dict[str, Any] | None, status: int = 201) -> Any:
    return data_of(await client.post(f"/api/v1{path}", json=body), status)


async def sign_in(api: Api, email: str) -> httpx2.AsyncClient:
    tokens = await post(api.anonymous, "/auth/login", {"email": email, "password": PASSWORD}, 200)
    return api.signed_in_with(tokens["access_token"])


async def arrive_as_teacher(api: Api, mails: Post, bench: SchoolBench) -> httpx2.AsyncClient:
    """Be invited by the school's admin, register and sign in."""
    email = f"teacher-{bench.school.id}@school.example"
    admin = api.signed_in(bench.admin)
    await post(admin, "/auth/invitations", {"email": email, "role": "teacher"})
    await mails.deliver()
    person = {"name": "Grace", "email": email, "password": PASSWORD}
    token = {"invitation_token": mails.token(email)}
    await post(api.anonymous, "/auth/register/teacher", person | token, 202)
    return await sign_in(api, email)


async def arrive_as_student(api: Api, bench: SchoolBench, code: str) -> httpx2.AsyncClient:
    """Register with the code of a class and sign in."""
    email = f"student-{bench.school.id}@school.example"
    person = {"name": "Ana", "email": email, "password": PASSWORD}
    place = {"grade_level": 9, "birth_date": "2010-05-01", "class_code": code}
    await post(api.anonymous, "/auth/register/student", person | place, 202)
    return await sign_in(api, email)


async def approve_ana(teacher: httpx2.AsyncClient, class_id: str) -> None:
    url = f"/api/v1/classes/{class_id}/enrollments"
    (place,) = items_of(await teacher.get(f"{url}?status=pending"))
    assert place["student_name"] == "Ana"
    decided = data_of(await teacher.patch(f"{url}/{place['id']}", json={"status": "approved"}))
    assert decided["status"] == "approved"


async def publish_lines(teacher: httpx2.AsyncClient, class_id: str) -> tuple[str, str, str]:
    """Publish an assignment of a choice (2 points) and an essay (3); return its id and theirs."""
    concept = await post(teacher, "/concepts", {"subject": "Mathematics", "name": "Slope"})
    draft = {"class_id": class_id, "title": "Lines", "max_attempts": 2}
    url = f"/assignments/{(await post(teacher, '/assignments', draft))['id']}"
    tagged = {"concept_ids": [concept["id"]]}
    choice = await post(teacher, f"{url}/questions", CHOICE | tagged)
    essay = await post(teacher, f"{url}/questions", ESSAY | tagged)
    published = await post(teacher, f"{url}/publish", None, 200)
    assert published["status"] == "published"
    return published["id"], choice["id"], essay["id"]


async def answer_both(student: httpx2.AsyncClient, url: str, choice_id: str, essay_id: str) -> None:
    """Answer the choice rightly, twice over a bad network, and the essay, which waits."""
    chosen = {"question_id": choice_id, "answer": {"option_id": "b"}, "time_spent_ms": 900, "client_seq": 1}
    verdict = await post(student, f"{url}/answers", chosen)
    assert (verdict["verdict"], verdict["score"], verdict["feedback"]) == ("correct", "2.00", "Right.")
    assert await post(student, f"{url}/answers", chosen) == verdict
    written = {"question_id": essay_id, "answer": {"text": "Rise over run."}, "client_seq": 2}
    pending = await post(student, f"{url}/answers", written)
    assert pending["verdict"] == "pending"
    assert data_of(await student.get(f"/api/v1/jobs/{pending['job_id']}"))["status"] == "queued"


async def test_a_class_goes_from_invitation_to_graded_work(
    api: Api, mails: Post, world: World, clock: StandingClock
) -> None:
    bench = world.districts[0].schools[0]
    teacher = await arrive_as_teacher(api, mails, bench)
    school_class = await post(teacher, "/classes", {"name": "Algebra I", "subject": "Mathematics"})
    student = await arrive_as_student(api, bench, school_class["code"])
    await approve_ana(teacher, school_class["id"])
    assignment_id, choice_id, essay_id = await publish_lines(teacher, school_class["id"])
    shown = data_of(await student.get(f"/api/v1/assignments/{assignment_id}"))
    assert "correct_option" not in shown["questions"][0]
    url = f"/submissions/{(await post(student, '/submissions', {'assignment_id': assignment_id}))['id']}"
    await answer_both(student, url, choice_id, essay_id)
    clock.advance(timedelta(minutes=1))
    handed_in = await post(student, f"{url}/submit", None, 200)
    assert (handed_in["score"], handed_in["possible"], handed_in["percent"]) == ("2.00", "5.00", "40.00")
    history = items_of(await student.get(f"/api/v1/grades/{handed_in['grade_id']}/history"))
    assert [change["new_score"] for change in history] == ["2.00", "2.00"]
    overview = data_of(await teacher.get(f"/api/v1/analytics/classes/{school_class['id']}/overview"))
    assert overview["as_of"] is None
