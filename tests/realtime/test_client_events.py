"""What a signed-in socket may do, and that another's ids look like ids of nothing."""

import pytest
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import Notification
from core.permissions import Permission
from realtime.client_events import CLIENT_EVENTS
from tests.factories.notification import make_notification
from tests.factories.world import World
from tests.realtime.socket_client import Connected


def test_every_event_names_a_permission_and_refuses_what_it_does_not_know() -> None:
    assert set(CLIENT_EVENTS) == {
        "sync",
        "session:refresh",
        *("message:send", "message:read", "typing:start", "typing:stop"),
        *("presence:watch", "presence:active", "notification:ack", "class:watch"),
    }
    for event in CLIENT_EVENTS.values():
        assert isinstance(event.permission, Permission)
        assert event.body.model_config["extra"] == "forbid"


async def test_acknowledged_notifications_are_read_once(
    world: World, connected: Connected, rows: Session
) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.student) as client:
        answer = await client.ask("notification:ack", {"ids": [str(school.notification.id)]})
        first_time = _read_at(rows, school.notification)
        again = await client.ask("notification:ack", {"ids": [str(school.notification.id)]})
    assert answer == again == {"ok": True, "data": {"ids": [str(school.notification.id)]}}
    assert first_time is not None
    assert _read_at(rows, school.notification) == first_time


async def test_notifications_of_others_stay_unread_and_unseen(
    world: World, connected: Connected, rows: Session
) -> None:
    school = world.districts[0].schools[0]
    foreign = [
        make_notification(rows, user)
        for user in (school.classmate, world.districts[0].admin, world.districts[1].schools[0].student)
    ]
    async with connected(school.student) as client:
        answers = [
            await client.ask("notification:ack", {"ids": [str(identifier)]})
            for identifier in (new_id(), *(notification.id for notification in foreign))
        ]
    assert answers == [{"ok": True, "data": {"ids": []}}] * 4
    assert [_read_at(rows, notification) for notification in foreign] == [None] * 3


def _read_at(rows: Session, notification: Notification) -> object:
    rows.refresh(notification)
    return notification.read_at


@pytest.mark.parametrize("ids", [[], ["x"], "x", None, [None], [str(new_id())] * 101])
async def test_malformed_ids_are_named(world: World, connected: Connected, ids: object) -> None:
    async with connected(world.districts[0].schools[0].student) as client:
        answer = await client.ask("notification:ack", {"ids": ids})
    assert answer["error"]["code"] == "invalid_input"
    assert answer["error"]["message"].startswith("ids")


async def test_a_teacher_follows_an_own_class_live(world: World, connected: Connected) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.teacher) as client:
        answer = await client.ask("class:watch", {"class_id": str(school.school_class.id)})
    assert answer["ok"] is True
    assert (answer["data"]["class_id"], answer["data"]["enrolled"]) == (str(school.school_class.id), 2)


async def test_any_other_class_is_not_found_in_the_same_words(world: World, connected: Connected) -> None:
    here, there = world.districts
    foreign = [
        new_id(),
        here.schools[0].other_class.id,
        here.schools[1].school_class.id,
        there.schools[0].school_class.id,
    ]
    async with connected(here.schools[0].teacher) as client:
        answers = [await client.ask("class:watch", {"class_id": str(class_id)}) for class_id in foreign]
    assert answers[0]["error"]["code"] == "not_found"
    assert all(answer == answers[0] for answer in answers)


async def test_a_student_may_not_watch_and_learns_nothing_of_the_id(
    world: World, connected: Connected
) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.student) as client:
        own = await client.ask("class:watch", {"class_id": str(school.school_class.id)})
        random = await client.ask("class:watch", {"class_id": str(new_id())})
        malformed = await client.ask("class:watch", {"class_id": "x"})
    assert own["error"]["code"] == "forbidden"
    assert own == random == malformed
