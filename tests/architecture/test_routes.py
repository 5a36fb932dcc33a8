"""Every route names its permission or is public, is rate limited, is paged when it lists, and says what it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.deps import Allowed, Public, get_db, get_read_db
from api.idempotency import get_once
from api.main import create_app
from api.paging import PageRequest
from api.rate_limits import Bucket
from core.config import Settings
from core.permissions import Permission

APPLICATION = create_app(Settings(_env_file=None))
DOCUMENT: dict[str, Any] = APPLICATION.openapi()

WITHOUT_ANY_DOOR = {"/healthz", "/readyz"}
"""Asked every few seconds by supervisors and load balancers, from one address; they tell nothing."""

DOCUMENTATION_PAGES = {"/docs", "/docs/oauth2-redirect", "/redoc"}
"""Static pages that show the document; their scripts come from this server, so they open without the internet."""

FORMATS_OF_OTHERS = {
    "/api/v1/classes/rosters/oneroster",  # the export is a zip archive
    "/api/v1/question-banks/{bank_id}/export",
    "/api/v1/analytics/exports/student-keys",
    "/api/v1/analytics/exports/{export_id}/file",
    "/metrics",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/api/v1/auth/authorize",
    "/api/v1/auth/token",
    "/api/v1/auth/revoke",
}
"""Prometheus, RFC 6749, 7009, 7517 and 8414, and a person who reads a page, say what these look like."""

CREATES_WITHOUT_KEY = {
    "POST /api/v1/events",  # each event carries its own id
    "POST /api/v1/auth/invitations",  # below /auth: a repeat is another invitation, and harmless
}


def _routes() -> Iterator[RouteContext]:
    for context in iter_route_contexts(APPLICATION.routes):
        if isinstance(context.route, APIRoute) and context.path not in DOCUMENTATION_PAGES:
            yield context


ROUTES = list(_routes())


def name_of(context: RouteContext) -> str:
    return f"{'/'.join(sorted(context.methods))} {context.path}"


by_route = pytest.mark.parametrize("route", ROUTES, ids=name_of)


def calls(dependant: Dependant) -> Iterator[Any]:
    """Everything the route depends on, at any depth."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls(inner)


def doors(route: RouteContext) -> list[Any]:
    return [call for call in calls(route.dependant) if isinstance(call, Allowed | Public)]


def test_the_routes_are_those_of_the_document() -> None:
    documented = {
        f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    assert {name_of(route) for route in ROUTES} == documented
    assert len(documented) > 40


@by_route
def test_a_route_has_one_door_that_counts_and_names_who_may_pass(route: RouteContext) -> None:
    if route.path in WITHOUT_ANY_DOOR:
        assert doors(route) == []
        return
    (door,) = doors(route)
    if isinstance(door, Allowed):
        assert door.permission in Permission
        assert door.bucket in Bucket


@by_route
def test_a_public_route_opens_no_tenant_transaction(route: RouteContext) -> None:
    if not any(isinstance(door, Allowed) for door in doors(route)):
        assert not {get_db, get_read_db} & set(calls(route.dependant))


@by_route
def test_a_route_says_in_a_sentence_what_it_does(route: RouteContext) -> None:
    assert (route.description or "").strip().endswith((".", "…"))


@by_route
def test_a_list_is_paged(route: RouteContext) -> None:
    schema = str(_answer_of(route))
    if "Page_" in schema or "AnalyticPage" in schema:
        assert PageRequest in set(calls(route.dependant))
    assert "'type': 'array'" not in schema


@by_route
def test_a_post_that_creates_can_be_repeated_with_a_key(route: RouteContext) -> None:
    is_create = route.methods == {"POST"} and "201" in _operation(route)["responses"]
    if is_create and name_of(route) not in CREATES_WITHOUT_KEY:
        assert get_once in set(calls(route.dependant))


@by_route
def test_every_answer_has_the_envelope(route: RouteContext) -> None:
    if route.path in FORMATS_OF_OTHERS or _is_redirect(route):
        return
    assert "Envelope_" in str(_answer_of(route))


def test_every_permission_opens_a_door_or_an_event() -> None:
    from realtime.client_events import CLIENT_EVENTS  # noqa: PLC0415 - the sockets' half of the same rule

    used = {door.permission for route in ROUTES for door in doors(route) if isinstance(door, Allowed)}
    used |= {client_event.permission for client_event in CLIENT_EVENTS.values()}
    assert used == set(Permission)


def _operation(route: RouteContext) -> dict[str, Any]:
    (method,) = route.methods
    operation: dict[str, Any] = DOCUMENT["paths"][route.path][method.lower()]
    return operation


def _answer_of(route: RouteContext) -> Any:
    responses = _operation(route)["responses"]
    return next(answer for status, answer in responses.items() if status.startswith(("2", "303")))


def _is_redirect(route: RouteContext) -> bool:
    return "303" in _operation(route)["responses"]
