"""Closing and opening accounts and changing roles from the command line: effective with the next request."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import User
from tests.factories.user import make_identity
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api
from tests.ops.commands.conftest import Terminal

ME = "/api/v1/users/me"
INVITATIONS = "/api/v1/auth/invitations"


@pytest.fixture
def teacher(bench: DistrictBench, rows: Session, keys: KeyRing) -> User:
    make_identity(rows, bench.schools[0].teacher, keys)
    return bench.schools[0].teacher


async def test_a_disabled_person_is_refused_at_once_until_enabled_again(
    terminal: Terminal, api: Api, teacher: User
) -> None:
    client = api.signed_in(teacher)
    assert (await client.get(ME)).status_code == 200
    made = (await asyncio.to_thread(terminal, "user", "disable", teacher.email.upper(), "--json")).data
    assert made == {"user_id": str(teacher.id), "status": "disabled", "sessions_ended": 1}
    refused = await client.get(ME)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "session_ended")
    await asyncio.to_thread(terminal, "user", "enable", teacher.email)
    assert (await client.get(ME)).status_code == 401  # the session stays ended: sign in again


async def test_a_changed_role_is_in_the_audit_trail_and_ends_the_sessions(
    terminal: Terminal, api: Api, teacher: User, rows: Session
) -> None:
    client = api.signed_in(teacher)
    assert (await client.get(INVITATIONS)).status_code == 403
    await asyncio.to_thread(terminal, "user", "role", teacher.email, "admin")
    assert (await client.get(INVITATIONS)).status_code == 401
    trail = text("SELECT action, details FROM app.audit_events WHERE subject_id = :id")
    assert [tuple(row) for row in rows.execute(trail, {"id": teacher.id})] == [
        ("role_changed", {"from": ["teacher", "active"], "to": ["admin", "active"], "by": "operator"})
    ]


def test_what_cannot_be_is_refused_and_changes_nothing(
    terminal: Terminal, bench: DistrictBench, rows: Session, keys: KeyRing
) -> None:
    make_identity(rows, bench.admin, keys)
    student = bench.schools[0].student
    make_identity(rows, student, keys)
    rows.execute(text("UPDATE app.users SET status = 'awaiting_consent' WHERE id = :id"), {"id": student.id})
    refusals = {
        ("enable", "nobody@school.example"): "nobody signs in as",
        ("role", bench.admin.email, "teacher"): "may only be an admin",
        ("role", bench.admin.email, "principal"): "there is no role",
        ("enable", student.email): "guardian's consent",
    }
    for command, sentence in refusals.items():
        assert sentence in terminal("user", *command).sentence
