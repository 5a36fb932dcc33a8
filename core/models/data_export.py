"""What leaves the warehouse: exports people asked for, the keys behind pseudonyms, and how far the event lake is."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    Identified,
    TenantOwned,
    Timestamped,
    choice,
    district_reference,
    in_district,
    in_school,
)


class ExportFormat(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"


class ExportProfile(StrEnum):
    """How much of a person is in it."""

    NAMED = "named"
    """A teacher's own class, with names and ids as on the screen."""
    RECORD = "record"
    """A row per record, students by a pseudonymous key; the mapping is a file apart."""
    AGGREGATE = "aggregate"
    """Groups only; small cells suppressed."""


class ExportState(StrEnum):
    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    """The file has been removed; the row stays as the record of a disclosure."""


class DataExport(Identified, Timestamped, Base):
    """One file somebody asked for."""

    __tablename__ = "data_exports"
    __table_args__ = (
        in_district(),
        in_school(),
        district_reference("requested_by", "users"),
        district_reference("class_id", "classes"),
        district_reference("job_id", "background_jobs"),
        CheckConstraint("row_count >= 0 AND byte_count >= 0", name="counts"),
        Index("ix_data_exports_requested", "district_id", "requested_by", "id"),
        Index("ix_data_exports_expiry", "expires_at", postgresql_using="brin"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    """Null: asked for by an administrator of the whole district."""
    requested_by: Mapped[UUID]
    class_id: Mapped[UUID | None]
    """Null: everything the asker may see."""
    dataset: Mapped[str]
    """A mart, or `bundle`."""
    format: Mapped[ExportFormat] = mapped_column(choice(ExportFormat, "format"))
    profile: Mapped[ExportProfile] = mapped_column(choice(ExportProfile, "profile"))
    state: Mapped[ExportState] = mapped_column(
        choice(ExportState, "state"), server_default=ExportState.QUEUED
    )
    job_id: Mapped[UUID | None]
    file_name: Mapped[str | None]
    storage_key: Mapped[str | None]
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    byte_count: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    as_of: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    error_code: Mapped[str | None]


class ExportKey(TenantOwned, Timestamped, Base):
    """The district's secret from which pseudonymous student keys are derived, the same in every export."""

    __tablename__ = "export_keys"
    __table_args__ = (in_district(),)

    secret: Mapped[bytes] = mapped_column(LargeBinary)


class LakeState(TenantOwned, Timestamped, Base):
    """What the event lake has proven to hold; PostgreSQL lets hot events go only behind it."""

    __tablename__ = "lake_states"
    __table_args__ = (in_district(), CheckConstraint("event_count >= 0", name="event_count"))

    watermark: Mapped[int] = mapped_column(BigInteger)
    """Every event recorded by a transaction below it is in the lake."""
    complete_through: Mapped[datetime]
    event_count: Mapped[int] = mapped_column(BigInteger)
    run_id: Mapped[str]
    """The publication that proved it."""
