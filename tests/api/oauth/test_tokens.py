"""Codes and tokens of applications: good once, for a minute, for the one that asked."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.auth.schemas import Tokens
from api.auth.sessions import open_session
from api.oauth import grants
from core.config import Settings
from core.ids import new_id
from tests.api.envelopes import data_of, refusal_of
from tests.api.oauth.conftest import AUTH, SignInPage, register_client
from tests.fixtures.web import Api, StandingClock


async def tokens_of(page: SignInPage) -> dict[str, str]:
    answer = await page.redeemed(await page.code())
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


async def test_a_code_becomes_tokens_that_act_as_the_person(api: Api, page: SignInPage) -> None:
    answer = await page.redeemed(await page.code())
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token"}
    profile = data_of(await api.signed_in_with(tokens["access_token"]).get("/api/v1/users/me"))
    assert profile["id"] == str(page.user.id)
    sessions = data_of(await api.signed_in_with(tokens["access_token"]).get(f"{AUTH}/sessions"))["items"]
    assert "Homework Planner" in [session["device"] for session in sessions]


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": ""},
        {"code": "made-up"},
    ],
    ids=["another verifier", "no verifier", "another address", "no address", "made up"],
)
async def test_a_code_needs_everything_it_was_asked_with(page: SignInPage, changes: dict[str, str]) -> None:
    code, others = changes.get("code"), {name: changes[name] for name in changes if name != "code"}
    refused = await page.redeemed(code or await page.code(), **others)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_good_for_a_minute(page: SignInPage, clock: StandingClock) -> None:
    code = await page.code()
    clock.advance(timedelta(seconds=61))
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"


async def test_a_code_of_one_application_is_of_no_use_to_another(page: SignInPage, rows: Session) -> None:
    other = register_client(rows, f"other-{new_id().hex}")
    assert (await page.redeemed(await page.code(), client_id=other)).json()["error"] == "invalid_grant"


async def test_a_code_presented_twice_ends_what_it_opened(api: Api, page: SignInPage) -> None:
    code = await page.code()
    tokens = (await page.redeemed(code)).json()
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"
    refusal_of(await api.signed_in_with(tokens["access_token"]).get("/api/v1/users/me"), 401, "session_ended")
    assert (await refreshed(api, page, tokens["refresh_token"]))["error"] == "invalid_grant"


async def test_a_replay_while_the_session_is_being_opened_ends_it_too(
    api: Api, page: SignInPage, rows: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await page.code()

    async def overtaken(*arguments: Any, **named: Any) -> Tokens:
        monkeypatch.undo()
        assert (await page.redeemed(code)).json()["error"] == "invalid_grant"
        return await open_session(*arguments, **named)

    monkeypatch.setattr(grants, "open_session", overtaken)
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"
    living = text("SELECT count(*) FROM auth.sessions WHERE client_id = :client_id AND revoked_at IS NULL")
    assert rows.scalar(living, {"client_id": page.asked["client_id"]}) == 0


async def refreshed(api: Api, page: SignInPage, token: str, client_id: str = "") -> dict[str, str]:
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id or page.asked["client_id"],
        "refresh_token": token,
    }
    answer: dict[str, str] = (await api.anonymous.post(f"{AUTH}/token", data=form)).json()
    return answer


async def test_refreshing_rotates_and_a_replay_ends_the_session(
    api: Api, page: SignInPage, clock: StandingClock
) -> None:
    first = (await tokens_of(page))["refresh_token"]
    second = (await refreshed(api, page, first))["refresh_token"]
    assert second != first
    clock.advance(timedelta(seconds=11))
    assert (await refreshed(api, page, first))["error"] == "invalid_grant"
    assert (await refreshed(api, page, second))["error"] == "invalid_grant"


async def test_a_refresh_token_answers_to_its_application_alone(
    api: Api, page: SignInPage, rows: Session
) -> None:
    token = (await tokens_of(page))["refresh_token"]
    other = register_client(rows, f"other-{new_id().hex}")
    assert (await refreshed(api, page, token, other))["error"] == "invalid_grant"
    first_party = await api.anonymous.post(f"{AUTH}/refresh", json={"refresh_token": token})
    refusal_of(first_party, 401, "invalid_refresh_token")
    assert "access_token" in await refreshed(api, page, token)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_a_revoked_token_ends_the_session_at_once(api: Api, page: SignInPage, kind: str) -> None:
    tokens = await tokens_of(page)
    form = {"token": tokens[kind], "client_id": page.asked["client_id"]}
    assert (await api.anonymous.post(f"{AUTH}/revoke", data=form)).status_code == 200
    refusal_of(await api.signed_in_with(tokens["access_token"]).get("/api/v1/users/me"), 401, "session_ended")
    assert (await api.anonymous.post(f"{AUTH}/revoke", data=form)).status_code == 200


async def test_an_unknown_token_is_revoked_as_well_as_any(api: Api, page: SignInPage) -> None:
    form = {"token": "made-up", "client_id": page.asked["client_id"]}
    assert (await api.anonymous.post(f"{AUTH}/revoke", data=form)).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "no\0body"}, "invalid_client"),
        ({}, "invalid_client"),
    ],
    ids=["password grant", "unknown client", "no text", "nothing"],
)
async def test_the_token_endpoint_refuses_in_the_words_of_the_rfc(
    api: Api, page: SignInPage, form: dict[str, str], error: str
) -> None:
    asked = {"client_id": page.asked["client_id"], **form} if form else {}
    refused = await api.anonymous.post(f"{AUTH}/token", data=asked)
    assert (refused.status_code, refused.json()["error"]) == (400, error)


async def test_the_metadata_says_where_everything_is(api: Api, settings: Settings) -> None:
    document = (await api.anonymous.get("/.well-known/oauth-authorization-server")).json()
    assert document["issuer"] == settings.issuer
    assert document["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri"):
        path = document[name].removeprefix(settings.issuer)
        assert (await api.anonymous.get(path)).status_code not in {404, 500}
