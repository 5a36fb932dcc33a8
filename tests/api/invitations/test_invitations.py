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
from tests.fixtures.mail import Post, text_of
from tests.fixtures.web import Api

INVITATIONS = "/api/v1/auth/invitations"


def body_for(role: str = "teacher", **more: Any) -> dict[str, Any]:
    return {"email": f"{new_id().hex}@school.example", "role": role, **more}


async def ids_seen_by(api: Api, admin: User) -> set[str]:
    return {item["id"] for item in items_of(await api.signed_in(admin).get(INVITATIONS))}


async def test_the_token_is_mailed_and_only_its_digest_is_kept(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    admin, body = api.signed_in(school.admin), body_for()
    created = await admin.post(INVITATIONS, json=body)
    await post.deliver()
    token = post.token(body["email"], "invited")
    assert len(token) >= 43
    assert token not in created.text + (await admin.get(INVITATIONS)).text
    kept = text("SELECT token_hash FROM auth.invitation_tokens WHERE invitation_id = :id")
    digest = sha256(token.encode()).digest()
    assert rows.execute(kept, {"id": data_of(created, 201)["id"]}).scalars().all() == [digest]


async def test_the_mail_says_who_invites_as_what(api: Api, post: Post, bench: DistrictBench) -> None:
    school, teacher, admin = bench.schools[0].school, body_for(), body_for("admin")
    data_of(await api.signed_in(bench.schools[0].admin).post(INVITATIONS, json=teacher), 201)
    data_of(await api.signed_in(bench.admin).post(INVITATIONS, json=admin), 201)
    await post.deliver()
    assert post.subjects(teacher["email"]) == [f"You are invited to Homeroom as a teacher of {school.name}"]
    assert post.subjects(admin["email"]) == [
        f"You are invited to Homeroom as an admin of {bench.district.name}"
    ]
    assert "https://homeroom.example/register/admin#token=" in text_of(post.to(admin["email"])[0])


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
