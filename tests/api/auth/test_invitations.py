"""Who may invite whom: a school's admin for the school, a district's admin for any school of the district."""

import asyncio
from hashlib import sha256
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import User
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

INVITATIONS = "/api/v1/auth/invitations"


def body_for(role: str = "teacher", **more: Any) -> dict[str, Any]:
    return {"email": f"{new_id().hex}@school.example", "role": role, **more}


async def ids_seen_by(api: Api, admin: User) -> set[str]:
    return {item["id"] for item in items_of(await api.signed_in(admin).get(INVITATIONS))}


async def test_the_token_is_shown_once_and_only_its_digest_is_kept(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    admin = api.signed_in(school.admin)
    created = data_of(await admin.post(INVITATIONS, json=body_for()), 201)
    assert len(created["invitation_token"]) >= 43
    assert "invitation_token" not in (await admin.get(INVITATIONS)).text
    kept = text("SELECT token_hash FROM auth.invitation_tokens WHERE invitation_id = :id")
    digest = sha256(created["invitation_token"].encode()).digest()
    assert rows.execute(kept, {"id": created["id"]}).scalars().all() == [digest]


async def test_an_admin_of_a_school_invites_into_that_school_only(api: Api, bench: DistrictBench) -> None:
    home, sister = bench.schools
    admin = api.signed_in(home.admin)
    assert data_of(await admin.post(INVITATIONS, json=body_for()), 201)["school_id"] == str(home.school.id)
    for school_id in (sister.school.id, new_id()):
        answer = await admin.post(INVITATIONS, json=body_for(school_id=str(school_id)))
        refusal_of(answer, 404, "not_found")


async def test_an_admin_of_a_school_cannot_make_an_admin_of_the_district(
    api: Api, school: SchoolBench
) -> None:
    created = data_of(
        await api.signed_in(school.admin).post(INVITATIONS, json=body_for("admin", school_id=None)), 201
    )
    assert created["school_id"] == str(school.school.id)


async def test_an_admin_of_the_district_names_the_school_of_a_teacher(api: Api, bench: DistrictBench) -> None:
    admin = api.signed_in(bench.admin)
    assert fields_of(await admin.post(INVITATIONS, json=body_for())) == ["school_id"]
    sister = bench.schools[1].school.id
    created = data_of(await admin.post(INVITATIONS, json=body_for(school_id=str(sister))), 201)
    assert created["school_id"] == str(sister)
    assert data_of(await admin.post(INVITATIONS, json=body_for("admin")), 201)["school_id"] is None


async def test_students_are_not_invited_this_way(api: Api, school: SchoolBench) -> None:
    answer = await api.signed_in(school.admin).post(INVITATIONS, json=body_for("student"))
    assert fields_of(answer) == ["role"]


async def test_each_admin_lists_what_is_theirs(api: Api, bench: DistrictBench) -> None:
    home, sister = bench.schools
    assert await ids_seen_by(api, home.admin) == {str(home.invitation.id)}
    assert {str(home.invitation.id), str(sister.invitation.id)} < await ids_seen_by(api, bench.admin)


async def test_an_invitation_is_revoked_once(api: Api, school: SchoolBench) -> None:
    admin, url = api.signed_in(school.admin), f"{INVITATIONS}/{school.invitation.id}"
    answers = await asyncio.gather(*(admin.delete(url) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404, 404]
    revoked = next(answer for answer in answers if answer.is_success)
    assert data_of(revoked)["status"] == "revoked"


async def test_inviting_and_revoking_are_in_the_audit_trail(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    admin = api.signed_in(school.admin)
    created = data_of(await admin.post(INVITATIONS, json=body_for()), 201)
    data_of(await admin.delete(f"{INVITATIONS}/{created['id']}"))
    trail = text("SELECT action FROM app.audit_events WHERE object_id = :id ORDER BY id")
    assert list(rows.execute(trail, {"id": created["id"]}).scalars()) == ["invited", "revoked"]
