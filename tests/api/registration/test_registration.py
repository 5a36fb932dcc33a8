"""Arriving: students with a class code, staff with an invitation, and nobody learns who is here already."""

import asyncio
import re
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import User
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post
from tests.fixtures.web import Api, StandingClock

PASSWORD = "plum-harbor-lantern-42"
REGISTER = "/api/v1/auth/register"
INVITATIONS = "/api/v1/auth/invitations"


def new_address() -> str:
    return f"{new_id().hex}@school.example"


def student_body(code: str, email: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Ana Quillfeather",
        "email": email,
        "password": PASSWORD,
        "grade_level": 9,
        "birth_date": "2010-05-01",
        "class_code": code,
        **changes,
    }


def people_called(rows: Session, school: SchoolBench, email: str) -> int:
    statement = text("SELECT count(*) FROM app.users WHERE school_id = :school AND email = :email")
    return int(rows.execute(statement, {"school": school.school.id, "email": email}).scalar_one())


async def invite(api: Api, post: Post, admin: User, email: str) -> tuple[str, str]:
    """Return the invitation's id and the token that was mailed."""
    body = {"email": email, "role": "teacher"}
    created = data_of(await api.signed_in(admin).post(INVITATIONS, json=body), 201)
    await post.deliver()
    return created["id"], post.token(email, "invited")


async def accept(api: Api, token: str, email: str, role: str = "teacher") -> httpx2.Response:
    body = {"invitation_token": token, "name": "Grace", "email": email, "password": PASSWORD}
    return await api.anonymous.post(f"{REGISTER}/{role}", json=body)


async def log_in(api: Api, email: str) -> httpx2.Response:
    return await api.anonymous.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})


async def test_a_student_arrives_with_a_pending_place(api: Api, school: SchoolBench) -> None:
    email = new_address()
    body = student_body(school.school_class.code.lower(), email.upper())
    assert data_of(await api.anonymous.post(f"{REGISTER}/student", json=body), 202) == {"status": "accepted"}
    access_token = data_of(await log_in(api, email))["access_token"]
    profile = data_of(await api.signed_in_with(access_token).get("/api/v1/users/me"))
    assert (profile["role"], profile["school_id"]) == ("student", str(school.school.id))
    places = items_of(
        await api.signed_in(school.teacher).get(
            f"/api/v1/classes/{school.school_class.id}/enrollments?status=pending"
        )
    )
    assert [place["student_name"] for place in places if place["student_email"] == email] == [
        "Ana Quillfeather"
    ]
    assert items_of(await api.signed_in_with(access_token).get("/api/v1/classes")) == []


async def test_a_known_address_gets_the_same_answer_and_changes_nothing(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    email = new_address()
    body = student_body(school.school_class.code, email)
    first = await api.anonymous.post(f"{REGISTER}/student", json=body)
    again = await api.anonymous.post(
        f"{REGISTER}/student", json={**body, "name": "Eve", "password": "another-lantern-77"}
    )
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert people_called(rows, school, email) == 1
    assert data_of(await log_in(api, email))["refresh_token"]


def _work(statement: str) -> str:
    """The statement, but for how its savepoint ends: both ends are one round trip."""
    return re.sub(r"^(RELEASE|ROLLBACK TO) SAVEPOINT", "END OF SAVEPOINT", statement)


async def test_a_known_address_costs_the_same_work(
    api: Api, school: SchoolBench, statements: StatementCounter
) -> None:
    """Else the answer's time would tell who is registered."""
    body = student_body(school.school_class.code, new_address())
    asked = []
    for _ in range(2):
        with statements.counting() as seen:
            data_of(await api.anonymous.post(f"{REGISTER}/student", json=body), 202)
        asked.append(seen)
    assert [_work(statement) for statement in asked[0]] == [_work(statement) for statement in asked[1]]
    assert len(asked[0]) >= 8


async def test_ten_registrations_of_one_address_at_once_make_one_person(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    email = new_address()
    body = student_body(school.school_class.code, email)
    answers = await asyncio.gather(*(api.anonymous.post(f"{REGISTER}/student", json=body) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert people_called(rows, school, email) == 1


@pytest.mark.parametrize("password", ["password1234", "aaaaaaaaaaaa", "quillfeather1", "12345678"])
async def test_a_password_that_is_easily_guessed_is_refused(
    api: Api, school: SchoolBench, password: str
) -> None:
    body = student_body(school.school_class.code, new_address(), password=password)
    answer = await api.anonymous.post(f"{REGISTER}/student", json=body)
    assert refusal_of(answer, 422, "weak_password")["field"] == "password"


async def test_a_very_long_password_works(api: Api, school: SchoolBench) -> None:
    email, password = new_address(), "plum-harbor-lantern-42-" * 10
    body = student_body(school.school_class.code, email, password=password)
    data_of(await api.anonymous.post(f"{REGISTER}/student", json=body), 202)
    login = {"email": email, "password": password}
    data_of(await api.anonymous.post("/api/v1/auth/login", json=login))
    login["password"] = password[:-1]
    refusal_of(await api.anonymous.post("/api/v1/auth/login", json=login), 401, "invalid_credentials")


async def test_under_thirteen_nothing_is_stored_without_a_guardian(
    api: Api, school: SchoolBench, rows: Session, clock: StandingClock
) -> None:
    email, today = new_address(), clock.now.date()
    thirteen_tomorrow = (today + timedelta(days=1)).replace(year=today.year - 13)
    body = student_body(school.school_class.code, email, birth_date=str(thirteen_tomorrow))
    answer = await api.anonymous.post(f"{REGISTER}/student", json=body)
    refusal_of(answer, 422, "guardian_email_required")
    assert people_called(rows, school, email) == 0
    body["birth_date"] = str(date(today.year - 13, today.month, today.day))
    data_of(await api.anonymous.post(f"{REGISTER}/student", json=body), 202)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not-an-address"),
        ("email", "a@b.example" + "x" * 260),
        ("name", "   "),
        ("grade_level", 13),
        ("birth_date", "2010-02-30"),
        ("class_code", "A"),
        ("password", "short"),
        ("role", "admin"),
        ("school_id", "019a8f00-0000-7000-8000-000000000000"),
    ],
)
async def test_what_is_wrong_with_a_registration_is_named(api: Api, field: str, value: object) -> None:
    body = {**student_body("ABCDEFGHJ", new_address()), field: value}
    assert fields_of(await api.anonymous.post(f"{REGISTER}/student", json=body)) == [field]


async def test_a_birth_date_in_the_future_is_not_a_person_over_thirteen(
    api: Api, school: SchoolBench
) -> None:
    body = student_body(school.school_class.code, new_address(), birth_date="2999-01-01")
    answer = await api.anonymous.post(f"{REGISTER}/student", json=body)
    refusal_of(answer, 422, "guardian_email_required")


async def test_an_unknown_and_an_expired_code_are_the_same_refusal(
    api: Api, school: SchoolBench, clock: StandingClock
) -> None:
    unknown = await api.anonymous.post(f"{REGISTER}/student", json=student_body("NOSUCHCODE", new_address()))
    clock.advance(timedelta(days=181))
    expired = await api.anonymous.post(
        f"{REGISTER}/student", json=student_body(school.school_class.code, new_address())
    )
    refusal_of(expired, 404, "invalid_class_code")
    assert unknown.content == expired.content


async def test_an_invited_teacher_arrives_in_the_school_of_the_invitation(
    api: Api, post: Post, school: SchoolBench
) -> None:
    email = new_address()
    _, token = await invite(api, post, school.admin, email)
    data_of(await accept(api, token, email.upper()), 202)
    access_token = data_of(await log_in(api, email))["access_token"]
    profile = data_of(await api.signed_in_with(access_token).get("/api/v1/users/me"))
    assert (profile["role"], profile["school_id"]) == ("teacher", str(school.school.id))


async def test_twenty_who_accept_one_invitation_at_once_are_one_person(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email = new_address()
    _, token = await invite(api, post, school.admin, email)
    answers = await asyncio.gather(*(accept(api, token, email) for _ in range(20)))
    assert sorted({answer.status_code for answer in answers}) in ([202], [202, 404])
    assert people_called(rows, school, email) == 1
    roles = text("SELECT role FROM app.users WHERE email = :email")
    assert list(rows.execute(roles, {"email": email}).scalars()) == ["teacher"]


async def test_an_invitation_serves_only_its_address_and_role(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email, other = new_address(), new_address()
    _, token = await invite(api, post, school.admin, email)
    refusal_of(await accept(api, token, other), 404, "invalid_invitation")
    refusal_of(await accept(api, token, email, "admin"), 404, "invalid_invitation")
    assert people_called(rows, school, email) + people_called(rows, school, other) == 0
    data_of(await accept(api, token, email), 202)
    refusal_of(await accept(api, token, email), 404, "invalid_invitation")


async def test_expired_revoked_and_unknown_invitations_are_the_same_refusal(
    api: Api, post: Post, school: SchoolBench, clock: StandingClock
) -> None:
    email = new_address()
    revoked_id, revoked = await invite(api, post, school.admin, email)
    data_of(await api.signed_in(school.admin).delete(f"{INVITATIONS}/{revoked_id}"))
    _, expired = await invite(api, post, school.admin, email)
    answers = [
        await accept(api, "never-made", email),
        await accept(api, revoked, email),
    ]
    clock.advance(timedelta(days=15))
    answers.append(await accept(api, expired, email))
    refusal_of(answers[0], 404, "invalid_invitation")
    assert len({answer.content for answer in answers}) == 1


async def test_a_weak_password_leaves_the_invitation_open(api: Api, post: Post, school: SchoolBench) -> None:
    email = new_address()
    _, token = await invite(api, post, school.admin, email)
    weak = {"invitation_token": token, "name": "Grace", "email": email, "password": "password"}
    refusal_of(await api.anonymous.post(f"{REGISTER}/teacher", json=weak), 422, "weak_password")
    data_of(await accept(api, token, email), 202)


async def test_an_invited_person_who_is_known_elsewhere_gets_the_same_answer(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email = new_address()
    _, first = await invite(api, post, school.admin, email)
    fresh = await accept(api, first, email)
    _, second = await invite(api, post, school.admin, email)
    known = await accept(api, second, email)
    assert (fresh.status_code, fresh.content) == (known.status_code, known.content)
    assert people_called(rows, school, email) == 1


async def test_two_invitations_of_one_address_accepted_at_once_make_one_person_of_one_role(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email, tokens = new_address(), {}
    for role in ("teacher", "admin"):
        body = {"email": email, "role": role}
        data_of(await api.signed_in(school.admin).post(INVITATIONS, json=body), 201)
        await post.deliver()
        tokens[role] = post.token(email)
    answers = await asyncio.gather(
        *(accept(api, tokens[role], email, role) for role in ("teacher", "admin") for _ in range(5))
    )
    assert {answer.status_code for answer in answers} <= {202, 404}
    assert people_called(rows, school, email) == 1


@pytest.mark.parametrize(
    "name",
    [
        "Ana,\n\nyour account is locked.",
        "Ana https://evil.example",
        "Ana www.evil.example",
        "ana@evil.example",
        "Ana\u2028Unlock it",
        "<b>Ana</b>",
        "Ana evil.example",
        "Ana evil\u3002example",
        "Ana t.co/unlock",
        "Ana\x85Unlock it",
        "Ana \u202ekcolnu",
    ],
    ids=[
        "paragraphs",
        "a link",
        "a site",
        "an address",
        "a separator",
        "markup",
        "a bare site",
        "a site with another dot",
        "a short link",
        "a line of another standard",
        "written backwards",
    ],
)
async def test_a_name_is_no_message(api: Api, school: SchoolBench, name: str) -> None:
    body = student_body(school.school_class.code, new_address(), name=name)
    refused = await api.anonymous.post(f"{REGISTER}/student", json=body)
    assert fields_of(refused) == ["name"]
    refusal_of(refused, 422, "invalid_person_name")


@pytest.mark.parametrize(
    "name", ["Zoë Müller-Ünal", "O'Brien, Jr.", "José María 3rd", "李 小龍", "J.R.R. St.John"]
)
async def test_names_of_every_kind_are_taken(api: Api, school: SchoolBench, name: str) -> None:
    body = student_body(school.school_class.code, new_address(), name=name)
    data_of(await api.anonymous.post(f"{REGISTER}/student", json=body), 202)


@pytest.mark.parametrize("local", ["\u017fam", "s\u0430m", "zoë"], ids=["long s", "cyrillic a", "accent"])
async def test_an_address_that_looks_like_anothers_is_refused(
    api: Api, school: SchoolBench, local: str
) -> None:
    body = student_body(school.school_class.code, f"{local}@school.example")
    refusal_of(await api.anonymous.post(f"{REGISTER}/student", json=body), 422, "invalid_mail_address")


async def test_a_domain_is_the_same_in_its_own_letters_and_in_ascii(api: Api, school: SchoolBench) -> None:
    local = new_id().hex
    body = student_body(school.school_class.code, f"{local}@bücher.example")
    data_of(await api.anonymous.post(f"{REGISTER}/student", json=body), 202)
    data_of(await log_in(api, f"{local}@xn--bcher-kva.example"))
