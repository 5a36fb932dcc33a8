from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from api.classes.queries import visible_classes
from core.models import Assignment, ClassEnrollment, Concept, EnrollmentStatus, SchoolClass, User
from core.tenancy import Actor


def class_students(actor: Actor, class_id: UUID) -> Select[tuple[User]]:
    """The approved students of a class."""
    return (
        select(User)
        .join(
            ClassEnrollment,
            (ClassEnrollment.district_id == User.district_id) & (ClassEnrollment.student_id == User.id),
        )
        .where(
            User.district_id == actor.district_id,
            User.deleted_at.is_(None),
            ClassEnrollment.class_id == class_id,
            ClassEnrollment.status == EnrollmentStatus.APPROVED,
        )
    )


def concept_names(actor: Actor, concept_ids: Sequence[UUID]) -> Select[tuple[UUID, str]]:
    return select(Concept.id, Concept.name).where(
        Concept.district_id == actor.district_id, Concept.id.in_(concept_ids)
    )


def assignment_titles(actor: Actor, assignment_ids: Sequence[UUID]) -> Select[tuple[UUID, str]]:
    return select(Assignment.id, Assignment.title).where(
        Assignment.district_id == actor.district_id,
        Assignment.id.in_(assignment_ids),
        Assignment.deleted_at.is_(None),
    )


def classes_of_student(actor: Actor, student_id: UUID) -> Select[tuple[UUID, str]]:
    """Ids and names of the student's classes among those the actor sees."""
    places = select(ClassEnrollment.class_id).where(
        ClassEnrollment.district_id == actor.district_id,
        ClassEnrollment.student_id == student_id,
        ClassEnrollment.status == EnrollmentStatus.APPROVED,
        ClassEnrollment.deleted_at.is_(None),
    )
    return (
        visible_classes(actor)
        .where(SchoolClass.id.in_(places))
        .with_only_columns(SchoolClass.id, SchoolClass.name)
        .order_by(SchoolClass.id)
    )


def names_of(actor: Actor, student_ids: Sequence[UUID]) -> Select[tuple[UUID, str]]:
    return select(User.id, User.name).where(User.district_id == actor.district_id, User.id.in_(student_ids))
