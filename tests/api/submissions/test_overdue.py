"""Attempts whose time is up are handed in by a job: once, as of their end, with what was there."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from api.submissions.overdue import hand_in_overdue
from core.db import Database
from core.jobs import job_context
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.submissions.conftest import SUBMISSIONS, Desk, Ledger, open_desk
from tests.api.submissions.test_attempts import change_assignment
from tests.api.submissions.test_drafts import choose, write
from tests.factories.assignment import make_extension
from tests.factories.school_class import make_accommodation
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock

LIMIT = timedelta(minutes=10)
GRACE = timedelta(seconds=30)


@pytest.fixture
def limited(rows: Session, school: SchoolBench) -> None:
    """Ten minutes for each attempt; the one the school came with is over already."""
    change_assignment(rows, school, "time_limit_minutes = 10")
    Ledger(rows).change(
        "UPDATE app.student_submissions SET status = 'submitted', submitted_at = now() WHERE id = :id",
        id=school.submission.id,
    )


async def sweep(database: Database, desk: Desk, moment: datetime) -> int:
    context = job_context(str(desk.school.classmate.district_id))
    return await hand_in_overdue(database, context, moment)


def at_the_same_desk(api: Api, desk: Desk) -> Desk:
    """Signed in anew: tokens do not live as long as attempts."""
    return Desk(api.signed_in(desk.school.classmate), desk.school, desk.submission_id)


@pytest.mark.usefixtures("limited")
async def test_an_attempt_is_handed_in_as_of_its_end_with_answers_and_drafts(
    api: Api, desk: Desk, database: Database, clock: StandingClock
) -> None:
    await desk.answer(desk.essay("Because."))
    data_of(await choose(desk, "b", 1))
    end = clock.start + LIMIT
    clock.advance(timedelta(hours=2))  # no worker ran for a while
    assert await sweep(database, desk, clock.now) == 1
    shown = await at_the_same_desk(api, desk).read()
    assert datetime.fromisoformat(shown["submitted_at"]) == end
    assert (shown["handed_in_by"], shown["status"], shown["score"]) == ("time_limit", "submitted", "2.00")
    assert {answer["status"] for answer in shown["answers"]} == {"graded", "pending"}
    assert {datetime.fromisoformat(answer["answered_at"]) for answer in shown["answers"]} == {
        clock.start,
        end,
    }


@pytest.mark.usefixtures("limited")
async def test_the_grace_of_an_answer_on_its_way_is_waited_for(
    desk: Desk, database: Database, clock: StandingClock
) -> None:
    assert await sweep(database, desk, clock.start + LIMIT + GRACE - timedelta(seconds=1)) == 0
    assert await sweep(database, desk, clock.start + LIMIT + GRACE) == 1
    assert await sweep(database, desk, clock.start + LIMIT + GRACE) == 0


@pytest.mark.usefixtures("limited")
async def test_its_student_is_told_once(desk: Desk, database: Database, clock: StandingClock) -> None:
    for _ in range(2):
        await sweep(database, desk, clock.start + timedelta(hours=1))
    notices = items_of(await desk.student.get("/api/v1/notifications"))
    closed = [notice for notice in notices if notice["kind"] == "submission_closed"]
    assert [notice["related_id"] for notice in closed] == [desk.submission_id]


@pytest.mark.usefixtures("limited")
async def test_three_workers_at_once_hand_it_in_once(
    desk: Desk, database: Database, ledger: Ledger, clock: StandingClock
) -> None:
    data_of(await choose(desk, "b", 1))
    moment = clock.start + timedelta(hours=1)
    assert sum(await asyncio.gather(*(sweep(database, desk, moment) for _ in range(3)))) == 1
    for table in (
        "app.student_answers WHERE",
        "app.interaction_events WHERE verb = 'submitted' AND",
    ):
        assert ledger.one(f"SELECT count(*) FROM {table} submission_id = :id", id=desk.submission_id) == 1
    grade = "SELECT score FROM app.grades WHERE submission_id = :id"
    assert ledger.one(grade, id=desk.submission_id) == 2


@pytest.mark.usefixtures("limited")
async def test_more_time_that_a_student_needs_or_is_granted_is_waited_for(
    rows: Session, desk: Desk, database: Database, clock: StandingClock
) -> None:
    classmate, school = desk.school.classmate, desk.school
    needs = make_accommodation(rows, school.school_class, classmate)
    granted = make_extension(rows, school.assignment, classmate)
    minutes = 10 * needs.time_multiplier + granted.extra_minutes
    end = clock.start + timedelta(minutes=float(-(-minutes // 1)))
    assert end > clock.start + LIMIT
    assert await sweep(database, desk, end + GRACE - timedelta(seconds=1)) == 0
    assert await sweep(database, desk, end + GRACE) == 1


async def test_the_end_of_the_assignment_is_an_end_too(
    rows: Session, desk: Desk, database: Database, clock: StandingClock
) -> None:
    await sweep(database, desk, clock.now + timedelta(days=400))
    assert (await desk.read())["status"] == "in_progress"  # without an end it stays open
    change_assignment(rows, desk.school, "available_until = :end", end=clock.now + timedelta(hours=1))
    await sweep(database, desk, clock.now + timedelta(hours=2))
    assert (await desk.read())["handed_in_by"] == "time_limit"


@pytest.mark.usefixtures("limited")
async def test_later_dates_do_not_open_again_what_was_handed_in(
    rows: Session, desk: Desk, database: Database, clock: StandingClock
) -> None:
    await sweep(database, desk, clock.now + timedelta(hours=1))
    change_assignment(rows, desk.school, "time_limit_minutes = 600")
    refusal_of(await desk.send(desk.choice("b")), 409, "submission_closed")


@pytest.mark.usefixtures("limited")
async def test_an_attempt_that_cannot_be_handed_in_keeps_no_other_waiting(
    api: Api, rows: Session, desk: Desk, database: Database, ledger: Ledger, *, clock: StandingClock
) -> None:
    data_of(await write(desk, "a draft", 1))
    broken = "UPDATE app.answer_drafts SET answer = '{\"text\": 7}' WHERE submission_id = :id"
    ledger.change(broken, id=desk.submission_id)
    other = api.signed_in(desk.school.student)
    mine = ledger.one(
        "UPDATE app.student_submissions SET started_at = :now, status = 'in_progress', submitted_at = NULL"
        " WHERE id = :id RETURNING id",
        id=desk.school.submission.id,
        now=clock.now,
    )
    assert await sweep(database, desk, clock.now + timedelta(days=30)) == 1
    assert data_of(await other.get(f"{SUBMISSIONS}/{mine}"))["handed_in_by"] == "time_limit"
    assert (await desk.read())["status"] == "in_progress"


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("seconds", [89 - 60, 30], ids=["just before", "just after"])
async def test_answers_that_race_with_the_end_are_kept_or_refused_and_never_both(
    api: Api, desk: Desk, database: Database, ledger: Ledger, clock: StandingClock, *, seconds: int
) -> None:
    moment = clock.start + LIMIT + GRACE
    clock.advance(LIMIT + timedelta(seconds=seconds))
    late = at_the_same_desk(api, desk)
    bodies = [late.essay(f"try {number}", number) for number in range(8)]
    *answers, swept = await asyncio.gather(
        *(late.send(body) for body in bodies), sweep(database, desk, moment)
    )
    await sweep(database, desk, moment)
    acknowledged = {answer.json()["data"]["id"] for answer in answers if answer.status_code == 201}
    assert {answer.status_code for answer in answers} <= {201, 409}
    kept = {answer["id"] for answer in (await late.read())["answers"]}
    assert kept == acknowledged
    assert swept in {0, 1}
    handed_in = "SELECT count(*) FROM app.interaction_events WHERE submission_id = :id AND verb = 'submitted'"
    assert ledger.one(handed_in, id=desk.submission_id) == 1


async def test_a_hundred_starts_at_once_with_one_attempt_are_one(
    api: Api, rows: Session, school: SchoolBench, ledger: Ledger
) -> None:
    change_assignment(rows, school, "max_attempts = 1")
    student = api.signed_in(school.classmate)
    desks = await asyncio.gather(*(open_desk(student, school) for _ in range(100)))
    assert len({desk.submission_id for desk in desks}) == 1
    count = "SELECT count(*) FROM app.student_submissions WHERE student_id = :id"
    assert ledger.one(count, id=school.classmate.id) == 1
