"""Redis or PostgreSQL gone: the sockets stay, and nothing that happened is lost."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import psutil
import pytest

from core.config import Settings
from core.db import Database
from core.emit import emitter_for
from core.models import User
from core.user_events import UserEventDraft, record_user_event
from ops.stack.ports import any_free_port
from ops.stores.redis import RedisServer, running_redis
from tests.factories.user import actor_of
from tests.factories.world import World
from tests.fixtures.schema import MigratedDatabase, drop
from tests.realtime.conftest import Tokens, running_realtime
from tests.realtime.socket_client import HandshakeRefusedError, SocketClient

pytestmark = pytest.mark.fault


class OwnRedis:
    """A Redis that may be killed, and the settings that lead to it."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self._directory = directory
        self._running = ExitStack()
        self._server: RedisServer = self._running.enter_context(
            running_redis(directory, port=any_free_port())
        )
        self.settings = settings.model_copy(update={"redis_url": self._server.url})

    def kill(self) -> None:
        for child in psutil.Process().children(recursive=True):
            if child.name() == "redis-server" and str(self._server.port) in " ".join(child.cmdline()):
                os.kill(child.pid, signal.SIGKILL)
        self._running.close()

    def start_again(self) -> None:
        self._running.enter_context(running_redis(self._directory, port=self._server.port))

    def close(self) -> None:
        self._running.close()


@pytest.fixture
def own_redis(tmp_path: Path, settings: Settings) -> Iterator[OwnRedis]:
    redis = OwnRedis(tmp_path / "redis", settings)
    yield redis
    redis.close()


async def _record(settings: Settings, user: User) -> int:
    database = Database.from_settings(settings, emitter_for(settings.redis_url))
    draft = UserEventDraft("grade:updated", {}, datetime.now(UTC), user.school_id)
    async with database.tenant_transaction(actor_of(user).context) as session:
        numbers = await record_user_event(session, [user.id], draft)
    await database.close()
    return numbers[user.id]


async def test_a_killed_redis_loses_no_event_and_live_delivery_returns(
    own_redis: OwnRedis, world: World, tokens: Tokens, tmp_path: Path
) -> None:
    student = world.districts[0].schools[0].student
    with running_realtime(own_redis.settings, tmp_path / "server.log") as url:
        async with SocketClient(url, tokens.of(student)) as client:
            own_redis.kill()
            assert await _record(own_redis.settings, student) == 2
            answer = await client.ask("sync", {"after_seq": 1})
            assert [event["seq"] for event in answer["data"]["events"]] == [2]
            async with SocketClient(url, tokens.of(student)) as newcomer:
                assert (await newcomer.ask("sync", {"after_seq": 2}))["ok"] is True
            own_redis.start_again()
            assert await _is_delivered_again(own_redis.settings, student, client) < 15


async def _is_delivered_again(settings: Settings, student: User, client: SocketClient) -> float:
    """Return the seconds until an event arrives live again."""
    started = time.monotonic()
    while client.events.empty() and time.monotonic() - started < 20:
        await _record(settings, student)
        await asyncio.sleep(0.5)
    return time.monotonic() - started


@pytest.fixture
def without_database(scratch_database: MigratedDatabase, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """A server whose database was taken away while it ran."""
    gone = settings.model_copy(update={"database_url": scratch_database.app_url})
    with running_realtime(gone, tmp_path / "server.log") as url:
        drop(scratch_database.admin_dsn, scratch_database.name)
        yield url


async def test_without_its_database_a_server_lives_but_is_not_ready(without_database: str) -> None:
    async with httpx2.AsyncClient(base_url=without_database) as client:
        ready, alive = await client.get("/readyz"), await client.get("/healthz")
    assert (ready.status_code, ready.json()["errors"][0]["code"]) == (503, "unavailable")
    assert (alive.status_code, alive.json()["data"]) == (200, {"status": "alive"})


async def test_without_its_database_a_server_asks_clients_to_come_again(
    without_database: str, world: World, tokens: Tokens
) -> None:
    with pytest.raises(HandshakeRefusedError) as refusal:
        async with SocketClient(without_database, tokens.of(world.districts[0].schools[0].student)):
            pass
    assert refusal.value.args[0]["data"] == {"code": "unavailable"}


async def test_a_server_that_is_asked_to_stop_does_not_wait_for_its_clients(
    settings: Settings, world: World, tokens: Tokens, tmp_path: Path
) -> None:
    student = world.districts[0].schools[0].student
    with running_realtime(settings, tmp_path / "server.log") as url:
        client = await SocketClient(url, tokens.of(student)).__aenter__()
        started = time.monotonic()
    assert time.monotonic() - started < 5
    await asyncio.wait_for(client.closed.wait(), 20)
    await client.__aexit__(None, None, None)
