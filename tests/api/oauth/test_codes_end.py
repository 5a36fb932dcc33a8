"""A code not yet redeemed ends with the sessions of who gave it."""

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of
from tests.api.oauth.conftest import SignInPage, answer_of
from tests.factories.user import PASSWORD
from tests.fixtures.web import Api

AUTH = "/api/v1/auth"
NEW_PASSWORD = "plum-harbor-lantern-42-long"


async def own_client(api: Api, page: SignInPage) -> httpx2.AsyncClient:
    credentials = {"email": page.user.email, "password": PASSWORD}
    tokens = data_of(await api.anonymous.post(f"{AUTH}/login", json=credentials))
    return api.signed_in_with(tokens["access_token"])


async def test_signing_out_everywhere_ends_it(api: Api, page: SignInPage) -> None:
    code = answer_of(await page.signed_in())["code"]
    data_of(await (await own_client(api, page)).post(f"{AUTH}/logout-all"))
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"


async def test_a_new_password_ends_it(api: Api, page: SignInPage) -> None:
    code = answer_of(await page.signed_in())["code"]
    passwords = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    data_of(await (await own_client(api, page)).post(f"{AUTH}/password/change", json=passwords))
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("change", ["status = 'disabled'", "school_id = school_id, deleted_at = now()"])
async def test_closing_the_account_ends_it_even_when_it_opens_again(
    page: SignInPage, rows: Session, change: str
) -> None:
    code = answer_of(await page.signed_in())["code"]
    for assignment in (change, "status = 'active', deleted_at = NULL"):
        rows.execute(text(f"UPDATE app.users SET {assignment} WHERE id = :id"), {"id": page.user.id})
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"
