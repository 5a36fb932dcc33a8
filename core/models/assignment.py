"""Assignments and their questions."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    SCHEMA,
    Base,
    SchoolOwned,
    SoftDeleted,
    TenantOwned,
    Timestamped,
    choice,
    district_reference,
    in_school,
    school_reference,
)

POINTS = Numeric(10, 4)
"""Points of a question, an answer or a grade: exact, never binary floats."""


class AssignmentStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Assignment(SchoolOwned, SoftDeleted, Timestamped, Base):
    __tablename__ = "assignments"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        UniqueConstraint("district_id", "school_id", "id"),
        CheckConstraint("max_attempts BETWEEN 1 AND 100", name="max_attempts"),
        Index("ix_assignments_class", "district_id", "class_id", "status", "id"),
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
    max_attempts: Mapped[int] = mapped_column(server_default="1")
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class QuestionKind(StrEnum):
    MULTIPLE_CHOICE = "multiple_choice"
    FREE_RESPONSE = "free_response"


class Difficulty(StrEnum):
    """The teacher's estimate; shifts a question's prior until answers arrive (MASTERY rule 1)."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Question(SchoolOwned, SoftDeleted, Timestamped, Base):
    """Multiple choice with exactly four options, or free response with a model answer and rubric."""

    __tablename__ = "questions"
    __table_args__ = (
        in_school(),
        school_reference("assignment_id", "assignments"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "school_id", "assignment_id", "id"),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("(kind = 'multiple_choice') = (options IS NOT NULL)", name="options"),
        CheckConstraint("(kind = 'multiple_choice') = (correct_option IS NOT NULL)", name="correct_option"),
        Index("ix_questions_assignment", "district_id", "assignment_id", "position", "id"),
    )

    assignment_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind, "kind"))
    prompt: Mapped[str]
    points: Mapped[Decimal] = mapped_column(POINTS)
    difficulty: Mapped[Difficulty] = mapped_column(choice(Difficulty, "difficulty"))
    options: Mapped[list[dict[str, Any]] | None]
    """`[{"id": "a", "text": …, "feedback": … | null}, …]`, ids a-d."""
    correct_option: Mapped[str | None]
    model_answer: Mapped[str | None]
    rubric: Mapped[list[dict[str, Any]] | None]
    """`[{"criterion": …, "points": "2"}, …]`"""
    explanation: Mapped[str | None]


class QuestionConcept(TenantOwned, Timestamped, Base):
    """Which concepts a question practises."""

    __tablename__ = "question_concepts"
    __table_args__ = (
        in_school(),
        school_reference("question_id", "questions"),
        district_reference("concept_id", "concepts"),
        Index("ix_question_concepts_concept", "district_id", "concept_id", "question_id"),
    )

    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    concept_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]


def question_of_assignment() -> ForeignKeyConstraint:
    """The question belongs to the very assignment the row names."""
    columns = ["district_id", "school_id", "assignment_id"]
    return ForeignKeyConstraint(
        [*columns, "question_id"],
        [f"{SCHEMA}.questions.{column}" for column in [*columns, "id"]],
    )
