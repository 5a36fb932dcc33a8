"""Which of the ids an event mentions its actor may touch; one statement per kind and batch."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from api.assignments.queries import visible_assignments
from api.classes.queries import visible_classes
from api.submissions.queries import visible_submissions
from core.models import Assignment, Question, SchoolClass, StudentSubmission
from core.tenancy import Actor


def touchable_classes(actor: Actor, ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    return visible_classes(actor).with_only_columns(SchoolClass.id).where(SchoolClass.id.in_(ids))


def touchable_assignments(actor: Actor, ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    return visible_assignments(actor).with_only_columns(Assignment.id).where(Assignment.id.in_(ids))


def touchable_submissions(actor: Actor, ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    statement = visible_submissions(actor).with_only_columns(StudentSubmission.id)
    return statement.where(StudentSubmission.id.in_(ids))


def touchable_questions(actor: Actor, ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    assignments = visible_assignments(actor).with_only_columns(Assignment.id)
    return select(Question.id).where(
        Question.district_id == actor.district_id,
        Question.id.in_(ids),
        Question.deleted_at.is_(None),
        Question.assignment_id.in_(assignments),
    )
