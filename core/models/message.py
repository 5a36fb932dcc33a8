"""What people write to each other: conversations, messages with their history, and how far each has read."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    SchoolOwned,
    SoftDeleted,
    TenantOwned,
    Timestamped,
    choice,
    in_school,
    school_reference,
)


class ConversationKind(StrEnum):
    DIRECT = "direct"
    """One teacher and one student."""
    CLASS = "class"
    """A class's teacher and its students; all may write."""
    ANNOUNCEMENTS = "announcements"
    """A class's teacher writes, its students read."""


class Conversation(SchoolOwned, Timestamped, Base):
    """Between a teacher and a student, or of one class.

    Who is in a class's conversation is stored nowhere: its teacher and the students who have a place at this moment.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        school_reference("teacher_id", "users"),
        school_reference("student_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "teacher_id", "student_id"),
        UniqueConstraint("district_id", "class_id", "kind"),
        CheckConstraint(
            "(kind = 'direct') = (class_id IS NULL)"
            " AND (kind = 'direct') = (teacher_id IS NOT NULL)"
            " AND (kind = 'direct') = (student_id IS NOT NULL)",
            name="people",
        ),
        CheckConstraint("last_number >= 0", name="last_number"),
        Index("ix_conversations_student", "district_id", "student_id", "id"),
    )

    kind: Mapped[ConversationKind] = mapped_column(choice(ConversationKind, "kind"))
    class_id: Mapped[UUID | None]
    teacher_id: Mapped[UUID | None]
    """Of a direct conversation only, like `student_id`."""
    student_id: Mapped[UUID | None]
    last_number: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The number of its newest message; its row is locked while the next one is written."""
    last_message_at: Mapped[datetime | None]


class Message(SchoolOwned, SoftDeleted, Timestamped, Base):
    """One message; `number` counts from 1 within its conversation without a gap.

    A trigger keeps each earlier body in `message_revisions`, and what search looks for in `message_search`.
    """

    __tablename__ = "messages"
    __table_args__ = (
        in_school(),
        school_reference("conversation_id", "conversations"),
        school_reference("sender_id", "users"),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "conversation_id", "number"),
        UniqueConstraint("district_id", "sender_id", "client_id"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name="body"),
    )

    conversation_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    sender_id: Mapped[UUID]
    client_id: Mapped[UUID]
    """Chosen by the sender's client: the same one again is the same message."""
    body: Mapped[str]
    sent_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]


class RevisionKind(StrEnum):
    EDITED = "edited"
    DELETED = "deleted"


class MessageRevision(SchoolOwned, Timestamped, Base):
    """What a message said before it was edited or deleted; written by a trigger, never changed."""

    __tablename__ = "message_revisions"
    __table_args__ = (
        in_school(),
        school_reference("message_id", "messages"),
        Index("ix_message_revisions_message", "district_id", "message_id", "changed_at", "id"),
    )

    message_id: Mapped[UUID]
    kind: Mapped[RevisionKind] = mapped_column(choice(RevisionKind, "kind"))
    body: Mapped[str]
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime]


class ConversationRead(TenantOwned, Timestamped, Base):
    """How far one person has read one conversation; without a row, nothing of it."""

    __tablename__ = "conversation_reads"
    __table_args__ = (
        in_school(),
        school_reference("conversation_id", "conversations"),
        school_reference("user_id", "users"),
        CheckConstraint("read_number >= 0", name="read_number"),
    )

    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID]
    read_number: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime]
