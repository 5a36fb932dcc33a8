"""Which assignments and questions an actor may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from api.classes.queries import visible_classes
from core.models import Assignment, AssignmentStatus, Question, QuestionConcept, SchoolClass
from core.tenancy import Actor


def visible_assignments(actor: Actor) -> Select[tuple[Assignment]]:
    """Assignments of the actor's classes; students see published ones only."""
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    statement = select(Assignment).where(
        Assignment.district_id == actor.district_id,
        Assignment.deleted_at.is_(None),
        Assignment.class_id.in_(classes),
    )
    return statement.where(Assignment.status == AssignmentStatus.PUBLISHED) if actor.is_student else statement


def visible_assignment(actor: Actor, assignment_id: UUID) -> Select[tuple[Assignment]]:
    return visible_assignments(actor).where(Assignment.id == assignment_id)


def questions_of(actor: Actor, assignment_id: UUID) -> Select[tuple[Question]]:
    """An assignment's questions in order; at most 200 by the rule that adds them."""
    return (
        select(Question)
        .where(
            Question.district_id == actor.district_id,
            Question.assignment_id == assignment_id,
            Question.deleted_at.is_(None),
        )
        .order_by(Question.position, Question.id)
    )


def concepts_of(actor: Actor, question_ids: Sequence[UUID]) -> Select[tuple[UUID, UUID]]:
    return (
        select(QuestionConcept.question_id, QuestionConcept.concept_id)
        .where(
            QuestionConcept.district_id == actor.district_id, QuestionConcept.question_id.in_(question_ids)
        )
        .order_by(QuestionConcept.question_id, QuestionConcept.concept_id)
    )


def question_totals(actor: Actor, assignment_id: UUID) -> Select[tuple[int, Any]]:
    """How many questions an assignment has, and their points."""
    return select(func.count(), func.coalesce(func.sum(Question.points), 0)).where(
        Question.district_id == actor.district_id,
        Question.assignment_id == assignment_id,
        Question.deleted_at.is_(None),
    )


def assignment_of(actor: Actor, assignment_id: UUID) -> Select[tuple[Assignment]]:
    """The assignment of an attempt the actor may see, deleted or not: the attempt outlives it."""
    return select(Assignment).where(
        Assignment.district_id == actor.district_id, Assignment.id == assignment_id
    )
