"""Proving an address: by the link of a mail, once, for a while, and nobody hears of addresses that are not known."""

import asyncio
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.envelopes import data_of, refusal_of
from tests.api.passwords.asking import PASSWORD, is_verified, register
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post, text_of
from tests.fixtures.web import Api, StandingClock

VERIFY = "/api/v1/auth/verify-email"
RESEND = "/api/v1/auth/verify-email/resend"


async def test_a_student_verifies_the_address_by_the_mailed_link_once(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email = await register(api, post, school)
    assert not is_verified(rows, email)
    body = {"token": post.token(email, "Confirm")}
    assert data_of(await api.anonymous.post(VERIFY, json=body)) == {"status": "verified"}
    assert is_verified(rows, email)
    refusal_of(await api.anonymous.post(VERIFY, json=body), 404, "invalid_link")


async def test_the_mail_names_the_person_and_links_behind_a_fragment(
    api: Api, post: Post, school: SchoolBench
) -> None:
    email = await register(api, post, school)
    (message,) = post.to(email)
    assert "Hello Ana Quillfeather," in text_of(message)
    assert f"https://homeroom.example/verify-email#token={post.token(email)}\n" in text_of(message)


async def test_only_the_digest_of_a_token_is_stored(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    token = post.token(await register(api, post, school))
    assert len(token) >= 43
    kept = text("SELECT count(*) FROM auth.mailed_tokens WHERE token_hash = :hash")
    assert rows.execute(kept, {"hash": sha256(token.encode()).digest()}).scalar_one() == 1


async def test_of_twenty_at_once_one_verifies(api: Api, post: Post, school: SchoolBench) -> None:
    body = {"token": post.token(await register(api, post, school))}
    answers = await asyncio.gather(*(api.anonymous.post(VERIFY, json=body) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[404] * 19]


async def test_a_fresh_link_ends_the_older_one(api: Api, post: Post, school: SchoolBench) -> None:
    email = await register(api, post, school)
    older = post.token(email)
    assert data_of(await api.anonymous.post(RESEND, json={"email": email}), 202) == {"status": "accepted"}
    await post.deliver()
    refusal_of(await api.anonymous.post(VERIFY, json={"token": older}), 404, "invalid_link")
    data_of(await api.anonymous.post(VERIFY, json={"token": post.token(email)}))


async def test_a_link_expires(
    api: Api, post: Post, school: SchoolBench, clock: StandingClock, rows: Session
) -> None:
    email = await register(api, post, school)
    clock.advance(timedelta(hours=48, seconds=1))
    refusal_of(await api.anonymous.post(VERIFY, json={"token": post.token(email)}), 404, "invalid_link")
    assert not is_verified(rows, email)


async def test_a_link_for_a_password_verifies_no_address(api: Api, post: Post, school: SchoolBench) -> None:
    email = await register(api, post, school)
    await api.anonymous.post("/api/v1/auth/password/forgot", json={"email": email})
    await post.deliver()
    body = {"token": post.token(email, "new password")}
    refusal_of(await api.anonymous.post(VERIFY, json=body), 404, "invalid_link")


async def test_who_is_verified_or_unknown_gets_no_mail(api: Api, post: Post, school: SchoolBench) -> None:
    email, unknown = await register(api, post, school), f"{new_id().hex}@school.example"
    data_of(await api.anonymous.post(VERIFY, json={"token": post.token(email)}))
    for address in (email, unknown):
        data_of(await api.anonymous.post(RESEND, json={"email": address}), 202)
    await post.deliver()
    assert len(post.to(email)) == 1
    assert post.to(unknown) == []


@pytest.mark.parametrize("is_known_as_verified", [True, False], ids=["verified", "unverified"])
async def test_who_registers_again_is_told_of_the_account_and_gets_no_link_into_it(
    api: Api, post: Post, school: SchoolBench, is_known_as_verified: bool
) -> None:
    """Else a stranger could register an address first, and have its owner let them in."""
    email = await register(api, post, school)
    if is_known_as_verified:
        data_of(await api.anonymous.post(VERIFY, json={"token": post.token(email)}))
    await register(api, post, school, email)
    assert post.subjects(email) == [
        "Confirm your e-mail address for Homeroom",
        "You already have a Homeroom account",
    ]
    assert "#token" not in text_of(post.to(email)[1])


async def test_no_request_stays_behind(api: Api, post: Post, school: SchoolBench, rows: Session) -> None:
    await register(api, post, school)
    await api.anonymous.post(RESEND, json={"email": f"{new_id().hex}@school.example"})
    await post.deliver()
    assert rows.execute(text("SELECT count(*) FROM auth.address_requests")).scalar_one() == 0


async def test_a_failed_sign_in_is_in_the_audit_trail_of_the_account(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email = await register(api, post, school)
    for address in (email, f"{new_id().hex}@school.example"):
        body = {"email": address, "password": PASSWORD + "x"}
        refusal_of(await api.anonymous.post("/api/v1/auth/login", json=body), 401, "invalid_credentials")
    await post.deliver()
    trail = text(
        "SELECT a.action FROM app.audit_events a JOIN app.users u ON u.id = a.subject_id"
        " WHERE u.email = :email ORDER BY a.id"
    )
    assert list(rows.execute(trail, {"email": email}).scalars()) == ["registered", "sign_in_failed"]
