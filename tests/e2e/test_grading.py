"""From a draft on a tablet to a grade nobody argues about: over real processes, with a model on this machine."""

import csv
import io
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.e2e.client import Client, Socket, eventually
from tests.e2e.story import Story, approve_the_pending_student

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ESSAY = "Plants make sugar from light, water and carbon dioxide."
ANY_VERSION = {"If-Match": "*"}
RUBRIC = [
    {"criterion": "Names what plants make", "points": "2"},
    {"criterion": "Names what they need", "points": "2"},
]


def quiz(teacher: Client, class_id: str, title: str, category: str) -> dict[str, Any]:
    """Publish two choices (2 points each, "b" is right) and an essay of 4 points."""
    body = {"class_id": class_id, "title": title, "category": category}
    url = f"/assignments/{teacher.send('POST', '/assignments', body)['id']}"
    for number in range(2):
        options = [{"text": f"{number + step}", "is_correct": step == 1} for step in range(4)]
        choice = {"kind": "multiple_choice", "prompt": f"{number} + 1 = ?", "points": "2", "options": options}
        teacher.send("POST", f"{url}/questions", choice)
    essay = {
        "kind": "free_response",
        "prompt": "What do plants make, and from what?",
        "points": "4",
        "rubric": RUBRIC,
        "model_answer": "They make sugar from light, water and carbon dioxide.",
    }
    teacher.send("POST", f"{url}/questions", essay)
    assert teacher.send("POST", f"{url}/publish")["status"] == "published"
    published: dict[str, Any] = teacher.send("GET", url)
    return published


def decide_how_it_counts(teacher: Client, class_id: str) -> None:
    categories = {
        "categories": [
            {"name": "Quizzes", "weight": "60", "drop_lowest": 1},
            {"name": "Homework", "weight": "40"},
        ]
    }
    teacher.send("PUT", f"/classes/{class_id}/categories", categories, headers=ANY_VERSION)
    policy = teacher.send("GET", f"/classes/{class_id}/grading-policy")
    wanted = {name: policy[name] for name in ("drop_rule", "places", "letters", "late", "missing_deduction")}
    teacher.send(
        "PUT", f"/classes/{class_id}/grading-policy", {**wanted, "weighted": True}, headers=ANY_VERSION
    )


def work(student: Client, assignment: dict[str, Any], options: tuple[str, str]) -> dict[str, Any]:
    """Answer the choices; leave the essay as a draft, the older state arriving last; hand in."""
    attempt = student.send("POST", "/submissions", {"assignment_id": assignment["id"]})
    url = f"/submissions/{attempt['id']}"
    first, second, essay = assignment["questions"]
    answers = [
        {
            "question_id": question["id"],
            "answer": {"option_id": option},
            "client_seq": 1,
            "time_spent_ms": 900,
        }
        for question, option in zip((first, second), options, strict=True)
    ]
    results = student.send("POST", f"{url}/answers/bulk", {"answers": [*answers, answers[0]]})["items"]
    assert [result["status"] for result in results] == ["accepted", "accepted", "duplicate"]
    for seq, text in ((3, ESSAY), (2, "Plants make")):
        student.send("PUT", f"{url}/drafts/{essay['id']}", {"client_seq": seq, "answer": {"text": text}})
    again = student.send("POST", "/submissions", {"assignment_id": assignment["id"]})
    assert again["id"] == attempt["id"]
    (draft,) = again["drafts"]
    assert (draft["client_seq"], draft["answer"]) == (3, {"text": ESSAY})
    handed_in: dict[str, Any] = student.send("POST", f"{url}/submit")
    return handed_in


def waiting_reviews(teacher: Client, class_id: str, count: int) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]] | None:
        items: list[dict[str, Any]] = teacher.send("GET", f"/grades/reviews?class_id={class_id}")["items"]
        return items if len(items) == count and all(item["proposal"] for item in items) else None

    return eventually(found, 90, "the proposals of the model")


def overall(teacher: Client, class_id: str) -> dict[str, Any]:
    (row,) = teacher.send("GET", f"/grades/classes/{class_id}")["items"]
    found: dict[str, Any] = row["overall"]
    return found


def require_same_numbers(story: Story, teacher: Client, class_id: str) -> None:
    """Gradebook, JSON report and CSV report are the same numbers."""
    shown = overall(teacher, class_id)
    (reported,) = teacher.send("GET", f"/grades/reports?class_id={class_id}&format=json")["students"]
    assert reported["overall"]["all_final_percent"] == shown["all_final_percent"]
    text = teacher.text(f"/grades/reports?class_id={class_id}&format=csv")
    (line,) = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert Decimal(shown["all_final_percent"]) in {_number(value) for value in line.values()}
    del story


def _number(value: str) -> Decimal | None:
    return Decimal(value) if value.replace(".", "", 1).isdigit() else None


def test_a_draft_becomes_an_answer_a_proposal_a_decision_and_a_grade(story: Story) -> None:
    teacher = story.teacher_registers()
    class_id = teacher.send("POST", "/classes", {"name": "Biology", "subject": "Science"})["id"]
    code = teacher.send("GET", f"/classes/{class_id}")["code"]
    decide_how_it_counts(teacher, class_id)
    student = story.student_registers(code)
    socket = story.keep(Socket(story.stack["realtime_url"], student.token))
    watching = story.keep(Socket(story.stack["realtime_url"], teacher.token))
    student_id = approve_the_pending_student(teacher, class_id)
    assert watching.call("class:watch", {"class_id": class_id})["ok"] is True
    quizzes = [quiz(teacher, class_id, title, "Quizzes") for title in ("Leaves", "Roots")]
    homework = quiz(teacher, class_id, "Stems", "Homework")

    handed_in = work(student, quizzes[0], ("b", "a"))
    assert (handed_in["score"], handed_in["possible"]) == ("2.00", "8.00")
    work(student, homework, ("b", "b"))
    eventually(lambda: "class:live" in {name for name, _ in watching.received} or None, 10, "live counters")

    reviews = waiting_reviews(teacher, class_id, 2)
    quoted = [criterion["quote"] for item in reviews for criterion in item["proposal"]["criteria"]]
    assert all(quote in ESSAY for quote in quoted if quote)
    for item in reviews:
        teacher.send("POST", f"/grades/reviews/{item['answer_id']}", {"score": "4", "feedback": "Complete."})

    # Leaves 6 of 8 is the only quiz with work; Roots is nothing yet. Stems 8 of 8.
    now = overall(teacher, class_id)
    assert now["current_percent"] == "85.00"  # 75 · 0.6 + 100 · 0.4
    assert now["final_percent"] == "85.00"  # the missing quiz is the one that is dropped
    told = eventually(lambda: _grade_told(socket, "6.00"), 10, "the student's grade")
    assert told["percent"] == "75.00"

    proposed = {"class_id": class_id, "policy": {"weighted": False}}
    (delta,) = teacher.send("POST", "/grades/simulate", proposed)["students"]
    assert delta["student_id"] == student_id
    assert delta["after"]["current_percent"] == "87.50"  # 14 of 16
    assert overall(teacher, class_id)["current_percent"] == "85.00"  # nothing was saved
    require_same_numbers(story, teacher, class_id)
    require_an_explanation(student, class_id, student_id)
    require_a_regrade(teacher, quizzes[0], class_id, student_id)


def _grade_told(socket: Socket, score: str) -> dict[str, Any] | None:
    told = [data for name, data in socket.received if name == "grade:updated" and data["score"] == score]
    return told[0] if told else None


def require_an_explanation(student: Client, class_id: str, student_id: str) -> None:
    """The lines of the explanation add up to the stored percent."""
    url = f"/grades/classes/{class_id}/students/{student_id}/explain?run=current"
    explained = student.send("GET", url)
    total = sum(Fraction(category["contribution"]) for category in explained["categories"])
    assert total == 85
    assert explained["percent"] == "85.00"


def require_a_regrade(teacher: Client, leaves: dict[str, Any], class_id: str, student_id: str) -> None:
    """The second key was wrong: "a" is right, and the rehearsal says what applying does."""
    url = f"/assignments/{leaves['id']}/questions/{leaves['questions'][1]['id']}/key"
    body = {"correct": "a", "policy": "current_only"}
    rehearsal = teacher.send("POST", url, {**body, "dry_run": True}, headers=ANY_VERSION)
    applied = teacher.send("POST", url, {**body, "dry_run": False}, headers=ANY_VERSION)
    assert rehearsal["students"] == applied["students"]
    (delta,) = applied["students"]
    assert (delta["student_id"], delta["old_score"], delta["new_score"]) == (student_id, "6.00", "8.00")
    assert overall(teacher, class_id)["current_percent"] == "100.00"
