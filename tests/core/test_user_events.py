"""The gapless stream of each user, under concurrency, rollbacks and a Redis that is away."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import Database
from core.emit import Emitter, Hint, UnreadableHintError, emitter_for
from core.ids import new_id
from core.models import Notification
from core.notifications import Notice, NotificationKind, notify
from core.tenancy import Actor
from core.user_events import (
    UserEventDraft,
    record_user_event,
    record_user_events,
    user_events_after,
    wire_form,
)
from tests.factories.user import actor_of, make_student
from tests.factories.world import SchoolBench, make_district_bench

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


class Listener:
    """Stands where the sockets are."""

    def __init__(self) -> None:
        self.hints: list[Hint] = []

    async def publish(self, hint: Hint) -> None:
        self.hints.append(hint)

    async def close(self) -> None:
        return

    def heard_by(self, user_id: UUID) -> list[tuple[str, dict[str, Any]]]:
        return [
            (hint.event, {**hint.payload, **hint.own[user_id]}) for hint in self.hints if user_id in hint.own
        ]


@pytest.fixture
def school(rows: Session) -> SchoolBench:
    return make_district_bench(rows).schools[0]


@pytest.fixture
def students(rows: Session, school: SchoolBench) -> list[UUID]:
    return [make_student(rows, school.school).id for _ in range(8)]


@pytest.fixture
def listening(database: Database, monkeypatch: pytest.MonkeyPatch) -> Listener:
    listener = Listener()
    monkeypatch.setattr(database, "emitter", Emitter(listener))
    return listener


def draft(school: SchoolBench, name: str = "grade:updated") -> UserEventDraft:
    return UserEventDraft(name, {"grade_id": "x"}, NOW, school.school.id)


async def test_numbers_are_gapless_when_many_causes_race(
    database: Database, school: SchoolBench, students: list[UUID]
) -> None:
    """Overlapping fan-outs in opposite orders, some rolled back: no gap, no repeat, no deadlock."""
    teacher = actor_of(school.teacher)

    async def fan_out(number: int) -> None:
        recipients = students if number % 2 else students[::-1][:5]
        async with database.tenant_transaction(teacher.context) as session:
            await record_user_event(session, recipients, draft(school))
            if number % 5 == 0:
                raise LookupError

    results = await asyncio.gather(*(fan_out(number) for number in range(60)), return_exceptions=True)
    assert {type(result) for result in results} == {type(None), LookupError}
    async with database.tenant_transaction(teacher.context) as session:
        for student_id in students:
            numbers = [found.seq for found in await user_events_after(session, student_id, 0)]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) >= 24


async def test_each_recipient_hears_of_it_after_the_commit(
    database: Database, school: SchoolBench, students: list[UUID], listening: Listener
) -> None:
    teacher = actor_of(school.teacher)
    async with database.tenant_transaction(teacher.context) as session:
        numbers = await record_user_event(session, [*students, students[0]], draft(school))
        assert listening.hints == []
    await asyncio.gather(*database._publishing)
    assert numbers == dict.fromkeys(students, 1)
    (hint,) = listening.hints
    assert hint.district_id == teacher.district_id
    assert {user_id: own["seq"] for user_id, own in hint.own.items()} == dict.fromkeys(students, 1)


async def test_several_events_of_one_cause_are_numbered_in_their_order_by_one_statement(
    database: Database, school: SchoolBench, students: list[UUID], listening: Listener
) -> None:
    teacher = actor_of(school.teacher)
    tellings = [(students, draft(school, "message:new")), (students[:2], draft(school, "notification:new"))]
    async with database.tenant_transaction(teacher.context) as session:
        await record_user_event(session, students[:1], draft(school))
        numbers = await record_user_events(session, tellings)
        first = await user_events_after(session, students[0], 0)
    await asyncio.gather(*database._publishing)
    assert [numbers[student] for student in students[:3]] == [3, 2, 1]
    assert [(found.seq, found.name) for found in first] == [
        (1, "grade:updated"),
        (2, "message:new"),
        (3, "notification:new"),
    ]
    assert [(name, data["seq"]) for name, data in listening.heard_by(students[1])] == [
        ("message:new", 1),
        ("notification:new", 2),
    ]


async def test_what_concerns_one_recipient_is_told_to_that_one_only(
    database: Database, school: SchoolBench, students: list[UUID], listening: Listener
) -> None:
    teacher = actor_of(school.teacher)
    own = {students[0]: {"place": 1}, students[1]: {"place": 2, "grade_id": "y"}}
    async with database.tenant_transaction(teacher.context) as session:
        await record_user_event(session, students[:3], replace(draft(school), own=own))
        stored = [(await user_events_after(session, student, 0))[-1].payload for student in students[:3]]
    await asyncio.gather(*database._publishing)
    assert stored == [{"grade_id": "x", "place": 1}, {"grade_id": "y", "place": 2}, {"grade_id": "x"}]
    for student, payload in zip(students, stored, strict=False):
        ((_, heard),) = listening.heard_by(student)
        assert heard.items() >= payload.items()


async def test_what_is_rolled_back_is_never_heard(
    database: Database, school: SchoolBench, students: list[UUID], listening: Listener
) -> None:
    async def fail() -> None:
        async with database.tenant_transaction(actor_of(school.teacher).context) as session:
            await record_user_event(session, students, draft(school))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    await asyncio.gather(*database._publishing)
    assert listening.hints == []


async def test_telling_nobody_is_nothing(database: Database, school: SchoolBench) -> None:
    async with database.tenant_transaction(actor_of(school.teacher).context) as session:
        assert await record_user_event(session, [], draft(school)) == {}
        await notify(
            session, [], Notice(NotificationKind.JOB_DONE, "x", ("class", new_id())), school_id=None, now=NOW
        )


async def test_a_client_that_is_behind_gets_the_rest_in_order_and_in_pages(
    database: Database, school: SchoolBench, students: list[UUID]
) -> None:
    actor = actor_of(school.teacher)
    async with database.tenant_transaction(actor.context) as session:
        for _ in range(5):
            await record_user_event(session, students[:1], draft(school))
        first = await user_events_after(session, students[0], 1, limit=2)
        rest = await user_events_after(session, students[0], first[-1].seq)
    assert [found.seq for found in first + rest] == [2, 3, 4, 5]


async def test_a_notification_is_a_row_and_an_event(
    database: Database, school: SchoolBench, students: list[UUID]
) -> None:
    actor = actor_of(school.teacher)
    related = new_id()
    notice = Notice(NotificationKind.ENROLLMENT_DECIDED, "You are in Algebra I.", ("class", related))
    async with database.tenant_transaction(actor.context) as session:
        await notify(session, students[:2], notice, school_id=school.school.id, now=NOW)
        rows = list(await session.scalars(select(Notification).where(Notification.related_id == related)))
        (found,) = await user_events_after(session, students[0], 0)
    assert {row.user_id for row in rows} == set(students[:2])
    assert (found.name, found.payload["title"]) == ("notification:new", "You are in Algebra I.")


def test_the_wire_form_carries_number_and_time() -> None:
    assert wire_form(3, {"a": 1}, NOW) == {"a": 1, "seq": 3, "occurred_at": "2026-11-02T09:30:00+00:00"}


def test_a_hint_arrives_as_it_was_sent() -> None:
    hint = Hint(new_id(), "grade:updated", {"points": "1.00"}, {new_id(): {"seq": 3}}, "node")
    assert Hint.decode(hint.encode()) == hint


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", "null", '{"district": 1}', b"\xff", "[" * 100_000, '{"method": "disconnect"}'],
)
def test_what_is_no_hint_is_refused(text: str | bytes) -> None:
    with pytest.raises(UnreadableHintError):
        Hint.decode(text)


async def test_without_redis_speaking_is_silent_and_harmless(school: SchoolBench) -> None:
    actor: Actor = actor_of(school.teacher)
    await emitter_for("").to_user(actor.tenant, actor.user_id, "badge", {})


async def test_a_dead_redis_delays_and_loses_nothing(
    database: Database, school: SchoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "emitter", emitter_for("redis://127.0.0.1:1/0"))
    student = actor_of(school.classmate)
    begun = asyncio.get_running_loop().time()
    async with database.tenant_transaction(student.context) as session:
        await record_user_event(session, [student.user_id], draft(school))
    assert asyncio.get_running_loop().time() - begun < 0.5
    await asyncio.gather(*database._publishing)
    async with database.tenant_transaction(student.context) as session:
        assert [found.seq for found in await user_events_after(session, student.user_id, 0)] == [1]
