"""Writing a message: numbered, kept and told to everybody in the conversation, in the caller's transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.badges import tell_badges
from core.db import run
from core.ids import new_id
from core.messages.bodies import clean
from core.messages.errors import ClientIdReusedError
from core.messages.seats import Seat, members, take_seat
from core.models import ConversationKind
from core.notifications import Notice, NotificationKind, write_notifications
from core.tenancy import Actor
from core.user_events import Telling, UserEventDraft, record_user_events

_LOCK = """
SELECT 1 FROM app.conversations WHERE district_id = %(district_id)s AND id = %(conversation_id)s FOR UPDATE
"""
_COLUMNS = "id, conversation_id, number, sender_id, client_id, body, sent_at, edited_at, deleted_at"

_SENT_BEFORE = f"""
SELECT {_COLUMNS} FROM app.messages
WHERE district_id = %(district_id)s AND sender_id = %(sender_id)s AND client_id = %(client_id)s
"""

_WRITE = f"""
WITH counted AS (
    UPDATE app.conversations SET last_number = last_number + 1, last_message_at = %(now)s, updated_at = now()
    WHERE district_id = %(district_id)s AND id = %(conversation_id)s
    RETURNING last_number
)
INSERT INTO app.messages (district_id, school_id, id, conversation_id, number, sender_id, client_id, body, sent_at)
SELECT %(district_id)s, %(school_id)s, %(id)s, %(conversation_id)s, last_number, %(sender_id)s, %(client_id)s,
    %(body)s, %(now)s
FROM counted RETURNING {_COLUMNS}
"""


async def send_message(
    session: AsyncSession, actor: Actor, conversation_id: UUID, body: str, *, client_id: UUID, now: datetime
) -> dict[str, Any]:
    """Write one message, by a fixed number of statements however many hear it; call it last. Returns its columns.

    The same `client_id` again returns the message it became. Raises NotFoundError for a conversation the actor is not
    in, ConversationClosedError, ReadOnlyConversationError, EmptyMessageError, and ClientIdReusedError when the id
    became another message.
    """
    seat = await take_seat(session, actor, conversation_id)
    seat.require_writable(actor)
    text = clean(body)
    values = {
        "district_id": actor.district_id,
        "school_id": seat.school_id,
        "conversation_id": conversation_id,
        "id": new_id(),
        "sender_id": actor.user_id,
        "client_id": client_id,
        "body": text,
        "now": now,
    }
    await run(session, _LOCK, values)  # until the commit: numbers are given and committed in one order
    before = (await run(session, _SENT_BEFORE, values)).mappings().one_or_none()
    if before is not None:
        return _the_same(before, conversation_id, text)
    message = dict((await run(session, _WRITE, values)).mappings().one())
    await _tell(session, actor, seat, message)
    return message


def _the_same(before: Any, conversation_id: UUID, text: str) -> dict[str, Any]:
    """A message that was edited or deleted meanwhile is still the one that was sent."""
    is_changed = before["edited_at"] is not None or before["deleted_at"] is not None
    if before["conversation_id"] != conversation_id or (before["body"] != text and not is_changed):
        raise ClientIdReusedError(field="client_id")
    return dict(before)


async def _tell(session: AsyncSession, actor: Actor, seat: Seat, message: dict[str, Any]) -> None:
    """Everybody's sockets hear it, the sender's other ones too; everybody else is notified."""
    everybody = await members(session, actor.tenant, seat.conversation_id)
    others = [user_id for user_id in everybody if user_id != actor.user_id]
    draft = UserEventDraft("message:new", message_payload(message), message["sent_at"], seat.school_id)
    tellings: list[Telling] = [(everybody, draft)]
    notified = await write_notifications(
        session, others, _notice(seat), school_id=seat.school_id, now=message["sent_at"]
    )
    if notified is not None:
        tellings.append(notified)
    await record_user_events(session, tellings)
    tell_badges(session, others)


def _notice(seat: Seat) -> Notice:
    """No word of the message and nobody's name: notifications are mailed and shown on locked screens."""
    related = ("conversation", seat.conversation_id)
    if seat.kind is ConversationKind.ANNOUNCEMENTS:
        return Notice(NotificationKind.ANNOUNCEMENT, f"An announcement in {seat.class_name}", related)
    where = f" in {seat.class_name}" if seat.class_name else ""
    return Notice(NotificationKind.MESSAGE_RECEIVED, f"A new message{where}", related)


def message_payload(message: dict[str, Any]) -> dict[str, Any]:
    """Return what `message:new` carries."""
    return {
        "conversation_id": str(message["conversation_id"]),
        "message_id": str(message["id"]),
        "number": message["number"],
        "sender_id": str(message["sender_id"]),
        "client_id": str(message["client_id"]),
        "body": message["body"],
        "sent_at": message["sent_at"].isoformat(),
    }
