"""Notifications are a person's own."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from tests.api.envelopes import fields_of, items_of
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
