"""How far somebody has read: it only ever goes forward."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.badges import tell_badges
from core.db import run
from core.errors import NotFoundError
from core.messages.seats import members, take_seat
from core.models import ConversationKind
from core.tenancy import Actor
from core.user_events import UserEventDraft, record_user_event

_NUMBER = """
SELECT number FROM app.messages
WHERE district_id = %(district_id)s AND conversation_id = %(conversation_id)s AND id = %(message_id)s
"""
_READ = """
INSERT INTO app.conversation_reads AS r (district_id, school_id, conversation_id, user_id, read_number, read_at)
VALUES (%(district_id)s, %(school_id)s, %(conversation_id)s, %(user_id)s, %(number)s, %(now)s)
ON CONFLICT (district_id, conversation_id, user_id) DO UPDATE
SET read_number = excluded.read_number, read_at = excluded.read_at, updated_at = now()
WHERE r.read_number < excluded.read_number
RETURNING read_number
"""
_NOTIFICATION_READ = """
UPDATE app.notifications SET read_at = %(now)s, updated_at = now()
WHERE district_id = %(district_id)s AND user_id = %(user_id)s AND related_type = 'conversation'
  AND related_id = %(conversation_id)s AND read_at IS NULL
"""


async def mark_read(
    session: AsyncSession, actor: Actor, conversation_id: UUID, up_to_message_id: UUID, *, now: datetime
) -> int:
    """Take note that the actor has read a conversation up to a message; returns its number.

    The notification of the conversation is read with it. Of two people the other one hears of it; of a class only
    the reader's own devices do. Going back changes nothing. Raises NotFoundError for a conversation the actor is not
    in, or a message that is not in it.
    """
    seat = await take_seat(session, actor, conversation_id)
    values = {
        "district_id": actor.district_id,
        "school_id": seat.school_id,
        "conversation_id": conversation_id,
        "message_id": up_to_message_id,
        "user_id": actor.user_id,
        "now": now,
    }
    number: int | None = (await run(session, _NUMBER, values)).scalar_one_or_none()
    if number is None:
        raise NotFoundError(field="up_to_message_id")
    moved = (await run(session, _READ, {**values, "number": number})).scalar_one_or_none()
    if moved is not None:
        await run(session, _NOTIFICATION_READ, values)
        told = [actor.user_id]
        if seat.kind is ConversationKind.DIRECT:
            told = await members(session, actor.tenant, conversation_id)
        payload = {
            "conversation_id": str(conversation_id),
            "user_id": str(actor.user_id),
            "read_number": number,
            "up_to_message_id": str(up_to_message_id),
        }
        await record_user_event(session, told, UserEventDraft("message:read", payload, now, seat.school_id))
    tell_badges(session, [actor.user_id])
    return number
