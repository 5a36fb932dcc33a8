"""Every question put to a model and its reply, what districts allow it to cost, and what it has cost."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Identified, TenantOwned, Timestamped, choice, in_district, in_school

DOLLARS = Numeric(14, 8)
"""Money for single calls: a token of the cheapest model costs 10⁻⁷ US dollars."""


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
    )

    ai_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    ai_monthly_budget_usd: Mapped[Decimal | None] = mapped_column(DOLLARS)
    """Null: the installation's default (`ai_monthly_budget_usd`)."""
