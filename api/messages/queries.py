"""Conversations and messages as their people see them; who is in which stands in `core/messages/seats.py`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, exists, or_, select

from core.messages.seats import SEATS
from core.messages.unread import UNREAD_BY_CONVERSATION
from core.models import ClassEnrollment, Conversation, EnrollmentStatus, Message, MessageRevision, SchoolClass
from core.tenancy import Actor

_SHARE_A_CLASS = """
    EXISTS (
        SELECT 1 FROM app.classes sk
        JOIN app.class_enrollments se ON se.district_id = sk.district_id AND se.class_id = sk.id
          AND se.status = 'approved' AND se.deleted_at IS NULL
        WHERE sk.district_id = c.district_id AND sk.teacher_id = c.teacher_id AND sk.deleted_at IS NULL
          AND se.student_id = c.student_id)
"""

OWN_CONVERSATIONS = f"""
WITH seat AS ({SEATS}), unread AS ({UNREAD_BY_CONVERSATION}), listed AS (
    SELECT c.*, coalesce(c.last_message_at, c.created_at) AS last_activity_at FROM seat
    JOIN app.conversations c ON c.district_id = %(district_id)s AND c.id = seat.conversation_id
    WHERE (CAST(%(only)s AS uuid) IS NULL OR c.id = %(only)s)
      AND (CAST(%(before_at)s AS timestamptz) IS NULL
        OR (coalesce(c.last_message_at, c.created_at), c.id) < (%(before_at)s, CAST(%(before_id)s AS uuid)))
    ORDER BY coalesce(c.last_message_at, c.created_at) DESC, c.id DESC LIMIT %(limit)s
)
SELECT c.id, c.kind, c.class_id, k.name AS class_name, c.last_number, c.last_activity_at,
    t.id AS teacher_id, t.name AS teacher_name, s.id AS student_id, s.name AS student_name,
    CASE c.kind WHEN 'announcements' THEN t.id = %(user_id)s WHEN 'direct' THEN {_SHARE_A_CLASS} ELSE true END
        AS may_write,
    coalesce(mine.read_number, 0) AS read_number,
    CASE WHEN c.kind = 'direct' THEN coalesce(theirs.read_number, 0) END AS other_read_number,
    coalesce(unread.unread, 0) AS unread,
    m.id AS message_id, m.sender_id, m.sent_at, CASE WHEN m.deleted_at IS NULL THEN m.body END AS body
FROM listed c
LEFT JOIN app.classes k ON k.district_id = c.district_id AND k.id = c.class_id
JOIN app.users t ON t.district_id = c.district_id AND t.id = coalesce(c.teacher_id, k.teacher_id)
LEFT JOIN app.users s ON s.district_id = c.district_id AND s.id = c.student_id
LEFT JOIN app.messages m ON m.district_id = c.district_id AND m.conversation_id = c.id AND m.number = c.last_number
LEFT JOIN app.conversation_reads mine ON mine.district_id = c.district_id AND mine.conversation_id = c.id
  AND mine.user_id = %(user_id)s
LEFT JOIN app.conversation_reads theirs ON theirs.district_id = c.district_id AND theirs.conversation_id = c.id
  AND theirs.user_id <> %(user_id)s AND theirs.user_id IN (c.teacher_id, c.student_id)
LEFT JOIN unread ON unread.conversation_id = c.id
ORDER BY c.last_activity_at DESC, c.id DESC
"""
"""One page of a person's conversations, the latest activity first; `only` asks for one of them."""

OPEN_DIRECT = """
INSERT INTO app.conversations (district_id, school_id, id, kind, teacher_id, student_id)
VALUES (%(district_id)s, %(school_id)s, %(id)s, 'direct', %(teacher_id)s, %(student_id)s)
ON CONFLICT (district_id, teacher_id, student_id) DO NOTHING RETURNING id
"""
OPEN_OF_CLASS = """
INSERT INTO app.conversations (district_id, school_id, id, kind, class_id)
VALUES (%(district_id)s, %(school_id)s, %(id)s, %(kind)s, %(class_id)s)
ON CONFLICT (district_id, class_id, kind) DO NOTHING RETURNING id
"""
FIND_DIRECT = """
SELECT id FROM app.conversations
WHERE district_id = %(district_id)s AND teacher_id = %(teacher_id)s AND student_id = %(student_id)s
"""
FIND_OF_CLASS = """
SELECT id FROM app.conversations
WHERE district_id = %(district_id)s AND class_id = %(class_id)s AND kind = %(kind)s
"""

SEARCH = f"""
SELECT m.id, m.conversation_id, m.number, m.sender_id, m.client_id, m.body, m.sent_at, m.edited_at, m.deleted_at
FROM auth.search_messages(
    ARRAY(SELECT conversation_id FROM ({SEATS}) AS seat), %(looked_for)s, %(before)s, %(limit)s) AS found
JOIN app.messages m ON m.district_id = %(district_id)s AND m.id = found.message_id AND m.deleted_at IS NULL
ORDER BY m.id DESC
"""
"""Messages of one's own conversations, the newest first; a name of words and their beginnings."""


def messages_of(actor: Actor, conversation_id: UUID) -> Select[tuple[Message]]:
    return select(Message).where(
        Message.district_id == actor.district_id, Message.conversation_id == conversation_id
    )


def message_of(actor: Actor, conversation_id: UUID, message_id: UUID) -> Select[tuple[Message]]:
    """One message to be changed: its row is locked."""
    return messages_of(actor, conversation_id).where(Message.id == message_id).with_for_update()


def entered_class(actor: Actor, class_id: UUID) -> Select[tuple[SchoolClass]]:
    """A class the actor teaches or has a place in."""
    has_place = exists().where(
        ClassEnrollment.district_id == actor.district_id,
        ClassEnrollment.class_id == SchoolClass.id,
        ClassEnrollment.student_id == actor.user_id,
        ClassEnrollment.status == EnrollmentStatus.APPROVED,
        ClassEnrollment.deleted_at.is_(None),
    )
    return select(SchoolClass).where(
        SchoolClass.district_id == actor.district_id,
        SchoolClass.id == class_id,
        SchoolClass.deleted_at.is_(None),
        or_(SchoolClass.teacher_id == actor.user_id, has_place),
    )


def records_of(actor: Actor, student_id: UUID) -> Select[tuple[Message, Conversation]]:
    """What a student wrote anywhere, and what others wrote to the student alone, deleted messages included."""
    with_student = select(Conversation.id).where(
        Conversation.district_id == actor.district_id, Conversation.student_id == student_id
    )
    return (
        select(Message, Conversation)
        .join(
            Conversation,
            (Conversation.district_id == Message.district_id) & (Conversation.id == Message.conversation_id),
        )
        .where(
            Message.district_id == actor.district_id,
            or_(Message.sender_id == student_id, Message.conversation_id.in_(with_student)),
        )
    )


def revisions_of(actor: Actor, message_ids: Sequence[UUID]) -> Select[tuple[MessageRevision]]:
    return (
        select(MessageRevision)
        .where(MessageRevision.district_id == actor.district_id, MessageRevision.message_id.in_(message_ids))
        .order_by(MessageRevision.changed_at, MessageRevision.id)
    )
