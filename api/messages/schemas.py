from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from api.schemas import Input, Output, SearchText
from core.messages.bodies import LONGEST
from core.models import ConversationKind, RevisionKind

Body = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST),
    Field(examples=["See you on Monday, chapter 4."]),
]
"""Plain text; what is kept is cleaned (docs/api.md)."""

AnId = Annotated[UUID, Field(examples=["01a205a9-3b04-744d-afed-1dca955d52f1"])]

SoughtText = Annotated[SearchText, StringConstraints(min_length=1)]


class ConversationIn(Input):
    """With whom: exactly one of the three."""

    student_id: AnId | None = None
    """For a teacher: a student of theirs."""
    teacher_id: AnId | None = None
    """For a student: a teacher of theirs."""
    class_id: AnId | None = None
    """The conversation of a class; its teacher opens it."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(value is not None for value in (self.student_id, self.teacher_id, self.class_id)) != 1:
            raise PydanticCustomError("one_of", "Name one of student_id, teacher_id and class_id.")
        return self


class PersonOut(Output):
    id: UUID
    name: str


class LastMessageOut(Output):
    id: UUID
    number: int
    sender_id: UUID
    body: str | None
    """Null when it was deleted."""
    sent_at: datetime


class ConversationOut(Output):
    id: UUID
    kind: ConversationKind
    class_id: UUID | None
    class_name: str | None
    teacher: PersonOut
    student: PersonOut | None
    """Of two people; null in a class's conversation."""
    may_write: bool
    last_number: int
    last_activity_at: datetime
    last_message: LastMessageOut | None
    read_number: int
    """How far you have read."""
    other_read_number: int | None
    """How far the other one has read, of two people."""
    unread: int


class MessageIn(Input):
    body: Body
    client_id: AnId
    """Yours to choose (a UUID): the same one again is the same message, so a retry never doubles it."""


class MessageChange(Input):
    body: Body


class AnnouncementIn(Input):
    class_id: AnId
    body: Body
    client_id: AnId | None = None
    """As of a message; with `Idempotency-Key` it may be left out."""


class ReadIn(Input):
    up_to_message_id: AnId


class ReadOut(Output):
    read_number: int


class MessageOut(Output):
    id: UUID
    conversation_id: UUID
    number: int
    """Counts the conversation's messages from 1, without a gap."""
    sender_id: UUID
    client_id: UUID
    body: str | None
    """Null when it was deleted."""
    sent_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None


class UnreadOfConversation(Output):
    conversation_id: UUID
    unread: int


class UnreadOut(Output):
    unread: int
    conversations: list[UnreadOfConversation]


class RevisionOut(Output):
    kind: RevisionKind
    body: str
    """What the message said until then."""
    changed_by: UUID | None
    changed_at: datetime


class RecordOut(Output):
    """A message as the school keeps it."""

    id: UUID
    conversation_id: UUID
    kind: ConversationKind
    class_id: UUID | None
    number: int
    sender_id: UUID
    body: str
    """Also of a deleted message."""
    sent_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    revisions: list[RevisionOut]
    """What it said before, oldest first."""
