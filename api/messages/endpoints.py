"""Conversations between teachers and students, and what a school keeps of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import Db, Now, ReadDb, allowed, consented
from api.disclosures import Disclosure, Record, discloses_from_replica
from api.envelope import Envelope, Page, ok
from api.idempotency import Idempotent
from api.messages import conversations, service
from api.messages.schemas import (
    AnnouncementIn,
    ConversationIn,
    ConversationOut,
    MessageChange,
    MessageIn,
    MessageOut,
    ReadIn,
    ReadOut,
    RecordOut,
    SoughtText,
    UnreadOut,
)
from api.paging import Paging
from core.messages.reading import mark_read
from core.messages.sending import send_message
from core.models import ConsentScope
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/messages", tags=["messages"])

Reader = Annotated[Actor, allowed(Permission.MESSAGE_READ)]
Writer = Annotated[Actor, allowed(Permission.MESSAGE_WRITE)]
Author = Annotated[Actor, allowed(Permission.MESSAGE_CHANGE)]
Deleter = Annotated[Actor, allowed(Permission.MESSAGE_DELETE)]
Announcer = Annotated[Actor, allowed(Permission.ANNOUNCEMENT_CREATE)]
Registrar = Annotated[Actor, allowed(Permission.MESSAGE_RECORDS)]
Shown = Annotated[Disclosure, discloses_from_replica(Record.MESSAGES, Permission.MESSAGE_RECORDS)]
_COLLECTED = [consented(ConsentScope.COLLECTION)]


@router.post("/conversations", dependencies=_COLLECTED, responses={201: {"description": "It is new"}})
async def open_conversation(
    *, body: ConversationIn, actor: Writer, db: Db, once: Idempotent, response: Response
) -> Envelope[ConversationOut]:
    """Open the conversation with a teacher, a student or a class of yours (201), or get the one there is (200)."""

    async def open_it() -> ConversationOut:
        found, is_new = await conversations.open_conversation(db, actor, body)
        if is_new:
            response.status_code = 201
        return found

    return ok(await once.run(ConversationOut, open_it))


@router.get("/conversations")
async def list_conversations(actor: Reader, db: Db, page: Paging) -> Envelope[Page[ConversationOut]]:
    """Your conversations, the latest activity first."""
    items, cursor = await conversations.list_conversations(db, actor, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/conversations/{conversation_id}")
async def read_conversation(conversation_id: UUID, actor: Reader, db: Db) -> Envelope[ConversationOut]:
    """One of your conversations, as it is now."""
    return ok(await conversations.read_conversation(db, actor, conversation_id))


@router.get("/conversations/{conversation_id}/messages")
async def list_messages(
    *,
    conversation_id: UUID,
    actor: Reader,
    db: Db,
    page: Paging,
    after_number: Annotated[
        int | None, Query(ge=0, le=2**53, description="Walk forward from this number")
    ] = None,
) -> Envelope[Page[MessageOut]]:
    """The messages of a conversation, the newest first, or forward from a number."""
    items, cursor = await service.list_messages(db, actor, conversation_id, page, after_number=after_number)
    return ok(Page(items=items, next_cursor=cursor))


@router.post("/conversations/{conversation_id}/messages", status_code=201, dependencies=_COLLECTED)
async def send(
    *, conversation_id: UUID, body: MessageIn, actor: Writer, db: Db, once: Idempotent, now: Now
) -> Envelope[MessageOut]:
    """Write a message. The same `client_id` again answers the message it became."""

    async def write() -> MessageOut:
        message = await send_message(db, actor, conversation_id, body.body, client_id=body.client_id, now=now)
        return MessageOut.model_validate(message)

    return ok(await once.run(MessageOut, write))


@router.post("/conversations/{conversation_id}/read", dependencies=_COLLECTED)
async def read_up_to(
    *, conversation_id: UUID, body: ReadIn, actor: Reader, db: Db, now: Now
) -> Envelope[ReadOut]:
    """Say how far you have read; going back changes nothing."""
    number = await mark_read(db, actor, conversation_id, body.up_to_message_id, now=now)
    return ok(ReadOut(read_number=number))


@router.patch("/conversations/{conversation_id}/messages/{message_id}", dependencies=_COLLECTED)
async def change_message(
    *, conversation_id: UUID, message_id: UUID, body: MessageChange, actor: Author, db: Db, now: Now
) -> Envelope[MessageOut]:
    """Change what you wrote in the last 15 minutes; the school keeps what it said before."""
    place = (conversation_id, message_id)
    return ok(await service.change_message(db, actor, place, body.body, now=now))


@router.delete("/conversations/{conversation_id}/messages/{message_id}", dependencies=_COLLECTED)
async def delete_message(
    *, conversation_id: UUID, message_id: UUID, actor: Deleter, db: Db, now: Now
) -> Envelope[MessageOut]:
    """Delete what you wrote, or, in a conversation of your class, what anybody wrote; the school keeps it."""
    return ok(await service.delete_message(db, actor, (conversation_id, message_id), now=now))


@router.post("/announcements", status_code=201)
async def announce(
    *, body: AnnouncementIn, actor: Announcer, db: Db, once: Idempotent, now: Now
) -> Envelope[MessageOut]:
    """Announce something to a class of yours; its students read it and do not answer there."""
    return ok(await once.run(MessageOut, lambda: service.announce(db, actor, body, now=now)))


@router.get("/unread")
async def count_unread(actor: Reader, db: Db) -> Envelope[UnreadOut]:
    """How many messages you have not read, in all and in each conversation that has some."""
    return ok(await service.count_unread(db, actor))


@router.get("/search")
async def search(
    actor: Reader, db: Db, page: Paging, q: Annotated[SoughtText, Query(examples=["homework fri"])]
) -> Envelope[Page[MessageOut]]:
    """Find messages of your conversations by their words or beginnings of them, the newest first."""
    items, cursor = await service.search(db, actor, q, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/records")
async def list_records(
    actor: Registrar, shown: Shown, db: ReadDb, page: Paging, student_id: UUID
) -> Envelope[Page[RecordOut]]:
    """What a student wrote, and what was written to the student alone, changed and deleted texts included."""
    items, cursor = await service.list_records(db, actor, student_id, page)
    shown.of([student_id, *(item.sender_id for item in items)])
    return ok(Page(items=items, next_cursor=cursor))
