"""From a chapter to a checked, published, answered quiz: over real processes, with a model on this machine."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.client import Client, Socket, eventually
from tests.e2e.story import Story, approve_the_pending_student

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

CHAPTER = Path(__file__).parents[1] / "data" / "chapters" / "photosynthesis.txt"
SECRETS = ("correct_option", "model_answer", "rubric", "explanation", "source_quote", "provenance")
CHOICES, ESSAYS = 5, 1
ANY_VERSION = {"If-Match": "*"}


def written_quiz(teacher: Client, class_id: str) -> dict[str, Any]:
    """Ask for a quiz twice, as an impatient browser does, and wait for the one job."""
    body = {
        "class_id": class_id,
        "source": {"text": CHAPTER.read_text(encoding="utf-8")},
        "counts": {"multiple_choice": CHOICES, "free_response": ESSAYS},
    }
    once = {"Idempotency-Key": uuid.uuid4().hex}
    started = [teacher.send("POST", "/assignments/generate", body, headers=once) for _ in range(2)]
    assert started[0] == started[1]

    def ended() -> dict[str, Any] | None:
        job: dict[str, Any] = teacher.send("GET", f"/jobs/{started[0]['job_id']}")
        return job if job["finished_at"] else None

    job = eventually(ended, 60, "the quiz")
    assert (job["status"], job["error"]) == ("succeeded", None)
    assert (job["result"]["mode"], job["result"]["passed"]) == ("ai", CHOICES + ESSAYS)
    draft: dict[str, Any] = teacher.send("GET", f"/assignments/{started[0]['assignment_id']}")
    return draft


def review(teacher: Client, draft: dict[str, Any]) -> dict[str, Any]:
    """Mend one question, turn the order round, accept the rest, publish."""
    url = f"/assignments/{draft['id']}"
    assert teacher.refused("POST", f"{url}/publish") == "unreviewed_questions"
    first = draft["questions"][0]
    options = [
        {
            "text": option["text"],
            "is_correct": option["id"] == first["correct_option"],
            "feedback": "Look again.",
        }
        for option in first["options"]
    ]
    mended = {
        "kind": first["kind"],
        "prompt": "Which word fits? " + first["prompt"],
        "points": "2",
        "options": options,
    }
    saved = teacher.send("PATCH", f"{url}/questions/{first['id']}", mended, headers=ANY_VERSION)
    assert saved["review_status"] == "accepted"
    turned = [question["id"] for question in reversed(draft["questions"])]
    teacher.send("PUT", f"{url}/questions/order", {"question_ids": turned}, headers=ANY_VERSION)
    teacher.send("POST", f"{url}/questions/accept-all")
    assert teacher.send("POST", f"{url}/publish")["status"] == "published"
    published: dict[str, Any] = teacher.send("GET", url)
    assert [question["id"] for question in published["questions"]] == turned
    return published


def answer_rightly(student: Client, quiz: dict[str, Any]) -> dict[str, Any]:
    """Answer every question as the teacher's copy has it, and hand in."""
    shown = student.send("GET", f"/assignments/{quiz['id']}")["questions"]
    assert not [secret for question in shown for secret in SECRETS if secret in question]
    keys = {question["id"]: question["correct_option"] for question in quiz["questions"]}
    attempt = student.send("POST", "/submissions", {"assignment_id": quiz["id"]})
    for number, question in enumerate(shown, start=1):
        right = keys[question["id"]]
        answer = {"text": "Plants make sugar from light."} if right is None else {"option_id": right}
        body = {"question_id": question["id"], "answer": answer, "client_seq": number, "time_spent_ms": 700}
        verdict = student.send("POST", f"/submissions/{attempt['id']}/answers", body)["verdict"]
        assert verdict == ("pending" if right is None else "correct")
    handed_in: dict[str, Any] = student.send("POST", f"/submissions/{attempt['id']}/submit")
    return handed_in


def test_a_chapter_becomes_a_quiz_that_a_student_answers(story: Story) -> None:
    teacher = story.teacher_registers()
    school_class = teacher.send(
        "POST", "/classes", {"name": "Biology", "subject": "Science", "grade_level": 7}
    )
    student = story.student_registers(school_class["code"])
    approve_the_pending_student(teacher, school_class["id"])
    socket = story.keep(Socket(story.stack["realtime_url"], teacher.token))

    draft = written_quiz(teacher, school_class["id"])
    chapter = " ".join(CHAPTER.read_text(encoding="utf-8").split())
    assert all(question["source_quote"] in chapter for question in draft["questions"])
    assert {question["review_status"] for question in draft["questions"]} == {"unreviewed"}
    heard = {name for name, _ in socket.received}
    assert {"job:progress", "job:done"} <= heard, heard

    quiz = review(teacher, draft)
    handed_in = answer_rightly(student, quiz)
    assert handed_in["score"] == f"{CHOICES + 1}.00"  # the mended question counts double


def test_a_quiz_travels_through_a_bank_into_another_class(story: Story) -> None:
    teacher = story.teacher_registers()
    first, second = [
        teacher.send("POST", "/classes", {"name": name, "subject": "Science"}) for name in ("A", "B")
    ]
    draft = written_quiz(teacher, first["id"])
    teacher.send("POST", f"/assignments/{draft['id']}/questions/accept-all")
    bank = teacher.send("POST", "/question-banks", {"name": "Plants"})
    wanted = [question["id"] for question in draft["questions"]]
    kept = {"assignment_id": draft["id"], "question_ids": wanted}
    teacher.send("POST", f"/question-banks/{bank['id']}/questions/from-assignment", kept)
    found = teacher.send("GET", f"/question-banks/{bank['id']}/questions?limit=100")["items"]
    assert len(found) == CHOICES + ESSAYS
    target = teacher.send("POST", "/assignments", {"class_id": second["id"], "title": "Plants again"})
    taken = {"question_ids": [question["id"] for question in found]}
    teacher.send("POST", f"/assignments/{target['id']}/questions/from-bank", taken)
    assert teacher.send("POST", f"/assignments/{target['id']}/publish")["status"] == "published"
