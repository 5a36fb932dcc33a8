"""Answers that were kept offline arrive together; each counts once and has its own result."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.envelopes import data_of, refusal_of
from tests.api.submissions.conftest import Desk, Ledger


async def send(desk: Desk, *answers: dict[str, Any], **headers: str) -> Any:
    found = await desk.student.post(
        f"{desk.url}/answers/bulk", json={"answers": list(answers)}, headers=headers
    )
    return data_of(found, 201)["items"]


async def test_each_answer_has_its_result_in_the_order_sent(desk: Desk) -> None:
    results = await send(
        desk,
        desk.choice("b"),
        desk.essay("Because."),
        desk.choice("b"),
        desk.choice("a"),
        desk.choice("z", 3),
        {"question_id": str(new_id()), "answer": {"option_id": "a"}, "client_seq": 1},
    )
    found = [(result["status"], result["code"]) for result in results]
    assert found == [
        ("accepted", None),
        ("accepted", None),
        ("duplicate", None),
        ("rejected", "client_seq_reused"),
        ("rejected", "answer_does_not_fit"),
        ("rejected", "not_found"),
    ]
    assert (results[0]["answer"]["verdict"], results[1]["answer"]["verdict"]) == ("correct", "pending")
    assert results[2]["answer"]["id"] == results[0]["answer"]["id"]
    attempt = await desk.read()
    assert (len(attempt["answers"]), attempt["score"]) == (2, "2.00")


async def test_a_refused_answer_leaves_nothing_behind(desk: Desk, ledger: Ledger) -> None:
    await send(desk, desk.choice("b"), desk.choice("z", 2))
    written = "SELECT count(*) FROM app.student_answers WHERE submission_id = :id"
    assert ledger.one(written, id=desk.submission_id) == 1
    told = "SELECT count(*) FROM app.user_events WHERE user_id = :id AND name = 'answer:graded'"
    assert ledger.one(told, id=desk.school.classmate.id) == 1


async def test_the_same_list_again_changes_nothing(desk: Desk, ledger: Ledger) -> None:
    for key in ("once", "once", "twice"):
        results = await send(desk, desk.choice("b"), desk.essay("Because."), **{"Idempotency-Key": key})
        assert {result["status"] for result in results} == {"duplicate" if key == "twice" else "accepted"}
    written = "SELECT count(*) FROM app.student_answers WHERE submission_id = :id"
    assert ledger.one(written, id=desk.submission_id) == 2


async def test_after_the_hand_in_nothing_is_taken_and_a_strangers_attempt_is_not_found(desk: Desk) -> None:
    await desk.submit()
    (result,) = await send(desk, desk.choice("b"))
    assert (result["status"], result["code"]) == ("rejected", "submission_closed")
    url = f"/api/v1/submissions/{desk.school.submission.id}/answers/bulk"
    answer = await desk.student.post(url, json={"answers": [desk.choice("b")]})
    refusal_of(answer, 404, "not_found")


async def test_a_question_that_credits_everyone_gives_its_points_for_anything(
    desk: Desk, rows: Session
) -> None:
    credit = text("UPDATE app.questions SET credits_everyone = true WHERE assignment_id = :id")
    rows.execute(credit, {"id": desk.school.assignment.id})
    wrong, essay = await send(desk, desk.choice("a"), desk.essay("?"))
    assert (wrong["answer"]["score"], essay["answer"]["score"]) == ("2.00", "2.00")


async def test_answering_moves_the_clock_of_time_at_work(desk: Desk, rows: Session) -> None:
    begun = text(
        "UPDATE app.student_submissions SET started_at = now() - interval '30 seconds' WHERE id = :id"
    )
    rows.execute(begun, {"id": desk.submission_id})
    await desk.answer(desk.choice("b"))
    spent = text("SELECT active_ms FROM app.student_submissions WHERE id = :id")
    assert 25_000 <= rows.execute(spent, {"id": desk.submission_id}).scalar_one() <= 40_000


async def test_answers_of_another_attempt_leave_a_grade_alone_until_it_is_handed_in(desk: Desk) -> None:
    await desk.answer(desk.choice("a"))
    again = await desk.next_attempt()
    grades = f"/api/v1/grades/students/{desk.school.classmate.id}"
    await again.answer(again.choice("b"))
    (grade,) = data_of(await desk.student.get(grades))["items"]
    assert (grade["score"], grade["status"]) == ("0.00", "graded")
    await again.submit()
    (grade,) = data_of(await desk.student.get(grades))["items"]
    assert grade["score"] == "2.00"
