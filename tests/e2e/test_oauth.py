"""Another application signs people in: a stock OAuth client, our page, real HTTP."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client

from tests.e2e.client import Browser

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
CALLBACK = "http://127.0.0.1:9/callback"
"""Nobody listens there: the test reads the address the browser is sent to."""
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def homeroom(environment: Path, *words: str) -> Any:
    """Run an operator's command against the stack; returns what it prints as JSON."""
    lines = environment.read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line)
    command = [sys.executable, "-m", "ops.main", *words, "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture
def application(stack: dict[str, Any], environment: Path) -> Iterator[OAuth2Client]:
    """A stock client of a newly registered application, configured from our metadata alone."""
    created = homeroom(environment, "oauth-client", "create", "Homework Planner", "--redirect-uri", CALLBACK)
    metadata = httpx2.get(f"{stack['base_url']}/.well-known/oauth-authorization-server").json()
    with OAuth2Client(
        client_id=created["client_id"],
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
        revocation_endpoint_auth_method="none",
        **{name: metadata[name] for name in metadata if name.endswith("_endpoint")},
    ) as client:
        client.metadata.update(metadata)
        yield client


def sign_in_on_page(browser: Browser, address: str, user: dict[str, Any]) -> str:
    """Fill in our page; returns the address the browser is sent to."""
    page = browser.send("GET", address)
    assert "Homework Planner" in page.text
    form = {name: unescape(value) for name, value in _FIELD.findall(page.text)}
    form |= {"email": user["email"], "password": user["password"], "decision": "sign_in"}
    answer = browser.send("POST", str(httpx2.URL(address).copy_with(query=None)), data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_stock_client_signs_a_teacher_in_refreshes_and_revokes(
    stack: dict[str, Any], application: OAuth2Client
) -> None:
    teacher = next(user for user in stack["users"] if user["role"] == "teacher")
    me = f"{stack['base_url']}/api/v1/users/me"
    verifier = "a-verifier-that-is-long-enough-for-rfc-7636-to-like-it"
    address, state = application.create_authorization_url(
        application.metadata["authorization_endpoint"], code_verifier=verifier
    )
    browser = Browser(stack["base_url"])
    returned = sign_in_on_page(browser, address, teacher)
    browser.close()
    token_endpoint = application.metadata["token_endpoint"]
    first = application.fetch_token(
        token_endpoint, authorization_response=returned, state=state, code_verifier=verifier
    )
    assert application.get(me).json()["data"]["email"] == teacher["email"]

    second = application.refresh_token(token_endpoint, refresh_token=first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert application.get(me).status_code == 200

    application.revoke_token(application.metadata["revocation_endpoint"], token=second["refresh_token"])
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert httpx2.get(me, headers=bearer).status_code == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        application.fetch_token(
            token_endpoint, authorization_response=returned, state=state, code_verifier=verifier
        )
