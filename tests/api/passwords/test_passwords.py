"""Forgotten, reset and changed passwords: one winner per link, others signed out, the owner told."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, refusal_of
from tests.api.passwords.asking import NEW_PASSWORD, PASSWORD, is_verified, register
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post
from tests.fixtures.web import Api, StandingClock

FORGOT = "/api/v1/auth/password/forgot"
RESET = "/api/v1/auth/password/reset"
CHANGE = "/api/v1/auth/password/change"
ME = "/api/v1/users/me"


async def log_in(api: Api, email: str, password: str) -> httpx2.Response:
    return await api.anonymous.post("/api/v1/auth/login", json={"email": email, "password": password})


async def signed_in(api: Api, email: str, password: str = PASSWORD) -> httpx2.AsyncClient:
    return api.signed_in_with(data_of(await log_in(api, email, password))["access_token"])


async def reset_token(api: Api, post: Post, email: str) -> str:
    assert data_of(await api.anonymous.post(FORGOT, json={"email": email}), 202) == {"status": "accepted"}
    await post.deliver()
    return post.token(email, "Set a new password")


def reset_body(token: str, password: str = NEW_PASSWORD) -> dict[str, Any]:
    return {"token": token, "password": password}


async def test_a_forgotten_password_is_replaced_by_the_mailed_link(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email = await register(api, post, school)
    body = reset_body(await reset_token(api, post, email))
    assert data_of(await api.anonymous.post(RESET, json=body))["status"] == "password_changed"
    refusal_of(await log_in(api, email, PASSWORD), 401, "invalid_credentials")
    data_of(await log_in(api, email, NEW_PASSWORD))
    assert is_verified(rows, email)


async def test_a_reset_ends_every_session_and_tells_the_owner(
    api: Api, post: Post, school: SchoolBench
) -> None:
    email = await register(api, post, school)
    one, other = await signed_in(api, email), await signed_in(api, email)
    data_of(await api.anonymous.post(RESET, json=reset_body(await reset_token(api, post, email))))
    for client in (one, other):
        refusal_of(await client.get(ME), 401, "session_ended")
    await post.deliver()
    assert post.subjects(email)[-1] == "Your Homeroom password was changed"


async def test_after_a_reset_the_owner_signs_in_while_strangers_go_on_guessing(
    api: Api, post: Post, school: SchoolBench
) -> None:
    email = await register(api, post, school)
    body = reset_body(await reset_token(api, post, email))
    device_token = data_of(await api.anonymous.post(RESET, json=body))["device_token"]
    while (await log_in(api, email, "a stranger's guess")).status_code == 401:
        continue
    refusal_of(await log_in(api, email, NEW_PASSWORD), 429, "too_many_requests")
    known = {"email": email, "password": NEW_PASSWORD, "device_token": device_token}
    assert data_of(await api.anonymous.post("/api/v1/auth/login", json=known))["access_token"]


async def test_after_a_reset_a_browser_keeps_the_note_in_a_cookie(
    api: Api, post: Post, school: SchoolBench
) -> None:
    body = reset_body(await reset_token(api, post, await register(api, post, school)))
    answer = await api.anonymous.post(RESET, json=body, headers={"X-Client": "browser"})
    assert data_of(answer)["device_token"] is None
    assert answer.headers["set-cookie"].startswith("homeroom_device=")


async def test_of_twenty_at_once_one_resets(api: Api, post: Post, school: SchoolBench) -> None:
    email = await register(api, post, school)
    token = await reset_token(api, post, email)
    bodies = [reset_body(token, f"{NEW_PASSWORD}-{number}") for number in range(20)]
    answers = await asyncio.gather(*(api.anonymous.post(RESET, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, *[404] * 19]
    (winner,) = [body for body, answer in zip(bodies, answers, strict=True) if answer.is_success]
    data_of(await log_in(api, email, winner["password"]))


async def test_a_weak_password_leaves_the_link_good(api: Api, post: Post, school: SchoolBench) -> None:
    token = await reset_token(api, post, await register(api, post, school))
    refusal_of(await api.anonymous.post(RESET, json=reset_body(token, "quillfeather1")), 422, "weak_password")
    data_of(await api.anonymous.post(RESET, json=reset_body(token)))


@pytest.mark.parametrize("minutes", [30.02, 600], ids=["just over", "long after"])
async def test_a_link_expires(
    api: Api, post: Post, school: SchoolBench, clock: StandingClock, minutes: float
) -> None:
    token = await reset_token(api, post, await register(api, post, school))
    clock.advance(timedelta(minutes=minutes))
    refusal_of(await api.anonymous.post(RESET, json=reset_body(token)), 404, "invalid_link")


async def test_a_newer_link_and_a_changed_password_end_older_links(
    api: Api, post: Post, school: SchoolBench
) -> None:
    email = await register(api, post, school)
    first = await reset_token(api, post, email)
    second = await reset_token(api, post, email)
    refusal_of(await api.anonymous.post(RESET, json=reset_body(first)), 404, "invalid_link")
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    data_of(await (await signed_in(api, email)).post(CHANGE, json=change))
    refusal_of(await api.anonymous.post(RESET, json=reset_body(second)), 404, "invalid_link")


async def test_a_link_that_verifies_an_address_resets_nothing(
    api: Api, post: Post, school: SchoolBench
) -> None:
    token = post.token(await register(api, post, school), "Confirm")
    refusal_of(await api.anonymous.post(RESET, json=reset_body(token)), 404, "invalid_link")


async def test_a_disabled_person_is_sent_nothing(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email = await register(api, post, school)
    rows.execute(text("UPDATE app.users SET status = 'disabled' WHERE email = :email"), {"email": email})
    data_of(await api.anonymous.post(FORGOT, json={"email": email}), 202)
    await post.deliver()
    assert len(post.to(email)) == 1


async def test_a_changed_password_keeps_this_session_and_ends_the_others(
    api: Api, post: Post, school: SchoolBench
) -> None:
    email = await register(api, post, school)
    here, elsewhere = await signed_in(api, email), await signed_in(api, email)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert data_of(await here.post(CHANGE, json=body)) == {"status": "password_changed"}
    data_of(await here.get(ME))
    refusal_of(await elsewhere.get(ME), 401, "session_ended")
    refusal_of(await log_in(api, email, PASSWORD), 401, "invalid_credentials")
    data_of(await log_in(api, email, NEW_PASSWORD))
    await post.deliver()
    assert post.subjects(email)[-1] == "Your Homeroom password was changed"


async def test_a_change_needs_the_current_password_and_a_good_new_one(
    api: Api, post: Post, school: SchoolBench
) -> None:
    email = await register(api, post, school)
    client = await signed_in(api, email)
    wrong = {"current_password": "wrong", "new_password": NEW_PASSWORD}
    refused = refusal_of(await client.post(CHANGE, json=wrong), 403, "wrong_password")
    assert refused["field"] == "current_password"
    weak = {"current_password": PASSWORD, "new_password": "quillfeather1"}
    refusal_of(await client.post(CHANGE, json=weak), 422, "weak_password")
    data_of(await log_in(api, email, PASSWORD))


async def test_a_stolen_session_is_no_place_to_guess_and_its_owner_still_signs_in(
    api: Api, post: Post, school: SchoolBench
) -> None:
    email = await register(api, post, school)
    stolen = await signed_in(api, email)
    answers = [
        await stolen.post(CHANGE, json={"current_password": f"guess-{n}", "new_password": NEW_PASSWORD})
        for n in range(20)
    ]
    assert sum(answer.status_code == 403 for answer in answers) <= 6
    refusal_of(answers[-1], 429)
    data_of(await log_in(api, email, PASSWORD))


async def test_resets_and_changes_are_in_the_audit_trail(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    email = await register(api, post, school)
    data_of(await api.anonymous.post(RESET, json=reset_body(await reset_token(api, post, email))))
    body = {"current_password": NEW_PASSWORD, "new_password": PASSWORD}
    data_of(await (await signed_in(api, email, NEW_PASSWORD)).post(CHANGE, json=body))
    trail = text(
        "SELECT a.action FROM app.audit_events a JOIN app.users u ON u.id = a.subject_id"
        " WHERE u.email = :email AND a.action LIKE 'password%' ORDER BY a.id"
    )
    assert list(rows.execute(trail, {"email": email}).scalars()) == ["password_reset", "password_changed"]
