from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from core.models import Assignment, Question
from core.tenancy import Actor


def questions_by_id(actor: Actor, question_ids: Sequence[UUID]) -> Select[tuple[Question]]:
    return select(Question).where(Question.district_id == actor.district_id, Question.id.in_(question_ids))


def question_of_class(actor: Actor, class_id: UUID, question_id: UUID) -> Select[tuple[Question]]:
    """A question that was given to the class."""
    assignments = select(Assignment.id).where(
        Assignment.district_id == actor.district_id,
        Assignment.class_id == class_id,
        Assignment.deleted_at.is_(None),
    )
    return questions_by_id(actor, [question_id]).where(
        Question.assignment_id.in_(assignments), Question.deleted_at.is_(None)
    )


def assignment_of_class(actor: Actor, class_id: UUID, assignment_id: UUID) -> Select[tuple[UUID]]:
    return select(Assignment.id).where(
        Assignment.district_id == actor.district_id,
        Assignment.class_id == class_id,
        Assignment.id == assignment_id,
        Assignment.deleted_at.is_(None),
    )
