"""Curricula made of files: sections in order, every version of them, and the questions written from them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    SchoolOwned,
    SoftDeleted,
    Timestamped,
    choice,
    in_school,
    school_reference,
)
from core.models.question import GenerationMode


class CurriculumStatus(StrEnum):
    OUTLINING = "outlining"
    """Its sections are being found in its files."""
    DRAFT = "draft"
    """Its teacher edits it."""
    FINALIZED = "finalized"
    """It stays as it is."""
    FAILED = "failed"
    """Nothing could be made of its files."""


class Curriculum(SchoolOwned, SoftDeleted, Timestamped, Base):
    """What a teacher's files teach, in order. `version` counts its changes."""

    __tablename__ = "curricula"
    __table_args__ = (
        in_school(),
        school_reference("owner_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        CheckConstraint("(status = 'finalized') = (finalized_at IS NOT NULL)", name="finalized"),
        Index("ix_curricula_owner", "district_id", "owner_id", "id"),
    )

    owner_id: Mapped[UUID]
    title: Mapped[str]
    status: Mapped[CurriculumStatus] = mapped_column(choice(CurriculumStatus, "status"))
    job_id: Mapped[UUID]
    mode: Mapped[GenerationMode | None] = mapped_column(choice(GenerationMode, "mode"))
    """Who found the sections; null until it is known."""
    offline_reason: Mapped[str | None]
    """Why no model did."""
    waiting_since: Mapped[datetime | None]
    """Since when the provider has not answered."""
    version: Mapped[int] = mapped_column(server_default=text("1"))
    finalized_at: Mapped[datetime | None]


class CurriculumFile(SchoolOwned, Timestamped, Base):
    """A file a curriculum was made of, as it was called then; it may have been taken back since."""

    __tablename__ = "curriculum_files"
    __table_args__ = (
        in_school(),
        school_reference("curriculum_id", "curricula"),
        school_reference("file_id", "uploaded_files"),
        UniqueConstraint("district_id", "curriculum_id", "file_id"),
    )

    curriculum_id: Mapped[UUID]
    file_id: Mapped[UUID]
    position: Mapped[int]
    name: Mapped[str]


class CurriculumSection(SchoolOwned, SoftDeleted, Timestamped, Base):
    """One section; `source_text` is what the files say in it, and all that its questions may ask about."""

    __tablename__ = "curriculum_sections"
    __table_args__ = (
        in_school(),
        school_reference("curriculum_id", "curricula"),
        UniqueConstraint("district_id", "school_id", "id"),
        Index("ix_curriculum_sections_curriculum", "district_id", "curriculum_id", "position", "id"),
    )

    curriculum_id: Mapped[UUID]
    position: Mapped[int]
    """Counts from 1."""
    unit: Mapped[str]
    title: Mapped[str]
    objectives: Mapped[list[str]] = mapped_column(JSONB(none_as_null=True))
    concepts: Mapped[list[str]] = mapped_column(JSONB(none_as_null=True))
    source_text: Mapped[str]
    spans: Mapped[list[dict[str, Any]]]
    """`[{"file_id", "file_name", "first_block", "last_block", "first_page", "last_page"}, …]`"""
    origin: Mapped[dict[str, Any]]
    """`{"mode": "ai", "model": …, "prompt_version": …}`, or `{"mode": "teacher"}`"""


class CurriculumRevision(SchoolOwned, Timestamped, Base):
    """A curriculum as it was after one change. Texts stand in it where they were changed or removed."""

    __tablename__ = "curriculum_revisions"
    __table_args__ = (
        in_school(),
        school_reference("curriculum_id", "curricula"),
        school_reference("saved_by", "users"),
        UniqueConstraint("district_id", "curriculum_id", "version"),
    )

    curriculum_id: Mapped[UUID]
    version: Mapped[int]
    what: Mapped[str]
    """`outlined`, `retitled`, `section_added`, `section_changed`, `section_removed`, `reordered`, …"""
    content: Mapped[dict[str, Any]]
    saved_by: Mapped[UUID]


class BankGeneration(SchoolOwned, Timestamped, Base):
    """A request to write a bank of questions from a curriculum, and how far it has come."""

    __tablename__ = "bank_generations"
    __table_args__ = (
        in_school(),
        school_reference("curriculum_id", "curricula"),
        school_reference("bank_id", "question_banks"),
        school_reference("requested_by", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        Index("ix_bank_generations_curriculum", "district_id", "curriculum_id", "id"),
    )

    curriculum_id: Mapped[UUID]
    bank_id: Mapped[UUID]
    requested_by: Mapped[UUID]
    job_id: Mapped[UUID]
    request: Mapped[dict[str, Any]]
    """`{"counts": {…} of each section, "section_ids": […], "difficulty": …}`"""
    mode: Mapped[GenerationMode | None] = mapped_column(choice(GenerationMode, "mode"))
    offline_reason: Mapped[str | None]
    waiting_since: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class BankGenerationBatch(SchoolOwned, Timestamped, Base):
    """What came of one batch: written in the transaction that put into the bank what passed the gate."""

    __tablename__ = "bank_generation_batches"
    __table_args__ = (
        in_school(),
        school_reference("generation_id", "bank_generations"),
        school_reference("section_id", "curriculum_sections"),
        UniqueConstraint("district_id", "generation_id", "section_id", "batch"),
    )

    generation_id: Mapped[UUID]
    section_id: Mapped[UUID]
    batch: Mapped[int]
    passed: Mapped[int]
    failed: Mapped[int]
    findings: Mapped[list[dict[str, Any]]]
    """Of those that failed: `[{"prompt": …, "check": "evidence", "reason": …}, …]`"""
