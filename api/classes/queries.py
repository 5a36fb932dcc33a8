"""Which classes and places in them an actor may see; check and list filter are the same statement."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select, text

from core.models import ClassEnrollment, EnrollmentStatus, SchoolClass, User
from core.tenancy import Actor, TenantId

FIND_CLASS_CODE = text("SELECT district_id, school_id, class_id FROM auth.find_class_code(:code_hash, :now)")
SET_CLASS_CODE = text("SELECT auth.set_class_code(:class_id, :school_id, :code_hash, :expires_at)")
DELETE_CLASS_CODE = text("SELECT auth.delete_class_code(:class_id)")


def has_place(actor: Actor) -> ColumnElement[bool]:
    """The actor is an approved student of the class at hand."""
    return exists().where(
        ClassEnrollment.district_id == actor.district_id,
        ClassEnrollment.class_id == SchoolClass.id,
        ClassEnrollment.student_id == actor.user_id,
        ClassEnrollment.status == EnrollmentStatus.APPROVED,
    )


def visible_classes(actor: Actor) -> Select[tuple[SchoolClass]]:
    """A student's approved classes, a teacher's own, an admin's school or district."""
    statement = select(SchoolClass).where(
        SchoolClass.district_id == actor.district_id, SchoolClass.deleted_at.is_(None)
    )
    if actor.is_student:
        return statement.where(has_place(actor))
    if actor.is_teacher:
        return statement.where(SchoolClass.teacher_id == actor.user_id)
    if actor.school_id is not None:
        return statement.where(SchoolClass.school_id == actor.school_id)
    return statement


def visible_class(actor: Actor, class_id: UUID) -> Select[tuple[SchoolClass]]:
    return visible_classes(actor).where(SchoolClass.id == class_id)


def taught_class(actor: Actor, class_id: UUID) -> Select[tuple[SchoolClass]]:
    """The class, for the teacher who teaches it and nobody else."""
    return visible_class(actor, class_id).where(SchoolClass.teacher_id == actor.user_id)


def class_of(tenant: TenantId, class_id: UUID) -> Select[tuple[SchoolClass]]:
    """A class found by its code, before the student has a place in it."""
    return select(SchoolClass).where(
        SchoolClass.district_id == tenant.value, SchoolClass.id == class_id, SchoolClass.deleted_at.is_(None)
    )


def place_of(tenant: TenantId, class_id: UUID, student_id: UUID) -> Select[tuple[ClassEnrollment]]:
    return (
        select(ClassEnrollment)
        .where(
            ClassEnrollment.district_id == tenant.value,
            ClassEnrollment.class_id == class_id,
            ClassEnrollment.student_id == student_id,
        )
        .with_for_update()
    )


def places(
    actor: Actor, class_id: UUID, status: EnrollmentStatus | None
) -> Select[tuple[ClassEnrollment, str, str]]:
    """Places in a class with the students' names and addresses."""
    statement = (
        select(ClassEnrollment, User.name, User.email)
        .join(
            User, (User.district_id == ClassEnrollment.district_id) & (User.id == ClassEnrollment.student_id)
        )
        .where(ClassEnrollment.district_id == actor.district_id, ClassEnrollment.class_id == class_id)
    )
    return statement if status is None else statement.where(ClassEnrollment.status == status)


def place_in_visible_class(actor: Actor, student_id: UUID) -> Select[tuple[UUID]]:
    """An approved place of the student in any class the actor sees."""
    classes = visible_classes(actor).with_only_columns(SchoolClass.id)
    return (
        select(ClassEnrollment.id)
        .where(
            ClassEnrollment.district_id == actor.district_id,
            ClassEnrollment.student_id == student_id,
            ClassEnrollment.status == EnrollmentStatus.APPROVED,
            ClassEnrollment.class_id.in_(classes),
        )
        .limit(1)
    )


def approved_students(actor: Actor, class_id: UUID) -> Select[tuple[UUID]]:
    return (
        select(ClassEnrollment.student_id)
        .where(
            ClassEnrollment.district_id == actor.district_id,
            ClassEnrollment.class_id == class_id,
            ClassEnrollment.status == EnrollmentStatus.APPROVED,
        )
        .order_by(ClassEnrollment.student_id)
    )
