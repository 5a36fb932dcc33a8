"""What students need in classes; only staff of the class and the student themselves reach it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from core.ids import new_id
from core.models import Accommodation, ClassEnrollment, EnrollmentStatus, SchoolClass
from core.tenancy import Actor


def place_of_student(actor: Actor, class_id: UUID, student_id: UUID) -> Select[tuple[UUID]]:
    """The student's approved place in the class."""
    return select(ClassEnrollment.id).where(
        ClassEnrollment.district_id == actor.district_id,
        ClassEnrollment.class_id == class_id,
        ClassEnrollment.student_id == student_id,
        ClassEnrollment.status == EnrollmentStatus.APPROVED,
    )


def accommodation(actor: Actor, class_id: UUID, student_id: UUID) -> Select[tuple[Accommodation]]:
    return select(Accommodation).where(
        Accommodation.district_id == actor.district_id,
        Accommodation.class_id == class_id,
        Accommodation.student_id == student_id,
    )


def granted(
    actor: Actor, school_class: SchoolClass, student_id: UUID, needs: dict[str, Any]
) -> ReturningInsert[tuple[UUID]]:
    """Grant `needs`, in the place of what was granted before; two who grant at once leave one row."""
    statement = insert(Accommodation).values(
        district_id=actor.district_id,
        id=new_id(),
        school_id=school_class.school_id,
        class_id=school_class.id,
        student_id=student_id,
        granted_by=actor.user_id,
        **needs,
    )
    return statement.on_conflict_do_update(
        index_elements=["district_id", "class_id", "student_id"],
        set_={**needs, "granted_by": actor.user_id, "updated_at": func.now()},
    ).returning(Accommodation.id)


def withdrawn(actor: Actor, class_id: UUID, student_id: UUID) -> Delete:
    return delete(Accommodation).where(
        Accommodation.district_id == actor.district_id,
        Accommodation.class_id == class_id,
        Accommodation.student_id == student_id,
    )
