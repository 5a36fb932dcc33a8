from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas import Input, Output

MAXIMUM_BATCH = 500
_EXAMPLE = {
    "event_id": "0197a3c2-5d5e-7b1a-9c1e-2f6a1d3b4c5d",
    "verb": "viewed",
    "object_type": "question",
    "object_id": None,
    "occurred_at": "2026-11-02T09:15:00Z",
    "client_seq": 17,
    "duration_ms": 5200,
}


class EventBatch(Input):
    events: Annotated[list[Any], Field(min_length=1, max_length=MAXIMUM_BATCH, examples=[[_EXAMPLE]])]
    """Each an InteractionEvent; one that is malformed is rejected by itself, the others are kept."""


class RejectedEvent(Output):
    index: int
    event_id: UUID | None
    code: str
    message: str


class EventsAnswer(Output):
    accepted: int
    duplicate: int
    rejected: list[RejectedEvent]
