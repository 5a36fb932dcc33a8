"""Grades and the history of every change."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, SchoolOwned, TenantOwned, Timestamped, choice, in_school, school_reference
from core.models.question import POINTS

PERCENT = Numeric(8, 2)
"""A percent rounded half up, once, to two places; may pass 100 by extra credit."""


class GradeStatus(StrEnum):
    IN_PROGRESS = "in_progress"
    AWAITING_TEACHER = "awaiting_teacher"
    GRADED = "graded"


class GradeSource(StrEnum):
    AUTOMATIC = "automatic"
    TEACHER = "teacher"


class Grade(SchoolOwned, Timestamped, Base):
    """What one student has earned on one assignment."""

    __tablename__ = "grades"
    __table_args__ = (
        in_school(),
        school_reference("assignment_id", "assignments"),
        school_reference("class_id", "classes"),
        school_reference("student_id", "users"),
        school_reference("submission_id", "student_submissions"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "assignment_id", "student_id"),
        Index("ix_grades_class", "district_id", "class_id", "student_id", "id"),
        Index("ix_grades_student", "district_id", "student_id", "id"),
    )

    assignment_id: Mapped[UUID]
    class_id: Mapped[UUID]
    student_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    """The attempt the grade stands for: the best one so far."""
    score: Mapped[Decimal] = mapped_column(POINTS)
    possible: Mapped[Decimal] = mapped_column(POINTS)
    percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    status: Mapped[GradeStatus] = mapped_column(choice(GradeStatus, "status"))
    version: Mapped[int] = mapped_column(server_default="1")


class GradeHistory(TenantOwned, Timestamped, Base):
    """One row per change of a grade: what, when, by whom and why. Append-only."""

    __tablename__ = "grade_history"
    __table_args__ = (in_school(), school_reference("grade_id", "grades"))

    grade_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    old_score: Mapped[Decimal | None] = mapped_column(POINTS)
    new_score: Mapped[Decimal] = mapped_column(POINTS)
    possible: Mapped[Decimal] = mapped_column(POINTS)
    old_status: Mapped[str | None]
    new_status: Mapped[str]
    source: Mapped[GradeSource] = mapped_column(choice(GradeSource, "source"))
    actor_id: Mapped[UUID]
    reason: Mapped[str]
    answer_id: Mapped[UUID | None]
    changed_at: Mapped[datetime]
