"""Keyset pages: nothing twice, nothing skipped, while rows arrive; and no cursor but ours."""

import base64
from collections.abc import AsyncIterator

import httpx2
import pytest
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.notification import make_notification
from tests.factories.school_class import make_class
from tests.factories.world import SchoolBench, World
from tests.fixtures.web import Api

LISTS = [
    "/auth/invitations",
    "/classes",
    "/classes/{class_id}/enrollments",
    "/classes/{class_id}/roster",
    "/concepts",
    "/assignments",
    "/submissions",
    "/grades/classes/{class_id}",
    "/grades/students/{student_id}",
    "/grades/{grade_id}/history",
    "/analytics/classes/{class_id}/mastery",
    "/analytics/classes/{class_id}/struggling",
    "/notifications",
]


def list_of(world: World, api: Api, path: str) -> tuple[httpx2.AsyncClient, str]:
    school = world.districts[0].schools[0]
    ids = {
        "class_id": school.school_class.id,
        "student_id": school.student.id,
        "grade_id": school.grade.id,
    }
    return api.signed_in(school.admin), "/api/v1" + path.format_map(ids)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "-1", "101", "99999999999999999999", "ten", "1.5", ""])
async def test_a_limit_outside_1_to_100_is_refused_by_name(
    api: Api, shared_world: World, path: str, limit: str
) -> None:
    client, url = list_of(shared_world, api, path)
    assert refusal_of(await client.get(url, params={"limit": limit}), 422)["field"] == "limit"


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "",
        "é",
        base64.urlsafe_b64encode(b"1; DROP TABLE app.users").decode(),
        base64.urlsafe_b64encode(b"\x00").decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        "A" * 101,
    ],
    ids=["noise", "empty", "not ascii", "injection", "nul", "not utf-8", "long"],
)
async def test_a_cursor_we_did_not_give_out_is_refused_by_name(
    api: Api, shared_world: World, path: str, cursor: str
) -> None:
    client, url = list_of(shared_world, api, path)
    assert refusal_of(await client.get(url, params={"cursor": cursor}), 422)["field"] == "cursor"


@pytest.mark.parametrize("path", LISTS)
async def test_a_short_list_is_one_page(api: Api, shared_world: World, path: str) -> None:
    client, url = list_of(shared_world, api, path)
    assert data_of(await client.get(url, params={"limit": 100}))["next_cursor"] is None


async def walked(client: httpx2.AsyncClient, url: str, limit: int) -> AsyncIterator[list[str]]:
    cursor: str | None = None
    while True:
        params = {"limit": limit} | ({} if cursor is None else {"cursor": cursor})
        page = data_of(await client.get(url, params=params))
        yield [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return


async def test_a_walk_meets_every_row_once_while_rows_arrive(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    """The newest first: what arrives meanwhile is above the walk, and moves nothing below it."""
    before = [make_notification(rows, school.classmate).id for _ in range(23)]
    seen: list[str] = []
    async for page in walked(api.signed_in(school.classmate), "/api/v1/notifications", 5):
        assert len(page) <= 5
        seen += page
        if len(seen) < 20:
            make_notification(rows, school.classmate)
    assert seen == [str(notification_id) for notification_id in reversed(before)]


async def test_a_last_page_that_is_exactly_full_has_no_next(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    for _ in range(3):
        make_class(rows, school.teacher)
    pages = [page async for page in walked(api.signed_in(school.teacher), "/api/v1/classes", 2)]
    assert [len(page) for page in pages] == [2, 2]


async def test_the_default_page_holds_twenty(api: Api, school: SchoolBench, rows: Session) -> None:
    for _ in range(21):
        make_notification(rows, school.teacher)
    assert len(items_of(await api.signed_in(school.teacher).get("/api/v1/notifications"))) == 20


async def test_a_cursor_of_another_list_shows_nothing_of_it(api: Api, shared_world: World) -> None:
    home, abroad = shared_world.districts
    cursor = base64.urlsafe_b64encode(str(new_id()).encode()).decode()
    for district in (home, abroad):
        answer = await api.signed_in(district.admin).get("/api/v1/classes", params={"cursor": cursor})
        assert items_of(answer) == []
