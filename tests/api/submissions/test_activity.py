"""Time at work: counted from traces, the same in PostgreSQL as by the rule."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.activity import active_milliseconds
from core.ids import new_id
from tests.api.envelopes import data_of
from tests.api.submissions.conftest import Desk, Ledger
from tests.fixtures.web import Api, StandingClock


def seen(desk: Desk, moment: datetime) -> dict[str, Any]:
    return {
        "event_id": str(new_id()),
        "verb": "focused",
        "object_type": "submission",
        "object_id": desk.submission_id,
        "submission_id": desk.submission_id,
        "occurred_at": moment.isoformat(),
    }


async def send(desk: Desk, moments: list[datetime]) -> None:
    data_of(
        await desk.student.post("/api/v1/events", json={"events": [seen(desk, moment) for moment in moments]})
    )


def active_ms(ledger: Ledger, desk: Desk) -> int:
    statement = "SELECT active_ms FROM app.student_submissions WHERE id = :id"
    return int(ledger.one(statement, id=desk.submission_id))


@pytest.mark.parametrize(
    "offsets",
    [
        [10, 20, 200],
        [120, 240, 361, 361],
        [0.0005, 0.0015, 1.2345],
        [119.9996, 240.5],
        [-5, 30],
        [300, 10, 150, 45.25],
    ],
    ids=["idle gap", "at the limit", "half milliseconds", "rounding", "before the start", "out of order"],
)
async def test_a_batch_of_events_counts_as_the_rule_does(
    api: Api, desk: Desk, ledger: Ledger, clock: StandingClock, *, offsets: list[float]
) -> None:
    moments = [clock.start + timedelta(seconds=offset) for offset in offsets]
    clock.advance(timedelta(minutes=10))
    later = Desk(api.signed_in(desk.school.classmate), desk.school, desk.submission_id)
    await send(later, moments)
    assert active_ms(ledger, desk) == active_milliseconds(moments, since=clock.start)


async def test_what_a_batch_repeats_counts_once(desk: Desk, ledger: Ledger, clock: StandingClock) -> None:
    events = [seen(desk, clock.start + timedelta(seconds=step)) for step in (10, 20)]
    clock.advance(timedelta(minutes=1))
    for _ in range(2):
        data_of(await desk.student.post("/api/v1/events", json={"events": events}))
    assert active_ms(ledger, desk) == 20_000


async def test_a_clock_that_runs_ahead_adds_no_time(desk: Desk, ledger: Ledger, clock: StandingClock) -> None:
    await send(desk, [clock.now + timedelta(seconds=100)])
    assert active_ms(ledger, desk) == 0
