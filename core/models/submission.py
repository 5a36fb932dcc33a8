"""A student's attempts, every try at every question, and what was written before it was given."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, SchoolOwned, SoftDeleted, Timestamped, choice, in_school, school_reference
from core.models.question import POINTS, question_of_assignment


class SubmissionStatus(StrEnum):
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    GRADED = "graded"


class HandedInBy(StrEnum):
    """Who ended an attempt."""

    STUDENT = "student"
    TIME_LIMIT = "time_limit"
    """Nobody did: its time was up, and what was there was handed in."""


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
        Index("ix_student_submissions_updated", "updated_at", postgresql_using="brin"),
        Index(
            "ix_student_submissions_open",
            "district_id",
            "assignment_id",
            "id",
            postgresql_where=text("status = 'in_progress' AND deleted_at IS NULL"),
        ),
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
    handed_in_by: Mapped[HandedInBy | None] = mapped_column(choice(HandedInBy, "handed_in_by"))
    active_ms: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Time spent at work on it: the sum of the gaps between its traces, without those in which nothing happened."""
    last_active_at: Mapped[datetime | None]


class AnswerStatus(StrEnum):
    GRADED = "graded"
    PENDING = "pending"
    """A free response whose background job has not run yet."""
    AWAITING_TEACHER = "awaiting_teacher"


class AnswerGrader(StrEnum):
    """Who gave an answer its score; a later one in this list is never overruled by an earlier one."""

    AUTOMATIC = "automatic"
    AI = "ai"
    TEACHER = "teacher"


class StudentAnswer(SchoolOwned, Timestamped, Base):
    """One try at one question, kept for ever; `counts` marks the try that the grade uses."""

    __tablename__ = "student_answers"
    __table_args__ = (
        in_school(),
        school_reference("submission_id", "student_submissions"),
        school_reference("student_id", "users"),
        question_of_assignment(),
        UniqueConstraint("district_id", "school_id", "id"),
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
        Index(
            "ix_student_answers_waiting",
            "district_id",
            "assignment_id",
            "id",
            postgresql_where=text("counts AND status <> 'graded'"),
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
    graded_by: Mapped[AnswerGrader | None] = mapped_column(choice(AnswerGrader, "graded_by"))
    grader_id: Mapped[UUID | None]
    """The teacher who gave the score."""
    key_version: Mapped[int] = mapped_column(server_default="1")
    """Which version of the question's key judged it."""
    score_before_regrade: Mapped[Decimal | None] = mapped_column(POINTS)
    """What it had earned before its key was changed for the first time; kept for ever."""


class AnswerDraft(SchoolOwned, Timestamped, Base):
    """One state of an answer that is not given yet. Each is kept; the one with the highest `client_seq` stands."""

    __tablename__ = "answer_drafts"
    __table_args__ = (
        in_school(),
        school_reference("submission_id", "student_submissions"),
        school_reference("student_id", "users"),
        question_of_assignment(),
        UniqueConstraint("district_id", "submission_id", "question_id", "client_seq"),
    )

    submission_id: Mapped[UUID]
    assignment_id: Mapped[UUID]
    question_id: Mapped[UUID]
    student_id: Mapped[UUID]
    client_seq: Mapped[int]
    answer: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
