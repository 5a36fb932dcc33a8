"""Files teachers bring along: gone within a day, their text stays; and the evidence of what was removed when."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    Identified,
    SchoolOwned,
    SoftDeleted,
    Timestamped,
    choice,
    in_district,
    in_school,
    school_reference,
)


class FileStatus(StrEnum):
    PENDING = "pending"
    SCANNING = "scanning"
    EXTRACTING = "extracting"
    READY = "ready"
    REJECTED = "rejected"


class RemovalReason(StrEnum):
    PROCESSED = "processed"
    """Its text was read, or nobody will ever read it."""
    DELETED = "deleted"
    """Its owner took it back."""
    EXPIRED = "expired"
    """Its day was over before anything else came about."""
    ORPHANED = "orphaned"
    """An object without a row: whoever stored it died before the row was written."""


class UploadedFile(SchoolOwned, SoftDeleted, Timestamped, Base):
    """One file somebody sent. `object_key` is set exactly as long as its bytes are kept."""

    __tablename__ = "uploaded_files"
    __table_args__ = (
        in_school(),
        school_reference("owner_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "object_key"),
        CheckConstraint("byte_count >= 0", name="byte_count"),
        CheckConstraint("(status = 'rejected') = (rejection_code IS NOT NULL)", name="rejection"),
        CheckConstraint("(object_key IS NULL) = (removed_at IS NOT NULL)", name="removal"),
        CheckConstraint("length(name) BETWEEN 1 AND 255", name="name"),
        Index(
            "uq_uploaded_files_content",
            "district_id",
            "owner_id",
            "sha256",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_uploaded_files_owner", "district_id", "owner_id", "id"),
        Index(
            "ix_uploaded_files_kept",
            "district_id",
            "delete_by",
            postgresql_where=text("object_key IS NOT NULL"),
        ),
    )

    owner_id: Mapped[UUID]
    job_id: Mapped[UUID]
    name: Mapped[str]
    """What its sender calls it; a label and nothing else."""
    kind: Mapped[str]
    byte_count: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    object_key: Mapped[str | None]
    status: Mapped[FileStatus] = mapped_column(
        choice(FileStatus, "status"), server_default=FileStatus.PENDING
    )
    rejection_code: Mapped[str | None]
    extraction: Mapped[dict[str, Any] | None]
    """What was read: blocks of text with page numbers, warnings, language."""
    uploaded_at: Mapped[datetime]
    delete_by: Mapped[datetime]
    """A day after the upload; the bytes are gone by then, whatever has happened."""
    removed_at: Mapped[datetime | None]


class FileRemoval(Identified, Timestamped, Base):
    """Evidence that bytes were removed. No key to the file: evidence outlasts what it is about."""

    __tablename__ = "file_removals"
    __table_args__ = (
        in_district(),
        in_school(),
        Index("ix_file_removals_file", "district_id", "file_id"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    """Null: an object without a row, of which only the district is known."""
    file_id: Mapped[UUID | None]
    object_key: Mapped[str]
    reason: Mapped[RemovalReason] = mapped_column(choice(RemovalReason, "reason"))
    removed_at: Mapped[datetime]
