"""Whoever sees a student in an answer leaves a row in the trail, in the transaction of the reading."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.disclosures import Disclosure
from core.models import User
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, refusal_of
from tests.api.routes import ADMIN, EVERYONE, ROUTES, STUDENT, TEACHER, Route, ids_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

OWN_ALONE = ("job_id", "export_id")
"""Of whoever caused it: no reader but one finds it. Downloads: tests/api/exports."""
OWN_LETTERS = ("/messages/conversations", "/messages/unread", "/messages/search")
"""What people write to each other: whoever reads it is in the conversation, and it is no record of one of them."""
LOOKING = [
    route
    for route in ROUTES
    if route.method == "GET" and not any(name in route.path for name in (*OWN_ALONE, *OWN_LETTERS))
]
LOOKING += [route for route in ROUTES if str(route).startswith("PATCH /classes/{class_id}/enrollments/")]

_TRAIL = text(
    "SELECT subject_id, school_id, object_type, purpose, occurred_at FROM app.audit_events"
    " WHERE district_id = :district AND actor_id = :reader AND action = 'read' AND details = '{}' ORDER BY id"
)
"""What the application wrote; the bench's own row carries a note."""


def trail_of(rows: Session, reader: User) -> list[Any]:
    return list(rows.execute(_TRAIL, {"district": reader.district_id, "reader": reader.id}))


def students_seen(answer: str, bench: DistrictBench, reader: User) -> set[UUID]:
    """The students, other than the reader, whose id or name stands in the answer."""
    people = (user for user in bench.users if user.role == "student" and user.id != reader.id)
    return {user.id for user in people if str(user.id) in answer or json.dumps(user.name) in answer}


def readers(bench: DistrictBench, role: str) -> list[User]:
    school = bench.schools[0]
    return {STUDENT: [school.student], TEACHER: [school.teacher], ADMIN: [school.admin, bench.admin]}[role]


def cases() -> Iterator[Any]:
    for route in LOOKING:
        for role in sorted(EVERYONE & route.roles):
            yield pytest.param(route, role, id=f"{route} as {role}")


@pytest.mark.parametrize(("route", "role"), list(cases()))
async def test_every_student_in_an_answer_to_somebody_else_is_in_the_trail(
    api: Api, bench: DistrictBench, rows: Session, route: Route, role: str
) -> None:
    for reader in readers(bench, role):
        method, url, body = route.filled(ids_of(bench, bench.schools[0]))
        address = f"{url}{'&' if route.query else '?'}limit=100"
        answer = await api.signed_in(reader).request(method, address, json=body)
        assert answer.status_code == 200, answer.text
        recorded = {row.subject_id for row in trail_of(rows, reader)}
        assert students_seen(answer.text, bench, reader) <= recorded
        assert recorded <= {user.id for user in bench.users if user.role == "student"} - {reader.id}


async def test_a_read_says_what_was_read_why_and_when_in_the_students_own_school(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    school = bench.schools[0]
    data_of(await api.signed_in(bench.admin).get(f"/api/v1/grades/{school.grade.id}"))
    (row,) = trail_of(rows, bench.admin)
    assert (row.subject_id, row.school_id) == (school.student.id, school.school.id)
    assert (row.object_type, row.purpose) == ("grade", "grade:read")
    assert row.occurred_at == api.app.state.clock()


async def test_what_is_refused_leaves_no_trace_of_a_read(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    url = f"/api/v1/grades/{school.grade.id}"
    refusal_of(await api.signed_in(school.other_teacher).get(url), 404)
    assert trail_of(rows, school.other_teacher) == []


async def test_a_page_is_recorded_in_one_statement(
    api: Api, school: SchoolBench, statements: StatementCounter
) -> None:
    with statements.counting() as seen:
        data_of(await api.signed_in(school.teacher).get(f"/api/v1/classes/{school.school_class.id}/roster"))
    assert len([statement for statement in seen if "tenant_audit_events" in statement]) == 1


async def test_students_reading_their_own_pay_nothing(
    api: Api, school: SchoolBench, statements: StatementCounter
) -> None:
    client = api.signed_in(school.student)
    with statements.counting() as seen:
        for url in (f"/submissions/{school.submission.id}", f"/grades/students/{school.student.id}"):
            data_of(await client.get(f"/api/v1{url}"))
    assert not [statement for statement in seen if "audit_events" in statement]


@pytest.mark.parametrize("name", ["roster", "enrollments"])
async def test_an_answer_whose_reading_cannot_be_recorded_does_not_leave(
    *, api: Api, school: SchoolBench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("core.audit._RECORD_READS", "SELECT 1/0")
    client = api.signed_in(school.teacher)
    answer = await client.get(f"/api/v1/classes/{school.school_class.id}/{name}")
    assert answer.status_code >= 400
    assert str(school.student.id) not in answer.text


async def test_an_endpoint_that_does_not_say_whose_records_it_shows_answers_nobody(
    api: Api, app: FastAPI, school: SchoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Disclosure, "of", lambda _self, _people: None)
    for url in (f"/grades/{school.grade.id}", f"/analytics/classes/{school.school_class.id}/mastery"):
        answer = await api.signed_in(school.teacher).get(f"/api/v1{url}")
        refusal_of(answer, 500, "internal_error")
