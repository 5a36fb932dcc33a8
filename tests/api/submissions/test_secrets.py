"""Nothing a student can open gives the answer away before it was given."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of
from tests.api.routes import ROUTES, STUDENT, ids_of
from tests.api.submissions.conftest import SUBMISSIONS, open_desk
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api

SECRET = "THE-ANSWER-IS-PLUM"
KEY_NAMES = {"correct_option", "is_correct", "difficulty", "concept_ids"}
SILENT_NAMES = {"explanation", "correct_option_id", "rubric", "model_answer"}
"""Present in an answer, and null until the last attempt."""


def hide_secret(rows: Session, bench: DistrictBench) -> None:
    """Put one word into every place a student must not read: feedback, key, model answer, rubric, explanation."""
    choice, essay = bench.schools[0].choice_question, bench.schools[0].free_question
    choice.explanation = essay.explanation = essay.model_answer = SECRET
    essay.rubric = [{"criterion": SECRET, "points": "2"}]
    choice.options = [{"id": name, "text": f"Option {name}", "feedback": SECRET} for name in "abcd"]
    rows.flush()


def parts_of(value: Any) -> Iterator[tuple[str, Any]]:
    """Every name and value anywhere inside."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield name, part
            yield from parts_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts_of(part)


def assert_silent(url: str, body: Any) -> None:
    assert SECRET not in str(body), url
    for name, value in parts_of(body):
        assert name not in KEY_NAMES, f"{name} in {url}"
        assert name not in SILENT_NAMES or value is None, f"{name} in {url}"


async def test_no_page_of_a_student_shows_a_key_before_the_answer(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    hide_secret(rows, bench)
    school = bench.schools[0]
    student = api.signed_in(school.classmate)
    desk = await open_desk(student, school)
    assert_silent("start", await desk.read())
    written = await desk.answer(desk.essay("Because."))
    assert_silent("essay", written)
    ids = {**ids_of(bench, school), "submission_id": desk.submission_id, "job_id": written["job_id"]}
    ids["student_id"] = ids["user_id"] = school.classmate.id
    ids["grade_id"] = data_of(await student.get(f"/api/v1/grades/students/{school.classmate.id}"))["items"][
        0
    ]["id"]
    for route in ROUTES:
        if route.method == "GET" and STUDENT in route.roles:
            _, url, _ = route.filled(ids)
            assert_silent(url, data_of(await student.get(url)))


async def test_a_first_attempt_shows_only_the_feedback_of_the_chosen_option(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    hide_secret(rows, bench)
    question = bench.schools[0].choice_question
    question.options = [{**option, "feedback": SECRET} for option in question.options or []]
    question.options[0]["feedback"] = "Look again."
    rows.flush()
    desk = await open_desk(api.signed_in(bench.schools[0].classmate), bench.schools[0])
    shown = await desk.answer(desk.choice("a"))
    assert shown["feedback"] == "Look again."
    assert_silent("verdict", shown)
    assert_silent("feedback", data_of(await desk.student.get(f"{desk.url}/feedback")))
    assert_silent("list", data_of(await desk.student.get(SUBMISSIONS)))


async def test_what_happened_is_told_to_the_student_without_the_key(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    hide_secret(rows, bench)
    desk = await open_desk(api.signed_in(bench.schools[0].classmate), bench.schools[0])
    await desk.answer(desk.choice("a"))
    statement = text("SELECT payload FROM app.user_events WHERE user_id = :id")
    told = rows.execute(statement, {"id": bench.schools[0].classmate.id}).scalars().all()
    assert told
    for payload in told:
        assert_silent("user_events", payload)
