"""Mail on its way: written with its cause, sent by a job, emptied when it has left."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Identified, Timestamped, choice, in_district


class MailStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutgoingMail(Identified, Timestamped, Base):
    """A template, to whom, and what goes into it; address and content are encrypted and erased once sent."""

    __tablename__ = "outgoing_mails"
    __table_args__ = (in_district(), Index("ix_outgoing_mails_status", "district_id", "status", "id"))

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    template: Mapped[str]
    address_encrypted: Mapped[bytes | None]
    content_encrypted: Mapped[bytes | None]
    status: Mapped[MailStatus] = mapped_column(
        choice(MailStatus, "status"), server_default=MailStatus.WAITING
    )
    sent_at: Mapped[datetime | None]
