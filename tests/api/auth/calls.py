"""Signing in, refreshing and looking in, as a client does it."""

from typing import Any

import httpx2

from core.models import User
from tests.api.envelopes import data_of
from tests.factories.user import PASSWORD
from tests.fixtures.web import Api

AUTH = "/api/v1/auth"
ME = "/api/v1/users/me"


async def log_in(api: Api, email: str, password: str = PASSWORD, **more: Any) -> httpx2.Response:
    body = {"email": email, "password": password, **more}
    return await api.anonymous.post(f"{AUTH}/login", json=body)


async def tokens_of(api: Api, user: User, **more: Any) -> dict[str, Any]:
    tokens: dict[str, Any] = data_of(await log_in(api, user.email, **more))
    return tokens


async def refresh(api: Api, token: str) -> httpx2.Response:
    return await api.anonymous.post(f"{AUTH}/refresh", json={"refresh_token": token})


async def look_in(api: Api, access_token: str) -> httpx2.Response:
    """Any signed-in call."""
    return await api.signed_in_with(access_token).get(ME)
