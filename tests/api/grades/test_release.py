"""A grade that is not released yet: its student knows that it will be, and its teacher knows it."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of
from tests.api.submissions.conftest import Desk, open_desk
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

GRADES = "/api/v1/grades"
WAITING = ("awaiting_release", None, None, None, None, None)


@pytest.fixture
def withheld(rows: Session, school: SchoolBench) -> None:
    """Feedback comes when an attempt is handed in."""
    change = text("UPDATE app.assignments SET feedback_release = 'after_submit' WHERE id = :id")
    rows.execute(change, {"id": school.assignment.id})


def told(grade: dict[str, object]) -> tuple[object, ...]:
    names = ("status", "score", "percent", "version", "submission_id", "updated_at")
    return tuple(grade[name] for name in names)


@pytest.mark.usefixtures("withheld")
@pytest.mark.parametrize("option", ["a", "b"])
async def test_a_grade_before_its_time_looks_the_same_whatever_was_answered(
    api: Api, school: SchoolBench, option: str
) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice(option))
    await desk.answer(desk.choice("c", 2))
    (own,) = items_of(await desk.student.get(f"{GRADES}/students/{school.classmate.id}"))
    one = data_of(await desk.student.get(f"{GRADES}/{own['id']}"))
    assert told(own) == told(one) == WAITING
    assert items_of(await desk.student.get(f"{GRADES}/{own['id']}/history")) == []


@pytest.mark.usefixtures("withheld")
async def test_handing_in_releases_the_grade_and_its_history(api: Api, school: SchoolBench) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    await desk.answer(desk.choice("b"))
    handed_in = await desk.submit()
    assert (handed_in["score"], handed_in["percent"], handed_in["grade_status"]) == (
        "2.00",
        "50.00",
        "graded",
    )
    url = f"{GRADES}/{handed_in['grade_id']}"
    assert data_of(await desk.student.get(url))["score"] == "2.00"
    assert len(items_of(await desk.student.get(f"{url}/history"))) == 2


@pytest.mark.usefixtures("withheld")
async def test_another_attempt_hides_the_grade_that_it_may_overtake(api: Api, school: SchoolBench) -> None:
    first = await open_desk(api.signed_in(school.classmate), school)
    await first.answer(first.choice("a"))
    second: Desk = await first.next_attempt()
    await second.answer(second.choice("b"))
    (own,) = items_of(await first.student.get(f"{GRADES}/students/{school.classmate.id}"))
    assert told(own) == WAITING
    assert (await first.read())["score"] == "0.00"


@pytest.mark.usefixtures("withheld")
async def test_teachers_see_everything_at_once(api: Api, school: SchoolBench) -> None:
    desk = await open_desk(api.signed_in(school.classmate), school)
    shown = await desk.answer(desk.choice("a"))
    assert (shown["verdict"], shown["score"], shown["feedback"]) == (None, None, None)
    teacher = api.signed_in(school.teacher)
    feedback = data_of(await teacher.get(f"{desk.url}/feedback"))
    assert [(answer["verdict"], answer["correct_option_id"]) for answer in feedback["answers"]] == [
        ("incorrect", "b")
    ]
    (grade,) = items_of(await teacher.get(f"{GRADES}/students/{school.classmate.id}"))
    assert (grade["score"], grade["status"]) == ("0.00", "in_progress")


async def test_students_grades_cost_no_more_statements_than_staffs(
    api: Api, school: SchoolBench, statements: StatementCounter
) -> None:
    costs = []
    for user in (school.student, school.admin):
        with statements.counting() as seen:
            data_of(await api.signed_in(user).get(f"{GRADES}/students/{school.student.id}"))
        costs.append(len(seen))
    assert costs[0] <= costs[1]
