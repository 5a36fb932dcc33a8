"""Who you are, and the one thing about it that you may change."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

ME = "/api/v1/users/me"

_TRAIL = text(
    "SELECT subject_id, details FROM app.audit_events WHERE actor_id = :actor AND action = 'profile_changed'"
)


async def test_everybody_reads_their_own_profile(api: Api, bench: DistrictBench) -> None:
    school = bench.schools[0]
    for user in (bench.admin, school.teacher, school.student):
        profile = data_of(await api.signed_in(user).get(ME))
        assert profile == {
            "id": str(user.id),
            "district_id": str(user.district_id),
            "school_id": user.school_id and str(user.school_id),
            "school_name": user.school_id and school.school.name,
            "role": user.role,
            "name": user.name,
            "email": user.email,
            "email_verified": False,
            "grade_level": user.grade_level,
        }


async def test_a_verified_address_is_shown_as_such(api: Api, school: SchoolBench, rows: Session) -> None:
    verify = text("UPDATE auth.identities SET email_verified_at = now() WHERE user_id = :id")
    rows.execute(verify, {"id": school.student.id})
    assert data_of(await api.signed_in(school.student).get(ME))["email_verified"] is True


async def test_who_was_deleted_is_signed_out(api: Api, school: SchoolBench, rows: Session) -> None:
    gone = text("UPDATE app.users SET deleted_at = now() WHERE id = :id")
    rows.execute(gone, {"id": school.student.id})
    refusal_of(await api.signed_in(school.student).get(ME), 401)


@pytest.mark.parametrize("role", ["student", "teacher", "admin"])
async def test_a_name_is_changed_and_found_again(api: Api, school: SchoolBench, role: str) -> None:
    user = getattr(school, role)
    changed = data_of(await api.signed_in(user).patch(ME, json={"name": "  Zoë Müller-Ünal "}))
    assert changed["name"] == "Zoë Müller-Ünal"
    assert data_of(await api.signed_in(user).get(ME)) == changed
    found = items_of(await api.signed_in(school.admin).get("/api/v1/users", params={"query": "zoe unal"}))
    assert [person["id"] for person in found] == [str(user.id)]


async def test_the_trail_notes_a_change_and_no_name(api: Api, school: SchoolBench, rows: Session) -> None:
    client = api.signed_in(school.student)
    for name in ("Ada", "Ada", None):
        data_of(await client.patch(ME, json={"name": name}))
    data_of(await client.patch(ME, json={}))
    trail = rows.execute(_TRAIL, {"actor": school.student.id}).all()
    assert [tuple(row) for row in trail] == [(school.student.id, {"fields": ["name"]})]


@pytest.mark.parametrize(
    "smuggled",
    [
        {"email": "other@example.org"},
        {"role": "admin"},
        {"school_id": None},
        {"grade_level": 12},
        {"status": "disabled"},
        {"birth_date": "1990-01-01"},
        {"email_verified": True},
    ],
    ids=lambda smuggled: next(iter(smuggled)),
)
async def test_nothing_else_may_be_changed(api: Api, school: SchoolBench, smuggled: dict[str, Any]) -> None:
    client = api.signed_in(school.student)
    before = data_of(await client.get(ME))
    assert fields_of(await client.patch(ME, json={"name": "Ada", **smuggled})) == list(smuggled)
    assert data_of(await client.get(ME)) == before


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 201, "a\x00b", 7], ids=["empty", "blank", "long", "nul", "number"]
)
async def test_a_name_is_a_line_of_text(api: Api, school: SchoolBench, name: Any) -> None:
    assert fields_of(await api.signed_in(school.student).patch(ME, json={"name": name})) == ["name"]
