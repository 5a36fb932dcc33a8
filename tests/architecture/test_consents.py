"""What records a child's doings, route or socket event, asks for the guardian's consent, or the build fails."""

import pytest
from fastapi.routing import RouteContext

from api.deps import Allowed, Consented
from core.models import ConsentScope
from core.permissions import Permission, may
from core.tenancy import Role
from realtime.client_events import CLIENT_EVENTS
from tests.architecture.test_routes import ROUTES, calls, doors, name_of

KEEPS_ONLY_THE_ACCOUNT = {
    "PATCH /api/v1/users/me",  # one's own name
    "POST /api/v1/auth/password/change",
    "POST /api/v1/auth/logout-all",
    "DELETE /api/v1/auth/sessions/{session_id}",
    "PUT /api/v1/notifications/preferences",
}
"""Writing routes for students that record nothing but how the account itself is kept."""

RECORDS_NOTHING = {"sync", "session:refresh", "presence:watch"}


def is_writing_for_students(route: RouteContext) -> bool:
    permissions = [door.permission for door in doors(route) if isinstance(door, Allowed)]
    return route.methods != {"GET"} and any(may(Role.STUDENT, permission) for permission in permissions)


def asked_scopes(route: RouteContext) -> list[ConsentScope]:
    return [call.scope for call in calls(route.dependant) if isinstance(call, Consented)]


WRITING = [route for route in ROUTES if is_writing_for_students(route)]


@pytest.mark.parametrize("route", WRITING, ids=name_of)
def test_what_a_student_does_is_recorded_with_consent_only(route: RouteContext) -> None:
    expected = [] if name_of(route) in KEEPS_ONLY_THE_ACCOUNT else [ConsentScope.COLLECTION]
    assert asked_scopes(route) == expected


def test_there_are_routes_to_ask_and_the_exceptions_exist() -> None:
    names = {name_of(route) for route in WRITING}
    assert names >= KEEPS_ONLY_THE_ACCOUNT
    assert len(names - KEEPS_ONLY_THE_ACCOUNT) >= 5


@pytest.mark.parametrize("name", sorted(CLIENT_EVENTS))
def test_an_event_that_records_asks_too(name: str) -> None:
    client_event = CLIENT_EVENTS[name]
    records = may(Role.STUDENT, client_event.permission) and name not in RECORDS_NOTHING
    assert client_event.consent == (ConsentScope.COLLECTION if records else None)


def test_the_permission_to_consent_is_an_admins_alone() -> None:
    holders = [role for role in Role if may(role, Permission.CONSENT_MANAGE)]
    assert holders == [Role.ADMIN]
