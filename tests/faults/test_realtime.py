"""Redis and nodes die while people write: nothing is lost, shown twice or out of order, and everybody catches up.

`SOCKET_SECONDS`, `CUT_SECONDS` and `SOCKET_CLIENTS` make it longer and larger (`make soak`).
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.main import create_app
from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from core.models import User, UserEventCounter
from ops.stack.ports import any_free_port
from ops.stores.redis import running_redis
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench, make_district_bench
from tests.fixtures.web import Api
from tests.realtime.client_model import Follower, look
from tests.realtime.conftest import running_realtime

pytestmark = pytest.mark.fault

SECONDS = float(os.environ.get("SOCKET_SECONDS", "4"))
CUT_SECONDS = float(os.environ.get("CUT_SECONDS", "8"))
CLIENTS = int(os.environ.get("SOCKET_CLIENTS", "8"))
CATCH_UP_SECONDS = 10.0


class Node:
    """One realtime process that may be killed and started again."""

    def __init__(self, settings: Settings, log_path: Path) -> None:
        self._settings, self._log_path = settings, log_path
        self._running = ExitStack()
        self.url = ""
        self.start()

    def start(self) -> None:
        self.url = self._running.enter_context(running_realtime(self._settings, self._log_path))

    def kill(self) -> None:
        command = f"realtime.main:app --port {self.url.rpartition(':')[2]}"
        for process in psutil.Process().children():
            if command in " ".join(process.cmdline()):
                process.kill()
        self.stop()

    def stop(self) -> None:
        self.url = ""
        self._running.close()


class School:
    """A class that writes all the time: its followers, its nodes, its Redis, and what went wrong."""

    def __init__(self, api: Api, school: SchoolBench, people: list[User]) -> None:
        self.school, self.people = school, people
        self.clients = {person.id: api.signed_in(person) for person in people}
        self.newest: dict[str, Any] = {}
        self.nodes: list[Node] = []
        self.followers: list[Follower] = []
        self.redis_port = 0
        self.written = 0
        self.failed: list[str] = []
        self.chance = random.Random(7)

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes if node.url]

    async def write_for(self, seconds: float) -> None:
        """Write and read, several at a time; every request must succeed."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.gather(*(self._act(person) for person in self.chance.sample(self.people, 3)))
            await asyncio.sleep(0.05)

    async def _act(self, person: User) -> None:
        path = f"/api/v1/messages/conversations/{self.school.class_conversation.id}"
        client = self.clients[person.id]
        if not self.newest or self.chance.random() < 0.7:
            answer = await client.post(f"{path}/messages", json={"body": "Hello", "client_id": str(new_id())})
            self.written += 1
            if answer.status_code == 201:
                self.newest = answer.json()["data"]
        else:
            answer = await client.post(f"{path}/read", json={"up_to_message_id": self.newest["id"]})
        if answer.status_code >= 400:
            self.failed.append(answer.text)

    def redis_process(self) -> psutil.Process:
        for child in psutil.Process().children(recursive=True):
            if child.name() == "redis-server" and str(self.redis_port) in " ".join(child.cmdline()):
                return child
        raise AssertionError("no redis of our own")


@pytest_asyncio.fixture
async def site(
    *, rows: Session, settings: Settings, api: Api, keys: KeyRing, tmp_path: Path
) -> AsyncIterator[School]:
    bench = make_district_bench(rows)
    school = bench.schools[0]
    people = [school.teacher, school.student, school.classmate]
    for _ in range(CLIENTS - len(people)):
        people.append(make_student(rows, school.school))
        make_enrollment(rows, school.school_class, people[-1])
    async with AsyncExitStack() as running:
        redis = running.enter_context(running_redis(tmp_path / "redis", port=any_free_port()))
        own = settings.model_copy(update={"redis_url": redis.url, "redis_timeout_ms": 50})
        app = create_app(own)
        await running.enter_async_context(app.router.lifespan_context(app))
        site = School(Api(app, own, keys), school, people)
        site.redis_port = redis.port
        site.nodes = [Node(own, tmp_path / f"node-{number}.log") for number in range(2)]
        site.followers = [Follower(person, api.token_of(person), lambda: site.urls) for person in people]
        for follower in site.followers:
            await _read_everything(api.signed_in(follower.user))
            await follower.begin(api.signed_in(follower.user))
        yield site
        await asyncio.gather(*(follower.end() for follower in site.followers))
        for node in site.nodes:
            node.stop()


async def _read_everything(client: httpx2.AsyncClient) -> None:
    """What was there before anybody came shall not count."""
    listed = (await client.get("/api/v1/messages/conversations")).json()["data"]["items"]
    for conversation in listed:
        path = f"/api/v1/messages/conversations/{conversation['id']}/read"
        answer = await client.post(path, json={"up_to_message_id": conversation["last_message"]["id"]})
        assert answer.status_code == 200, answer.text


async def hung_redis(site: School) -> None:
    process = site.redis_process()
    process.send_signal(signal.SIGSTOP)
    try:
        await site.write_for(SECONDS)
    finally:
        process.send_signal(signal.SIGCONT)


async def dead_redis(site: School) -> None:
    """Killed, and not started again: what is told comes from the database alone."""
    site.redis_process().kill()
    await site.write_for(SECONDS)


async def killed_node(site: School) -> None:
    await site.write_for(SECONDS / 4)
    await asyncio.to_thread(site.nodes[0].kill)
    await site.write_for(SECONDS / 2)
    await asyncio.to_thread(site.nodes[0].start)


async def rolling_restart(site: School) -> None:
    writing = asyncio.create_task(site.write_for(SECONDS))
    for node in site.nodes:
        await asyncio.to_thread(node.stop)
        await asyncio.to_thread(node.start)
    await writing


async def cut_lines(site: School) -> None:
    """Everybody loses their connection again and again."""
    writing = asyncio.create_task(site.write_for(CUT_SECONDS))
    while not writing.done():
        await site.chance.choice(site.followers).cut()
        await asyncio.sleep(0.5 / CLIENTS)
    await writing


@pytest.mark.parametrize(
    "fault",
    [hung_redis, dead_redis, killed_node, rolling_restart, cut_lines],
    ids=lambda fault: fault.__name__,
)
@pytest.mark.timeout(600)
async def test_nothing_is_lost_or_shown_twice_and_everybody_catches_up(
    site: School, api: Api, rows: Session, fault: Callable[[School], Awaitable[None]]
) -> None:
    await fault(site)
    over, ends = time.monotonic(), _ends_of(rows, site.people)
    await _caught_up(site.followers, ends, over + CATCH_UP_SECONDS)
    took = time.monotonic() - over
    sys.stdout.write(f"\n{fault.__name__}: {site.written} messages, whole {took:.1f} s after the fault\n")
    assert site.failed == []
    assert site.written > SECONDS
    for follower in site.followers:
        first = follower.began_after + 1
        assert follower.shown == list(range(first, ends[follower.user.id] + 1))
        fresh = await look(follower.user, api.signed_in(follower.user))
        assert follower.seen.as_tuple() == fresh.as_tuple()
        assert await _unread(api, follower.user) == sum(len(found) for found in follower.seen.unread.values())


async def _caught_up(followers: list[Follower], ends: dict[Any, int], deadline: float) -> None:
    """Wait until everybody has heard everything, or time is up."""
    for follower in followers:
        while follower.last_seq < ends[follower.user.id] and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _ends_of(rows: Session, people: list[User]) -> dict[Any, int]:
    """How far each person's stream has come."""
    statement = select(UserEventCounter.user_id, UserEventCounter.last_seq).where(
        UserEventCounter.user_id.in_([person.id for person in people])
    )
    return dict(rows.execute(statement).tuples().all())


async def _unread(api: Api, user: User) -> int:
    answer = await api.signed_in(user).get("/api/v1/messages/unread")
    unread: int = answer.json()["data"]["unread"]
    return unread
