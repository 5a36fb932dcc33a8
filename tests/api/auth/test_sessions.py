"""Signing in, staying signed in and signing out: one winner per rotation, and a replay ends the session."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import User
from tests.api.envelopes import data_of, refusal_of
from tests.factories.user import PASSWORD, make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock

AUTH = "/api/v1/auth"
ME = "/api/v1/users/me"

STRANGE = "019a8f00-0000-7000-8000-000000000000"
"""An id nobody has; fixed, because test processes must collect the same names."""


@pytest.fixture
def teacher(school: SchoolBench, rows: Session, keys: KeyRing) -> User:
    """Somebody who can sign in with PASSWORD."""
    make_identity(rows, school.teacher, keys)
    return school.teacher


async def log_in(api: Api, email: str, password: str = PASSWORD) -> httpx2.Response:
    return await api.anonymous.post(f"{AUTH}/login", json={"email": email, "password": password})


async def tokens_of(api: Api, user: User) -> dict[str, Any]:
    tokens: dict[str, Any] = data_of(await log_in(api, user.email))
    return tokens


async def refresh(api: Api, token: str) -> httpx2.Response:
    return await api.anonymous.post(f"{AUTH}/refresh", json={"refresh_token": token})


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


async def test_only_digests_of_refresh_tokens_are_stored(api: Api, teacher: User, rows: Session) -> None:
    secret = (await tokens_of(api, teacher))["refresh_token"].partition(".")[2]
    stored = text("SELECT s::text FROM auth.sessions s WHERE user_id = :id")
    assert secret not in rows.execute(stored, {"id": teacher.id}).scalar_one()


async def test_of_eight_refreshes_at_once_one_wins_and_nobody_is_thrown_out(api: Api, teacher: User) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    answers = [data_of(answer) for answer in await asyncio.gather(*(refresh(api, token) for _ in range(8)))]
    winners = [answer["refresh_token"] for answer in answers if answer["refresh_token"]]
    assert len(winners) == 1
    assert data_of(await refresh(api, winners[0]))["refresh_token"]
    assert len({answer["access_token"] for answer in answers}) >= 1
    for answer in answers:
        data_of(await api.signed_in_with(answer["access_token"]).get(ME))


async def test_the_token_before_the_current_one_earns_an_access_token_for_ten_seconds(
    api: Api, teacher: User, clock: StandingClock
) -> None:
    first = (await tokens_of(api, teacher))["refresh_token"]
    second = data_of(await refresh(api, first))["refresh_token"]
    clock.advance(timedelta(seconds=9))
    late = data_of(await refresh(api, first))
    assert late["refresh_token"] is None
    data_of(await api.signed_in_with(late["access_token"]).get(ME))
    assert data_of(await refresh(api, second))["refresh_token"]


async def test_a_replay_after_the_grace_ends_the_session_for_both(
    api: Api, teacher: User, clock: StandingClock
) -> None:
    first = (await tokens_of(api, teacher))["refresh_token"]
    second = data_of(await refresh(api, first))["refresh_token"]
    clock.advance(timedelta(seconds=11))
    refusal_of(await refresh(api, first), 401, "invalid_refresh_token")
    refusal_of(await refresh(api, second), 401, "invalid_refresh_token")


async def test_a_replay_ends_one_device_and_not_the_other(
    api: Api, teacher: User, clock: StandingClock
) -> None:
    phone, laptop = [(await tokens_of(api, teacher))["refresh_token"] for _ in range(2)]
    data_of(await refresh(api, phone))
    clock.advance(timedelta(minutes=1))
    refusal_of(await refresh(api, phone), 401)
    data_of(await refresh(api, laptop))


async def test_a_session_nobody_used_for_thirty_days_is_over(
    api: Api, teacher: User, clock: StandingClock
) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    clock.advance(timedelta(days=29))
    token = data_of(await refresh(api, token))["refresh_token"]
    clock.advance(timedelta(days=31))
    refusal_of(await refresh(api, token), 401, "invalid_refresh_token")


async def test_signing_out_ends_the_session_and_can_be_repeated(api: Api, teacher: User) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    for _ in range(2):
        out = await api.anonymous.post(f"{AUTH}/logout", json={"refresh_token": token})
        assert data_of(out) == {"status": "logged_out"}
    refusal_of(await refresh(api, token), 401, "invalid_refresh_token")


async def test_nobody_signs_another_out_without_the_secret(api: Api, teacher: User) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    guess = token.partition(".")[0] + ".guess"
    await api.anonymous.post(f"{AUTH}/logout", json={"refresh_token": guess})
    data_of(await refresh(api, token))


@pytest.mark.parametrize("token", ["x", ".", f"{STRANGE}.", f"{STRANGE}.secret", "é" * 50, f".{STRANGE}"])
async def test_a_token_we_did_not_make_is_refused(api: Api, token: str) -> None:
    refusal_of(await refresh(api, token), 401, "invalid_refresh_token")


async def test_a_refresh_reads_the_role_and_school_of_today(
    api: Api, teacher: User, school: SchoolBench, rows: Session
) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    rows.execute(text("UPDATE app.users SET role = 'admin' WHERE id = :id"), {"id": teacher.id})
    fresh = api.signed_in_with(data_of(await refresh(api, token))["access_token"])
    assert (await fresh.get(f"{AUTH}/invitations")).status_code == 200
