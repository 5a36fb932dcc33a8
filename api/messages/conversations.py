"""Conversations: opened by those who may write in them, listed with what is unread."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.messages import queries
from api.messages.schemas import ConversationIn, ConversationOut, LastMessageOut, PersonOut
from api.paging import InvalidCursorError, PageRequest, encode_cursor
from core.db import run
from core.errors import NotFoundError
from core.ids import new_id
from core.messages.seats import share_a_class
from core.models import ConversationKind, SchoolClass
from core.tenancy import Actor

_BETWEEN = " "
"""Separates time and id in a cursor."""


async def open_conversation(
    session: AsyncSession, actor: Actor, wanted: ConversationIn
) -> tuple[ConversationOut, bool]:
    """Return the conversation with a person or class, and whether it is new.

    Raises NotFoundError for people one shares no class with, foreign classes, and, for a student, a class whose
    teacher has not opened its conversation.
    """
    if wanted.class_id is not None:
        conversation_id, is_new = await _of_class(session, actor, wanted.class_id)
    else:
        conversation_id, is_new = await _direct(session, actor, wanted)
    return await read_conversation(session, actor, conversation_id), is_new


async def _direct(session: AsyncSession, actor: Actor, wanted: ConversationIn) -> tuple[UUID, bool]:
    pair = (wanted.teacher_id, actor.user_id) if actor.is_student else (actor.user_id, wanted.student_id)
    teacher_id, student_id = pair
    if teacher_id is None or student_id is None:
        raise NotFoundError  # a student names a student, or a teacher a teacher
    if not await share_a_class(session, actor.tenant, teacher_id, student_id):
        raise NotFoundError
    values = {**_owner(actor), "id": new_id(), "teacher_id": teacher_id, "student_id": student_id}
    return await _found_or_made(session, queries.OPEN_DIRECT, queries.FIND_DIRECT, values)


async def _of_class(session: AsyncSession, actor: Actor, class_id: UUID) -> tuple[UUID, bool]:
    school_class: SchoolClass | None = await session.scalar(queries.entered_class(actor, class_id))
    if school_class is None:
        raise NotFoundError
    if school_class.teacher_id == actor.user_id:
        return await open_class_conversation(session, actor, class_id, ConversationKind.CLASS)
    values = {**_owner(actor), "class_id": class_id, "kind": ConversationKind.CLASS}
    found = (await run(session, queries.FIND_OF_CLASS, values)).scalar_one_or_none()
    if found is None:
        raise NotFoundError
    return found, False


async def open_class_conversation(
    session: AsyncSession, actor: Actor, class_id: UUID, kind: ConversationKind
) -> tuple[UUID, bool]:
    """Return the id of one of a class's two conversations, and whether it is new; the actor teaches the class."""
    values = {**_owner(actor), "id": new_id(), "class_id": class_id, "kind": kind}
    return await _found_or_made(session, queries.OPEN_OF_CLASS, queries.FIND_OF_CLASS, values)


async def _found_or_made(
    session: AsyncSession, make: str, find: str, values: dict[str, Any]
) -> tuple[UUID, bool]:
    """Two who open it at once get the same one: the second waits for the first and finds it."""
    made: UUID | None = (await run(session, make, values)).scalar_one_or_none()
    if made is not None:
        return made, True
    found: UUID = (await run(session, find, values)).scalar_one()
    return found, False


def _owner(actor: Actor) -> dict[str, Any]:
    return {"district_id": actor.district_id, "school_id": actor.school_id}


async def read_conversation(session: AsyncSession, actor: Actor, conversation_id: UUID) -> ConversationOut:
    """Return one of the actor's conversations. Raises NotFoundError."""
    found = await _listed(session, actor, only=conversation_id, limit=1)
    if not found:
        raise NotFoundError
    return found[0]


async def list_conversations(
    session: AsyncSession, actor: Actor, page: PageRequest
) -> tuple[list[ConversationOut], str | None]:
    """Return one page of the actor's conversations, the latest activity first, by one statement.

    A conversation in which something is written meanwhile moves to the front.
    """
    before = (None, None) if page.after is None else _place(page.after)
    found = await _listed(session, actor, before=before, limit=page.limit + 1)
    kept = found[: page.limit]
    if len(found) <= page.limit:
        return kept, None
    last = kept[-1]
    return kept, encode_cursor(f"{last.last_activity_at.isoformat()}{_BETWEEN}{last.id}")


def _place(cursor: str) -> tuple[datetime, UUID]:
    moment, _, conversation_id = cursor.partition(_BETWEEN)
    try:
        place = datetime.fromisoformat(moment), UUID(conversation_id)
    except ValueError as error:
        raise InvalidCursorError(field="cursor") from error
    if place[0].tzinfo is None:
        raise InvalidCursorError(field="cursor")
    return place


async def _listed(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    only: UUID | None = None,
    before: tuple[datetime | None, UUID | None] = (None, None),
) -> list[ConversationOut]:
    values = {
        "district_id": actor.district_id,
        "users": [actor.user_id],
        "user_id": actor.user_id,
        "only": only,
        "before_at": before[0],
        "before_id": before[1],
        "limit": limit,
    }
    return [_shown(row) for row in await run(session, queries.OWN_CONVERSATIONS, values)]


def _shown(row: Any) -> ConversationOut:
    last = None
    if row.message_id is not None:
        last = LastMessageOut(
            id=row.message_id,
            number=row.last_number,
            sender_id=row.sender_id,
            body=row.body,
            sent_at=row.sent_at,
        )
    return ConversationOut(
        id=row.id,
        kind=row.kind,
        class_id=row.class_id,
        class_name=row.class_name,
        teacher=PersonOut(id=row.teacher_id, name=row.teacher_name),
        student=None if row.student_id is None else PersonOut(id=row.student_id, name=row.student_name),
        may_write=row.may_write,
        last_number=row.last_number,
        last_activity_at=row.last_activity_at,
        last_message=last,
        read_number=row.read_number,
        other_read_number=row.other_read_number,
        unread=row.unread,
    )
