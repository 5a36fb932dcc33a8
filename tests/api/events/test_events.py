"""Clicks in batches: each event stands or falls by itself, and counts once however often it comes."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, fields_of
from tests.factories.world import SchoolBench, World
from tests.fixtures.web import Api, StandingClock

EVENTS = "/api/v1/events"


def id_at(moment: datetime) -> UUID:
    """A UUIDv7 of a given millisecond."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | 7 << 76 | 2 << 62 | random.getrandbits(62))


def event_at(moment: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": str(id_at(moment)),
        "verb": "viewed",
        "object_type": "page",
        "occurred_at": moment.isoformat(),
        **changes,
    }


async def send(client: httpx2.AsyncClient, events: list[Any]) -> Any:
    return data_of(await client.post(EVENTS, json={"events": events}))


def stored(rows: Session, user_id: UUID) -> int:
    statement = text("SELECT count(*) FROM app.interaction_events WHERE actor_id = :id")
    return int(rows.execute(statement, {"id": user_id}).scalar_one())


async def test_an_event_is_kept_as_its_actors(
    api: Api, school: SchoolBench, rows: Session, clock: StandingClock
) -> None:
    sent = event_at(
        clock.now,
        verb="typed",
        object_type="question",
        object_id=str(school.choice_question.id),
        question_id=str(school.choice_question.id),
        assignment_id=str(school.assignment.id),
        class_id=str(school.school_class.id),
        client_seq=17,
        duration_ms=5200,
        payload={"characters": 12},
    )
    answer = await send(api.signed_in(school.classmate), [sent])
    assert answer == {"accepted": 1, "duplicate": 0, "rejected": []}
    statement = text("SELECT * FROM app.interaction_events WHERE actor_id = :id")
    (kept,) = rows.execute(statement, {"id": school.classmate.id}).mappings()
    assert (kept["district_id"], kept["school_id"]) == (school.school.district_id, school.school.id)
    assert (kept["verb"], kept["client_seq"], kept["duration_ms"]) == ("typed", 17, 5200)
    assert (kept["payload"], kept["received_at"], kept["event_time"]) == (
        {"characters": 12},
        clock.now,
        clock.now,
    )


async def test_a_batch_of_five_hundred_is_read_and_one_more_is_not(
    api: Api, school: SchoolBench, rows: Session, clock: StandingClock
) -> None:
    batch = [event_at(clock.now) for _ in range(501)]
    client = api.signed_in(school.classmate)
    assert fields_of(await client.post(EVENTS, json={"events": batch})) == ["events"]
    assert fields_of(await client.post(EVENTS, json={"events": []})) == ["events"]
    assert stored(rows, school.classmate.id) == 0
    assert (await send(client, batch[:500]))["accepted"] == 500
    assert stored(rows, school.classmate.id) == 500


async def test_replayed_and_shuffled_at_once_each_counts_once(
    api: Api, school: SchoolBench, rows: Session, clock: StandingClock
) -> None:
    batch = [event_at(clock.now) for _ in range(200)]
    shuffled = [random.sample(batch, len(batch)) for _ in range(6)]
    client = api.signed_in(school.classmate)
    answers = await asyncio.gather(*(send(client, order) for order in shuffled))
    assert sum(answer["accepted"] for answer in answers) == 200
    assert sum(answer["duplicate"] for answer in answers) == 1000
    assert stored(rows, school.classmate.id) == 200


async def test_a_repeat_inside_a_batch_counts_once(
    api: Api, school: SchoolBench, clock: StandingClock
) -> None:
    event = event_at(clock.now)
    answer = await send(api.signed_in(school.classmate), [event, event, event])
    assert (answer["accepted"], answer["duplicate"]) == (1, 2)


async def test_the_same_id_of_two_people_is_two_events(
    api: Api, school: SchoolBench, clock: StandingClock
) -> None:
    event = event_at(clock.now)
    for user in (school.student, school.classmate):
        assert (await send(api.signed_in(user), [event]))["accepted"] == 1


REJECTED: dict[str, tuple[dict[str, Any], str]] = {
    "an id that is no UUIDv7": ({"event_id": str(uuid4())}, "event_id_not_uuidv7"),
    "no id": ({"event_id": None}, "malformed"),
    "an id that is none": ({"event_id": "x"}, "malformed"),
    "an unknown verb": ({"verb": "admired"}, "unknown_verb"),
    "an unknown kind of object": ({"object_type": "dragon"}, "unknown_object_type"),
    "a field nobody asked for": ({"actor_id": str(uuid4())}, "malformed"),
    "a district of its own": ({"district_id": str(uuid4())}, "malformed"),
    "a time without a zone": ({"occurred_at": "2026-11-02T09:15:00"}, "malformed"),
    "a time before history": ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "too_old"),
    "a time after us": ({"occurred_at": "9999-12-31T23:59:59-12:00"}, "in_the_future"),
    "a duration of years": ({"duration_ms": 10**12}, "malformed"),
    "a number below zero": ({"client_seq": -1}, "malformed"),
    "a payload that does not fit": ({"payload": {"characters": 3}}, "invalid_payload"),
    "a payload that is no object": ({"payload": [1]}, "malformed"),
    "a payload too long": ({"payload": {"from_page": "x" * 201}}, "invalid_payload"),
    "a payload with NUL": ({"payload": {"from_page": "a\x00b"}}, "invalid_payload"),
    "a name with NUL": ({"payload": {"a\x00b": "x"}}, "invalid_payload"),
    "a class nobody has": ({"class_id": str(uuid4())}, "not_found"),
    "an assignment nobody has": ({"assignment_id": str(uuid4())}, "not_found"),
    "a submission nobody has": ({"submission_id": str(uuid4())}, "not_found"),
    "a question nobody has": ({"question_id": str(uuid4())}, "not_found"),
    "an object nobody has": ({"object_type": "question", "object_id": str(uuid4())}, "not_found"),
}


@pytest.mark.parametrize("name", REJECTED)
async def test_a_bad_event_is_rejected_with_its_reason_and_the_good_ones_are_kept(
    api: Api, shared_world: World, clock: StandingClock, name: str
) -> None:
    change, code = REJECTED[name]
    client = api.signed_in(shared_world.districts[0].schools[0].classmate)
    answer = await send(client, [event_at(clock.now), event_at(clock.now, **change), event_at(clock.now)])
    assert answer["accepted"] == 2, answer
    assert [(item["index"], item["code"]) for item in answer["rejected"]] == [(1, code)]
    assert answer["rejected"][0]["message"]


@pytest.mark.parametrize("raw", [None, 7, "viewed", [], {}, [[]], {"event_id": {}}])
async def test_what_is_no_event_at_all_is_rejected_by_itself(
    api: Api, shared_world: World, clock: StandingClock, raw: object
) -> None:
    client = api.signed_in(shared_world.districts[0].schools[0].classmate)
    answer = await send(client, [raw, event_at(clock.now)])
    assert answer["accepted"] == 1
    assert [item["code"] for item in answer["rejected"]] == ["malformed"]


async def test_a_lone_surrogate_is_rejected_by_itself(
    api: Api, shared_world: World, clock: StandingClock
) -> None:
    good = event_at(clock.now)
    bad = event_at(clock.now, payload={"from_page": "SURROGATE"})
    worse = event_at(clock.now, payload={"SURROGATE": 1})
    client = api.signed_in(shared_world.districts[0].schools[0].classmate)
    request = client.build_request("POST", EVENTS, json={"events": [good, bad, worse]})
    content = request.content.replace(b"SURROGATE", b"\\ud800")
    answer = data_of(await client.post(EVENTS, content=content, headers={"Content-Type": "application/json"}))
    assert answer["accepted"] == 1
    assert [item["index"] for item in answer["rejected"]] == [1, 2]


async def test_events_are_read_for_thirty_days_and_five_minutes_ahead(
    api: Api, shared_world: World, clock: StandingClock
) -> None:
    ages = {
        timedelta(days=30, seconds=1): ["too_old"],
        timedelta(days=29, hours=23): [],
        timedelta(minutes=-4): [],
        timedelta(minutes=-6): ["in_the_future"],
    }
    client = api.signed_in(shared_world.districts[0].schools[0].classmate)
    for age, codes in ages.items():
        answer = await send(client, [event_at(clock.now - age)])
        assert [item["code"] for item in answer["rejected"]] == codes, age


async def test_ids_of_other_people_are_as_unknown_as_none(
    api: Api, shared_world: World, clock: StandingClock
) -> None:
    home, abroad = shared_world.districts
    mine = home.schools[0]
    client = api.signed_in(mine.classmate)
    events = [event_at(clock.now, submission_id=str(mine.submission.id))]
    for foreign in (home.schools[1], abroad.schools[0]):
        events += [
            event_at(clock.now, class_id=str(foreign.school_class.id)),
            event_at(clock.now, assignment_id=str(foreign.assignment.id)),
            event_at(clock.now, question_id=str(foreign.choice_question.id)),
            event_at(clock.now, object_type="class", object_id=str(foreign.school_class.id)),
            event_at(clock.now, object_type="submission", object_id=str(foreign.submission.id)),
        ]
    answer = await send(client, events)
    assert answer["accepted"] == 0
    assert {item["code"] for item in answer["rejected"]} == {"not_found"}
    assert len(answer["rejected"]) == len(events)


async def test_a_batch_costs_the_same_whatever_its_size(
    api: Api, school: SchoolBench, clock: StandingClock, statements: Any
) -> None:
    client, costs = api.signed_in(school.classmate), []
    for size in (1, 100):
        batch = [event_at(clock.now, class_id=str(school.school_class.id)) for _ in range(size)]
        with statements.counting() as seen:
            await send(client, batch)
        costs.append(len(seen))
    assert costs[0] == costs[1]


async def test_a_batch_is_a_list_under_its_name(api: Api, shared_world: World) -> None:
    client = api.signed_in(shared_world.districts[0].schools[0].classmate)
    for body in ({}, {"events": {}}, {"events": None}):
        assert fields_of(await client.post(EVENTS, json=body)) == ["events"]
