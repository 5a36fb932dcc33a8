"""Which classes and places in them an actor may see; check and list filter are the same statement."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Update, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from core.ids import new_id
from core.models import (
    Accommodation,
    ClassEnrollment,
    EnrollmentChange,
    EnrollmentStatus,
    SchoolClass,
    User,
    UserStatus,
)
from core.tenancy import Actor, Role, TenantId

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


def listed_classes(
    actor: Actor, *, school_year: str | None, subject: str | None
) -> Select[tuple[SchoolClass]]:
    """The classes an actor sees, of one school year or subject where asked; subjects are compared without case."""
    statement = visible_classes(actor)
    if school_year is not None:
        statement = statement.where(SchoolClass.school_year == school_year)
    if subject is not None:
        statement = statement.where(func.lower(SchoolClass.subject) == subject.lower())
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


def use_of_code(tenant: TenantId, class_id: UUID, *, even_if_full: bool) -> Update:
    """Count one more place asked for with the code; no row when that is one too many."""
    statement = update(SchoolClass).where(
        SchoolClass.district_id == tenant.value, SchoolClass.id == class_id, SchoolClass.deleted_at.is_(None)
    )
    if not even_if_full:
        has_room = SchoolClass.code_uses < SchoolClass.code_max_uses
        statement = statement.where(or_(SchoolClass.code_max_uses.is_(None), has_room))
    return (
        statement.values(code_uses=SchoolClass.code_uses + 1)
        .returning(SchoolClass.code_uses, SchoolClass.code_max_uses)
        .execution_options(synchronize_session=False)
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


def locked_places(actor: Actor, class_id: UUID, ids: Sequence[UUID]) -> Select[tuple[ClassEnrollment]]:
    return (
        select(ClassEnrollment)
        .where(
            ClassEnrollment.district_id == actor.district_id,
            ClassEnrollment.class_id == class_id,
            ClassEnrollment.id.in_(ids),
        )
        .order_by(ClassEnrollment.id)
        .with_for_update()
    )


def decision(actor: Actor, ids: Sequence[UUID], status: EnrollmentStatus, now: datetime) -> Update:
    """Give places a status; the objects at hand follow."""
    return (
        update(ClassEnrollment)
        .where(ClassEnrollment.district_id == actor.district_id, ClassEnrollment.id.in_(ids))
        .values(status=status, decided_at=now, decided_by=actor.user_id)
        .execution_options(synchronize_session="evaluate")
    )


def approved_places(
    actor: Actor, school_class: SchoolClass, student_ids: Sequence[UUID], now: datetime
) -> ReturningInsert[tuple[UUID, UUID]]:
    """Give each student an approved place, new or not; returns (student, place) of those who had none."""
    given = {"status": EnrollmentStatus.APPROVED, "decided_at": now, "decided_by": actor.user_id}
    rows = [
        {
            "district_id": actor.district_id,
            "id": new_id(),
            "school_id": school_class.school_id,
            "class_id": school_class.id,
            "student_id": student_id,
            "requested_at": now,
            **given,
        }
        for student_id in sorted(student_ids)
    ]
    return (
        insert(ClassEnrollment)
        .values(rows)
        .on_conflict_do_update(
            index_elements=["district_id", "class_id", "student_id"],
            set_={**given, "deleted_at": None, "updated_at": func.now()},
            where=ClassEnrollment.status != EnrollmentStatus.APPROVED,
        )
        .returning(ClassEnrollment.student_id, ClassEnrollment.id)
    )


def students_of_school(actor: Actor, school_id: UUID) -> Select[tuple[User]]:
    """Whom a teacher of the school may put into a class."""
    return select(User).where(
        User.district_id == actor.district_id,
        User.school_id == school_id,
        User.role == Role.STUDENT,
        User.status != UserStatus.DISABLED,
        User.deleted_at.is_(None),
    )


def named_students(
    actor: Actor, school_id: UUID, emails: Sequence[str], sourced_ids: Sequence[str]
) -> Select[tuple[User]]:
    """The school's students that a list names, by address (in lower case) or by their name in OneRoster."""
    is_named = or_(User.email.in_(emails), User.sourced_id.in_(sourced_ids))
    return students_of_school(actor, school_id).where(is_named)


def own_name(actor: Actor) -> Select[tuple[str]]:
    return select(User.name).where(User.district_id == actor.district_id, User.id == actor.user_id)


def places(
    actor: Actor, class_id: UUID, status: EnrollmentStatus | None
) -> Select[tuple[ClassEnrollment, str, str, Accommodation]]:
    """Places in a class with the students' names and addresses, and what they need there (if anything)."""
    statement = (
        select(ClassEnrollment, User.name, User.email, Accommodation)
        .join(
            User, (User.district_id == ClassEnrollment.district_id) & (User.id == ClassEnrollment.student_id)
        )
        .outerjoin(
            Accommodation,
            (Accommodation.district_id == ClassEnrollment.district_id)
            & (Accommodation.class_id == ClassEnrollment.class_id)
            & (Accommodation.student_id == ClassEnrollment.student_id),
        )
        .where(ClassEnrollment.district_id == actor.district_id, ClassEnrollment.class_id == class_id)
    )
    return statement if status is None else statement.where(ClassEnrollment.status == status)


def history(actor: Actor, enrollment_id: UUID) -> Select[tuple[EnrollmentChange]]:
    """What became of a place, and when."""
    return select(EnrollmentChange).where(
        EnrollmentChange.district_id == actor.district_id, EnrollmentChange.enrollment_id == enrollment_id
    )


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
