"""Guessing at the door itself: how many wrong passwords are looked at, and what the owner notices of it."""

from datetime import timedelta

import httpx2
import pytest
from sqlalchemy.orm import Session

from api.auth import signing_in
from api.auth.devices import COOKIE
from core.ids import new_id
from core.keys import KeyRing
from core.models import User
from tests.api.envelopes import data_of, refusal_of
from tests.factories.user import PASSWORD, make_identity, make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock

WRONG = "not it"
LOGIN = "/api/v1/auth/login"
BROWSER = {"X-Client": "browser", "Origin": "http://localhost:3000"}


@pytest.fixture
def owner(school: SchoolBench, rows: Session, keys: KeyRing) -> User:
    """Somebody who can sign in with PASSWORD and whom nobody has guessed at."""
    student = make_student(rows, school.school)
    make_identity(rows, student, keys)
    return student


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that reached argon2."""
    seen: list[str] = []
    verify = signing_in.verify_password

    async def verify_and_count(password: str, stored: str | None) -> bool:
        seen.append(password)
        return await verify(password, stored) if password == PASSWORD else False

    monkeypatch.setattr(signing_in, "verify_password", verify_and_count)
    return seen


async def guess(api: Api, email: str, password: str = WRONG, **more: str) -> httpx2.Response:
    return await api.anonymous.post(LOGIN, json={"email": email, "password": password, **more})


async def lock_strangers_out(api: Api, email: str) -> None:
    while (await guess(api, email)).status_code == 401:
        pass


async def test_of_an_hour_of_guesses_at_most_twenty_are_looked_at(
    api: Api, owner: User, clock: StandingClock, looked_at: list[str]
) -> None:
    guesses = 1000
    for _ in range(guesses):
        await guess(api, owner.email)
        clock.advance(timedelta(hours=1) / guesses)
    assert 0 < len(looked_at) <= 20


async def test_a_refused_guess_says_when_to_come_back(api: Api, owner: User) -> None:
    await lock_strangers_out(api, owner.email)
    refused = await guess(api, owner.email)
    refusal_of(refused, 429, "too_many_requests")
    assert refused.headers["Retry-After"] == "30"


async def test_an_unknown_address_is_treated_as_a_known_one(api: Api, owner: User) -> None:
    known = [await guess(api, owner.email) for _ in range(12)]
    stranger = f"{new_id().hex}@nowhere.example"
    unknown = [await guess(api, stranger) for _ in range(12)]
    assert [one.status_code for one in known] == [one.status_code for one in unknown]
    assert [one.content for one in known] == [one.content for one in unknown]
    assert [one.headers.get("Retry-After") for one in known] == [
        one.headers.get("Retry-After") for one in unknown
    ]


async def test_the_owners_app_signs_in_while_strangers_guess(api: Api, owner: User) -> None:
    device_token = data_of(await guess(api, owner.email, PASSWORD))["device_token"]
    await lock_strangers_out(api, owner.email)
    refusal_of(await guess(api, owner.email, PASSWORD), 429)
    assert data_of(await guess(api, owner.email, PASSWORD, device_token=device_token))["access_token"]


async def test_the_owners_browser_signs_in_while_strangers_guess(api: Api, owner: User) -> None:
    login = {"email": owner.email, "password": PASSWORD}
    first = await api.anonymous.post(LOGIN, json=login, headers=BROWSER)
    assert data_of(first)["device_token"] is None
    cookie = next(line for line in first.headers.get_list("set-cookie") if line.startswith(COOKIE))
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/api/v1/auth"} <= set(cookie.split("; "))
    await lock_strangers_out(api, owner.email)
    headers = {**BROWSER, "Cookie": cookie.partition(";")[0]}
    assert data_of(await api.anonymous.post(LOGIN, json=login, headers=headers))["access_token"]


async def test_a_device_token_alone_opens_nothing(api: Api, owner: User) -> None:
    device_token = data_of(await guess(api, owner.email, PASSWORD))["device_token"]
    refusal_of(await guess(api, owner.email, device_token=device_token), 401, "invalid_credentials")
    refusal_of(await api.signed_in_with(device_token).get("/api/v1/users/me"), 401)


async def test_the_device_of_one_person_is_nobody_for_another(
    api: Api, owner: User, school: SchoolBench, rows: Session, keys: KeyRing
) -> None:
    other = make_student(rows, school.school)
    make_identity(rows, other, keys)
    device_token = data_of(await guess(api, other.email, PASSWORD))["device_token"]
    await lock_strangers_out(api, owner.email)
    refusal_of(await guess(api, owner.email, PASSWORD, device_token=device_token), 429)
