"""What is too old is gone, and a client that was away for longer is told to load its pages anew."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from api.notifications.retention import EVENT_DAYS, READ_DAYS, remove_old
from core.db import Database
from core.jobs import job_context
from core.models import User
from tests.factories.notification import make_notification
from tests.factories.world import DistrictBench
from tests.realtime.conftest import Record
from tests.realtime.socket_client import SocketClient

Connected = Callable[..., SocketClient]

_AGE = text("UPDATE app.user_events SET occurred_at = :at WHERE user_id = :id AND seq <= :seq")
_LEFT = text("SELECT seq FROM app.user_events WHERE user_id = :id ORDER BY seq")


def age(rows: Session, user: User, up_to: int, days: int) -> None:
    rows.execute(_AGE, {"id": user.id, "seq": up_to, "at": datetime.now(UTC) - timedelta(days=days)})


async def clean(database: Database, user: User) -> int:
    return await remove_old(database, job_context(str(user.district_id)), datetime.now(UTC))


async def test_a_client_below_what_is_kept_must_load_anew_and_goes_on_from_there(
    bench: DistrictBench, database: Database, rows: Session, connected: Connected, record: Record
) -> None:
    student = bench.schools[0].classmate
    for _ in range(5):
        await record(student)
    age(rows, student, 3, EVENT_DAYS + 1)
    assert await clean(database, student) == 3
    assert list(rows.execute(_LEFT, {"id": student.id}).scalars()) == [4, 5]
    async with connected(student) as client:
        behind = await client.ask("sync", {"after_seq": 1})
        near = await client.ask("sync", {"after_seq": 3})
        after = await client.ask("sync", {"after_seq": 5})
    assert behind["error"]["code"] == "resync_required"
    assert behind["error"]["next_seq"] == 5
    assert [event["seq"] for event in near["data"]["events"]] == [4, 5]
    assert after["data"] == {"events": [], "next_seq": 5, "more": False}


async def test_numbers_go_on_when_everything_was_removed(
    bench: DistrictBench, database: Database, rows: Session, connected: Connected, record: Record
) -> None:
    student = bench.schools[0].classmate
    for _ in range(2):
        await record(student)
    age(rows, student, 2, EVENT_DAYS + 1)
    assert await clean(database, student) == 2
    async with connected(student) as client:
        behind = await client.ask("sync", {"after_seq": 0})
    assert behind["error"]["code"] == "resync_required"
    assert await record(student) == 3


async def test_what_is_younger_and_what_is_anothers_stays(
    bench: DistrictBench, database: Database, rows: Session, record: Record
) -> None:
    home = bench.schools[0]
    await record(home.classmate, home.other_student)
    age(rows, home.classmate, 1, EVENT_DAYS - 1)
    assert await clean(database, home.classmate) == 0


async def test_notifications_go_half_a_year_after_they_were_read(
    bench: DistrictBench, database: Database, rows: Session, record: Record
) -> None:
    student, now = bench.schools[0].classmate, datetime.now(UTC)
    await record(student)  # whoever was notified of anything has a stream
    old, young, unread = (make_notification(rows, student) for _ in range(3))
    old.read_at = now - timedelta(days=READ_DAYS + 1)
    young.read_at = now - timedelta(days=READ_DAYS - 1)
    rows.flush()
    assert await clean(database, student) == 1
    left = text("SELECT id FROM app.notifications WHERE user_id = :id ORDER BY id")
    assert list(rows.execute(left, {"id": student.id}).scalars()) == [young.id, unread.id]
