"""Notices become rows and events as each recipient wishes, with two statements for all of them."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from core.db import Database
from core.emit import Emitter
from core.ids import new_id
from core.models import NotificationDelivery, NotificationPreference, NotificationSetting
from core.notifications import KINDS, Notice, NotificationKind, notify, write_notifications
from tests.core.test_user_events import Listener
from tests.factories.user import actor_of, make_student
from tests.factories.world import SchoolBench, make_district_bench

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def school(rows: Session) -> SchoolBench:
    return make_district_bench(rows).schools[0]


@pytest.fixture
def students(rows: Session, school: SchoolBench) -> list[UUID]:
    return [make_student(rows, school.school).id for _ in range(4)]


def notice_of(
    kind: NotificationKind = NotificationKind.ASSIGNMENT_POSTED, noun: str = "assignment"
) -> Notice:
    return Notice(kind, "Something is new", (noun, new_id()))


def prefers(
    rows: Session, school: SchoolBench, student: UUID, delivery: str, kind: str = "assignment_posted"
) -> None:
    owner = {"district_id": school.school.district_id, "school_id": school.school.id, "user_id": student}
    rows.add(NotificationPreference(**owner, kind=kind, delivery=NotificationDelivery(delivery)))
    rows.flush()


def is_left_alone(
    rows: Session, school: SchoolBench, student: UUID, hours: tuple[int, int], zone: str | None = None
) -> None:
    owner = {"district_id": school.school.district_id, "school_id": school.school.id, "user_id": student}
    begins, ends = (time(hour) for hour in hours)
    rows.add(NotificationSetting(**owner, quiet_from=begins, quiet_until=ends, time_zone=zone))
    rows.flush()


async def told(
    database: Database, school: SchoolBench, people: Sequence[UUID], notice: Notice, now: datetime = NOW
) -> Mapping[UUID, dict[str, Any]]:
    """Write it and return what each person hears of their own."""
    async with database.tenant_transaction(actor_of(school.teacher).context) as session:
        telling = await write_notifications(session, people, notice, school_id=school.school.id, now=now)
    return {} if telling is None else telling[1].own


def kept(rows: Session, notice: Notice) -> dict[UUID, str]:
    statement = text("SELECT user_id, delivery FROM app.notifications WHERE related_id = :id")
    return dict(rows.execute(statement, {"id": notice.related[1]}).tuples().all())


def test_every_kind_says_what_it_is_about() -> None:
    assert set(KINDS) == set(NotificationKind)
    always = {kind for kind, traits in KINDS.items() if not traits.may_be_turned_off}
    assert always == {NotificationKind.SESSION_REUSED}


async def test_each_is_told_as_they_prefer(
    database: Database, school: SchoolBench, students: list[UUID], rows: Session
) -> None:
    at_once, in_digest, never, of_another_kind = students
    prefers(rows, school, in_digest, "email_digest")
    prefers(rows, school, never, "off")
    prefers(rows, school, of_another_kind, "off", "job_done")
    notice = notice_of()
    heard = await told(database, school, students, notice)
    assert set(heard) == {at_once, of_another_kind}
    assert kept(rows, notice) == {at_once: "in_app", of_another_kind: "in_app", in_digest: "email_digest"}


async def test_nobody_can_do_without_word_of_a_stolen_sign_in(
    database: Database, school: SchoolBench, students: list[UUID], rows: Session
) -> None:
    prefers(rows, school, students[0], "off", "session_reused")
    notice = notice_of(NotificationKind.SESSION_REUSED, "session")
    assert set(await told(database, school, students[:1], notice)) == {students[0]}


async def test_messages_of_an_unread_conversation_are_one_notification_that_counts(
    database: Database, school: SchoolBench, students: list[UUID], rows: Session
) -> None:
    notice, student = notice_of(NotificationKind.MESSAGE_RECEIVED, "conversation"), students[0]
    heard = [(await told(database, school, [student], notice))[student] for _ in range(3)]
    assert [one["occurrences"] for one in heard] == [1, 2, 3]
    assert len({one["id"] for one in heard}) == 1
    rows.execute(text("UPDATE app.notifications SET read_at = now() WHERE id = :id"), {"id": heard[0]["id"]})
    after_reading = (await told(database, school, [student], notice))[student]
    assert after_reading["occurrences"] == 1
    assert after_reading["id"] != heard[0]["id"]


async def test_messages_that_race_are_all_counted(
    database: Database, school: SchoolBench, students: list[UUID], rows: Session
) -> None:
    notice = notice_of(NotificationKind.MESSAGE_RECEIVED, "conversation")
    await asyncio.gather(*(told(database, school, students, notice) for _ in range(8)))
    counted = text("SELECT occurrences FROM app.notifications WHERE related_id = :id")
    assert list(rows.execute(counted, {"id": notice.related[1]}).scalars()) == [8, 8, 8, 8]


async def test_other_things_are_a_notification_each(
    database: Database, school: SchoolBench, students: list[UUID], rows: Session
) -> None:
    notice = notice_of()
    for _ in range(2):
        await told(database, school, students[:1], notice)
    counted = text("SELECT count(*) FROM app.notifications WHERE related_id = :id")
    assert rows.scalar(counted, {"id": notice.related[1]}) == 2


@pytest.mark.parametrize(
    ("moment", "is_silent"),
    [
        ("2026-03-08T02:59:00+00:00", False),  # 21:59 in winter time, the evening before clocks go forward
        ("2026-03-08T03:00:00+00:00", True),  # 22:00
        ("2026-03-08T10:59:00+00:00", True),  # 06:59 in summer time, one hour of the night is missing
        ("2026-03-08T11:00:00+00:00", False),  # 07:00
        ("2026-11-01T02:00:00+00:00", True),  # 22:00 in summer time, the evening before clocks go back
        ("2026-11-01T11:59:00+00:00", True),  # 06:59 in winter time, after a longer night
        ("2026-11-01T12:00:00+00:00", False),  # 07:00
    ],
)
async def test_quiet_hours_follow_the_clock_on_the_wall(
    database: Database,
    school: SchoolBench,
    students: list[UUID],
    rows: Session,
    moment: str,
    is_silent: bool,
) -> None:
    is_left_alone(rows, school, students[0], (22, 7), "America/New_York")
    heard = await told(database, school, students[:2], notice_of(), datetime.fromisoformat(moment))
    assert heard[students[0]]["is_silent"] == is_silent
    assert heard[students[1]]["is_silent"] is False


async def test_without_a_zone_of_ones_own_the_clock_is_the_districts(
    database: Database, school: SchoolBench, students: list[UUID], rows: Session
) -> None:
    is_left_alone(rows, school, students[0], (13, 15))
    zone = text("UPDATE app.districts SET time_zone = 'Asia/Tokyo' WHERE district_id = :id")
    rows.execute(zone, {"id": school.school.district_id})
    early, late = (datetime(2026, 11, 2, hour, 30, tzinfo=UTC) for hour in (4, 13))
    assert (await told(database, school, students[:1], notice_of(), early))[students[0]]["is_silent"]
    assert not (await told(database, school, students[:1], notice_of(), late))[students[0]]["is_silent"]


async def test_two_hundred_cost_as_many_statements_as_one(
    database: Database, school: SchoolBench, students: list[UUID], rows: Session
) -> None:
    class_of = [make_student(rows, school.school).id for _ in range(200)]
    costs = []
    for people in (students[:1], class_of):
        seen: list[str] = []
        async with database.tenant_transaction(actor_of(school.teacher).context) as session:
            connection = (await session.connection()).sync_connection

            def note(*arguments: Any, seen: list[str] = seen) -> None:
                seen.append(arguments[2])

            event.listen(connection, "before_cursor_execute", note)
            await notify(session, people, notice_of(), school_id=school.school.id, now=NOW)
        costs.append(len(seen))
    assert costs == [2, 2]


async def test_events_are_heard_before_badges_are_counted(
    database: Database, school: SchoolBench, students: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    monkeypatch.setattr(database, "emitter", Emitter(listener))
    async with database.tenant_transaction(actor_of(school.teacher).context) as session:
        await notify(session, students, notice_of(), school_id=school.school.id, now=NOW)
    await asyncio.gather(*database._publishing)
    assert [hint.event for hint in listener.hints] == ["notification:new", "badge"]
    assert set(listener.hints[1].own) == set(students)
