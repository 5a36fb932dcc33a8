"""Answering: instant verdicts, one effect per try, and everything or nothing in one transaction."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from api.submissions import answers
from core.ids import new_id
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, fields_of, refusal_of
from tests.api.submissions.conftest import Desk, Ledger
from tests.fixtures.web import Api

STATEMENTS_PER_ANSWER = 8
"""The tenant, the lock, the question, the answer with its points, the grade, the event, what the student is told; and
the grade's reading where a try did not move it."""


@pytest.mark.parametrize(
    ("option", "verdict", "score"), [("b", "correct", "2.00"), ("a", "incorrect", "0.00")]
)
async def test_a_choice_is_judged_at_once(desk: Desk, option: str, verdict: str, score: str) -> None:
    shown = await desk.answer(desk.choice(option, time_spent_ms=1500))
    assert (shown["verdict"], shown["score"], shown["possible"]) == (verdict, score, "2.00")
    assert (shown["status"], shown["counts"], shown["job_id"]) == ("graded", True, None)
    assert shown["feedback"].startswith(f"Feedback {option} ")


async def test_the_key_and_the_explanation_wait_for_the_last_attempt(desk: Desk) -> None:
    early = await desk.answer(desk.choice("a"))
    assert (early["correct_option_id"], early["explanation"]) == (None, None)
    last = await desk.next_attempt()
    late = await last.answer(last.choice("a"))
    assert late["correct_option_id"] == "b"
    assert late["explanation"].startswith("Explanation ")


async def test_the_first_try_counts_and_later_ones_are_practice(desk: Desk, ledger: Ledger) -> None:
    first = await desk.answer(desk.choice("a", 1))
    practice = await desk.answer(desk.choice("b", 2))
    assert (first["counts"], practice["counts"]) == (True, False)
    assert practice["verdict"] == "correct"
    assert (await desk.submit())["score"] == "0.00"
    assert ledger.counts(desk.submission_id)["answers"] == 2


async def test_a_written_answer_waits_with_a_job_to_follow(desk: Desk, ledger: Ledger) -> None:
    shown = await desk.answer(desk.essay("Because."))
    assert (shown["verdict"], shown["status"], shown["score"]) == ("pending", "pending", None)
    job = data_of(await desk.student.get(f"/api/v1/jobs/{shown['job_id']}"))
    assert (job["status"], job["subject_id"]) == ("queued", shown["id"])
    queued = ledger.all(
        "SELECT args FROM jobs.procrastinate_jobs WHERE args ->> 'answer_id' = :id", id=shown["id"]
    )
    assert [row["args"]["job_id"] for row in queued] == [shown["job_id"]]
    assert set(queued[0]["args"]) == {"district_id", "answer_id", "job_id"}


async def test_a_waiting_answer_is_replaced_by_the_next(desk: Desk, ledger: Ledger) -> None:
    await desk.answer(desk.essay("Because.", 1))
    await desk.answer(desk.essay("Because it rises.", 2))
    tries = ledger.all(
        "SELECT answer, counts FROM app.student_answers WHERE submission_id = :id ORDER BY client_seq",
        id=desk.submission_id,
    )
    assert [(row["answer"]["text"], row["counts"]) for row in tries] == [
        ("Because.", False),
        ("Because it rises.", True),
    ]


async def test_a_retry_answers_the_same_and_counts_once(desk: Desk, ledger: Ledger) -> None:
    for body in (desk.choice("b", 1), desk.essay("Because.", 1)):
        first, again = await desk.send(body), await desk.send(body)
        assert first.content == again.content
    assert ledger.counts(desk.submission_id) == {
        "answers": 2,
        "events": 2,
        "grades": 1,
        "history": 1,
        "told": 2,
    }


async def test_ten_retries_at_once_are_one_answer(desk: Desk, ledger: Ledger) -> None:
    sent = await desk.answer_at_once([desk.choice("b")] * 10)
    assert {answer.status_code for answer in sent} == {201}, [answer.text for answer in sent]
    assert len({answer.content for answer in sent}) == 1
    assert ledger.counts(desk.submission_id)["answers"] == 1
    assert (await desk.submit())["score"] == "2.00"


async def test_ten_tries_at_once_count_once(desk: Desk, ledger: Ledger) -> None:
    sent = await desk.answer_at_once([desk.choice("b", number) for number in range(10)])
    shown = [data_of(answer, 201) for answer in sent]
    assert sum(answer["counts"] for answer in shown) == 1
    assert ledger.counts(desk.submission_id)["answers"] == 10
    assert (await desk.submit())["score"] == "2.00"


async def test_ten_essays_at_once_leave_one_that_counts(desk: Desk, ledger: Ledger) -> None:
    sent = await desk.answer_at_once([desk.essay(f"Version {number}", number) for number in range(10)])
    assert {answer.status_code for answer in sent} == {201}
    counting = "SELECT count(*) FROM app.student_answers WHERE submission_id = :id AND counts"
    assert ledger.one(counting, id=desk.submission_id) == 1


async def test_a_number_used_for_another_answer_is_a_conflict(desk: Desk, ledger: Ledger) -> None:
    await desk.answer(desk.choice("a", 1))
    refused = await desk.send(desk.choice("b", 1))
    assert refusal_of(refused, 409, "client_seq_reused")["field"] == "client_seq"
    assert ledger.counts(desk.submission_id)["answers"] == 1


async def test_a_retry_after_handing_in_still_answers_what_was_answered(desk: Desk) -> None:
    first = await desk.answer(desk.choice("b"))
    await desk.submit()
    assert await desk.answer(desk.choice("b")) == first


async def test_an_attempt_that_was_handed_in_takes_no_more_answers(desk: Desk, ledger: Ledger) -> None:
    await desk.answer(desk.choice("a", 1))
    await desk.submit()
    refusal_of(await desk.send(desk.choice("b", 2)), 409, "submission_closed")
    assert ledger.counts(desk.submission_id)["answers"] == 1


async def test_a_classmates_attempt_does_not_exist(desk: Desk, api: Api, ledger: Ledger) -> None:
    neighbour = Desk(api.signed_in(desk.school.student), desk.school, desk.submission_id)
    refusal_of(await neighbour.send(desk.choice("b")), 404, "not_found")
    for path in ("", "/feedback"):
        refusal_of(await neighbour.student.get(desk.url + path), 404, "not_found")
    refusal_of(await neighbour.student.post(f"{desk.url}/submit"), 404, "not_found")
    assert ledger.counts(desk.submission_id)["answers"] == 0


@pytest.mark.parametrize("place", ["unknown", "other assignment"])
async def test_a_question_of_elsewhere_does_not_exist(desk: Desk, api: Api, place: str) -> None:
    body = desk.choice("b")
    body["question_id"] = str(new_id() if place == "unknown" else await question_elsewhere(api, desk))
    refusal_of(await desk.send(body), 404, "not_found")


async def question_elsewhere(api: Api, desk: Desk) -> UUID:
    teacher = api.signed_in(desk.school.teacher)
    body = {"class_id": str(desk.school.school_class.id), "title": "Other"}
    assignment = data_of(await teacher.post("/api/v1/assignments", json=body), 201)["id"]
    question = {"kind": "free_response", "prompt": "Why?", "points": "1"}
    url = f"/api/v1/assignments/{assignment}/questions"
    return UUID(data_of(await teacher.post(url, json=question), 201)["id"])


WRONG_BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "no such option": ({"answer": {"option_id": "e"}}, "answer.option_id"),
    "text for a choice": ({"answer": {"text": "b"}}, "answer"),
    "both": ({"answer": {"option_id": "b", "text": "b"}}, "answer"),
    "nothing": ({"answer": {}}, "answer"),
    "no time": ({"time_spent_ms": -1}, "time_spent_ms"),
    "more than a day": ({"time_spent_ms": 86_400_001}, "time_spent_ms"),
    "a number below zero": ({"client_seq": -1}, "client_seq"),
    "a number too big": ({"client_seq": 2**31}, "client_seq"),
    "a score": ({"score": "2"}, "score"),
    "a verdict": ({"is_correct": True}, "is_correct"),
}


@pytest.mark.parametrize("name", WRONG_BODIES)
async def test_what_is_wrong_with_an_answer_is_named(desk: Desk, ledger: Ledger, name: str) -> None:
    change, field = WRONG_BODIES[name]
    fields = fields_of(await desk.send({**desk.choice("b"), **change}))
    assert all(str(named).startswith(field) for named in fields), fields
    assert ledger.counts(desk.submission_id)["answers"] == 0


async def test_an_option_for_an_essay_does_not_fit(desk: Desk) -> None:
    refused = await desk.send({**desk.essay("x"), "answer": {"option_id": "b"}})
    assert refusal_of(refused, 422, "answer_does_not_fit")["field"] == "answer"


@pytest.mark.parametrize("words", ["", "   ", "a\x00b", "x" * 20_001])
async def test_an_essay_of_nothing_or_too_much_is_refused(desk: Desk, words: str) -> None:
    assert all("answer" in str(field) for field in fields_of(await desk.send(desk.essay(words))))


async def test_any_writing_of_the_world_is_kept_as_it_was(desk: Desk) -> None:
    words = "½ · π ≈ 3,14159 — 数学 — עברית — 👩🏽‍🏫 — <b>Robert'); DROP TABLE students;--</b>"
    await desk.answer(desk.essay(words))
    assert [answer["answer"]["text"] for answer in (await desk.read())["answers"]] == [words]


async def test_answer_event_grade_history_and_news_are_there_together(desk: Desk, ledger: Ledger) -> None:
    shown = await desk.answer(desk.choice("b", 7, time_spent_ms=4200))
    assert ledger.counts(desk.submission_id) == {
        "answers": 1,
        "events": 1,
        "grades": 1,
        "history": 1,
        "told": 1,
    }
    (event,) = ledger.all(
        "SELECT * FROM app.interaction_events WHERE submission_id = :id AND verb = 'answered'",
        id=desk.submission_id,
    )
    assert event["payload"]["answer_id"] == shown["id"]
    assert (event["duration_ms"], event["client_seq"], event["payload"]["score"]) == (4200, 7, "2.0000")
    assert event["actor_id"] == desk.school.classmate.id


FAULTS = {
    "the event": "record_events",
    "the grade": "set_grade",
    "the news": "record_user_event",
    "the job": "enqueue",
}


@pytest.mark.parametrize("part", FAULTS)
async def test_when_one_part_fails_there_is_nothing_at_all(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    async def fail(*_arguments: Any, **_named: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    jobs = "SELECT count(*) FROM jobs.procrastinate_jobs"
    queued = ledger.one(jobs)
    with monkeypatch.context() as patch:
        patch.setattr(answers, FAULTS[part], fail)
        refusal_of(await desk.send(desk.essay("Because.")), 503, "unavailable")
    assert set(ledger.counts(desk.submission_id).values()) == {0}
    assert ledger.one(jobs) == queued
    assert (await desk.answer(desk.essay("Because.")))["verdict"] == "pending"


async def test_a_hundred_answers_of_many_students_never_cross(api: Api, desk: Desk, ledger: Ledger) -> None:
    """Two students answer in turns, at once; each attempt holds its own words only."""
    other_student = api.signed_in(desk.school.student)
    other = Desk(other_student, desk.school, str(desk.school.submission.id))
    mine = [desk.essay(f"mine {number}", number) for number in range(20)]
    theirs = [other.essay(f"theirs {number}", 100 + number) for number in range(20)]
    await asyncio.gather(desk.answer_at_once(mine), other.answer_at_once(theirs))
    for place, word in ((desk, "mine"), (other, "theirs")):
        texts = ledger.all(
            "SELECT answer ->> 'text' AS words FROM app.student_answers"
            " WHERE submission_id = :id AND client_seq <> 1 AND answer ? 'text'",
            id=place.submission_id,
        )
        assert texts
        assert all(row["words"].startswith(word) for row in texts)


async def test_grade_is_the_sum_of_what_counts_and_history_ends_where_the_grade_stands(
    desk: Desk, ledger: Ledger
) -> None:
    for number, option in enumerate(["b", "a", "b", "c"]):
        await desk.answer(desk.choice(option, number))
    await desk.answer(desk.essay("Because."))
    await desk.submit()
    (grade,) = ledger.all("SELECT * FROM app.grades WHERE submission_id = :id", id=desk.submission_id)
    earned = ledger.one(
        "SELECT coalesce(sum(score), 0) FROM app.student_answers WHERE submission_id = :id AND counts",
        id=desk.submission_id,
    )
    history = ledger.all(
        "SELECT * FROM app.grade_history WHERE grade_id = :id ORDER BY version", id=grade["id"]
    )
    assert grade["score"] == earned == Decimal(2)
    assert sum(row["new_score"] - (row["old_score"] or 0) for row in history) == grade["score"]
    assert [row["version"] for row in history] == list(range(1, grade["version"] + 1))


async def test_an_answer_costs_a_fixed_number_of_statements(
    desk: Desk, statements: StatementCounter, app: FastAPI
) -> None:
    costs = []
    for number in range(3):
        with statements.counting() as seen:
            await desk.answer(desk.choice("b", number))
        costs.append(len(seen))
    assert max(costs) <= STATEMENTS_PER_ANSWER, seen
