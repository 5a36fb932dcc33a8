"""`class:watch`: a teacher follows a class live."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.emit import class_room
from core.errors import NotFoundError
from realtime import queries
from realtime.services import Incoming


class WatchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    class_id: UUID


async def watch(incoming: Incoming, request: WatchRequest) -> dict[str, Any]:
    """Let this socket hear `class:live` of a class the actor teaches. Raises NotFoundError for any other id."""
    actor = incoming.actor
    if await incoming.session.scalar(queries.taught_class(actor, request.class_id)) is None:
        raise NotFoundError
    room = class_room(actor.tenant, request.class_id)
    await incoming.services.server.enter_room(incoming.connection.socket_id, room)
    return {"class_id": str(request.class_id)}
