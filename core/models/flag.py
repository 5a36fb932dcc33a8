"""What the pipeline warns of: students at risk, and concepts a student struggles with."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    SchoolOwned,
    TenantOwned,
    Timestamped,
    choice,
    district_reference,
    in_school,
    school_reference,
)


class RiskLevel(StrEnum):
    WATCH = "watch"
    CONCERN = "concern"
    URGENT = "urgent"


class FlagStatus(StrEnum):
    """What the teacher made of a flag; one that rises to a higher level is open again."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DISMISSED = "dismissed"
    ACTED = "acted"


class RiskFlag(SchoolOwned, Timestamped, Base):
    """A warning that a student may fail a class. The pipeline raises, moves and clears it; the teacher answers it.

    A trigger counts `version` and writes the history.
    """

    __tablename__ = "risk_flags"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        school_reference("student_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
        Index(
            "uq_risk_flags_standing",
            "district_id",
            "class_id",
            "student_id",
            unique=True,
            postgresql_where=text("cleared_at IS NULL"),
        ),
        Index(
            "ix_risk_flags_school",
            "district_id",
            "school_id",
            "id",
            postgresql_where=text("cleared_at IS NULL"),
        ),
        Index("ix_risk_flags_student", "district_id", "student_id", "id"),
    )

    class_id: Mapped[UUID]
    student_id: Mapped[UUID]
    level: Mapped[RiskLevel] = mapped_column(choice(RiskLevel, "level"))
    probability: Mapped[float] = mapped_column(Float(53))
    reasons: Mapped[list[str]] = mapped_column(JSONB(none_as_null=True))
    """Sentences for the teacher, strongest first."""
    status: Mapped[FlagStatus] = mapped_column(choice(FlagStatus, "status"), server_default=FlagStatus.OPEN)
    raised_at: Mapped[datetime]
    level_since: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    """When the level had fallen back to none; a later warning is a flag of its own."""
    note: Mapped[str | None]
    """Why it was dismissed, or what was done."""
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    as_of: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class RiskFlagHistory(TenantOwned, Timestamped, Base):
    """One row per change of a flag's level, answer or end. Written by a trigger on `risk_flags`; append-only."""

    __tablename__ = "risk_flag_history"
    __table_args__ = (in_school(), school_reference("flag_id", "risk_flags"))

    flag_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    level: Mapped[RiskLevel] = mapped_column(choice(RiskLevel, "level"))
    probability: Mapped[float] = mapped_column(Float(53))
    reasons: Mapped[list[str]] = mapped_column(JSONB(none_as_null=True))
    status: Mapped[FlagStatus] = mapped_column(choice(FlagStatus, "status"))
    note: Mapped[str | None]
    actor_id: Mapped[UUID | None]
    """The teacher; null: the pipeline."""
    changed_at: Mapped[datetime]
    is_cleared: Mapped[bool]


class ConceptFlag(TenantOwned, Timestamped, Base):
    """The pipeline's latest list of concepts each student struggles with, the worst few, for the app."""

    __tablename__ = "concept_flags"
    __table_args__ = (
        in_school(),
        school_reference("student_id", "users"),
        district_reference("concept_id", "concepts"),
        CheckConstraint("rank >= 1", name="rank"),
        Index("ix_concept_flags_concept", "district_id", "concept_id", "student_id"),
    )

    student_id: Mapped[UUID] = mapped_column(primary_key=True)
    concept_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    rank: Mapped[int]
    strength: Mapped[str]
    p_below_threshold: Mapped[float] = mapped_column(Float(53))
    mastery_percent: Mapped[float] = mapped_column(Float(53))
    reasons: Mapped[list[str]] = mapped_column(JSONB(none_as_null=True))
    as_of: Mapped[datetime]
