"""A registered application, and a browser at our sign-in page."""

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from html import unescape
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import User
from tests.factories.user import PASSWORD, make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

AUTH = "/api/v1/auth"
REDIRECT = "https://app.example/callback"
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def register_client(
    rows: Session, client_id: str, name: str = "Homework Planner", uris: Sequence[str] = (REDIRECT,)
) -> str:
    """Register an application as the operator's command does; returns its id."""
    rows.execute(
        text("SELECT auth.put_oauth_client(:client_id, :name, :uris)"),
        {"client_id": client_id, "name": name, "uris": list(uris)},
    )
    return client_id


class SignInPage:
    """One browser and one request of one application."""

    def __init__(self, api: Api, client_id: str, user: User) -> None:
        self.api = api
        self.user = user
        self.verifier = secrets.token_urlsafe(48)
        self.cookie = ""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": REDIRECT,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "state": "what the application remembers & more",
        }

    async def opened(self, **changes: Any) -> httpx2.Response:
        asked = {name: value for name, value in {**self.asked, **changes}.items() if value is not None}
        return self._kept(
            await self.api.anonymous.get(f"{AUTH}/authorize", params=asked, headers={"Cookie": self.cookie})
        )

    async def decided(self, page: httpx2.Response, decision: str, **changes: str) -> httpx2.Response:
        form = {**self.fields(page), "decision": decision, **changes}
        headers = {"Cookie": self.cookie}
        return self._kept(await self.api.anonymous.post(f"{AUTH}/authorize", data=form, headers=headers))

    async def signed_in(self, **changes: str) -> httpx2.Response:
        page = await self.opened()
        return await self.decided(
            page, "sign_in", **{"email": self.user.email, "password": PASSWORD, **changes}
        )

    async def code(self) -> str:
        return answer_of(await self.signed_in())["code"]

    async def redeemed(self, code: str, **changes: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.asked["client_id"],
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
        }
        return await self.api.anonymous.post(f"{AUTH}/token", data={**form, **changes})

    def fields(self, page: httpx2.Response) -> dict[str, str]:
        return {name: unescape(value) for name, value in _FIELD.findall(page.text)}

    def _kept(self, answer: httpx2.Response) -> httpx2.Response:
        for line in answer.headers.get_list("set-cookie"):
            if line.startswith("homeroom_authorisation="):
                self.cookie = line.partition(";")[0]
        return answer


def answer_of(response: httpx2.Response) -> dict[str, str]:
    """What the application's address is told."""
    assert response.status_code == 303, response.text
    location = httpx2.URL(response.headers["Location"])
    assert str(location.copy_with(query=None)) == REDIRECT
    return dict(location.params)


@pytest.fixture
def page(api: Api, school: SchoolBench, rows: Session, keys: KeyRing) -> SignInPage:
    make_identity(rows, school.teacher, keys)
    return SignInPage(api, register_client(rows, f"planner-{school.school.id.hex}"), school.teacher)
