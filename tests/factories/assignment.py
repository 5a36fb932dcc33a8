from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    Assignment,
    AssignmentExtension,
    AssignmentStatus,
    AssignmentTemplate,
    Concept,
    Difficulty,
    Question,
    QuestionConcept,
    QuestionKind,
    SchoolClass,
    User,
)
from tests.factories.saving import canary, saved

CORRECT_OPTION = "b"


def make_assignment(
    session: Session, school_class: SchoolClass, status: AssignmentStatus = AssignmentStatus.PUBLISHED
) -> Assignment:
    mark = canary(school_class.district_id, school_class.school_id)
    assignment = Assignment(
        district_id=school_class.district_id,
        school_id=school_class.school_id,
        id=new_id(),
        class_id=school_class.id,
        title=f"Assignment {mark}",
        description=f"Description {mark}",
        instructions=f"Instructions {mark}",
        category="Homework",
        status=status,
        max_attempts=2,
        published_at=datetime.now(UTC) if status is AssignmentStatus.PUBLISHED else None,
    )
    return saved(session, assignment)


def make_extension(session: Session, assignment: Assignment, student: User) -> AssignmentExtension:
    """One more attempt."""
    extension = AssignmentExtension(
        district_id=assignment.district_id,
        school_id=assignment.school_id,
        id=new_id(),
        assignment_id=assignment.id,
        student_id=student.id,
        extra_attempts=1,
        reason=f"Reason {canary(assignment.district_id, assignment.school_id)}",
        granted_by=student.id,
    )
    return saved(session, extension)


def make_template(session: Session, owner: User) -> AssignmentTemplate:
    mark = canary(owner.district_id, owner.school_id)
    template = AssignmentTemplate(
        district_id=owner.district_id,
        school_id=owner.school_id,
        id=new_id(),
        owner_id=owner.id,
        title=f"Template {mark}",
        content={"assignment": {"title": f"Template {mark}"}, "questions": []},
    )
    return saved(session, template)


def make_choice_question(session: Session, assignment: Assignment, position: int = 1) -> Question:
    """Four options; `CORRECT_OPTION` is right; 2 points."""
    mark = canary(assignment.district_id, assignment.school_id)
    question = _question(assignment, position)
    question.kind = QuestionKind.MULTIPLE_CHOICE
    question.options = [
        {"id": name, "text": f"Option {name} {mark}", "feedback": f"Feedback {name} {mark}"}
        for name in "abcd"
    ]
    question.correct_option = CORRECT_OPTION
    return saved(session, question)


def make_free_question(session: Session, assignment: Assignment, position: int = 2) -> Question:
    """A free response worth 2 points, with a model answer and a rubric."""
    mark = canary(assignment.district_id, assignment.school_id)
    question = _question(assignment, position)
    question.kind = QuestionKind.FREE_RESPONSE
    question.model_answer = f"Model answer {mark}"
    question.rubric = [{"criterion": f"Criterion {mark}", "points": "2"}]
    return saved(session, question)


def tag_question(session: Session, question: Question, concept: Concept) -> QuestionConcept:
    tag = QuestionConcept(
        district_id=question.district_id,
        school_id=question.school_id,
        question_id=question.id,
        concept_id=concept.id,
    )
    return saved(session, tag)


def _question(assignment: Assignment, position: int) -> Question:
    mark = canary(assignment.district_id, assignment.school_id)
    return Question(
        district_id=assignment.district_id,
        school_id=assignment.school_id,
        id=new_id(),
        assignment_id=assignment.id,
        position=position,
        prompt=f"Prompt {position} {mark}",
        points=Decimal(2),
        difficulty=Difficulty.MEDIUM,
        explanation=f"Explanation {mark}",
    )
