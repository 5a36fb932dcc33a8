"""`notification:ack`: the client has shown these notifications."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.badges import tell_badges
from realtime import queries
from realtime.services import Incoming


class AcknowledgeRequest(BaseModel):
    """`ids`: 1 to 100 notifications."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]


async def acknowledge(incoming: Incoming, request: AcknowledgeRequest) -> dict[str, Any]:
    """Mark the actor's notifications among `ids` read; answer which they are. Others are as if not there."""
    now = incoming.services.clock()
    await incoming.session.execute(queries.unread_as_read(incoming.actor, request.ids, now))
    own = await incoming.session.scalars(queries.own_notifications(incoming.actor, request.ids))
    tell_badges(incoming.session, [incoming.actor.user_id])
    return {"ids": [str(identifier) for identifier in own]}
