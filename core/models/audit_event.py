"""The audit trail: who did what, and who read whose record. A hypertable behind a view, like the clicks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import SCHEMA, Base, Timestamped


class AuditEvent(Timestamped, Base):
    """One act or one read. Append-only: the app may insert and select, through the view, and nothing else.

    `subject_id` is the student whose record was read or changed; `purpose` says why (the route's permission).
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_time", "occurred_at", postgresql_using="brin"),
        Index("ix_audit_events_object", "district_id", "object_id", "occurred_at"),
        Index("ix_audit_events_subject", "district_id", "subject_id", "occurred_at"),
    )

    district_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(primary_key=True)
    school_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[UUID | None]
    purpose: Mapped[str | None]
    details: Mapped[dict[str, Any]]


tenant_audit_events = Table(
    "tenant_audit_events",
    MetaData(schema=SCHEMA),
    Column("district_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("school_id", Uuid),
    Column("actor_id", Uuid),
    Column("subject_id", Uuid),
    Column("action", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("object_id", Uuid),
    Column("purpose", Text),
    Column("details", JSONB, nullable=False),
)
"""What the app reads and writes; apart from `Base.metadata`, because the migration writes the view by hand."""
