"""Two transactions at once, in an order a test decides: one is held open until somebody waits for it."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager

import httpx2
import pytest
from sqlalchemy import Connection, NullPool, create_engine, text

from core.models import User
from tests.fixtures.schema import MigratedDatabase

BUSY_OPENING = "SELECT 1 FROM app.users WHERE id = :id FOR SHARE"
"""What every transaction does that opens a session or makes a code for a person."""

BUSY_ENDING = "SELECT 1 FROM app.users WHERE id = :id FOR NO KEY UPDATE"
"""What every transaction does that ends a person's sessions or changes the password."""


@contextmanager
def under_way(migrated: MigratedDatabase, statement: str, user: User) -> Iterator[Connection]:
    """A transaction that has done one thing and has not committed yet."""
    engine = create_engine(migrated.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement), {"id": user.id})
        yield connection


async def answer_after(
    connection: Connection, request: Awaitable[httpx2.Response], user: User, statements: Sequence[str] = ()
) -> asyncio.Task[httpx2.Response]:
    """Send a request, wait until it waits for the transaction, and do the transaction's other statements.

    Await the task once the transaction has committed.
    """
    asking = asyncio.ensure_future(request)
    await _until_somebody_waits(connection)
    for statement in statements:
        connection.execute(text(statement), {"id": user.id})
    assert isinstance(asking, asyncio.Task)
    return asking


async def _until_somebody_waits(connection: Connection) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    )
    for _ in range(500):
        if connection.execute(waiting).scalar_one():
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits for the change")
