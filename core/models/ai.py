"""Every question put to a model and its reply, what it proposed for answers, and what districts allow and pay."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    Identified,
    SchoolOwned,
    TenantOwned,
    Timestamped,
    choice,
    in_district,
    in_school,
    school_reference,
)
from core.models.question import POINTS, GenerationMode, question_of_assignment

DOLLARS = Numeric(14, 8)
"""Money for single calls: a token of the cheapest model costs 10⁻⁷ US dollars."""


PERCENT = Numeric(5, 2)
CONFIDENCE = Numeric(4, 3)
"""Between 0 and 1."""


class AiStatus(StrEnum):
    ASKED = "asked"
    """Sent, or about to be; money is set aside for it."""
    ANSWERED = "answered"
    """A reply came, whatever it is worth; it is paid for."""
    FAILED = "failed"
    """No reply came; nothing is owed."""


class AiInteraction(Identified, Timestamped, Base):
    """One call of a model. The same question of the same work is one row, however often it is retried."""

    __tablename__ = "ai_interactions"
    __table_args__ = (
        in_district(),
        in_school(),
        UniqueConstraint("district_id", "request_hash"),
        CheckConstraint("input_tokens >= 0 AND output_tokens >= 0", name="tokens"),
        Index("ix_ai_interactions_subject", "district_id", "subject_id", "id"),
        Index("ix_ai_interactions_expiry", "expires_at", postgresql_using="brin"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    request_hash: Mapped[str]
    """SHA-256 of the work, the model, the prompt's version and every message: what makes a retry free."""
    purpose: Mapped[str]
    """`write_questions`, `solve_questions`, …"""
    subject_id: Mapped[UUID]
    """The work it belongs to: a generation, an answer."""
    status: Mapped[AiStatus] = mapped_column(choice(AiStatus, "status"))
    model: Mapped[str]
    prompt_version: Mapped[str]
    request_encrypted: Mapped[bytes | None]
    reply_encrypted: Mapped[bytes | None]
    finish_reason: Mapped[str | None]
    error_code: Mapped[str | None]
    input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    output_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    reserved_usd: Mapped[Decimal] = mapped_column(DOLLARS, server_default=text("0"))
    cost_usd: Mapped[Decimal] = mapped_column(DOLLARS, server_default=text("0"))
    latency_ms: Mapped[int | None]
    calls: Mapped[int] = mapped_column(server_default=text("0"))
    """How often the provider was called for it, retries counted."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """When retention takes it."""


class AiSpending(TenantOwned, Timestamped, Base):
    """What a district's models have cost in a month (UTC), and what is set aside for calls under way."""

    __tablename__ = "ai_spending"
    __table_args__ = (
        in_district(),
        CheckConstraint("spent_usd >= 0 AND reserved_usd >= 0", name="amounts"),
    )

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    """Its first day."""
    spent_usd: Mapped[Decimal] = mapped_column(DOLLARS, server_default=text("0"))
    reserved_usd: Mapped[Decimal] = mapped_column(DOLLARS, server_default=text("0"))


class DistrictSettings(TenantOwned, Timestamped, Base):
    """What a district decides for itself; without a row, the installation's defaults hold."""

    __tablename__ = "district_settings"
    __table_args__ = (
        in_district(),
        CheckConstraint("ai_monthly_budget_usd >= 0", name="ai_monthly_budget_usd"),
        CheckConstraint("ai_release_confidence BETWEEN 0 AND 1", name="ai_release_confidence"),
        CheckConstraint("struggling_percent BETWEEN 1 AND 99", name="struggling_percent"),
        CheckConstraint("struggling_probability BETWEEN 0.5 AND 0.99", name="struggling_probability"),
        CheckConstraint("secure_percent BETWEEN 1 AND 99", name="secure_percent"),
        CheckConstraint("small_cell_minimum BETWEEN 2 AND 100", name="small_cell_minimum"),
    )

    ai_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    ai_monthly_budget_usd: Mapped[Decimal | None] = mapped_column(DOLLARS)
    """Null: the installation's default (`ai_monthly_budget_usd`)."""
    ai_release_confidence: Mapped[Decimal | None] = mapped_column(CONFIDENCE)
    """From this confidence on a model's score counts without a teacher; null: each goes to the teacher first."""
    struggling_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    """Mastery below it is struggling; null: 60."""
    struggling_probability: Mapped[Decimal | None] = mapped_column(CONFIDENCE)
    """How sure the product must be of it before it says so; null: 0.8."""
    secure_percent: Mapped[Decimal | None] = mapped_column(PERCENT)
    """A concept is secure when the lower end of its interval is above it; null: 80."""
    small_cell_minimum: Mapped[int | None]
    """Groups of fewer students are not shown outside their class; null: 10."""


class AiGradingState(StrEnum):
    WAITING = "waiting"
    """A proposal in the teacher's review queue."""
    RELEASED = "released"
    """Counts; no teacher has looked at it."""
    ACCEPTED = "accepted"
    """The teacher gave the same score."""
    CHANGED = "changed"
    """The teacher gave another."""
    OVERTAKEN = "overtaken"
    """Came too late: a teacher, or a newer key, was first."""


class AiGrading(SchoolOwned, Timestamped, Base):
    """What a model (without one: the comparison of words) proposed for an answer, and what a person made of it."""

    __tablename__ = "ai_gradings"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        school_reference("student_id", "users"),
        school_reference("answer_id", "student_answers"),
        question_of_assignment(),
        UniqueConstraint("district_id", "answer_id", "rubric_version"),
        CheckConstraint("score BETWEEN 0 AND possible", name="score"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        Index("ix_ai_gradings_assignment", "district_id", "assignment_id", "id"),
        Index("ix_ai_gradings_class", "district_id", "class_id", "state", "id"),
        Index("ix_ai_gradings_updated", "updated_at", postgresql_using="brin"),
    )

    class_id: Mapped[UUID]
    assignment_id: Mapped[UUID]
    question_id: Mapped[UUID]
    student_id: Mapped[UUID]
    answer_id: Mapped[UUID]
    rubric_version: Mapped[int]
    """The question's `key_version` it was graded under."""
    mode: Mapped[GenerationMode] = mapped_column(choice(GenerationMode, "mode"))
    offline_reason: Mapped[str | None]
    """Why no model graded it: `no_key`, `ai_off`, `no_consent`, …"""
    model: Mapped[str | None]
    prompt_version: Mapped[str | None]
    interaction_id: Mapped[UUID | None]
    """The call in `ai_interactions`, while retention keeps it."""
    criteria: Mapped[list[dict[str, Any]]]
    """`[{"criterion": …, "points": "1", "possible": "2", "quote": …, "start": 10, "end": 25, "reason": …}, …]`"""
    score: Mapped[Decimal] = mapped_column(POINTS)
    possible: Mapped[Decimal] = mapped_column(POINTS)
    confidence: Mapped[Decimal] = mapped_column(CONFIDENCE)
    feedback: Mapped[str | None]
    suspicions: Mapped[list[dict[str, Any]]]
    """`[{"sign": "instruction_to_grader", "detail": …}, …]`; any keeps the score from being released."""
    state: Mapped[AiGradingState] = mapped_column(choice(AiGradingState, "state"))
    graded_at: Mapped[datetime]
    human_score: Mapped[Decimal | None] = mapped_column(POINTS)
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
