"""Concepts, their prerequisites, and what each student has mastered of them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    Identified,
    SoftDeleted,
    TenantOwned,
    Timestamped,
    choice,
    district_reference,
    in_district,
    in_school,
    school_reference,
)


class Concept(Identified, SoftDeleted, Timestamped, Base):
    """An idea that questions practise; shared by the schools of a district, so without a school fence."""

    __tablename__ = "concepts"
    __table_args__ = (
        in_district(),
        UniqueConstraint("district_id", "subject", "name"),
        UniqueConstraint("district_id", "sourced_id"),
    )

    subject: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    code: Mapped[str | None]
    """The human coding scheme of a standard, as "CCSS.MATH.5.NF.A.1"."""
    sourced_id: Mapped[str | None]
    """The CASE identifier of the CFItem it came from; null: made here."""


class ConceptPrerequisite(TenantOwned, Timestamped, Base):
    """`concept_id` builds on `prerequisite_id`."""

    __tablename__ = "concept_prerequisites"
    __table_args__ = (
        district_reference("concept_id", "concepts"),
        district_reference("prerequisite_id", "concepts"),
        CheckConstraint("concept_id <> prerequisite_id", name="not_itself"),
        Index("ix_concept_prerequisites_prerequisite", "district_id", "prerequisite_id"),
    )

    concept_id: Mapped[UUID] = mapped_column(primary_key=True)
    prerequisite_id: Mapped[UUID] = mapped_column(primary_key=True)


class MasteryBand(StrEnum):
    NOT_ENOUGH_EVIDENCE = "not_enough_evidence"
    STRUGGLING = "struggling"
    DEVELOPING = "developing"
    SECURE = "secure"


class ConceptMastery(TenantOwned, Timestamped, Base):
    """The pipeline's latest mastery per student and concept, written back for the app; percents 0-100."""

    __tablename__ = "concept_mastery"
    __table_args__ = (
        in_school(),
        school_reference("student_id", "users"),
        district_reference("concept_id", "concepts"),
        CheckConstraint("mastery_percent BETWEEN 0 AND 100", name="mastery_percent"),
        Index("ix_concept_mastery_concept", "district_id", "concept_id", "student_id"),
    )

    student_id: Mapped[UUID] = mapped_column(primary_key=True)
    concept_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    mastery_percent: Mapped[float] = mapped_column(Float(53))
    lower_percent: Mapped[float] = mapped_column(Float(53))
    upper_percent: Mapped[float] = mapped_column(Float(53))
    evidence_count: Mapped[int]
    band: Mapped[MasteryBand] = mapped_column(choice(MasteryBand, "band"))
    below_threshold: Mapped[bool]
    as_of: Mapped[datetime]
