"""What people are told: notifications they read, and the gapless stream their clients follow."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Identified, TenantOwned, Timestamped, district_reference, in_school


class Notification(Identified, Timestamped, Base):
    __tablename__ = "notifications"
    __table_args__ = (
        in_school(),
        district_reference("user_id", "users"),
        Index("ix_notifications_user", "district_id", "user_id", "read_at", "id"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    user_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    related_type: Mapped[str | None]
    related_id: Mapped[UUID | None]
    read_at: Mapped[datetime | None]


class UserEventCounter(TenantOwned, Timestamped, Base):
    """The last `seq` of each user; bumped in the transaction that causes the event, so there is no gap."""

    __tablename__ = "user_event_counters"
    __table_args__ = (in_school(), district_reference("user_id", "users"))

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID | None]
    last_seq: Mapped[int] = mapped_column(BigInteger)


class UserEvent(TenantOwned, Timestamped, Base):
    """The truth behind every socket message that must not be lost. Facts: no key to what they mention."""

    __tablename__ = "user_events"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    school_id: Mapped[UUID | None]
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
