"""`presence:watch` and `presence:active`: who is there, among those one shares a class with."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from realtime.services import Incoming


class WatchRequest(BaseModel):
    """`user_ids`: up to 200 people; none ends the watching."""

    model_config = ConfigDict(extra="forbid")

    user_ids: Annotated[list[UUID], Field(max_length=200)]


class ActiveRequest(BaseModel):
    """Nothing to say: that it was sent is the message."""

    model_config = ConfigDict(extra="forbid")


async def watch(incoming: Incoming, request: WatchRequest) -> dict[str, Any]:
    """Answer how these people stand, and have this socket hear `presence` of them and no others."""
    attendance = incoming.services.attendance
    return {"states": await attendance.watch(incoming.session, incoming.connection, request.user_ids)}


async def active(incoming: Incoming, request: ActiveRequest) -> dict[str, Any]:
    """Every event is a sign of life; this one is nothing else."""
    del incoming, request
    return {}
