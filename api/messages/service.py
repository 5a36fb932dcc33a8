"""Messages after they were sent: listed, changed, deleted, found, and kept for the school's records."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.classes.queries import visible_classes
from api.messages import queries
from api.messages.conversations import open_class_conversation
from api.messages.schemas import (
    AnnouncementIn,
    MessageOut,
    RecordOut,
    RevisionOut,
    UnreadOfConversation,
    UnreadOut,
)
from api.paging import PageRequest, encode_cursor, fetch_page
from api.users.queries import visible_student
from core.badges import tell_badges
from core.db import run
from core.errors import NotFoundError
from core.ids import new_id
from core.messages.bodies import clean
from core.messages.errors import MessageTooOldError
from core.messages.seats import Seat, members, take_seat
from core.messages.sending import send_message
from core.messages.unread import unread_by_conversation
from core.models import ConversationKind, Message, SchoolClass
from core.tenancy import Actor
from core.user_events import UserEventDraft, record_user_event

CHANGEABLE_FOR = timedelta(minutes=15)
"""Long enough for a slip; what a class has read and acted upon stays what it was."""


async def list_messages(
    session: AsyncSession, actor: Actor, conversation_id: UUID, page: PageRequest, *, after_number: int | None
) -> tuple[list[MessageOut], str | None]:
    """Return one page of a conversation: the newest first, or forward from `after_number`. Raises NotFoundError."""
    await take_seat(session, actor, conversation_id)
    statement = queries.messages_of(actor, conversation_id)
    if after_number is not None:
        statement = statement.where(Message.number > after_number)
    rows, cursor = await fetch_page(
        session, statement, Message.number, page, newest_first=after_number is None
    )
    return [shown(row) for row in rows], cursor


def shown(message: Message) -> MessageOut:
    """What people see of a message: of a deleted one only that it was there."""
    out = MessageOut.model_validate(message)
    return out if message.deleted_at is None else out.model_copy(update={"body": None})


async def change_message(
    session: AsyncSession, actor: Actor, place: tuple[UUID, UUID], body: str, *, now: datetime
) -> MessageOut:
    """Change what one wrote; what it said before is kept. `place` is conversation and message.

    Raises NotFoundError for what others wrote, MessageTooOldError, and what sending raises in a closed conversation.
    """
    seat, message = await _find(session, actor, place)
    if message.sender_id != actor.user_id:
        raise NotFoundError
    seat.require_writable(actor)
    if now - message.sent_at > CHANGEABLE_FOR:
        raise MessageTooOldError
    text = clean(body)
    if text != message.body:
        message.body, message.edited_at = text, now
        await session.flush()
        await _tell(session, actor, message, "message:edited", {"body": text, "edited_at": now.isoformat()})
    return shown(message)


async def delete_message(
    session: AsyncSession, actor: Actor, place: tuple[UUID, UUID], *, now: datetime
) -> MessageOut:
    """Delete what one wrote, or, as its teacher, what anybody wrote in a class's conversation; the text is kept.

    Raises NotFoundError for anything else.
    """
    seat, message = await _find(session, actor, place)
    leads = seat.kind is not ConversationKind.DIRECT and seat.leader_id == actor.user_id
    if message.sender_id != actor.user_id and not leads:
        raise NotFoundError
    message.deleted_at = now
    await session.flush()
    told = await _tell(session, actor, message, "message:deleted", {})
    tell_badges(session, told)
    return shown(message)


async def _find(session: AsyncSession, actor: Actor, place: tuple[UUID, UUID]) -> tuple[Seat, Message]:
    conversation_id, message_id = place
    seat = await take_seat(session, actor, conversation_id)
    message: Message | None = await session.scalar(queries.message_of(actor, conversation_id, message_id))
    if message is None or message.deleted_at is not None:
        raise NotFoundError
    return seat, message


async def _tell(
    session: AsyncSession, actor: Actor, message: Message, event: str, more: dict[str, Any]
) -> Sequence[UUID]:
    """Everybody in the conversation hears of the change."""
    everybody = await members(session, actor.tenant, message.conversation_id)
    payload = {
        "conversation_id": str(message.conversation_id),
        "message_id": str(message.id),
        "number": message.number,
        **more,
    }
    moment = message.deleted_at or message.edited_at or message.sent_at
    await record_user_event(session, everybody, UserEventDraft(event, payload, moment, message.school_id))
    return everybody


async def announce(
    session: AsyncSession, actor: Actor, wanted: AnnouncementIn, *, now: datetime
) -> MessageOut:
    """Announce something to a class the actor teaches. Raises NotFoundError for any other."""
    school_class: SchoolClass | None = await session.scalar(
        visible_classes(actor).where(SchoolClass.id == wanted.class_id)
    )
    if school_class is None:
        raise NotFoundError
    conversation_id, _ = await open_class_conversation(
        session, actor, school_class.id, ConversationKind.ANNOUNCEMENTS
    )
    client_id = wanted.client_id or new_id()
    message = await send_message(session, actor, conversation_id, wanted.body, client_id=client_id, now=now)
    return MessageOut.model_validate(message)


async def count_unread(session: AsyncSession, actor: Actor) -> UnreadOut:
    """Count what the actor has not read, in all and in each conversation that has something."""
    counted = await unread_by_conversation(session, actor.tenant, actor.user_id)
    conversations = [
        UnreadOfConversation(conversation_id=conversation_id, unread=unread)
        for conversation_id, unread in sorted(counted.items())
    ]
    return UnreadOut(unread=sum(counted.values()), conversations=conversations)


async def search(
    session: AsyncSession, actor: Actor, looked_for: str, page: PageRequest
) -> tuple[list[MessageOut], str | None]:
    """Return one page of the messages of the actor's conversations that have all these words, the newest first."""
    values = {
        "district_id": actor.district_id,
        "users": [actor.user_id],
        "looked_for": looked_for,
        "before": page.after_id,
        "limit": page.limit + 1,
    }
    rows = (await run(session, queries.SEARCH, values)).mappings().all()
    items = [MessageOut.model_validate(dict(row)) for row in rows[: page.limit]]
    return items, encode_cursor(items[-1].id) if len(rows) > page.limit else None


async def list_records(
    session: AsyncSession, actor: Actor, student_id: UUID, page: PageRequest
) -> tuple[list[RecordOut], str | None]:
    """Return one page of what was written by and with a student, the newest first, with earlier texts.

    Two statements besides the page. Raises NotFoundError for a person the administrator does not oversee.
    """
    if await session.scalar(visible_student(actor, student_id)) is None:
        raise NotFoundError
    rows, cursor = await fetch_page(
        session, queries.records_of(actor, student_id), Message.id, page, newest_first=True
    )
    revisions: dict[UUID, list[RevisionOut]] = defaultdict(list)
    for revision in await session.scalars(queries.revisions_of(actor, [row[0].id for row in rows])):
        revisions[revision.message_id].append(RevisionOut.model_validate(revision))
    return [_record(row[0], row[1], revisions[row[0].id]) for row in rows], cursor


def _record(message: Message, conversation: Any, revisions: list[RevisionOut]) -> RecordOut:
    return RecordOut(
        id=message.id,
        conversation_id=conversation.id,
        kind=conversation.kind,
        class_id=conversation.class_id,
        number=message.number,
        sender_id=message.sender_id,
        body=message.body,
        sent_at=message.sent_at,
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        revisions=revisions,
    )
