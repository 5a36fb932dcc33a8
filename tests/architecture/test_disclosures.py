"""A route that may show a student's record to somebody else says so, or the build fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import RouteContext

from api.deps import Allowed, get_db, get_read_db
from api.disclosures import Discloses, DisclosesFromReplica
from core.permissions import Permission, Relation, relation_of
from core.tenancy import Role
from tests.architecture.test_routes import DOCUMENT, ROUTES, calls, doors, name_of

OVER_OTHERS = {Relation.TEACHES, Relation.OVERSEES}

TELLS_OF_NO_STUDENT = {
    "GET /api/v1/assignments/{assignment_id}/questions/{question_id}/keys",
    "POST /api/v1/grades/publish",
    "POST /api/v1/grades/reviews/accept",
    "GET /api/v1/grades/ai-agreement",
    "POST /api/v1/auth/invitations",  # staff only
    "GET /api/v1/auth/invitations",
    "DELETE /api/v1/auth/invitations/{invitation_id}",
    "POST /api/v1/classes",
    "GET /api/v1/classes",
    "GET /api/v1/classes/{class_id}",
    "PATCH /api/v1/classes/{class_id}",
    "DELETE /api/v1/classes/{class_id}",
    "POST /api/v1/classes/{class_id}/code",
    "GET /api/v1/classes/{class_id}/grading-policy",
    "PUT /api/v1/classes/{class_id}/grading-policy",
    "GET /api/v1/classes/{class_id}/grading-policy/versions",
    "GET /api/v1/classes/{class_id}/categories",
    "PUT /api/v1/classes/{class_id}/categories",
    "POST /api/v1/classes/rosters/oneroster",  # counts, and lines of the file that was sent
    "POST /api/v1/assignments",
    "GET /api/v1/assignments",
    "GET /api/v1/assignments/{assignment_id}",
    "PATCH /api/v1/assignments/{assignment_id}",
    "DELETE /api/v1/assignments/{assignment_id}",
    "POST /api/v1/assignments/{assignment_id}/questions",
    "POST /api/v1/assignments/{assignment_id}/publish",
    "POST /api/v1/assignments/{assignment_id}/unpublish",
    "POST /api/v1/assignments/{assignment_id}/archive",
    "POST /api/v1/assignments/{assignment_id}/duplicate",
    "POST /api/v1/assignments/{assignment_id}/questions/from-bank",
    "PUT /api/v1/assignments/{assignment_id}/questions/order",
    "POST /api/v1/assignments/{assignment_id}/questions/accept-all",
    "PATCH /api/v1/assignments/{assignment_id}/questions/{question_id}",
    "DELETE /api/v1/assignments/{assignment_id}/questions/{question_id}",
    "POST /api/v1/assignments/{assignment_id}/questions/{question_id}/accept",
    "GET /api/v1/assignments/{assignment_id}/questions/{question_id}/key-versions",
    "POST /api/v1/assignments/generate",
    "GET /api/v1/assignments/{assignment_id}/generation",
    "GET /api/v1/assignments/{assignment_id}/candidates",
    "POST /api/v1/assignments/{assignment_id}/candidates/{candidate_id}/adopt",
    "POST /api/v1/assignments/{assignment_id}/questions/{question_id}/regenerate",
    "GET /api/v1/question-banks",
    "GET /api/v1/question-banks/{bank_id}",
    "GET /api/v1/question-banks/{bank_id}/export",
    "GET /api/v1/question-banks/{bank_id}/questions",
    "GET /api/v1/question-banks/{bank_id}/questions/{bank_question_id}",
    "GET /api/v1/analytics/classes/{class_id}/overview",  # the class as a whole
    "GET /api/v1/analytics/classes/{class_id}/distribution",
    "GET /api/v1/analytics/classes/{class_id}/questions",
    "GET /api/v1/analytics/classes/{class_id}/time",
    "GET /api/v1/analytics/classes/{class_id}/activity",
    "GET /api/v1/analytics/classes/{class_id}/concepts",
    "GET /api/v1/analytics/compare",
    "POST /api/v1/analytics/exports",
    "GET /api/v1/analytics/overview",
    "GET /api/v1/analytics/schools/{school_id}/overview",
    "GET /api/v1/progress/classes/{class_id}/completion",
    "POST /api/v1/messages/conversations",  # one's own letters: what people write to each other
    "POST /api/v1/messages/conversations/{conversation_id}/messages",
    "DELETE /api/v1/messages/conversations/{conversation_id}/messages/{message_id}",
    "POST /api/v1/messages/announcements",
    "POST /api/v1/notifications/system",
}
"""Routes for people who may see students' records, whose answers hold none: nobody's name, id, work or grade."""

OF_A_STUDENT = {"student_id", "student_name", "student_email", "grade_level", "email"}
NOT_OF_A_PERSON = {"ClassNumbers", "ClassOut", "InvitationOut", "InvitationCreated"}
"""Where `grade_level` is a class's and `email` an invited member of staff's."""


def permission_of(route: RouteContext) -> Permission | None:
    return next((door.permission for door in doors(route) if isinstance(door, Allowed)), None)


def is_for_others(route: RouteContext) -> bool:
    permission = permission_of(route)
    return permission is not None and any(relation_of(role, permission) in OVER_OTHERS for role in Role)


def marks(route: RouteContext) -> list[Discloses]:
    return [call for call in calls(route.dependant) if isinstance(call, Discloses)]


def schemas_in(node: Any, seen: set[str] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every named schema of an answer, at any depth."""
    seen = set() if seen is None else seen
    if isinstance(node, list):
        for item in node:
            yield from schemas_in(item, seen)
    if not isinstance(node, dict):
        return
    prefix, _, name = str(node.get("$ref", "")).rpartition("/")
    if prefix == "#/components/schemas" and name not in seen:
        seen.add(name)
        schema = DOCUMENT["components"]["schemas"][name]
        yield name, schema
        yield from schemas_in(schema, seen)
    for value in node.values():
        yield from schemas_in(value, seen)


def telling_fields(route: RouteContext) -> set[str]:
    """The fields of an answer that name a student."""
    (method,) = route.methods
    answers = DOCUMENT["paths"][route.path][method.lower()]["responses"]
    success = [answer for status, answer in answers.items() if status.startswith("2")]
    return {
        field
        for name, schema in schemas_in(success)
        if name not in NOT_OF_A_PERSON
        for field in schema.get("properties", {})
        if field in OF_A_STUDENT
    }


FOR_OTHERS = [route for route in ROUTES if is_for_others(route)]
DISCLOSING = [route for route in ROUTES if marks(route)]


@pytest.mark.parametrize("route", FOR_OTHERS, ids=name_of)
def test_a_route_over_others_records_who_reads_or_is_known_to_tell_nothing(route: RouteContext) -> None:
    is_marked = len(marks(route)) == 1
    assert is_marked != (name_of(route) in TELLS_OF_NO_STUDENT)


@pytest.mark.parametrize("route", FOR_OTHERS, ids=name_of)
def test_an_answer_that_names_a_student_is_recorded(route: RouteContext) -> None:
    if not marks(route):
        assert telling_fields(route) == set()


@pytest.mark.parametrize("route", DISCLOSING, ids=name_of)
def test_the_purpose_is_the_permission_of_the_door(route: RouteContext) -> None:
    assert [mark.purpose for mark in marks(route)] == [permission_of(route)]


@pytest.mark.parametrize("route", DISCLOSING, ids=name_of)
def test_a_reader_of_the_replica_writes_to_the_primary_after_its_own_transaction(route: RouteContext) -> None:
    (mark,) = marks(route)
    asked = [inner.call for inner in route.dependant.dependencies]
    if get_read_db in calls(route.dependant):
        assert isinstance(mark, DisclosesFromReplica)
        assert asked.index(mark) < asked.index(get_read_db)
        assert get_db not in asked
    else:
        assert get_db in asked
        assert not isinstance(mark, DisclosesFromReplica)


def test_the_list_of_routes_that_tell_nothing_is_no_longer_than_it_must_be() -> None:
    assert {name_of(route) for route in FOR_OTHERS} >= TELLS_OF_NO_STUDENT
    assert len(DISCLOSING) > 10


def test_a_students_own_hot_path_carries_no_mark() -> None:
    own = {
        Permission.SUBMISSION_WRITE,
        Permission.EVENT_WRITE,
        Permission.PROFILE_READ,
        Permission.CLASS_JOIN,
    }
    assert [name_of(route) for route in DISCLOSING if permission_of(route) in own] == []
