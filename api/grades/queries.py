"""Which grades an actor may see."""

from uuid import UUID

from sqlalchemy import Select, and_, select

from api.assignments.queries import with_own_exceptions
from api.classes.queries import visible_classes
from core.models import (
    Accommodation,
    Assignment,
    AssignmentExtension,
    Grade,
    GradeHistory,
    SchoolClass,
    StudentSubmission,
    SubmissionStatus,
)
from core.tenancy import Actor

WithRelease = tuple[Grade, Assignment, AssignmentExtension | None, Accommodation | None, bool]
"""A grade with what its release follows from; the last: whether an attempt is still open."""


def visible_grades(actor: Actor) -> Select[tuple[Grade]]:
    """A student's own grades; a teacher's or admin's classes' grades."""
    statement = select(Grade).where(Grade.district_id == actor.district_id)
    if actor.is_student:
        return statement.where(Grade.student_id == actor.user_id)
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    return statement.where(Grade.class_id.in_(classes))


def with_release(actor: Actor, statement: Select[tuple[Grade]]) -> Select[WithRelease]:
    """Beside each grade what decides whether its student may see it, the open attempt included."""
    open_attempt = (
        select(StudentSubmission.id)
        .where(
            StudentSubmission.district_id == Grade.district_id,
            StudentSubmission.assignment_id == Grade.assignment_id,
            StudentSubmission.student_id == Grade.student_id,
            StudentSubmission.status == SubmissionStatus.IN_PROGRESS,
            StudentSubmission.deleted_at.is_(None),
        )
        .exists()
    )
    of_assignment = and_(Assignment.district_id == Grade.district_id, Assignment.id == Grade.assignment_id)
    joined = with_own_exceptions(actor, statement.join(Assignment, of_assignment).add_columns(Assignment))
    return joined.add_columns(open_attempt.label("is_open"))


def grade_of(actor: Actor, assignment_id: UUID, student_id: UUID) -> Select[tuple[Grade]]:
    return select(Grade).where(
        Grade.district_id == actor.district_id,
        Grade.assignment_id == assignment_id,
        Grade.student_id == student_id,
    )


def history_of(actor: Actor, grade_id: UUID) -> Select[tuple[GradeHistory]]:
    return select(GradeHistory).where(
        GradeHistory.district_id == actor.district_id, GradeHistory.grade_id == grade_id
    )
