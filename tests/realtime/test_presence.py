"""Who is there: seen by those one shares a class with, on every node, and over within a minute after a crash."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from core.config import Settings
from core.db import Database
from core.ids import new_id
from core.models import User
from realtime import attendance
from realtime.attendance import PRESENCE_CHANNEL, Attendance
from realtime.connections import Connection, Connections
from tests.factories.user import actor_of
from tests.factories.world import SchoolBench, World
from tests.realtime.conftest import Tokens, running_realtime
from tests.realtime.socket_client import SocketClient

Connected = Callable[..., SocketClient]


async def watch(client: SocketClient, *users: User) -> dict[str, str]:
    answer = await client.ask("presence:watch", {"user_ids": [str(user.id) for user in users]})
    assert answer["ok"] is True, answer
    states: dict[str, str] = answer["data"]["states"]
    return states


async def next_presence(client: SocketClient) -> tuple[str, str]:
    while True:
        name, data = await client.next_event()
        if name == "presence":
            return data["user_id"], data["state"]


async def test_coming_and_going_is_seen_by_who_watches(world: World, connected: Connected) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.teacher) as teacher:
        assert await watch(teacher, school.student) == {str(school.student.id): "offline"}
        async with connected(school.student) as phone:
            assert await next_presence(teacher) == (str(school.student.id), "online")
            async with connected(school.student):
                assert await watch(phone, school.teacher, school.classmate) == {
                    str(school.teacher.id): "online",
                    str(school.classmate.id): "offline",
                }
            assert await teacher.hears_nothing_more()  # one of two devices is still there
        assert await next_presence(teacher) == (str(school.student.id), "offline")


async def test_nobody_is_seen_by_those_they_share_no_class_with(world: World, connected: Connected) -> None:
    here, there = world.districts
    school = here.schools[0]
    strangers = [
        school.other_student,
        school.other_teacher,
        school.newcomer,
        school.admin,
        here.schools[1].student,
        there.schools[0].student,
    ]
    async with connected(school.student) as student:
        assert await watch(student, *strangers, school.classmate) == {str(school.classmate.id): "offline"}
        for stranger in strangers:
            if stranger is not school.admin:
                async with connected(stranger) as client:
                    assert await watch(client, school.student) == {}
        assert await student.hears_nothing_more()
    async with connected(school.admin) as admin:
        answer = await admin.ask("presence:watch", {"user_ids": [str(school.student.id)]})
    assert answer["error"]["code"] == "forbidden"


async def test_a_new_watch_replaces_the_old_one(world: World, connected: Connected) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.teacher) as teacher:
        await watch(teacher, school.student)
        await watch(teacher, school.classmate)
        async with connected(school.student):
            assert await teacher.hears_nothing_more()


async def test_a_killed_node_is_seen_through_within_a_minute(
    *, world: World, settings: Settings, tokens: Tokens, tmp_path: Path, connected: Connected
) -> None:
    """What it wrote ends by itself; the other node sees it with its next look."""
    school = world.districts[0].schools[0]
    async with connected(school.teacher) as teacher, Redis.from_url(settings.redis_url) as redis:
        await watch(teacher, school.student)
        with running_realtime(settings, tmp_path / "doomed.log") as url:
            client = await SocketClient(url, tokens.of(school.student)).__aenter__()
            assert await next_presence(teacher) == (str(school.student.id), "online")
            key = f"d{school.school.district_id}:presence:{school.student.id}"
            (said,) = (await redis.hgetall(key)).values()
            _kill_server(url)
        await client.__aexit__(None, None, None)
        until = float(said.partition(b":")[2]) - datetime.now(UTC).timestamp()
        assert 0 < until <= 46
        assert await redis.ttl(key) <= 45


def _kill_server(url: str) -> None:
    command = f"realtime.main:app --port {url.rpartition(':')[2]}"
    for process in psutil.Process().children():
        if command in " ".join(process.cmdline()):
            process.kill()


class Told:
    """Stands where sockets are: remembers what each is told. Has the two names that Attendance needs of Delivery."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.connections = Connections()
        self.heard: list[tuple[str, str, dict[str, Any]]] = []

    async def to_socket(self, connection: Connection, event: str, data: dict[str, Any]) -> None:
        self.heard.append((connection.socket_id, event, data))


class Node:
    """One node's attendance over the real Redis, at a time that the test moves."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.now = datetime.now(UTC)
        self.told = Told(str(new_id()))
        self.attendance = Attendance(self.told, database, settings, lambda: self.now)  # type: ignore[arg-type]
        self._database = database

    def connect(self, user: User) -> Connection:
        name = new_id().hex
        connection = Connection(name, name, actor_of(user), self.now + timedelta(hours=1))
        self.told.connections.add(connection)
        self.attendance.sign_of_life(connection)
        return connection

    async def watch(self, connection: Connection, *user_ids: UUID) -> dict[str, str]:
        async with self._database.tenant_transaction(connection.actor.context) as session:
            return await self.attendance.watch(session, connection, user_ids)

    @property
    def states(self) -> list[str]:
        return [data["state"] for _, _, data in self.told.heard]


@pytest_asyncio.fixture
async def nodes(database: Database, settings: Settings) -> Any:
    made = [Node(database, settings) for _ in range(2)]
    yield made
    for node in made:
        await node.attendance.close()


async def test_who_gives_no_sign_is_away_and_back_with_the_next_one(nodes: list[Node], world: World) -> None:
    school: SchoolBench = world.districts[0].schools[0]
    here, there = nodes
    student = there.connect(school.student)
    await there.attendance.beat()
    teacher = here.connect(school.teacher)
    assert await here.watch(teacher, school.student.id) == {str(school.student.id): "online"}
    for node in nodes:
        node.now += attendance.AWAY_AFTER
    await there.attendance.beat()
    await here.attendance.beat()
    there.attendance.sign_of_life(student)
    await there.attendance.beat()
    await here.attendance.beat()
    assert here.states == ["away", "online"]


async def test_what_a_silent_node_wrote_ends_by_itself(nodes: list[Node], world: World) -> None:
    school = world.districts[0].schools[0]
    here, there = nodes
    there.connect(school.student)
    await there.attendance.beat()
    teacher = here.connect(school.teacher)
    assert await here.watch(teacher, school.student.id) == {str(school.student.id): "online"}
    here.now += attendance.LIFE + timedelta(seconds=1)  # and the other node says nothing more
    await here.attendance.beat()
    assert here.states == ["offline"]


async def test_without_redis_a_node_knows_its_own(
    database: Database, settings: Settings, world: World
) -> None:
    school = world.districts[0].schools[0]
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0", "redis_timeout_ms": 50})
    node = Node(database, away)
    student, teacher = node.connect(school.student), node.connect(school.teacher)
    assert await node.watch(teacher, school.student.id) == {str(school.student.id): "online"}
    node.told.connections.remove(student.socket_id)
    node.attendance.left(student)
    await node.attendance.beat()
    assert node.states == ["offline"]
    await node.attendance.close()


async def test_the_right_to_watch_ends_with_the_class(nodes: list[Node], world: World, rows: Any) -> None:
    school = world.districts[0].schools[0]
    here = nodes[0]
    teacher = here.connect(school.teacher)
    await here.watch(teacher, school.student.id)
    school.school_class.teacher_id = school.other_teacher.id
    rows.add(school.school_class)
    rows.flush()
    await here.attendance.check_rights()
    here.connect(school.student)
    await here.attendance.beat()
    assert here.states == []


@pytest.mark.parametrize("said", ["", "{}", '{"people": 1}', '{"people": [["x", "y"]]}', "[" * 10_000])
async def test_nonsense_on_the_channel_stops_nothing(
    *, world: World, connected: Connected, settings: Settings, said: str
) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.teacher) as teacher, Redis.from_url(settings.redis_url) as redis:
        await watch(teacher, school.student)
        await redis.publish(PRESENCE_CHANNEL, said)
        await asyncio.sleep(0)
        async with connected(school.student):
            assert await next_presence(teacher) == (str(school.student.id), "online")
