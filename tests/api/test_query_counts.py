"""A list costs the same number of statements whatever the number of its rows."""

from sqlalchemy.orm import Session

from core.models import AssignmentStatus
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of
from tests.factories.assignment import (
    make_assignment,
    make_choice_question,
    make_extension,
    make_template,
    tag_question,
)
from tests.factories.concept import make_concept
from tests.factories.grade import make_grade
from tests.factories.notification import make_notification
from tests.factories.question_bank import make_bank, make_bank_question, tag_bank_question
from tests.factories.school_class import make_class, make_enrollment
from tests.factories.submission import make_answer, make_submission
from tests.factories.user import make_student
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

MOST_STATEMENTS = 7
"""The tenant, whether it is visible, the rows, what stands beside them, and whose records were read; a reader of
the replica tells the primary its tenant once more for that."""

MOST_OF_A_GRADEBOOK = 12
"""Beside the page of students: policy, assignments, attempts, own dates, grades and overall grades."""


def lists_of(school: SchoolBench) -> list[str]:
    return [
        "/classes",
        f"/classes/{school.school_class.id}/enrollments",
        f"/classes/{school.school_class.id}/enrollments/{school.pending.id}/history",
        f"/classes/{school.school_class.id}/roster",
        "/concepts",
        "/assignments",
        "/assignments/templates",
        f"/assignments/{school.assignment.id}",
        f"/assignments/{school.assignment.id}/extensions",
        "/question-banks",
        f"/question-banks/{school.bank.id}/questions",
        "/submissions",
        f"/submissions/{school.submission.id}",
        f"/submissions/{school.submission.id}/feedback",
        f"/grades/classes/{school.school_class.id}",
        f"/grades/students/{school.student.id}",
        f"/classes/{school.school_class.id}/grading-policy/versions",
        f"/grades/classes/{school.school_class.id}/students/{school.student.id}/history",
        "/notifications",
        f"/analytics/classes/{school.school_class.id}/mastery",
        f"/analytics/classes/{school.school_class.id}/struggling",
    ]


def add_rows(rows: Session, bench: DistrictBench) -> None:
    """Ten more of everything a list could count."""
    school = bench.schools[0]
    for number in range(10):
        make_class(rows, school.teacher)
        make_bank(rows, school.teacher)
        tag_bank_question(rows, make_bank_question(rows, school.bank), bench.concept)
        make_notification(rows, school.teacher)
        tag = make_concept(rows, bench.district)
        question = make_choice_question(rows, school.assignment, 10 + number)
        tag_question(rows, question, tag)
        make_answer(rows, school.submission, question)
        student = make_student(rows, school.school)
        make_enrollment(rows, school.school_class, student)
        make_extension(rows, school.assignment, student)
        make_template(rows, school.teacher)
        assignment = make_assignment(rows, school.school_class, AssignmentStatus.PUBLISHED)
        make_grade(rows, make_submission(rows, assignment, school.student))


async def costs_of(api: Api, school: SchoolBench, statements: StatementCounter) -> dict[str, int]:
    client, costs = api.signed_in(school.teacher), {}
    for url in lists_of(school):
        with statements.counting() as seen:
            data_of(await client.get(f"/api/v1{url}", params={"limit": 100}))
        costs[url] = len(seen)
    return costs


async def test_no_list_asks_once_per_row(
    api: Api, bench: DistrictBench, rows: Session, statements: StatementCounter
) -> None:
    before = await costs_of(api, bench.schools[0], statements)
    add_rows(rows, bench)
    after = await costs_of(api, bench.schools[0], statements)
    assert after == before
    gradebook = after.pop(f"/grades/classes/{bench.schools[0].school_class.id}")
    assert gradebook <= MOST_OF_A_GRADEBOOK
    assert max(after.values()) <= MOST_STATEMENTS, after
