"""Interaction events: what is taken, what is refused and why, and that a repeat counts once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import Database
from core.events import OBJECT_TYPES, VERBS, InteractionEvent, reason_to_reject, record_events
from core.ids import new_id
from core.tenancy import Actor
from tests.factories.user import actor_of
from tests.factories.world import make_district_bench

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def id_at(moment: datetime) -> UUID:
    """A UUIDv7 of a given millisecond."""
    random_bits = uuid4().int & ((1 << 62) - 1)
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (0b10 << 62) | random_bits)


def an_event(**changes: Any) -> InteractionEvent:
    fields = {
        "event_id": id_at(NOW),
        "verb": "viewed",
        "object_type": "question",
        "object_id": new_id(),
        "occurred_at": NOW,
    }
    return InteractionEvent.model_validate({**fields, **changes})


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("object_type", OBJECT_TYPES)
def test_every_verb_fits_every_kind_of_thing(verb: str, object_type: str) -> None:
    assert reason_to_reject(an_event(verb=verb, object_type=object_type), NOW) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event_id": uuid4()}, "event_id_not_uuidv7"),
        ({"event_id": id_at(NOW - timedelta(days=30, seconds=1))}, "too_old"),
        ({"event_id": id_at(NOW + timedelta(minutes=5, seconds=1))}, "in_the_future"),
        ({"verb": "teleported"}, "unknown_verb"),
        ({"object_type": "planet"}, "unknown_object_type"),
        ({"payload": {"smuggled": 1}}, "invalid_payload"),
        ({"verb": "answered", "payload": {"score": "100"}}, "invalid_payload"),
        ({"verb": "typed", "payload": {"characters": -1}}, "invalid_payload"),
        ({"verb": "selected", "payload": {"option_id": "x" * 41}}, "invalid_payload"),
    ],
)
def test_a_bad_event_is_refused_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    assert reason_to_reject(an_event(**changes), NOW) == reason


@pytest.mark.parametrize("step", [timedelta(days=-30), timedelta(), timedelta(minutes=5)])
def test_the_edges_of_the_window_are_inside(step: timedelta) -> None:
    assert reason_to_reject(an_event(event_id=id_at(NOW + step)), NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"actor_id": new_id()},
        {"district_id": new_id()},
        {"received_at": NOW},
        {"occurred_at": "2026-11-02T09:30:00"},
        {"duration_ms": -1},
        {"client_seq": -1},
        {"verb": "v" * 41},
    ],
)
def test_a_client_cannot_send_what_the_server_sets_or_what_makes_no_sense(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        an_event(**changes)


@pytest.fixture(scope="module")
def student(rows: Session) -> Actor:
    return actor_of(make_district_bench(rows).schools[0].student)


async def test_a_repeat_is_accepted_and_counted_once(database: Database, student: Actor) -> None:
    events = [an_event() for _ in range(3)]
    async with database.tenant_transaction(student.context) as session:
        assert await record_events(session, student, events, NOW) == {event.event_id for event in events}
    async with database.tenant_transaction(student.context) as session:
        assert await record_events(session, student, [*events, an_event()], NOW) != set()
        assert await record_events(session, student, events, NOW) == set()
    assert await _stored(database, student, [event.event_id for event in events]) == 3


async def test_a_repeat_inside_one_batch_counts_once(database: Database, student: Actor) -> None:
    event = an_event()
    async with database.tenant_transaction(student.context) as session:
        assert await record_events(session, student, [event, event], NOW) == {event.event_id}
    assert await _stored(database, student, [event.event_id]) == 1


async def test_nothing_sent_is_nothing_stored(database: Database, student: Actor) -> None:
    async with database.tenant_transaction(student.context) as session:
        assert await record_events(session, student, [], NOW) == set()


async def test_the_server_sets_who_and_when(database: Database, student: Actor) -> None:
    event = an_event(payload={"to_page": 'it\'s \\ "quoted" ☃'}, occurred_at=NOW - timedelta(hours=3))
    async with database.tenant_transaction(student.context) as session:
        await record_events(session, student, [event], NOW)
        query = text("SELECT * FROM app.tenant_interaction_events WHERE event_id = :id")
        row = (await session.execute(query, {"id": event.event_id})).one()
    assert (row.district_id, row.actor_id, row.school_id) == (
        *(student.district_id, student.user_id, student.school_id),
    )
    assert (row.received_at, row.event_time, row.occurred_at) == (NOW, NOW, NOW - timedelta(hours=3))
    assert row.payload == {"to_page": 'it\'s \\ "quoted" ☃'}


async def _stored(database: Database, actor: Actor, ids: list[UUID]) -> int:
    async with database.tenant_transaction(actor.context) as session:
        query = text("SELECT count(*) FROM app.tenant_interaction_events WHERE event_id = ANY(:ids)")
        return int(await session.scalar(query, {"ids": ids}) or 0)
