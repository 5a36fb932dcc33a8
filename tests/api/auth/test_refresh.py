"""Rotation: one winner, one successor for everybody who races, and the end of a session whose token was copied."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.models import User
from tests.api.auth.calls import AUTH, log_in, look_in, refresh, tokens_of
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock

STRANGE = "019a8f00-0000-7000-8000-000000000000"
"""An id nobody has; fixed, because test processes must collect the same names."""

TABS = 50
LOST_ANSWERS = 200


async def successor_of(api: Api, token: str) -> str:
    following: str = data_of(await refresh(api, token))["refresh_token"]
    return following


async def living_sessions(api: Api, access_token: str) -> int:
    return len(
        items_of(await api.signed_in_with(access_token).get(f"{AUTH}/sessions", params={"limit": 100}))
    )


async def test_each_use_replaces_the_token(api: Api, teacher: User) -> None:
    tokens = [(await tokens_of(api, teacher))["refresh_token"]]
    for _ in range(5):
        tokens.append(await successor_of(api, tokens[-1]))
    assert len(set(tokens)) == 6


async def test_fifty_tabs_that_refresh_at_once_share_one_successor_and_nobody_is_thrown_out(
    api: Api, teacher: User
) -> None:
    tokens = await tokens_of(api, teacher)
    before = await living_sessions(api, tokens["access_token"])
    for _ in range(3):  # and again, all at once, with what they were given
        answers = await asyncio.gather(*(refresh(api, tokens["refresh_token"]) for _ in range(TABS)))
        given = [data_of(answer) for answer in answers]
        assert len({each["refresh_token"] for each in given}) == 1
        tokens = given[0]
    for each in given:
        data_of(await look_in(api, each["access_token"]))
    assert await living_sessions(api, tokens["access_token"]) == before
    data_of(await refresh(api, tokens["refresh_token"]))


async def test_a_lost_answer_is_given_again_within_the_grace(
    api: Api, teacher: User, clock: StandingClock
) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    for _ in range(LOST_ANSWERS):
        lost = await successor_of(api, token)
        clock.advance(timedelta(seconds=9))
        token = await successor_of(api, token)
        assert token == lost
        clock.advance(timedelta(minutes=10))


async def test_a_slow_tab_two_tokens_behind_is_given_the_current_one(
    api: Api, teacher: User, clock: StandingClock
) -> None:
    first = (await tokens_of(api, teacher))["refresh_token"]
    second = await successor_of(api, first)
    clock.advance(timedelta(seconds=5))
    third = await successor_of(api, second)
    clock.advance(timedelta(seconds=4))
    assert await successor_of(api, first) == third
    clock.advance(timedelta(seconds=2))
    refusal_of(await refresh(api, first), 401, "invalid_refresh_token")


@pytest.mark.parametrize("uses", [1, 2])
async def test_a_replay_after_the_grace_ends_the_session_for_both(
    api: Api, teacher: User, clock: StandingClock, uses: int
) -> None:
    first = (await tokens_of(api, teacher))["refresh_token"]
    newest = data_of(await refresh(api, first))
    for _ in range(uses - 1):
        newest = data_of(await refresh(api, newest["refresh_token"]))
    clock.advance(timedelta(seconds=10))
    refusal_of(await refresh(api, first), 401, "invalid_refresh_token")
    refusal_of(await refresh(api, newest["refresh_token"]), 401, "invalid_refresh_token")
    refusal_of(await look_in(api, newest["access_token"]), 401, "session_ended")


async def test_the_owner_is_told_of_a_replay_and_it_is_in_the_audit_trail(
    api: Api, teacher: User, rows: Session, clock: StandingClock
) -> None:
    first = (await tokens_of(api, teacher))["refresh_token"]
    await refresh(api, first)
    clock.advance(timedelta(seconds=11))
    for _ in range(2):  # a second replay finds the session ended
        refusal_of(await refresh(api, first), 401)
    told = [
        "SELECT count(*) FROM app.audit_events WHERE action = 'refresh_token_reused' AND subject_id = :id",
        "SELECT count(*) FROM app.notifications WHERE kind = 'session_reused' AND user_id = :id",
        "SELECT count(*) FROM app.outgoing_mails m JOIN app.users u USING (district_id)"
        " WHERE template = 'session_reused' AND u.id = :id",
    ]
    assert [rows.execute(text(each), {"id": teacher.id}).scalar_one() for each in told] == [1, 1, 1]


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
    token = await successor_of(api, token)
    clock.advance(timedelta(days=31))
    refusal_of(await refresh(api, token), 401, "invalid_refresh_token")


async def test_a_session_that_is_always_used_ends_after_half_a_year(
    api: Api, teacher: User, clock: StandingClock
) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    for _ in range(7):
        clock.advance(timedelta(days=25))
        token = await successor_of(api, token)
    clock.advance(timedelta(days=6))
    refusal_of(await refresh(api, token), 401, "invalid_refresh_token")


@pytest.mark.parametrize(
    "token", ["x", ".", f"{STRANGE}.", f"{STRANGE}.secret", f"{STRANGE}.{'A' * 64}", "é" * 50, f".{STRANGE}"]
)
async def test_a_token_we_did_not_make_is_refused(api: Api, token: str) -> None:
    refusal_of(await refresh(api, token), 401, "invalid_refresh_token")


async def test_no_token_at_all_is_refused(api: Api) -> None:
    refusal_of(await api.anonymous.post(f"{AUTH}/refresh"), 401, "invalid_refresh_token")


async def test_a_changed_role_ends_the_session_and_the_next_one_has_it(
    api: Api, teacher: User, school: SchoolBench, rows: Session
) -> None:
    token = (await tokens_of(api, teacher))["refresh_token"]
    rows.execute(text("UPDATE app.users SET role = 'admin' WHERE id = :id"), {"id": teacher.id})
    refusal_of(await refresh(api, token), 401, "invalid_refresh_token")
    fresh = api.signed_in_with(data_of(await log_in(api, teacher.email))["access_token"])
    assert (await fresh.get(f"{AUTH}/invitations")).status_code == 200
