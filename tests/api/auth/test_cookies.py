"""Browsers: the refresh token where no script can read it, and nothing a foreign page could do with it."""

from typing import Any

import httpx2
import pytest

from core.config import Settings
from core.models import User
from tests.api.auth.calls import AUTH, tokens_of
from tests.api.envelopes import data_of, refusal_of
from tests.factories.user import PASSWORD
from tests.fixtures.web import Api

COOKIE = "homeroom_refresh"


@pytest.fixture
def ours(settings: Settings) -> dict[str, str]:
    """The headers of a call from one of our own pages."""
    return {"X-Client": "browser", "Origin": settings.allowed_origins[0]}


def cookie_of(answer: httpx2.Response, name: str = COOKIE) -> tuple[str, str]:
    """Return value and attributes of a cookie an answer sets."""
    lines = [line for line in answer.headers.get_list("Set-Cookie") if line.startswith(f"{name}=")]
    assert len(lines) == 1, answer.headers
    value, _, attributes = lines[0].partition(";")
    return value.partition("=")[2].strip('"'), attributes.lower()


async def browser_log_in(api: Api, user: User, headers: dict[str, str]) -> httpx2.Response:
    body = {"email": user.email, "password": PASSWORD}
    return await api.anonymous.post(f"{AUTH}/login", json=body, headers=headers)


async def call(api: Api, door: str, cookie: str, headers: dict[str, Any]) -> httpx2.Response:
    return await api.anonymous.post(f"{AUTH}/{door}", headers={**headers, "Cookie": f"{COOKIE}={cookie}"})


async def test_a_browser_gets_the_refresh_token_in_a_cookie_and_never_in_the_body(
    api: Api, teacher: User, ours: dict[str, str]
) -> None:
    answer = await browser_log_in(api, teacher, ours)
    tokens = data_of(answer)
    assert (tokens["refresh_token"], tokens["device_token"]) == (None, None)
    value, attributes = cookie_of(answer)
    for attribute in ("httponly", "secure", "samesite=strict", "path=/api/v1/auth", "max-age=2592000"):
        assert attribute in attributes
    assert value not in answer.text
    renewed = await call(api, "refresh", value, ours)
    assert data_of(renewed)["refresh_token"] is None
    assert cookie_of(renewed)[0] not in {value, ""}


async def test_an_app_gets_no_cookie(api: Api, teacher: User) -> None:
    answer = await browser_log_in(api, teacher, {})
    assert data_of(answer)["refresh_token"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("door", ["refresh", "logout"])
@pytest.mark.parametrize(
    "change",
    [
        {"X-Client": None},
        {"X-Client": "app"},
        {"Origin": None},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000.evil.example"},
        {"X-Client": None, "Origin": "https://evil.example"},
    ],
    ids=["no-header", "other-client", "no-origin", "foreign", "null-origin", "look-alike", "plain-form"],
)
async def test_a_foreign_page_can_do_nothing_with_the_cookie(
    api: Api, teacher: User, ours: dict[str, str], door: str, change: dict[str, str | None]
) -> None:
    cookie, _ = cookie_of(await browser_log_in(api, teacher, ours))
    headers = {name: value for name, value in {**ours, **change}.items() if value is not None}
    refused = await call(api, door, cookie, headers)
    refusal_of(refused, 403, "csrf_refused")
    assert "Set-Cookie" not in refused.headers
    data_of(await call(api, "refresh", cookie, ours))


async def test_a_foreign_page_cannot_sign_a_browser_in(api: Api, teacher: User) -> None:
    headers = {"X-Client": "browser", "Origin": "https://evil.example"}
    refused = await browser_log_in(api, teacher, headers)
    refusal_of(refused, 403, "csrf_refused")
    assert "Set-Cookie" not in refused.headers


@pytest.mark.parametrize("door", ["logout-all", "sessions/019a8f00-0000-7000-8000-000000000000"])
async def test_where_a_token_is_asked_for_the_cookie_opens_nothing(
    api: Api, teacher: User, ours: dict[str, str], door: str
) -> None:
    cookie, _ = cookie_of(await browser_log_in(api, teacher, ours))
    method = "POST" if door == "logout-all" else "DELETE"
    headers = {**ours, "Cookie": f"{COOKIE}={cookie}"}
    refusal_of(await api.anonymous.request(method, f"{AUTH}/{door}", headers=headers), 401, "invalid_token")


async def test_signing_out_takes_the_cookie_back(api: Api, teacher: User, ours: dict[str, str]) -> None:
    cookie, _ = cookie_of(await browser_log_in(api, teacher, ours))
    answer = await call(api, "logout", cookie, ours)
    data_of(answer)
    value, attributes = cookie_of(answer)
    assert value == ""
    assert "max-age=0" in attributes
    assert "path=/api/v1/auth" in attributes
    refusal_of(await call(api, "refresh", cookie, ours), 401, "invalid_refresh_token")


async def test_a_browser_without_a_cookie_has_no_session(
    api: Api, teacher: User, ours: dict[str, str]
) -> None:
    refusal_of(await api.anonymous.post(f"{AUTH}/refresh", headers=ours), 401, "invalid_refresh_token")
    body = {"refresh_token": (await tokens_of(api, teacher))["refresh_token"]}
    in_body = await api.anonymous.post(f"{AUTH}/refresh", headers=ours, json=body)
    refusal_of(in_body, 401, "invalid_refresh_token")


async def test_browsers_may_send_cookies_from_our_pages_only(api: Api, ours: dict[str, str]) -> None:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-client,content-type",
    }
    allowed = await api.anonymous.options(f"{AUTH}/refresh", headers={"Origin": ours["Origin"], **asked})
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == ours["Origin"]
    assert allowed.headers["Access-Control-Allow-Credentials"] == "true"
    foreign = await api.anonymous.options(
        f"{AUTH}/refresh", headers={"Origin": "https://evil.example", **asked}
    )
    assert "Access-Control-Allow-Origin" not in foreign.headers
