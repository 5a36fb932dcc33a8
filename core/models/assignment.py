"""Assignments, the exceptions some students have from their dates, and templates."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.domain.grading import AttemptPolicy
from core.models.base import Base, SchoolOwned, SoftDeleted, Timestamped, choice, in_school, school_reference
from core.models.question import POINTS


class AssignmentStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class FeedbackRelease(StrEnum):
    """When a student learns how an answer was."""

    INSTANT = "instant"
    AFTER_SUBMIT = "after_submit"
    AFTER_DUE = "after_due"


class GradePosting(StrEnum):
    """When a grade is its student's to see, beyond `feedback_release`."""

    AUTOMATIC = "automatic"
    """With the feedback."""
    MANUAL = "manual"
    """When its teacher publishes it."""


class GradingType(StrEnum):
    POINTS = "points"
    PASS_FAIL = "pass_fail"  # noqa: S105 - a name


class Assignment(SchoolOwned, SoftDeleted, Timestamped, Base):
    __tablename__ = "assignments"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "sourced_id"),
        CheckConstraint("max_attempts BETWEEN 1 AND 100", name="max_attempts"),
        CheckConstraint("time_limit_minutes BETWEEN 1 AND 1440", name="time_limit_minutes"),
        CheckConstraint("points >= 0", name="points"),
        Index("ix_assignments_class", "district_id", "class_id", "status", "id"),
        Index("ix_assignments_updated", "updated_at", postgresql_using="brin"),
    )

    class_id: Mapped[UUID]
    title: Mapped[str]
    description: Mapped[str | None]
    instructions: Mapped[str | None]
    category: Mapped[str | None]
    status: Mapped[AssignmentStatus] = mapped_column(
        choice(AssignmentStatus, "status"), server_default=AssignmentStatus.DRAFT
    )
    available_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    available_until: Mapped[datetime | None]
    """From then on no attempt starts and no answer is taken; between `due_at` and it, work is late."""
    max_attempts: Mapped[int] = mapped_column(server_default="1")
    time_limit_minutes: Mapped[int | None]
    """From the start of an attempt, before the student's accommodation multiplies it."""
    points: Mapped[Decimal | None] = mapped_column(POINTS)
    """What it counts in the gradebook; null: the sum of its questions."""
    shuffle_questions: Mapped[bool] = mapped_column(server_default="false")
    shuffle_options: Mapped[bool] = mapped_column(server_default="false")
    feedback_release: Mapped[FeedbackRelease] = mapped_column(
        choice(FeedbackRelease, "feedback_release"), server_default=FeedbackRelease.INSTANT
    )
    attempt_policy: Mapped[AttemptPolicy] = mapped_column(
        choice(AttemptPolicy, "attempt_policy"), server_default=AttemptPolicy.BEST
    )
    grade_posting: Mapped[GradePosting] = mapped_column(
        choice(GradePosting, "grade_posting"), server_default=GradePosting.AUTOMATIC
    )
    grading_type: Mapped[GradingType] = mapped_column(
        choice(GradingType, "grading_type"), server_default=GradingType.POINTS
    )
    omit_from_final: Mapped[bool] = mapped_column(server_default="false")
    """Graded and shown, but no part of any overall grade."""
    never_drop: Mapped[bool] = mapped_column(server_default="false")
    """No drop rule of its category may leave it out."""
    published_at: Mapped[datetime | None]
    sourced_id: Mapped[str | None]
    """Its name in OneRoster (a lineItem)."""
    version: Mapped[int] = mapped_column(server_default="1")
    """One more with each change of it or its questions: the ETag."""


class AssignmentExtension(SchoolOwned, Timestamped, Base):
    """What one student is granted for one assignment; it wins over every general rule."""

    __tablename__ = "assignment_extensions"
    __table_args__ = (
        in_school(),
        school_reference("assignment_id", "assignments"),
        school_reference("student_id", "users"),
        school_reference("granted_by", "users"),
        UniqueConstraint("district_id", "assignment_id", "student_id"),
        CheckConstraint("extra_attempts BETWEEN 0 AND 100", name="extra_attempts"),
        CheckConstraint("extra_minutes BETWEEN 0 AND 1440", name="extra_minutes"),
        Index("ix_assignment_extensions_student", "district_id", "student_id", "assignment_id"),
    )

    assignment_id: Mapped[UUID]
    student_id: Mapped[UUID]
    due_at: Mapped[datetime | None]
    """Instead of the assignment's (and any accommodation's) due date; null: as it is."""
    available_until: Mapped[datetime | None]
    extra_attempts: Mapped[int] = mapped_column(server_default="0")
    extra_minutes: Mapped[int] = mapped_column(server_default="0")
    reason: Mapped[str | None]
    granted_by: Mapped[UUID]


class AssignmentTemplate(SchoolOwned, SoftDeleted, Timestamped, Base):
    """An assignment kept to be used again, with its questions as they were; a shared one serves the school."""

    __tablename__ = "assignment_templates"
    __table_args__ = (
        in_school(),
        school_reference("owner_id", "users"),
        Index("ix_assignment_templates_owner", "district_id", "owner_id", "id"),
        Index("ix_assignment_templates_school", "district_id", "school_id", "id"),
    )

    owner_id: Mapped[UUID]
    title: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(server_default="false")
    content: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    """`{"assignment": {…}, "questions": [{…}]}` as the API would accept them, without dates; beside them, question by
    question, `"provenance": [{…} | null]`."""
