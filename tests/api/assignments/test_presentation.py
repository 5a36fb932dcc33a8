"""What a student sees: an order of their own, dates of their own, and nothing that answers a question."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from core.models import Assignment, AssignmentExtension, User
from tests.api.assignments.test_assignments import ASSIGNMENTS
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of
from tests.factories.assignment import make_assignment, make_choice_question, make_extension
from tests.factories.saving import saved
from tests.factories.school_class import make_accommodation, make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

DUE = datetime(2027, 1, 10, 22, tzinfo=UTC)


def timed(rows: Session, school: SchoolBench) -> Assignment:
    assignment = make_assignment(rows, school.school_class)
    assignment.due_at, assignment.available_until = DUE, DUE + timedelta(days=2)
    assignment.time_limit_minutes = 25
    return saved(rows, assignment)


async def seen_by(api: Api, user: User, assignment: Assignment) -> dict[str, Any]:
    shown: dict[str, Any] = data_of(await api.signed_in(user).get(f"{ASSIGNMENTS}/{assignment.id}"))
    (listed,) = [
        item
        for item in items_of(await api.signed_in(user).get(ASSIGNMENTS))
        if item["id"] == str(assignment.id)
    ]
    assert {name: shown[name] for name in listed} == listed
    return shown


def dates(shown: dict[str, Any]) -> tuple[str, str, int, int]:
    return shown["due_at"], shown["available_until"], shown["time_limit_minutes"], shown["max_attempts"]


async def test_each_student_sees_the_dates_that_are_the_students_own(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    assignment = timed(rows, school)
    for user in (school.classmate, school.teacher, school.admin):
        assert dates(await seen_by(api, user, assignment)) == (
            "2027-01-10T22:00:00Z",
            "2027-01-12T22:00:00Z",
            25,
            2,
        )
    accommodated = dates(await seen_by(api, school.student, assignment))
    assert accommodated == ("2027-01-11T22:00:00Z", "2027-01-13T22:00:00Z", 38, 2)


async def test_an_extension_wins_over_the_accommodation(api: Api, school: SchoolBench, rows: Session) -> None:
    assignment = timed(rows, school)
    extension: AssignmentExtension = make_extension(rows, assignment, school.student)
    extension.due_at, extension.extra_minutes = DUE + timedelta(hours=3), 10
    saved(rows, extension)
    shown = dates(await seen_by(api, school.student, assignment))
    assert shown == ("2027-01-11T01:00:00Z", "2027-01-13T22:00:00Z", 48, 3)
    assert dates(await seen_by(api, school.classmate, assignment))[0] == "2027-01-10T22:00:00Z"


async def test_own_dates_cost_no_statement_of_their_own(
    api: Api, school: SchoolBench, rows: Session, statements: StatementCounter
) -> None:
    costs = []
    for _ in range(2):
        with statements.counting() as seen:
            items_of(await api.signed_in(school.student).get(ASSIGNMENTS))
        costs.append(len(seen))
        for _ in range(5):
            make_extension(rows, timed(rows, school), school.student)
    assert costs[0] == costs[1] == 2


async def test_every_student_meets_the_questions_in_an_order_that_stays(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    assignment = make_assignment(rows, school.school_class)
    assignment.shuffle_questions = assignment.shuffle_options = True
    saved(rows, assignment)
    for number in range(8):
        make_choice_question(rows, assignment, number + 1)
    authored = [item["id"] for item in (await seen_by(api, school.teacher, assignment))["questions"]]
    assert authored == [item["id"] for item in (await seen_by(api, school.admin, assignment))["questions"]]
    orders = []
    for user in (school.student, school.student, school.classmate):
        questions = (await seen_by(api, user, assignment))["questions"]
        assert [item["position"] for item in questions] == list(range(1, 9))
        assert all({option["id"] for option in item["options"]} == set("abcd") for item in questions)
        orders.append([(item["id"], *(option["id"] for option in item["options"])) for item in questions])
    assert orders[0] == orders[1] != orders[2]
    assert sorted(row[0] for row in orders[2]) == sorted(authored)
    assert len({row[1:] for row in orders[0]}) > 1, "each question has an order of its own"


async def test_what_is_not_shuffled_stands_as_it_was_written(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    for position in range(3, 9):
        make_choice_question(rows, school.assignment, position)
    seen = [await seen_by(api, user, school.assignment) for user in (school.teacher, school.student)]
    assert [item["id"] for item in seen[0]["questions"]] == [item["id"] for item in seen[1]["questions"]]
    assert [option["id"] for option in seen[1]["questions"][0]["options"]] == list("abcd")


async def test_a_student_who_has_no_exceptions_sees_the_class_dates(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    assignment = timed(rows, school)
    newcomer = make_student(rows, school.school)
    make_enrollment(rows, school.school_class, newcomer)
    before = dates(await seen_by(api, newcomer, assignment))
    accommodation = make_accommodation(rows, school.school_class, newcomer)
    accommodation.time_multiplier, accommodation.due_shift_hours = Decimal(2), 0
    saved(rows, accommodation)
    assert before[2] == 25
    assert dates(await seen_by(api, newcomer, assignment)) == (*before[:2], 50, 2)
