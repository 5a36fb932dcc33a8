"""Background jobs as people see them, and repeats of a request."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Identified, TenantOwned, Timestamped, choice, district_reference, in_school


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BackgroundJob(Identified, Timestamped, Base):
    """What `/jobs/{id}` shows; the queue itself (schema `jobs`) stays out of the app's sight."""

    __tablename__ = "background_jobs"
    __table_args__ = (
        in_school(),
        district_reference("user_id", "users"),
        CheckConstraint("progress_percent BETWEEN 0 AND 100", name="progress_percent"),
        Index("ix_background_jobs_user", "district_id", "user_id", "id"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    user_id: Mapped[UUID]
    kind: Mapped[str]
    status: Mapped[JobStatus] = mapped_column(choice(JobStatus, "status"), server_default=JobStatus.QUEUED)
    progress_percent: Mapped[int] = mapped_column(server_default="0")
    subject_id: Mapped[UUID | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class IdempotencyKey(TenantOwned, Timestamped, Base):
    """The answer already given to a request, stored in the transaction of its effect. Kept 24 h."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        in_school(),
        district_reference("user_id", "users"),
        Index("ix_idempotency_keys_created", "district_id", "created_at"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    school_id: Mapped[UUID | None]
    fingerprint: Mapped[str]
    response: Mapped[dict[str, Any] | None]
