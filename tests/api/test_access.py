"""The same four questions to every route: no token, wrong role, unknown id, somebody else's id."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from core.models import User
from tests.api.envelopes import refusal_of
from tests.api.routes import (
    ADMIN,
    EVERYONE,
    PUBLIC_ROUTES,
    ROUTES,
    STUDENT,
    TEACHER,
    Route,
    ids_of,
    stranger_of,
    unknown_ids,
    user_of,
)
from tests.factories.world import World
from tests.fixtures.web import Api

FENCED = [route for route in ROUTES if route.fenced]


def cases(routes: list[Route], roles: frozenset[str] = EVERYONE) -> list[Any]:
    return [
        pytest.param(route, role, id=f"{route} as {role}")
        for route in routes
        for role in sorted(route.roles & roles)
    ]


async def send(client: httpx2.AsyncClient, request: tuple[str, str, Any]) -> httpx2.Response:
    method, url, body = request
    return await client.request(method, url, json=body)


def test_the_table_of_routes_is_the_whole_api(app: FastAPI) -> None:
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in app.openapi()["paths"].items()
        if path.startswith("/api/v1")
        for method in methods
    }
    assert {str(route) for route in ROUTES} | PUBLIC_ROUTES == described


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_nobody_enters_without_a_token(api: Api, shared_world: World, route: Route) -> None:
    district = shared_world.districts[0]
    answer = await send(api.anonymous, route.filled(ids_of(district, district.schools[0])))
    refusal_of(answer, 401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("route", "role"),
    [
        pytest.param(route, role, id=f"{route} as {role}")
        for route in ROUTES
        for role in sorted(EVERYONE - route.roles)
    ],
)
async def test_a_role_without_the_permission_is_told_so(
    api: Api, shared_world: World, route: Route, role: str
) -> None:
    district = shared_world.districts[0]
    client = api.signed_in(user_of(district.schools[0], role))
    answer = await send(client, route.filled(ids_of(district, district.schools[0])))
    refusal_of(answer, 403, "forbidden")


@pytest.mark.parametrize(("route", "role"), cases(FENCED))
async def test_another_school_and_another_district_look_like_nothing_at_all(
    api: Api, shared_world: World, route: Route, role: str
) -> None:
    home, abroad = shared_world.districts
    ids = ids_of(home, home.schools[0])
    outsiders = [user_of(home.schools[1], role), user_of(abroad.schools[0], role)]
    for outsider in outsiders:
        await assert_same_nothing(api, outsider, route, ids)


def is_ones_own(route: Route) -> bool:
    """Say whether only the one person who caused the thing may see it, whatever others of the same role see."""
    return any(f"{{{name}}}" in route.path for name in ("job_id", "export_id", "notification_id"))


@pytest.mark.parametrize(("route", "role"), cases(FENCED, frozenset({STUDENT, TEACHER})))
async def test_another_class_of_the_same_school_looks_like_nothing_at_all(
    api: Api, shared_world: World, route: Route, role: str
) -> None:
    home = shared_world.districts[0]
    await assert_same_nothing(api, stranger_of(home.schools[0], role), route, ids_of(home, home.schools[0]))


@pytest.mark.parametrize(("route", "role"), cases(FENCED, frozenset({ADMIN})))
async def test_a_district_admin_sees_both_schools_and_no_other_district(
    api: Api, shared_world: World, route: Route, role: str
) -> None:
    home, abroad = shared_world.districts
    await assert_same_nothing(api, abroad.admin, route, ids_of(home, home.schools[0]))
    if route.method == "GET" and not is_ones_own(route):
        for school in home.schools:
            answer = await send(api.signed_in(home.admin), route.filled(ids_of(home, school)))
            assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("route", "role"),
    cases([route for route in FENCED if route.method == "GET" and not is_ones_own(route)]),
)
async def test_those_concerned_may_read(api: Api, shared_world: World, route: Route, role: str) -> None:
    home = shared_world.districts[0]
    client = api.signed_in(user_of(home.schools[0], role))
    answer = await send(client, route.filled(ids_of(home, home.schools[0])))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("route", [route for route in ROUTES if "_id}" in route.path], ids=str)
async def test_an_id_that_is_none_is_named_as_the_field_at_fault(
    api: Api, shared_world: World, route: Route
) -> None:
    home = shared_world.districts[0]
    client = api.signed_in(user_of(home.schools[0], max(route.roles)))
    method, _, body = route.filled(ids_of(home, home.schools[0]))
    first_id = route.path.split("{")[1].split("}")[0]
    names = dict.fromkeys(ids_of(home, home.schools[0]), "not-an-id")
    answer = await client.request(method, "/api/v1" + route.path.format_map(names), json=body)
    assert refusal_of(answer, 422)["field"] == first_id


async def assert_same_nothing(api: Api, user: User, route: Route, ids: dict[str, Any]) -> None:
    """A foreign id and one that does not exist get the same bytes."""
    client = api.signed_in(user)
    foreign = await send(client, route.filled(ids))
    unknown = await send(client, route.filled(unknown_ids(ids)))
    refusal_of(foreign, 404, "not_found")
    assert foreign.content == unknown.content
