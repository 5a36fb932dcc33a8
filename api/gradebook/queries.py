"""Who is in a gradebook, what its columns are called, and overall grades."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, and_, select

from core.models import Assignment, AssignmentStatus, ClassEnrollment, ClassGrade, EnrollmentStatus, User
from core.tenancy import Actor


def students_of(actor: Actor, class_id: UUID) -> Select[tuple[UUID, str]]:
    """Ids and names of those who have a place in the class."""
    is_user = and_(User.district_id == ClassEnrollment.district_id, User.id == ClassEnrollment.student_id)
    return (
        select(ClassEnrollment.student_id, User.name)
        .join(User, is_user)
        .where(
            ClassEnrollment.district_id == actor.district_id,
            ClassEnrollment.class_id == class_id,
            ClassEnrollment.status == EnrollmentStatus.APPROVED,
            ClassEnrollment.deleted_at.is_(None),
        )
    )


def columns_of(actor: Actor, class_id: UUID) -> Select[tuple[Assignment]]:
    """The assignments a class was given, oldest first."""
    return (
        select(Assignment)
        .where(
            Assignment.district_id == actor.district_id,
            Assignment.class_id == class_id,
            Assignment.status.in_([AssignmentStatus.PUBLISHED, AssignmentStatus.ARCHIVED]),
            Assignment.deleted_at.is_(None),
        )
        .order_by(Assignment.id)
    )


def class_grades_of(actor: Actor, class_id: UUID, student_ids: Sequence[UUID]) -> Select[tuple[ClassGrade]]:
    return select(ClassGrade).where(
        ClassGrade.district_id == actor.district_id,
        ClassGrade.class_id == class_id,
        ClassGrade.student_id.in_(student_ids),
    )
