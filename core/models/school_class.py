"""Classes, who is in them and how that came about, and what single students need there."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    SchoolOwned,
    SoftDeleted,
    Timestamped,
    choice,
    district_reference,
    in_school,
    school_reference,
)


class SchoolClass(SchoolOwned, SoftDeleted, Timestamped, Base):
    """A class of one teacher for one school year ("2026-2027")."""

    __tablename__ = "classes"
    __table_args__ = (
        in_school(),
        school_reference("teacher_id", "users"),
        district_reference("course_id", "courses"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "sourced_id"),
        CheckConstraint("grade_level BETWEEN 0 AND 12", name="grade_level"),
        CheckConstraint("code_max_uses > 0", name="code_max_uses"),
        Index("ix_classes_teacher", "district_id", "teacher_id", "id"),
        Index("ix_classes_school", "district_id", "school_id", "id"),
    )

    teacher_id: Mapped[UUID]
    name: Mapped[str]
    subject: Mapped[str]
    grade_level: Mapped[int | None]
    school_year: Mapped[str]
    code: Mapped[str]
    """Shown to the teacher; looked up only by its hash in `auth.class_codes`."""
    code_expires_at: Mapped[datetime]
    code_max_uses: Mapped[int | None]
    """How many students may ask for a place with this code; null: any number."""
    code_uses: Mapped[int] = mapped_column(server_default="0")
    course_id: Mapped[UUID | None]
    sourced_id: Mapped[str | None]
    """Its name in OneRoster; null: made here."""


class EnrollmentStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    REMOVED = "removed"


class ClassEnrollment(SchoolOwned, SoftDeleted, Timestamped, Base):
    """One student's place in one class; `pending` until the teacher decides."""

    __tablename__ = "class_enrollments"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        school_reference("student_id", "users"),
        school_reference("decided_by", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "class_id", "student_id"),
        UniqueConstraint("district_id", "sourced_id"),
        Index("ix_class_enrollments_status", "district_id", "class_id", "status", "id"),
        Index("ix_class_enrollments_student", "district_id", "student_id", "status", "class_id"),
        Index("ix_class_enrollments_updated", "updated_at", postgresql_using="brin"),
    )

    class_id: Mapped[UUID]
    student_id: Mapped[UUID]
    status: Mapped[EnrollmentStatus] = mapped_column(choice(EnrollmentStatus, "status"))
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    sourced_id: Mapped[str | None]


class EnrollmentChange(SchoolOwned, Timestamped, Base):
    """One change of one place's status; written by a trigger on `class_enrollments`, never changed."""

    __tablename__ = "enrollment_changes"
    __table_args__ = (
        in_school(),
        school_reference("enrollment_id", "class_enrollments"),
        Index("ix_enrollment_changes_enrollment", "district_id", "enrollment_id", "changed_at", "id"),
    )

    enrollment_id: Mapped[UUID]
    old_status: Mapped[EnrollmentStatus | None] = mapped_column(choice(EnrollmentStatus, "old_status"))
    new_status: Mapped[EnrollmentStatus] = mapped_column(choice(EnrollmentStatus, "new_status"))
    changed_by: Mapped[UUID | None]
    """Null: an import, or the student who asked."""
    changed_at: Mapped[datetime]


class Accommodation(SchoolOwned, Timestamped, Base):
    """What one student needs in one class; every timer, due date and late rule asks it."""

    __tablename__ = "accommodations"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        school_reference("student_id", "users"),
        school_reference("granted_by", "users"),
        UniqueConstraint("district_id", "class_id", "student_id"),
        CheckConstraint("time_multiplier BETWEEN 1 AND 10", name="time_multiplier"),
        CheckConstraint("due_shift_hours BETWEEN 0 AND 8760", name="due_shift_hours"),
        Index("ix_accommodations_student", "district_id", "student_id", "class_id"),
    )

    class_id: Mapped[UUID]
    student_id: Mapped[UUID]
    time_multiplier: Mapped[Decimal] = mapped_column(Numeric(4, 2), server_default="1")
    due_shift_hours: Mapped[int] = mapped_column(server_default="0")
    granted_by: Mapped[UUID]
