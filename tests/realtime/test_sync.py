"""`sync`: the truth behind the hints, page by page, without gaps."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from core.models import UserEvent
from tests.factories.user import make_student
from tests.factories.world import DistrictBench
from tests.realtime.conftest import Record
from tests.realtime.socket_client import SocketClient

Connected = Callable[..., SocketClient]


async def test_what_was_missed_comes_in_order_and_once(
    bench: DistrictBench, connected: Connected, record: Record
) -> None:
    student = bench.schools[0].student
    for _ in range(3):
        await record(student)
    async with connected(student) as client:
        answer = await client.ask("sync", {"after_seq": 1})
        nothing_new = await client.ask("sync", {"after_seq": 4})
    assert [event["seq"] for event in answer["data"]["events"]] == [2, 3, 4]
    assert {event["name"] for event in answer["data"]["events"]} == {"grade:updated"}
    assert (answer["data"]["next_seq"], answer["data"]["more"]) == (4, False)
    assert nothing_new == {"ok": True, "data": {"events": [], "next_seq": 4, "more": False}}


async def test_a_user_without_events_is_at_the_end(
    bench: DistrictBench, connected: Connected, rows: Session
) -> None:
    async with connected(make_student(rows, bench.schools[0].school)) as client:
        answer = await client.ask("sync", {"after_seq": 0})
    assert answer["data"] == {"events": [], "next_seq": 0, "more": False}


async def test_a_long_absence_is_answered_in_pages(
    bench: DistrictBench, connected: Connected, rows: Session
) -> None:
    student = make_student(rows, bench.schools[0].school)
    _record_many(rows, student.district_id, student.school_id, student.id)
    async with connected(student) as client:
        first = (await client.ask("sync", {"after_seq": 0}))["data"]
        second = (await client.ask("sync", {"after_seq": first["next_seq"]}))["data"]
        third = (await client.ask("sync", {"after_seq": second["next_seq"]}))["data"]
    assert [page["more"] for page in (first, second, third)] == [True, True, False]
    numbers = [event["seq"] for page in (first, second, third) for event in page["events"]]
    assert numbers == list(range(1, 1101))


def _record_many(rows: Session, *owner: object) -> None:
    district_id, school_id, user_id = owner
    keys = {"district_id": district_id, "school_id": school_id, "user_id": user_id, "now": datetime.now(UTC)}
    rows.execute(
        text(
            "INSERT INTO app.user_event_counters (district_id, school_id, user_id, last_seq)"
            " VALUES (:district_id, :school_id, :user_id, 1100)"
        ),
        keys,
    )
    rows.execute(
        text(
            "INSERT INTO app.user_events (district_id, school_id, user_id, seq, name, payload, occurred_at)"
            " SELECT :district_id, :school_id, :user_id, n, 'grade:updated', '{}', :now"
            " FROM generate_series(1, 1100) n"
        ),
        keys,
    )


async def test_a_number_below_what_is_kept_asks_for_a_new_start(
    bench: DistrictBench, connected: Connected, record: Record, rows: Session
) -> None:
    student = bench.schools[0].student
    for _ in range(4):
        await record(student)
    rows.execute(delete(UserEvent).where(UserEvent.user_id == student.id, UserEvent.seq < 4))
    async with connected(student) as client:
        too_old = await client.ask("sync", {"after_seq": 2})
        kept = await client.ask("sync", {"after_seq": 3})
    assert too_old["ok"] is False
    assert (too_old["error"]["code"], too_old["error"]["next_seq"]) == ("resync_required", 5)
    assert [event["seq"] for event in kept["data"]["events"]] == [4, 5]


async def test_a_number_from_the_future_asks_for_a_new_start(
    bench: DistrictBench, connected: Connected
) -> None:
    async with connected(bench.schools[0].student) as client:
        answer = await client.ask("sync", {"after_seq": 900})
    assert (answer["error"]["code"], answer["error"]["next_seq"]) == ("resync_required", 1)


async def test_nothing_is_lost_between_a_hint_and_the_next_pull(
    bench: DistrictBench, connected: Connected, record: Record
) -> None:
    """Disconnect at every possible moment: hints plus pulls give each number exactly once."""
    student = bench.schools[0].student
    seen, last = [], 1
    for round_number in range(5):
        await record(student)
        async with connected(student) as client:
            answer = await client.ask("sync", {"after_seq": last})
            seen += [event["seq"] for event in answer["data"]["events"]]
            last = answer["data"]["next_seq"]
            if round_number % 2:
                await record(student)
                seen.append((await client.next_event())[1]["seq"])
                last = seen[-1]
    assert seen == list(range(2, 9))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"after_seq": -1},
        {"after_seq": "1"},
        {"after_seq": 1.5},
        {"after_seq": True},
        {"after_seq": None},
        {"after_seq": 2**63},
        {"after_seq": 1, "user_id": "someone else"},
        [1],
        "1",
        None,
    ],
)
async def test_a_malformed_request_is_named_and_harmless(
    bench: DistrictBench, connected: Connected, body: object
) -> None:
    async with connected(bench.schools[0].student) as client:
        answer = await client.ask("sync", body)
        assert answer["ok"] is False
        assert answer["error"]["code"] == "invalid_input"
        assert (await client.ask("sync", {"after_seq": 1}))["ok"] is True


async def test_an_event_without_an_object_is_refused(bench: DistrictBench, connected: Connected) -> None:
    async with connected(bench.schools[0].student) as client:
        assert (await client.ask("sync"))["error"]["message"] == "Send one object with this event."
        two = await client.ask("sync", {"after_seq": 1}, {"after_seq": 1})
        assert two["error"]["code"] == "invalid_input"
