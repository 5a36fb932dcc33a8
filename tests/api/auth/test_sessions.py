"""Signing in and out: what a session is opened with, who may not have one, and what is stored of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import User
from core.passwords import needs_rehash
from tests.api.auth.calls import AUTH, ME, log_in, look_in, refresh, tokens_of
from tests.api.envelopes import data_of, refusal_of
from tests.factories.user import make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api


async def test_signing_in_answers_tokens_that_work(api: Api, teacher: User) -> None:
    tokens = data_of(await log_in(api, f" {teacher.email.upper()}"))
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    profile = data_of(await api.signed_in_with(tokens["access_token"]).get(ME))
    assert profile["id"] == str(teacher.id)


async def test_a_wrong_password_and_an_unknown_address_are_the_same_refusal(api: Api, teacher: User) -> None:
    wrong = await log_in(api, teacher.email, "not the password")
    unknown = await log_in(api, "nobody@school.example", "not the password")
    refusal_of(wrong, 401, "invalid_credentials")
    assert wrong.content == unknown.content


@pytest.mark.parametrize("change", ["deleted_at = now()", "status = 'disabled'"])
async def test_somebody_who_has_left_cannot_sign_in_or_stay(
    api: Api, teacher: User, rows: Session, change: str
) -> None:
    tokens = await tokens_of(api, teacher)
    rows.execute(text(f"UPDATE app.users SET {change} WHERE id = :id"), {"id": teacher.id})
    refusal_of(await log_in(api, teacher.email), 401, "invalid_credentials")
    refusal_of(await refresh(api, tokens["refresh_token"]), 401, "invalid_refresh_token")


async def test_who_waits_for_consent_learns_so_after_the_right_password_only(
    api: Api, school: SchoolBench, rows: Session, keys: KeyRing
) -> None:
    make_identity(rows, school.student, keys)
    waiting = text("UPDATE app.users SET status = 'awaiting_consent' WHERE id = :id")
    rows.execute(waiting, {"id": school.student.id})
    refusal_of(await log_in(api, school.student.email), 403, "guardian_consent_required")
    refusal_of(await log_in(api, school.student.email, "not the password"), 401, "invalid_credentials")


async def test_only_digests_of_refresh_tokens_are_stored(api: Api, teacher: User, rows: Session) -> None:
    secret = (await tokens_of(api, teacher))["refresh_token"].partition(".")[2]
    stored = rows.scalars(
        text("SELECT s::text FROM auth.sessions s WHERE user_id = :id"), {"id": teacher.id}
    ).all()
    assert len(stored) == 2  # the factory's and ours
    assert all(secret not in row for row in stored)


async def test_signing_in_renews_a_hash_made_with_older_parameters(
    api: Api, teacher: User, rows: Session
) -> None:
    stored = text("SELECT password_hash FROM auth.identities WHERE user_id = :id")
    assert needs_rehash(rows.execute(stored, {"id": teacher.id}).scalar_one())
    await tokens_of(api, teacher)
    assert not needs_rehash(rows.execute(stored, {"id": teacher.id}).scalar_one())
    await tokens_of(api, teacher)


async def test_signing_in_and_out_are_in_the_audit_trail(api: Api, teacher: User, rows: Session) -> None:
    tokens = await tokens_of(api, teacher)
    for _ in range(2):  # a second time ends nothing
        await api.anonymous.post(f"{AUTH}/logout", json={"refresh_token": tokens["refresh_token"]})
    trail = text(
        "SELECT action FROM app.audit_events WHERE actor_id = :id AND object_type = 'session' ORDER BY id"
    )
    assert rows.scalars(trail, {"id": teacher.id}).all() == ["signed_in", "signed_out"]


async def test_signing_out_ends_the_session_and_can_be_repeated(api: Api, teacher: User) -> None:
    tokens = await tokens_of(api, teacher)
    for _ in range(2):
        out = await api.anonymous.post(f"{AUTH}/logout", json={"refresh_token": tokens["refresh_token"]})
        assert data_of(out) == {"status": "logged_out"}
    refusal_of(await refresh(api, tokens["refresh_token"]), 401, "invalid_refresh_token")
    refusal_of(await look_in(api, tokens["access_token"]), 401, "session_ended")


async def test_nobody_signs_another_out_or_ends_a_session_without_the_secret(api: Api, teacher: User) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    guess = token.partition(".")[0] + "." + "A" * 64
    for door in ("logout", "refresh"):
        answer = await api.anonymous.post(f"{AUTH}/{door}", json={"refresh_token": guess})
        refusal_of(answer, 401, "invalid_refresh_token")
    data_of(await refresh(api, token))
