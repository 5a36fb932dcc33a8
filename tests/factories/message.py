from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    Conversation,
    ConversationKind,
    ConversationRead,
    Message,
    MessageRevision,
    RevisionKind,
    SchoolClass,
    User,
)
from tests.factories.saving import canary, saved


def make_direct_conversation(session: Session, teacher: User, student: User) -> Conversation:
    conversation = Conversation(
        district_id=teacher.district_id,
        school_id=teacher.school_id,
        id=new_id(),
        kind=ConversationKind.DIRECT,
        teacher_id=teacher.id,
        student_id=student.id,
    )
    return saved(session, conversation)


def make_class_conversation(
    session: Session, school_class: SchoolClass, kind: ConversationKind = ConversationKind.CLASS
) -> Conversation:
    conversation = Conversation(
        district_id=school_class.district_id,
        school_id=school_class.school_id,
        id=new_id(),
        kind=kind,
        class_id=school_class.id,
    )
    return saved(session, conversation)


def make_message(session: Session, conversation: Conversation, sender: User, body: str = "Hello") -> Message:
    """The next message of a conversation."""
    now = datetime.now(UTC)
    conversation.last_number += 1
    conversation.last_message_at = now
    saved(session, conversation)
    message = Message(
        district_id=conversation.district_id,
        school_id=conversation.school_id,
        id=new_id(),
        conversation_id=conversation.id,
        number=conversation.last_number,
        sender_id=sender.id,
        client_id=new_id(),
        body=f"{body} {canary(sender.district_id, sender.school_id)}",
        sent_at=now,
    )
    return saved(session, message)


def make_revision(session: Session, message: Message) -> MessageRevision:
    """What a message said before."""
    revision = MessageRevision(
        district_id=message.district_id,
        school_id=message.school_id,
        id=new_id(),
        message_id=message.id,
        kind=RevisionKind.EDITED,
        body=f"Before {canary(message.district_id, message.school_id)}",
        changed_by=message.sender_id,
        changed_at=datetime.now(UTC),
    )
    return saved(session, revision)


def make_read(session: Session, message: Message, reader: User) -> ConversationRead:
    """A person has read as far as a message."""
    read = ConversationRead(
        district_id=message.district_id,
        school_id=message.school_id,
        conversation_id=message.conversation_id,
        user_id=reader.id,
        read_number=message.number,
        read_at=datetime.now(UTC),
    )
    return saved(session, read)
