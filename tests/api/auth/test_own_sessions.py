"""One's own sessions: seen, ended one by one or all at once, and nobody else's."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import User
from tests.api.auth.calls import AUTH, look_in, refresh, tokens_of
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.user import make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock

SESSIONS = f"{AUTH}/sessions"


async def sessions_seen_with(api: Api, tokens: dict[str, Any]) -> list[Any]:
    return items_of(await api.signed_in_with(tokens["access_token"]).get(SESSIONS))


async def test_the_list_names_devices_and_says_which_is_this_one(
    api: Api, teacher: User, clock: StandingClock
) -> None:
    tablet = await tokens_of(api, teacher, device_name="Tablet")
    clock.advance(timedelta(minutes=5))
    await refresh(api, tablet["refresh_token"])
    laptop = await tokens_of(api, teacher)
    seen = (await sessions_seen_with(api, laptop))[-2:]
    assert [(each["device"], each["is_current"]) for each in seen] == [
        ("Tablet", False),
        ("python-httpx2", True),
    ]
    assert seen[0]["last_used_at"] > seen[0]["created_at"]
    assert {each["client_id"] for each in seen} == {None}


async def test_the_list_comes_in_pages(api: Api, teacher: User) -> None:
    tokens = [await tokens_of(api, teacher, device_name=f"Device {number}") for number in range(3)]
    client = api.signed_in_with(tokens[-1]["access_token"])
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = data_of(await client.get(SESSIONS, params=params))
        seen += [each["device"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["", "Device 0", "Device 1", "Device 2"]  # the first is the factory's
    refusal_of(await client.get(SESSIONS, params={"cursor": "%"}), 422, "invalid_cursor")


async def test_an_ended_session_is_refused_with_the_next_request_and_the_others_go_on(
    api: Api, teacher: User
) -> None:
    lost, mine = await tokens_of(api, teacher), await tokens_of(api, teacher)
    data_of(await look_in(api, lost["access_token"]))
    lost_id = (await sessions_seen_with(api, mine))[-2]["id"]
    client = api.signed_in_with(mine["access_token"])
    assert data_of(await client.delete(f"{SESSIONS}/{lost_id}")) == {"id": lost_id, "status": "ended"}
    refusal_of(await look_in(api, lost["access_token"]), 401, "session_ended")
    refusal_of(await refresh(api, lost["refresh_token"]), 401, "invalid_refresh_token")
    data_of(await look_in(api, mine["access_token"]))
    assert lost_id not in {each["id"] for each in await sessions_seen_with(api, mine)}
    refusal_of(await client.delete(f"{SESSIONS}/{lost_id}"), 404, "not_found")


async def test_nobody_sees_or_ends_the_session_of_another(
    api: Api, teacher: User, school: SchoolBench, rows: Session, keys: KeyRing
) -> None:
    make_identity(rows, school.admin, keys)
    admins = await tokens_of(api, school.admin)
    admins_id = (await sessions_seen_with(api, admins))[-1]["id"]
    client = api.signed_in_with((await tokens_of(api, teacher))["access_token"])
    assert admins_id not in {each["id"] for each in items_of(await client.get(SESSIONS))}
    refusal_of(await client.delete(f"{SESSIONS}/{admins_id}"), 404, "not_found")
    data_of(await look_in(api, admins["access_token"]))


async def test_signing_out_everywhere_ends_every_session(api: Api, teacher: User) -> None:
    everywhere = [await tokens_of(api, teacher) for _ in range(3)]
    data_of(await api.signed_in_with(everywhere[0]["access_token"]).post(f"{AUTH}/logout-all"))
    for tokens in everywhere:
        refusal_of(await look_in(api, tokens["access_token"]), 401, "session_ended")
        refusal_of(await refresh(api, tokens["refresh_token"]), 401, "invalid_refresh_token")
    data_of(await look_in(api, (await tokens_of(api, teacher))["access_token"]))
