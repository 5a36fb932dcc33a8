"""Questions: of an assignment, of a bank, and what an assignment's key has been over time."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
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


EXACT = Numeric()
"""Points after arithmetic: as many places as the exact result has (a deduction is never rounded)."""


class QuestionKind(StrEnum):
    MULTIPLE_CHOICE = "multiple_choice"
    FREE_RESPONSE = "free_response"


class Difficulty(StrEnum):
    """The teacher's estimate; shifts a question's prior until answers arrive (MASTERY rule 1)."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class ReviewStatus(StrEnum):
    """Whether a person stands behind a question."""

    ACCEPTED = "accepted"
    """Written, edited, imported or accepted by a teacher."""
    UNREVIEWED = "unreviewed"
    """Written by a machine; nobody has looked at it yet."""


class QuestionContent:
    """What a question is, wherever it lives: multiple choice with four options, or free response with a rubric."""

    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind, "kind"))
    prompt: Mapped[str]
    points: Mapped[Decimal] = mapped_column(POINTS)
    difficulty: Mapped[Difficulty] = mapped_column(choice(Difficulty, "difficulty"))
    options: Mapped[list[dict[str, Any]] | None]
    """`[{"id": "a", "text": …, "feedback": … | null}, …]`, ids a-d."""
    correct_option: Mapped[str | None]
    model_answer: Mapped[str | None]
    rubric: Mapped[list[dict[str, Any]] | None]
    """`[{"criterion": …, "points": "2", "levels": [{"label": …, "points": "1", "description": … | null}]}, …]`"""
    partial_credit: Mapped[bool] = mapped_column(server_default="true")
    """Free response: whether points between none and all may be given."""
    explanation: Mapped[str | None]
    source_quote: Mapped[str | None]
    """The passage of the curriculum that the question rests on, word for word."""
    provenance: Mapped[dict[str, Any] | None]
    """How it came to be: `{"origin": "ai" | "offline" | "import" | "bank" | "assignment", …}`.

    Null: written by its teacher.
    """


def content_rules() -> tuple[CheckConstraint, ...]:
    """The shape of each kind, held by the database."""
    return (
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("(kind = 'multiple_choice') = (options IS NOT NULL)", name="options"),
        CheckConstraint("(kind = 'multiple_choice') = (correct_option IS NOT NULL)", name="correct_option"),
    )


class Question(QuestionContent, SchoolOwned, SoftDeleted, Timestamped, Base):
    """A question of an assignment."""

    __tablename__ = "questions"
    __table_args__ = (
        in_school(),
        school_reference("assignment_id", "assignments"),
        school_reference("reviewed_by", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "school_id", "assignment_id", "id"),
        *content_rules(),
        Index("ix_questions_assignment", "district_id", "assignment_id", "position", "id"),
    )

    assignment_id: Mapped[UUID]
    position: Mapped[int]
    review_status: Mapped[ReviewStatus] = mapped_column(
        choice(ReviewStatus, "review_status"), server_default=ReviewStatus.ACCEPTED
    )
    reviewed_by: Mapped[UUID | None]
    reviewed_at: Mapped[datetime | None]
    key_version: Mapped[int] = mapped_column(server_default="1")
    """Kept by a trigger: one more with each change of what is right or what it is worth."""
    credits_everyone: Mapped[bool] = mapped_column(server_default="false")
    """Its key was wrong and it was decided that everyone gets its points, those who left it out as well."""


class QuestionKeyVersion(TenantOwned, Timestamped, Base):
    """What was right, and worth how much, since when; written by a trigger on `questions`, never changed."""

    __tablename__ = "question_key_versions"
    __table_args__ = (in_school(), school_reference("question_id", "questions"))

    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    correct_option: Mapped[str | None]
    model_answer: Mapped[str | None]
    rubric: Mapped[list[dict[str, Any]] | None]
    points: Mapped[Decimal] = mapped_column(POINTS)
    changed_by: Mapped[UUID | None]


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


class QuestionBank(SchoolOwned, SoftDeleted, Timestamped, Base):
    """A teacher's collection of questions; a shared one can be read by every teacher of the school."""

    __tablename__ = "question_banks"
    __table_args__ = (
        in_school(),
        school_reference("owner_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        Index("ix_question_banks_owner", "district_id", "owner_id", "id"),
        Index("ix_question_banks_school", "district_id", "school_id", "id"),
    )

    owner_id: Mapped[UUID]
    name: Mapped[str]
    description: Mapped[str | None]
    subject: Mapped[str | None]
    is_shared: Mapped[bool] = mapped_column(server_default="false")


class BankQuestion(QuestionContent, SchoolOwned, SoftDeleted, Timestamped, Base):
    """A question of a bank; assignments take copies."""

    __tablename__ = "bank_questions"
    __table_args__ = (
        in_school(),
        school_reference("bank_id", "question_banks"),
        UniqueConstraint("district_id", "school_id", "id"),
        *content_rules(),
        Index("ix_bank_questions_bank", "district_id", "bank_id", "id"),
        Index("ix_bank_questions_difficulty", "district_id", "bank_id", "difficulty", "id"),
    )

    bank_id: Mapped[UUID]
    name: Mapped[str | None]
    """A short title, as exchange formats carry one."""


class BankQuestionConcept(TenantOwned, Timestamped, Base):
    """Which concepts a bank's question practises; repeats the bank, so that a search stays in one index."""

    __tablename__ = "bank_question_concepts"
    __table_args__ = (
        in_school(),
        school_reference("question_id", "bank_questions"),
        district_reference("concept_id", "concepts"),
        Index("ix_bank_question_concepts_bank", "district_id", "bank_id", "concept_id", "question_id"),
        Index("ix_bank_question_concepts_concept", "district_id", "concept_id", "question_id"),
    )

    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    concept_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    bank_id: Mapped[UUID]


class BankQuestionTerm(TenantOwned, Timestamped, Base):
    """A folded word of a bank's question, kept by a trigger on `bank_questions`, searched by prefix.

    A range on text keeps its index under row security, which full-text search does not. A rare word is found by the
    primary key; for one that thousands have, the other index is walked from the newest question until a page is full.
    """

    __tablename__ = "bank_question_terms"
    __table_args__ = (
        in_school(),
        school_reference("question_id", "bank_questions"),
        Index("ix_bank_question_terms_question", "district_id", "bank_id", "question_id", "term"),
    )

    bank_id: Mapped[UUID] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]


class GenerationMode(StrEnum):
    AI = "ai"
    OFFLINE = "offline"


class QuizGeneration(SchoolOwned, Timestamped, Base):
    """A request to write questions from a source, and how far it has come; its job shows the state."""

    __tablename__ = "quiz_generations"
    __table_args__ = (
        in_school(),
        school_reference("assignment_id", "assignments"),
        school_reference("class_id", "classes"),
        school_reference("requested_by", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        Index("ix_quiz_generations_assignment", "district_id", "assignment_id", "id"),
    )

    assignment_id: Mapped[UUID]
    class_id: Mapped[UUID]
    requested_by: Mapped[UUID]
    job_id: Mapped[UUID]
    replaces_question_id: Mapped[UUID | None]
    """Set when one question is to be replaced by another."""
    source_text: Mapped[str]
    request: Mapped[dict[str, Any]]
    """`{"counts": {"multiple_choice": 8, "free_response": 2}, "difficulty": …, "concepts": […], …}`"""
    mode: Mapped[GenerationMode | None] = mapped_column(choice(GenerationMode, "mode"))
    """Who wrote the questions; null until it is known."""
    offline_reason: Mapped[str | None]
    """Why no model wrote them: `no_key`, `ai_off`, `budget_exhausted`, `provider_unavailable`, …"""
    waiting_since: Mapped[datetime | None]
    """Since when the provider has not answered."""
    finished_at: Mapped[datetime | None]


class CandidateState(StrEnum):
    PASSED = "passed"
    """Through the gate."""
    REPLACED = "replaced"
    """Failed, and another was asked for in its place."""
    QUARANTINED = "quarantined"
    """Failed again: kept aside with the reasons."""
    ADOPTED = "adopted"
    """From the quarantine into the assignment by its teacher, mended."""


class QuestionCandidate(SchoolOwned, Timestamped, Base):
    """One question as it was written, and what the gate said of it."""

    __tablename__ = "question_candidates"
    __table_args__ = (
        in_school(),
        school_reference("generation_id", "quiz_generations"),
        UniqueConstraint("district_id", "generation_id", "batch", "attempt", "position"),
        Index("ix_question_candidates_generation", "district_id", "generation_id", "state", "id"),
    )

    generation_id: Mapped[UUID]
    batch: Mapped[int]
    attempt: Mapped[int]
    position: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    """The question as the model returned it, well-formed or not."""
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB(none_as_null=True))
    """`[{"check": "evidence", "passed": false, "reason": …}, …]`"""
    state: Mapped[CandidateState] = mapped_column(choice(CandidateState, "state"))
    question_id: Mapped[UUID | None]
