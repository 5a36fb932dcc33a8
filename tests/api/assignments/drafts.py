"""Drafts with questions, as the tests of assignments need them."""

from typing import Any

from sqlalchemy.orm import Session

from core.models import Assignment, AssignmentStatus, Question, ReviewStatus
from tests.api.assignments.test_assignments import ASSIGNMENTS, new_draft
from tests.api.assignments.test_questions import CHOICE
from tests.api.envelopes import data_of
from tests.factories.assignment import make_assignment, make_choice_question
from tests.factories.saving import saved
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api


async def draft_with(api: Api, school: SchoolBench, count: int, **fields: Any) -> dict[str, Any]:
    """A draft of the school's teacher with so many questions, as its teacher reads it."""
    draft = await new_draft(api, school, **fields)
    url, teacher = f"{ASSIGNMENTS}/{draft['id']}", api.signed_in(school.teacher)
    for number in range(count):
        question = {**CHOICE, "prompt": f"Question {number + 1}"}
        data_of(await teacher.post(f"{url}/questions", json=question), 201)
    whole: dict[str, Any] = data_of(await teacher.get(url))
    return whole


def unreviewed_draft(rows: Session, school: SchoolBench, count: int = 2) -> tuple[Assignment, list[Question]]:
    """A draft whose questions a machine wrote and nobody has looked at."""
    draft = make_assignment(rows, school.school_class, AssignmentStatus.DRAFT)
    questions = [make_choice_question(rows, draft, number + 1) for number in range(count)]
    for question in questions:
        question.review_status = ReviewStatus.UNREVIEWED
        question.provenance = {"origin": "ai"}
        saved(rows, question)
    return draft, questions


def url_of(assignment: Assignment) -> str:
    return f"{ASSIGNMENTS}/{assignment.id}"
