"""`message:send`, `message:read`, `typing:start` and `typing:stop`: the same rules as over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db import after_commit
from core.messages.bodies import LONGEST
from core.messages.errors import ReadOnlyConversationError
from core.messages.reading import mark_read
from core.messages.seats import members, take_seat
from core.messages.sending import message_payload, send_message
from core.models import ConversationKind
from realtime.services import Incoming


class SendRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: UUID
    body: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    client_id: UUID


class ReadRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: UUID
    up_to_message_id: UUID


class TypingRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: UUID


async def send(incoming: Incoming, request: SendRequest) -> dict[str, Any]:
    """Write a message; answers what `message:new` carries. Raises what `send_message` raises."""
    message = await send_message(
        incoming.session,
        incoming.actor,
        request.conversation_id,
        request.body,
        client_id=request.client_id,
        now=incoming.services.clock(),
    )
    return message_payload(message)


async def read(incoming: Incoming, request: ReadRequest) -> dict[str, Any]:
    """Mark a conversation read up to a message; answers its number. Raises NotFoundError."""
    number = await mark_read(
        incoming.session,
        incoming.actor,
        request.conversation_id,
        request.up_to_message_id,
        now=incoming.services.clock(),
    )
    return {"read_number": number}


async def start_typing(incoming: Incoming, request: TypingRequest) -> dict[str, Any]:
    """Tell the others in a conversation that somebody begins to write."""
    return await _tell_typing(incoming, request.conversation_id, is_typing=True)


async def stop_typing(incoming: Incoming, request: TypingRequest) -> dict[str, Any]:
    """Tell them that nothing more is coming."""
    return await _tell_typing(incoming, request.conversation_id, is_typing=False)


async def _tell_typing(incoming: Incoming, conversation_id: UUID, *, is_typing: bool) -> dict[str, Any]:
    """Whoever may write may be seen writing, but for announcements. Raises what sending would raise."""
    actor = incoming.actor
    seat = await take_seat(incoming.session, actor, conversation_id)
    seat.require_writable(actor)
    if seat.kind is ConversationKind.ANNOUNCEMENTS:
        raise ReadOnlyConversationError
    others = await members(incoming.session, actor.tenant, conversation_id)
    payload = {
        "conversation_id": str(conversation_id),
        "user_id": str(actor.user_id),
        "is_typing": is_typing,
    }
    to: dict[UUID, dict[str, Any]] = {user_id: {} for user_id in others if user_id != actor.user_id}
    emitter = incoming.services.emitter
    after_commit(incoming.session, lambda: emitter.to_users(actor.tenant, "typing", payload, to))
    return {}
