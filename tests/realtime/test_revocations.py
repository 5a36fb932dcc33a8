"""A socket ends with its session, whoever ended it and with or without Redis."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.config import Settings
from core.db import Database
from core.models import User
from core.sessions import end_sessions
from realtime.revocations import LOOK_SECONDS
from tests.factories.user import actor_of, make_student
from tests.factories.world import World
from tests.realtime.conftest import Record, Tokens, running_realtime
from tests.realtime.socket_client import HandshakeRefusedError, SocketClient

AT_ONCE = 5.0


@pytest.fixture
def student(world: World, rows: Session) -> User:
    return make_student(rows, world.districts[0].schools[0].school)


async def end(database: Database, user: User) -> None:
    async with database.tenant_transaction(actor_of(user).context) as session:
        await end_sessions(session, user.id, now=datetime.now(UTC))


async def test_the_sockets_of_an_ended_session_hang_up_at_once_and_hear_nothing_more(
    connected: Callable[[User], SocketClient], student: User, database: Database, record: Record
) -> None:
    async with connected(student) as phone, connected(student) as laptop:
        await end(database, student)
        for client in (phone, laptop):
            await asyncio.wait_for(client.closed.wait(), AT_ONCE)
            assert client.was_told_to_leave
        await record(student)
        assert phone.events.empty()


async def test_other_sessions_go_on(
    connected: Callable[[User], SocketClient], student: User, world: World, database: Database
) -> None:
    other = world.districts[0].schools[0].classmate
    async with connected(other) as client, connected(student) as ended:
        await end(database, student)
        await asyncio.wait_for(ended.closed.wait(), AT_ONCE)
        assert (await client.ask("sync", {"after_seq": 0}))["ok"] is True
        assert not client.closed.is_set()


async def test_an_ended_session_opens_no_socket_and_renews_none(
    connected: Callable[[User], SocketClient], student: User, rows: Session
) -> None:
    rows.execute(text("UPDATE auth.sessions SET revoked_at = now() WHERE id = :id"), {"id": student.id})
    with pytest.raises(HandshakeRefusedError) as refused:
        async with connected(student):
            pass
    assert refused.value.args[0]["data"] == {"code": "session_ended"}


async def test_a_token_of_an_ended_session_renews_no_socket(
    connected: Callable[[User], SocketClient], student: User, rows: Session, tokens: Tokens
) -> None:
    async with connected(student) as client:
        rows.execute(text("UPDATE auth.sessions SET revoked_at = now() WHERE id = :id"), {"id": student.id})
        answer = await client.ask("session:refresh", {"token": tokens.of(student)})
    assert answer["error"]["code"] == "session_ended"


@pytest.fixture
def url_without_redis(settings: Settings, tmp_path: Path) -> Iterator[str]:
    lonely = settings.model_copy(update={"redis_url": ""})
    with running_realtime(lonely, tmp_path / "server.log") as url:
        yield url


async def test_whom_somebody_disables_by_hand_is_hung_up_within_a_minute_without_redis(
    url_without_redis: str, student: User, rows: Session, tokens: Tokens
) -> None:
    async with SocketClient(url_without_redis, tokens.of(student)) as client:
        started = time.monotonic()
        rows.execute(text("UPDATE app.users SET status = 'disabled' WHERE id = :id"), {"id": student.id})
        await asyncio.wait_for(client.closed.wait(), 60)
        assert time.monotonic() - started < LOOK_SECONDS + AT_ONCE
