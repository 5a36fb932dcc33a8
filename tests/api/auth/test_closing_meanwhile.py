"""Whoever closes an account or changes its password while somebody signs in wins: no session slips in between."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.models import User
from tests.api.auth.calls import AUTH, log_in, tokens_of
from tests.api.envelopes import data_of, refusal_of
from tests.api.meanwhile import BUSY_OPENING, answer_after, under_way
from tests.factories.user import PASSWORD
from tests.fixtures.schema import MigratedDatabase
from tests.fixtures.web import Api

CHANGES = {
    "disabled": "UPDATE app.users SET status = 'disabled' WHERE id = :id",
    "another password": "UPDATE auth.identities SET password_hash = 'another' WHERE user_id = :id",
}
STORED = text("SELECT password_hash FROM auth.identities WHERE user_id = :id")
LATE_SESSION = (
    "INSERT INTO auth.sessions (id, user_id, district_id, current_hash, rotated_at, expires_at)"
    " SELECT gen_random_uuid(), user_id, district_id, 'x', now(), now() + interval '1 day'"
    " FROM auth.identities WHERE user_id = :id"
)
NEW_PASSWORD = "velvet-otter-compass-58"


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_under_way_is_waited_for(
    api: Api, teacher: User, migrated: MigratedDatabase, change: str
) -> None:
    with under_way(migrated, CHANGES[change], teacher) as connection:
        signing_in = await answer_after(connection, log_in(api, teacher.email), teacher)
    refusal_of(await signing_in, 401, "invalid_credentials")


async def test_the_same_password_hashed_anew_meanwhile_still_opens(
    api: Api, teacher: User, migrated: MigratedDatabase, rows: Session
) -> None:
    """Another sign-in of the same person may be renewing an old hash."""
    before = rows.execute(STORED, {"id": teacher.id}).scalar_one()
    await tokens_of(api, teacher)
    renewed = rows.execute(STORED, {"id": teacher.id}).scalar_one()
    put = text("UPDATE auth.identities SET password_hash = :hash WHERE user_id = :id")
    rows.execute(put, {"id": teacher.id, "hash": before})
    assert renewed != before
    with under_way(migrated, "SELECT :id", teacher) as connection:
        connection.execute(put, {"id": teacher.id, "hash": renewed})
        signing_in = await answer_after(connection, log_in(api, teacher.email), teacher)
    data_of(await signing_in)


async def test_renewing_an_old_hash_does_not_bring_the_old_password_back(
    api: Api, teacher: User, migrated: MigratedDatabase, rows: Session
) -> None:
    with under_way(migrated, BUSY_OPENING, teacher) as connection:
        signing_in = await answer_after(
            connection, log_in(api, teacher.email), teacher, [CHANGES["another password"]]
        )
    data_of(await signing_in)  # opened before the change; whoever changed it ends it
    assert rows.execute(STORED, {"id": teacher.id}).scalar_one() == "another"


async def test_a_password_reset_meanwhile_is_not_changed_by_who_knew_the_old_one(
    api: Api, teacher: User, migrated: MigratedDatabase, rows: Session
) -> None:
    client = api.signed_in_with((await tokens_of(api, teacher))["access_token"])
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    with under_way(migrated, BUSY_OPENING, teacher) as connection:
        changing = await answer_after(
            connection,
            client.post(f"{AUTH}/password/change", json=body),
            teacher,
            [CHANGES["another password"]],
        )
    refusal_of(await changing, 403, "wrong_password")
    assert rows.execute(STORED, {"id": teacher.id}).scalar_one() == "another"


async def test_signing_out_everywhere_reaches_a_session_that_is_being_opened(
    api: Api, teacher: User, migrated: MigratedDatabase, rows: Session
) -> None:
    client = api.signed_in_with((await tokens_of(api, teacher))["access_token"])
    with under_way(migrated, BUSY_OPENING, teacher) as connection:
        ending = await answer_after(connection, client.post(f"{AUTH}/logout-all"), teacher, [LATE_SESSION])
    data_of(await ending)
    living = text("SELECT count(*) FROM auth.sessions WHERE user_id = :id AND revoked_at IS NULL")
    assert rows.execute(living, {"id": teacher.id}).scalar_one() == 0
