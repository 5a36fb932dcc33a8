"""A code not yet redeemed ends with the sessions of who gave it."""

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of
from tests.api.meanwhile import BUSY_ENDING, BUSY_OPENING, answer_after, under_way
from tests.api.oauth.conftest import SignInPage, answer_of
from tests.api.passwords.asking import PASSWORD as REGISTERED_PASSWORD
from tests.api.passwords.asking import register
from tests.factories.user import PASSWORD
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post
from tests.fixtures.schema import MigratedDatabase
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


async def test_a_reset_password_ends_it(api: Api, post: Post, page: SignInPage, school: SchoolBench) -> None:
    email = await register(api, post, school)
    code = answer_of(await page.signed_in(email=email, password=REGISTERED_PASSWORD))["code"]
    data_of(await api.anonymous.post(f"{AUTH}/password/forgot", json={"email": email}), 202)
    await post.deliver()
    body = {"token": post.token(email, "Set a new password"), "password": NEW_PASSWORD}
    data_of(await api.anonymous.post(f"{AUTH}/password/reset", json=body))
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("change", ["status = 'disabled'", "school_id = school_id, deleted_at = now()"])
async def test_closing_the_account_ends_it_even_when_it_opens_again(
    page: SignInPage, rows: Session, change: str
) -> None:
    code = answer_of(await page.signed_in())["code"]
    for assignment in (change, "status = 'active', deleted_at = NULL"):
        rows.execute(text(f"UPDATE app.users SET {assignment} WHERE id = :id"), {"id": page.user.id})
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"


async def test_a_page_whose_session_is_being_ended_makes_none(
    page: SignInPage, migrated: MigratedDatabase
) -> None:
    await page.signed_in()
    shown = await page.opened()
    ended = "UPDATE auth.sessions SET revoked_at = now() WHERE user_id = :id"
    with under_way(migrated, BUSY_ENDING, page.user) as connection:
        asking = await answer_after(connection, page.decided(shown, "continue"), page.user, [ended])
    answer = await asking
    assert answer.status_code == 200
    assert page.user.email not in answer.text


async def test_signing_out_everywhere_reaches_a_code_that_is_being_made(
    api: Api, page: SignInPage, migrated: MigratedDatabase, rows: Session
) -> None:
    code = answer_of(await page.signed_in())["code"]
    mine = await own_client(api, page)
    waiting = rows.execute(
        text("DELETE FROM auth.oauth_codes WHERE user_id = :id RETURNING *"), {"id": page.user.id}
    )
    made = waiting.mappings().one()
    names = ", ".join(made)
    late = text(f"INSERT INTO auth.oauth_codes ({names}) VALUES ({', '.join(f':{name}' for name in made)})")
    with under_way(migrated, BUSY_OPENING, page.user) as connection:
        ending = await answer_after(connection, mine.post(f"{AUTH}/logout-all"), page.user)
        connection.execute(late, dict(made))
    data_of(await ending)
    assert (await page.redeemed(code)).json()["error"] == "invalid_grant"
