"""Whoever closes an account or changes its password while somebody signs in wins: no session slips in between."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text

from core.models import User
from tests.api.auth.calls import log_in
from tests.api.envelopes import refusal_of
from tests.fixtures.schema import MigratedDatabase
from tests.fixtures.web import Api

CHANGES = {
    "disabled": "UPDATE app.users SET status = 'disabled' WHERE id = :id",
    "another password": "UPDATE auth.identities SET password_hash = 'another' WHERE user_id = :id",
}


@contextmanager
def under_way(migrated: MigratedDatabase, statement: str, user: User) -> Iterator[Connection]:
    """A change that has not committed yet."""
    engine = create_engine(migrated.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement), {"id": user.id})
        yield connection


async def until_somebody_waits(connection: Connection) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    )
    for _ in range(500):
        if connection.execute(waiting).scalar_one():
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits for the change")


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_under_way_is_waited_for(
    api: Api, teacher: User, migrated: MigratedDatabase, change: str
) -> None:
    with under_way(migrated, CHANGES[change], teacher) as connection:
        signing_in = asyncio.create_task(log_in(api, teacher.email))
        await until_somebody_waits(connection)
    refusal_of(await signing_in, 401, "invalid_credentials")
