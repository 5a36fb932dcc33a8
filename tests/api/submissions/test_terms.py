"""A student's own dates and time: when an attempt may start, how long it takes answers, and what is late."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.submissions.conftest import SUBMISSIONS, Desk, open_desk
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock

MINUTE = timedelta(minutes=1)
"""All stays within the ten minutes of an access token."""
GRACE = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=1)


class Rules:
    """Sets the assignment's rules, and what the classmate is granted and needs."""

    def __init__(self, rows: Session, school: SchoolBench) -> None:
        self._rows = rows
        self._school = school

    def set(self, **columns: Any) -> None:
        changes = ", ".join(f"{name} = :{name}" for name in columns)
        self._rows.execute(
            text(f"UPDATE app.assignments SET {changes} WHERE id = :id"),
            {"id": self._school.assignment.id, **columns},
        )

    def grant(self, **columns: Any) -> None:
        """Give the classmate what the bench's student has been granted, changed."""
        self._copy("app.assignment_extensions", {"extra_attempts": 0, **columns})

    def need(self, **columns: Any) -> None:
        self._copy("app.accommodations", {"time_multiplier": 1, "due_shift_hours": 0, **columns})

    def _copy(self, table: str, columns: dict[str, Any]) -> None:
        whose = {"mine": self._school.student.id, "theirs": self._school.classmate.id}
        another = "jsonb_build_object('id', gen_random_uuid(), 'student_id', CAST(:theirs AS uuid))"
        made = self._rows.execute(
            text(
                f"INSERT INTO {table} SELECT copy.* FROM {table} t,"
                f" LATERAL jsonb_populate_record(t, {another}) copy WHERE t.student_id = :mine RETURNING id"
            ),
            whose,
        ).scalar_one()
        changes = ", ".join(f"{name} = :{name}" for name in columns)
        self._rows.execute(text(f"UPDATE {table} SET {changes} WHERE id = :made"), {"made": made, **columns})


@pytest.fixture
def rules(rows: Session, school: SchoolBench) -> Rules:
    return Rules(rows, school)


@pytest.fixture
def student(api: Api, school: SchoolBench) -> httpx2.AsyncClient:
    return api.signed_in(school.classmate)


def starting(school: SchoolBench) -> dict[str, str]:
    return {"assignment_id": str(school.assignment.id)}


async def test_an_attempt_shows_its_end_and_due_date(
    rules: Rules, student: httpx2.AsyncClient, school: SchoolBench, clock: StandingClock
) -> None:
    rules.set(time_limit_minutes=25, due_at=clock.now + 60 * MINUTE)
    rules.need(time_multiplier="1.25", due_shift_hours=1)
    shown = await (await open_desk(student, school)).read()
    assert shown["ends_at"] == (clock.now + 32 * MINUTE).isoformat().replace("+00:00", "Z")
    assert shown["due_at"] == (clock.now + 120 * MINUTE).isoformat().replace("+00:00", "Z")
    assert (shown["is_late"], shown["feedback_released"]) == (False, True)


async def test_answers_on_their_way_are_taken_and_later_ones_are_not(
    rules: Rules, student: httpx2.AsyncClient, school: SchoolBench, clock: StandingClock
) -> None:
    rules.set(time_limit_minutes=2)
    desk = await open_desk(student, school)
    clock.advance(2 * MINUTE + GRACE - MOMENT)
    in_time = await desk.answer(desk.choice("b"))
    clock.advance(MOMENT)
    refusal_of(await desk.send(desk.choice("a", 2)), 409, "time_is_up")
    assert await desk.answer(desk.choice("b")) == in_time
    assert (await desk.submit())["score"] == "2.00"


async def test_granted_minutes_lengthen_an_attempt_that_runs(
    rules: Rules, student: httpx2.AsyncClient, school: SchoolBench, clock: StandingClock
) -> None:
    rules.set(time_limit_minutes=2)
    desk = await open_desk(student, school)
    clock.advance(3 * MINUTE)
    refusal_of(await desk.send(desk.choice("b")), 409, "time_is_up")
    rules.grant(extra_minutes=5)
    assert (await desk.answer(desk.choice("b")))["verdict"] == "correct"


async def test_a_closed_assignment_takes_no_attempt_and_no_answer(
    rules: Rules, student: httpx2.AsyncClient, school: SchoolBench, clock: StandingClock
) -> None:
    rules.set(available_until=clock.now + 2 * MINUTE)
    desk = await open_desk(student, school)
    clock.advance(2 * MINUTE + GRACE)
    refusal_of(await desk.send(desk.choice("b")), 409, "time_is_up")
    await desk.submit()
    refusal_of(await student.post(SUBMISSIONS, json=starting(school)), 409, "no_longer_available")
    rules.grant(available_until=clock.now + MINUTE)
    data_of(await student.post(SUBMISSIONS, json=starting(school)), 201)


async def test_an_attempt_whose_time_is_up_is_still_there_to_be_handed_in(
    rules: Rules, student: httpx2.AsyncClient, school: SchoolBench, clock: StandingClock
) -> None:
    rules.set(available_until=clock.now + 2 * MINUTE)
    desk = await open_desk(student, school)
    clock.advance(8 * MINUTE)
    assert (await open_desk(student, school)).submission_id == desk.submission_id
    assert (await desk.submit())["status"] == "graded"


async def test_an_opening_moved_back_stops_the_answers(
    rules: Rules, student: httpx2.AsyncClient, school: SchoolBench, clock: StandingClock
) -> None:
    desk = await open_desk(student, school)
    rules.set(available_at=clock.now + MINUTE)
    refusal_of(await desk.send(desk.choice("b")), 409, "not_available_yet")


async def test_granted_attempts_are_attempts(
    rules: Rules, student: httpx2.AsyncClient, school: SchoolBench
) -> None:
    rules.set(max_attempts=1)
    desk = await open_desk(student, school)
    await desk.answer(desk.choice("a"))
    assert (await desk.read())["answers"][0]["correct_option_id"] == "b"
    await desk.submit()
    refusal_of(await student.post(SUBMISSIONS, json=starting(school)), 409, "attempts_exhausted")
    rules.grant(extra_attempts=1)
    assert (await desk.read())["answers"][0]["correct_option_id"] is None
    data_of(await student.post(SUBMISSIONS, json=starting(school)), 201)


@pytest.mark.parametrize(("minutes", "late"), [(5, False), (6, True)])
async def test_what_is_handed_in_after_the_due_date_is_late(
    *,
    rules: Rules,
    student: httpx2.AsyncClient,
    school: SchoolBench,
    clock: StandingClock,
    minutes: int,
    late: bool,
) -> None:
    rules.set(due_at=clock.now + 5 * MINUTE)
    desk = await open_desk(student, school)
    clock.advance(minutes * MINUTE)
    assert (await desk.submit())["is_late"] is late
    (listed,) = items_of(await student.get(SUBMISSIONS))
    assert listed["is_late"] is late


async def test_an_attempt_that_ended_in_time_is_not_late_however_late_it_is_handed_in(
    rules: Rules, student: httpx2.AsyncClient, school: SchoolBench, clock: StandingClock
) -> None:
    rules.set(time_limit_minutes=2, due_at=clock.now + 4 * MINUTE)
    desk = await open_desk(student, school)
    clock.advance(8 * MINUTE)
    assert (await desk.submit())["is_late"] is False


async def test_a_teacher_sees_each_students_own_dates(
    *, rules: Rules, desk: Desk, api: Api, school: SchoolBench, clock: StandingClock
) -> None:
    rules.set(due_at=clock.now + 60 * MINUTE)
    listed = items_of(await api.signed_in(school.teacher).get(SUBMISSIONS))
    due = {item["student_id"]: item["due_at"] for item in listed}
    assert due[str(school.classmate.id)] == (clock.now + 60 * MINUTE).isoformat().replace("+00:00", "Z")
    assert due[str(school.student.id)] == (clock.now + 25 * 60 * MINUTE).isoformat().replace("+00:00", "Z")
    assert desk.submission_id in {item["id"] for item in listed}
