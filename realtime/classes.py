"""`class:watch`: a teacher follows a class live."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.errors import ConflictError, NotFoundError
from realtime import queries
from realtime.counters import count_class
from realtime.services import Incoming

MOST_CLASSES = 10
"""Of one socket: each costs a count a second."""


class TooManyClassesError(ConflictError):
    """One connection follows at most ten classes; open another for more."""

    code = "too_many_classes"


class WatchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    class_id: UUID


async def watch(incoming: Incoming, request: WatchRequest) -> dict[str, Any]:
    """Let this socket hear `class:live` of a class the actor teaches, and return how it stands now.

    Raises NotFoundError for any other id, TooManyClassesError past what one socket may follow.
    """
    actor = incoming.actor
    if await incoming.session.scalar(queries.taught_class(actor, request.class_id)) is None:
        raise NotFoundError
    watching = incoming.connection.watching
    if len(watching | {request.class_id}) > MOST_CLASSES:
        raise TooManyClassesError(field="class_id")
    watching.add(request.class_id)
    return await count_class(incoming.session, actor, request.class_id, now=incoming.services.clock())
