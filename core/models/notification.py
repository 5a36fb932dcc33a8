"""What people are told: notifications they read, and the gapless stream their clients follow."""

from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
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


class NotificationDelivery(StrEnum):
    IN_APP = "in_app"
    """Shown at once."""
    EMAIL_DIGEST = "email_digest"
    """Kept to be read, and mailed with others once a day."""
    OFF = "off"
    """Not even written; only a preference, never a notification's own."""


class Notification(Identified, Timestamped, Base):
    __tablename__ = "notifications"
    __table_args__ = (
        in_school(),
        district_reference("user_id", "users"),
        Index("ix_notifications_user", "district_id", "user_id", "read_at", "id"),
        Index("ix_notifications_newest", "district_id", "user_id", "id"),
        Index(
            "ix_notifications_digest",
            "district_id",
            "user_id",
            "id",
            postgresql_where=text("delivery = 'email_digest' AND digested_at IS NULL"),
        ),
        Index(
            "uq_notifications_unread_conversation",
            "district_id",
            "user_id",
            "related_id",
            unique=True,
            postgresql_where=text("related_type = 'conversation' AND read_at IS NULL"),
        ),
        CheckConstraint("occurrences >= 1", name="occurrences"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    user_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    related_type: Mapped[str | None]
    related_id: Mapped[UUID | None]
    body: Mapped[str | None]
    """More than the title says; of announcements by the administration."""
    occurrences: Mapped[int] = mapped_column(server_default="1")
    """Messages of one conversation that came while it was unread are one notification."""
    delivery: Mapped[NotificationDelivery] = mapped_column(
        choice(NotificationDelivery, "delivery"), server_default=NotificationDelivery.IN_APP
    )
    digested_at: Mapped[datetime | None]
    """When it left in a digest."""
    read_at: Mapped[datetime | None]


class NotificationPreference(TenantOwned, Timestamped, Base):
    """How one person wants to be told of one kind of thing; without a row: in the application."""

    __tablename__ = "notification_preferences"
    __table_args__ = (in_school(), district_reference("user_id", "users"))

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    school_id: Mapped[UUID | None]
    delivery: Mapped[NotificationDelivery] = mapped_column(choice(NotificationDelivery, "delivery"))


class NotificationSetting(TenantOwned, Timestamped, Base):
    """When one person wants to be left alone: quiet hours by the clock of a time zone."""

    __tablename__ = "notification_settings"
    __table_args__ = (
        in_school(),
        district_reference("user_id", "users"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_hours"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID | None]
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    time_zone: Mapped[str | None]
    """An IANA name; null: the district's."""


class Audience(StrEnum):
    EVERYONE = "everyone"
    STUDENTS = "students"
    TEACHERS = "teachers"


class SystemAnnouncement(Identified, Timestamped, Base):
    """What an administrator tells a school, or without a school the district; `told_up_to` is how far it has come."""

    __tablename__ = "system_announcements"
    __table_args__ = (in_district(), in_school(), district_reference("author_id", "users"))

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    author_id: Mapped[UUID]
    audience: Mapped[Audience] = mapped_column(choice(Audience, "audience"))
    title: Mapped[str]
    body: Mapped[str]
    job_id: Mapped[UUID]
    told_up_to: Mapped[UUID | None]
    """The last person, in the order of ids, whom the job has told; saved with what they were told."""


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
