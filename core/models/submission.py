"""A student's attempts and every try at every question."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, SchoolOwned, SoftDeleted, Timestamped, choice, in_school, school_reference
from core.models.question import POINTS, question_of_assignment


class SubmissionStatus(StrEnum):
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    GRADED = "graded"


class StudentSubmission(SchoolOwned, SoftDeleted, Timestamped, Base):
    """One attempt of one student at one assignment."""

    __tablename__ = "student_submissions"
    __table_args__ = (
        in_school(),
        school_reference("assignment_id", "assignments"),
        school_reference("class_id", "classes"),
        school_reference("student_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "assignment_id", "student_id", "attempt_number"),
        CheckConstraint("attempt_number >= 1", name="attempt_number"),
        Index("ix_student_submissions_student", "district_id", "student_id", "id"),
        Index("ix_student_submissions_class", "district_id", "class_id", "id"),
    )

    assignment_id: Mapped[UUID]
    class_id: Mapped[UUID]
    student_id: Mapped[UUID]
    attempt_number: Mapped[int]
    status: Mapped[SubmissionStatus] = mapped_column(choice(SubmissionStatus, "status"))
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    score: Mapped[Decimal] = mapped_column(POINTS, server_default="0")
    possible: Mapped[Decimal] = mapped_column(POINTS)


class AnswerStatus(StrEnum):
    GRADED = "graded"
    PENDING = "pending"
    """A free response whose background job has not run yet."""
    AWAITING_TEACHER = "awaiting_teacher"


class StudentAnswer(SchoolOwned, Timestamped, Base):
    """One try at one question, kept for ever; `counts` marks the try that the grade uses."""

    __tablename__ = "student_answers"
    __table_args__ = (
        in_school(),
        school_reference("submission_id", "student_submissions"),
        school_reference("student_id", "users"),
        question_of_assignment(),
        UniqueConstraint("district_id", "submission_id", "question_id", "client_seq"),
        CheckConstraint("score BETWEEN 0 AND possible", name="score"),
        CheckConstraint("(status = 'graded') = (score IS NOT NULL)", name="graded"),
        CheckConstraint("time_spent_ms >= 0", name="time_spent_ms"),
        Index(
            "uq_student_answers_counts",
            "district_id",
            "submission_id",
            "question_id",
            unique=True,
            postgresql_where=text("counts"),
        ),
        Index("ix_student_answers_updated", "updated_at", postgresql_using="brin"),
        Index("ix_student_answers_student", "district_id", "student_id", "answered_at"),
        Index("ix_student_answers_question", "district_id", "question_id", "answered_at"),
    )

    submission_id: Mapped[UUID]
    assignment_id: Mapped[UUID]
    question_id: Mapped[UUID]
    student_id: Mapped[UUID]
    client_seq: Mapped[int]
    answer: Mapped[dict[str, Any]]
    status: Mapped[AnswerStatus] = mapped_column(choice(AnswerStatus, "status"))
    is_correct: Mapped[bool | None]
    score: Mapped[Decimal | None] = mapped_column(POINTS)
    possible: Mapped[Decimal] = mapped_column(POINTS)
    feedback: Mapped[str | None]
    time_spent_ms: Mapped[int]
    counts: Mapped[bool]
    answered_at: Mapped[datetime]
    graded_at: Mapped[datetime | None]
