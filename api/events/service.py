"""Clicks arrive in batches: each event stands or falls by itself, and a repeat counts once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from api.events import queries
from api.events.schemas import EventsAnswer, RejectedEvent
from api.submissions.activity import count_traces
from core.events import InteractionEvent, reason_to_reject, record_events
from core.tenancy import Actor

_MESSAGES = {
    "malformed": "The event does not have the shape of an InteractionEvent.",
    "event_id_not_uuidv7": "event_id must be a UUIDv7.",
    "too_old": "The event is older than 30 days.",
    "in_the_future": "The event is more than five minutes ahead of our clock.",
    "unknown_verb": "There is no such verb.",
    "unknown_object_type": "There is no such object_type.",
    "invalid_payload": "The payload does not fit the verb.",
    "not_found": "The event mentions something you may not see.",
}

_TOUCHABLE: dict[str, Callable[[Actor, Sequence[UUID]], Select[tuple[UUID]]]] = {
    "class_id": queries.touchable_classes,
    "assignment_id": queries.touchable_assignments,
    "submission_id": queries.touchable_submissions,
    "question_id": queries.touchable_questions,
}


@dataclass(frozen=True)
class Candidate:
    """An event at its place in the batch, or the reason why it is none."""

    index: int
    event: InteractionEvent | None
    event_id: UUID | None
    reason: str | None


async def ingest(session: AsyncSession, actor: Actor, batch: Sequence[Any], *, now: datetime) -> EventsAnswer:
    """Write the events of a batch that are well-formed, timely and about things the actor may see."""
    candidates = [_candidate(index, raw, now) for index, raw in enumerate(batch)]
    touchable = await _touchable(session, actor, candidates)
    judged = [_judged(candidate, touchable) for candidate in candidates]
    events = [candidate.event for candidate in judged if candidate.event is not None]
    fresh = await record_events(session, actor, _once_each(events), now)
    await count_traces(session, actor, _traces(events, fresh), now=now)
    return EventsAnswer(
        accepted=len(fresh),
        duplicate=len(events) - len(fresh),
        rejected=[_rejection(candidate) for candidate in judged if candidate.reason is not None],
    )


def _candidate(index: int, raw: Any, now: datetime) -> Candidate:
    try:
        event = InteractionEvent.model_validate(raw)
    except ValidationError:
        return Candidate(index, None, _id_of(raw), "malformed")
    reason = reason_to_reject(event, now)
    return Candidate(index, None if reason else event, event.event_id, reason)


def _id_of(raw: Any) -> UUID | None:
    try:
        return UUID(str(raw["event_id"]))
    except (ValueError, TypeError, KeyError):
        return None


async def _touchable(
    session: AsyncSession, actor: Actor, candidates: Sequence[Candidate]
) -> dict[str, set[UUID]]:
    """Return, for each kind of reference, the mentioned ids the actor may touch (at most four statements)."""
    touchable: dict[str, set[UUID]] = {}
    for name, statement in _TOUCHABLE.items():
        mentioned: set[UUID] = set()
        for candidate in candidates:
            mentioned |= _mentions(candidate.event, name)
        if mentioned:
            touchable[name] = set(await session.scalars(statement(actor, list(mentioned))))
    return touchable


def _mentions(event: InteractionEvent | None, name: str) -> set[UUID]:
    """Return the ids of one kind that an event mentions, as its object too."""
    if event is None:
        return set()
    as_object = event.object_id if name == f"{event.object_type}_id" else None
    return {mentioned for mentioned in (getattr(event, name), as_object) if mentioned is not None}


def _judged(candidate: Candidate, touchable: dict[str, set[UUID]]) -> Candidate:
    if candidate.event is None:
        return candidate
    for name, ids in touchable.items():
        if not _mentions(candidate.event, name) <= ids:
            return Candidate(candidate.index, None, candidate.event_id, "not_found")
    return candidate


def _once_each(events: Sequence[InteractionEvent]) -> list[InteractionEvent]:
    return list({event.event_id: event for event in reversed(events)}.values())[::-1]


def _traces(events: Sequence[InteractionEvent], fresh: set[UUID]) -> dict[UUID, list[datetime]]:
    """Return, for each attempt that new events name, when its student was at work on it."""
    traces: dict[UUID, list[datetime]] = defaultdict(list)
    for event in events:
        if event.submission_id is not None and event.event_id in fresh:
            traces[event.submission_id].append(event.occurred_at)
    return traces


def _rejection(candidate: Candidate) -> RejectedEvent:
    code = candidate.reason or "malformed"
    return RejectedEvent(
        index=candidate.index, event_id=candidate.event_id, code=code, message=_MESSAGES[code]
    )
