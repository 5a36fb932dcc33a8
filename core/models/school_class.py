"""Classes and who is in them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, SchoolOwned, SoftDeleted, Timestamped, choice, in_school, school_reference


class SchoolClass(SchoolOwned, SoftDeleted, Timestamped, Base):
    """A class of one teacher for one school year ("2026-2027")."""

    __tablename__ = "classes"
    __table_args__ = (
        in_school(),
        school_reference("teacher_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        CheckConstraint("grade_level BETWEEN 0 AND 12", name="grade_level"),
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
        UniqueConstraint("district_id", "class_id", "student_id"),
        Index("ix_class_enrollments_status", "district_id", "class_id", "status", "id"),
        Index("ix_class_enrollments_student", "district_id", "student_id", "status", "class_id"),
    )

    class_id: Mapped[UUID]
    student_id: Mapped[UUID]
    status: Mapped[EnrollmentStatus] = mapped_column(choice(EnrollmentStatus, "status"))
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
