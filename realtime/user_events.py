"""`sync`: everything that happened to a user after the last number the client has."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.errors import AppError
from core.models import UserEvent
from core.user_events import SYNC_LIMIT, user_events_after, wire_form
from realtime import queries
from realtime.services import Incoming

LARGEST_NUMBER = 2**63 - 1


class SyncRequest(BaseModel):
    """`after_seq`: the last `seq` the client has processed, 0 for a new one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    after_seq: int = Field(ge=0, le=LARGEST_NUMBER)


class ResyncRequiredError(AppError):
    """Some of what you missed is no longer kept; load the pages anew and continue from `next_seq`."""

    status = 409
    code = "resync_required"

    def __init__(self, next_seq: int) -> None:
        super().__init__()
        self.details = {"next_seq": next_seq}


async def sync(incoming: Incoming, request: SyncRequest) -> dict[str, Any]:
    """Answer the events after `after_seq`, oldest first, at most 500; `more` says to ask again from `next_seq`.

    Raises ResyncRequiredError when the events right after `after_seq` were removed, or never were.
    """
    # The counter first: what is recorded between the two statements is then more than promised, never less.
    last_seq = await incoming.session.scalar(queries.last_event_number(incoming.actor)) or 0
    events = await user_events_after(incoming.session, incoming.actor.user_id, request.after_seq)
    if has_gap([event.seq for event in events], request.after_seq, last_seq):
        raise ResyncRequiredError(last_seq)
    next_seq = events[-1].seq if events else request.after_seq
    return {
        "events": [_on_the_wire(event) for event in events],
        "next_seq": next_seq,
        "more": len(events) == SYNC_LIMIT and next_seq < last_seq,
    }


def has_gap(found: list[int], after_seq: int, last_seq: int) -> bool:
    """Tell whether events are missing right after `after_seq`. Each user's numbers have no gap, so the first found
    must be the next one, and where none is found the client must be at the very end.

    >>> has_gap([4, 5], 3, 5), has_gap([7, 8], 3, 8), has_gap([], 5, 5), has_gap([], 9, 5)
    (False, True, False, True)
    """
    if found:
        return found[0] != after_seq + 1
    return after_seq != last_seq


def _on_the_wire(event: UserEvent) -> dict[str, Any]:
    return {**wire_form(event.seq, event.payload, event.occurred_at), "name": event.name}
