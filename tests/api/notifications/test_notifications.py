"""Notifications are a person's own."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.notification import make_notification
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

NOTIFICATIONS = "/api/v1/notifications"


async def test_everybody_sees_their_own_only(api: Api, bench: DistrictBench) -> None:
    home = bench.schools[0]
    seen = items_of(await api.signed_in(home.student).get(NOTIFICATIONS))
    assert [notice["id"] for notice in seen] == [str(home.notification.id)]
    for user in (home.classmate, home.teacher, home.admin, bench.admin):
        assert items_of(await api.signed_in(user).get(NOTIFICATIONS)) == []


async def test_what_was_read_can_be_left_out(api: Api, school: SchoolBench, rows: Session) -> None:
    read, unread = (make_notification(rows, school.classmate) for _ in range(2))
    read.read_at = datetime.now(UTC)
    rows.flush()
    client = api.signed_in(school.classmate)
    assert len(items_of(await client.get(NOTIFICATIONS))) == 2
    left = items_of(await client.get(f"{NOTIFICATIONS}?unread=true"))
    assert [notice["id"] for notice in left] == [str(unread.id)]
    assert fields_of(await client.get(f"{NOTIFICATIONS}?unread=perhaps")) == ["unread"]


async def test_the_newest_stands_first_and_kinds_can_be_looked_for(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    older, newer = (make_notification(rows, school.classmate) for _ in range(2))
    older.kind = "job_done"
    rows.flush()
    client = api.signed_in(school.classmate)
    seen = [notice["id"] for notice in items_of(await client.get(NOTIFICATIONS))]
    assert seen == [str(newer.id), str(older.id)]
    found = items_of(await client.get(f"{NOTIFICATIONS}?kind=job_done"))
    assert [notice["id"] for notice in found] == [str(older.id)]
    assert fields_of(await client.get(f"{NOTIFICATIONS}?kind=gossip")) == ["kind"]


async def test_one_is_marked_read_and_unread_again(api: Api, school: SchoolBench, rows: Session) -> None:
    notification = make_notification(rows, school.classmate)
    client = api.signed_in(school.classmate)
    url = f"{NOTIFICATIONS}/{notification.id}"
    first = data_of(await client.patch(url, json={"read": True}))
    again = data_of(await client.patch(url, json={"read": True}))
    assert first["read_at"] == again["read_at"] is not None
    assert data_of(await client.get(f"{NOTIFICATIONS}/unread-count")) == {"unread": 0}
    assert data_of(await client.patch(url, json={"read": False}))["read_at"] is None
    assert data_of(await client.get(f"{NOTIFICATIONS}/unread-count")) == {"unread": 1}


async def test_all_or_those_one_has_seen_are_marked_read(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    _, second, third = (make_notification(rows, school.classmate) for _ in range(3))
    client = api.signed_in(school.classmate)
    read = await client.post(f"{NOTIFICATIONS}/read-all", json={"up_to": str(second.id)})
    assert data_of(read) == {"read": 2}
    left = items_of(await client.get(f"{NOTIFICATIONS}?unread=true"))
    assert [notice["id"] for notice in left] == [str(third.id)]
    assert data_of(await client.post(f"{NOTIFICATIONS}/read-all", json={})) == {"read": 1}
    assert data_of(await client.post(f"{NOTIFICATIONS}/read-all", json={})) == {"read": 0}


async def test_nobody_marks_what_is_anothers(api: Api, school: SchoolBench, rows: Session) -> None:
    notification = make_notification(rows, school.classmate)
    stranger = api.signed_in(school.student)
    refusal_of(await stranger.patch(f"{NOTIFICATIONS}/{notification.id}", json={"read": True}), 404)
    body = {"up_to": str(notification.id)}
    refusal_of(await stranger.post(f"{NOTIFICATIONS}/read-all", json=body), 404)
    rows.refresh(notification)
    assert notification.read_at is None


async def test_of_two_about_one_conversation_only_one_is_unread(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    read, unread = (make_notification(rows, school.classmate) for _ in range(2))
    conversation = new_id()
    read.read_at = datetime.now(UTC)
    for notification in (read, unread):
        notification.related_type, notification.related_id = "conversation", conversation
        rows.flush()
    change = await api.signed_in(school.classmate).patch(f"{NOTIFICATIONS}/{read.id}", json={"read": False})
    assert refusal_of(change, 409)["code"] == "conflict"
