"""Which grades an actor may see."""

from uuid import UUID

from sqlalchemy import Select, select

from api.classes.queries import visible_classes
from core.models import Grade, GradeHistory, SchoolClass
from core.tenancy import Actor


def visible_grades(actor: Actor) -> Select[tuple[Grade]]:
    """A student's own grades; a teacher's or admin's classes' grades."""
    statement = select(Grade).where(Grade.district_id == actor.district_id)
    if actor.is_student:
        return statement.where(Grade.student_id == actor.user_id)
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    return statement.where(Grade.class_id.in_(classes))


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
