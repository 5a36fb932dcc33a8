"""Two thousand people on one node: how long they take to come, what each costs, and how fast all hear one thing.

    python -m ops.bench.sockets

Ours is the whole node over PostgreSQL and Redis: tokens checked, sessions looked up, presence written, each person's
events put in order by their numbers. The reference is python-socketio alone with rooms and its Redis manager. Both
run at once as one uvicorn worker each, with the same clients, and are told through Redis in turns; measured is from
that telling to each client's receipt.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psutil
import socketio

from core.emit import Hint, RedisPublisher
from core.keys import KeyRing
from core.tokens import issue_access_token
from ops.bench.bare_sockets import CHANNEL, EVERYBODY, FEW
from ops.bench.classroom import ISSUER, TOKEN_MINUTES, Classroom, seeded_classroom
from ops.bench.rounds import (
    MINIMUM_ROUNDS,
    Comparison,
    Goal,
    Load,
    Spread,
    at_most,
    compare,
    print_goals,
    print_sides,
)
from ops.bench.socket_lines import Line, connected_lines
from ops.bench.throw_away import Installation, WebServer, throw_away_installation, web_server

CLIENTS, FEWER = 2_000, 200
MESSAGES = 10
"""Of each size in a round, one after the other has arrived everywhere."""
AT_ONCE = 50
"""Clients that connect at the same time."""
FIRST_PART = 10
"""A tenth of the clients come first."""
SETTLING_SECONDS = 3.0
PATIENCE_SECONDS = 60.0
MOST_LATENCY, MOST_MEMORY = 1.5, 1.3
_EVENT = "notification:new"
_TEXT = {
    "kind": "announcement",
    "title": "Your teacher announced something to Algebra I",
    "related_type": "conversation",
    "related_id": "01a205a9-3b04-744d-afed-1dca955d52f1",
    "occurred_at": "2026-11-23T18:00:00+00:00",
}

Tell = Callable[[int], Awaitable[None]]
"""Tell the first so many clients one thing."""


@dataclass
class Crowd:
    """The clients of one side: who has heard, and when."""

    server: WebServer
    tell: Tell
    lines: list[Line] = field(default_factory=list)
    connecting: list[float] = field(default_factory=list)
    bytes_per_socket: float = 0.0
    _arrived: list[float] = field(default_factory=list)
    _missing: int = 0
    _all_heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self, auths: Sequence[dict[str, Any]]) -> None:
        """Connect everybody, and measure what they cost beyond what the first of them make a process load once."""
        first, rest = auths[: len(auths) // FIRST_PART], auths[len(auths) // FIRST_PART :]
        before = await self._settled_with(first)
        self.bytes_per_socket = (await self._settled_with(rest) - before) / len(rest)

    async def _settled_with(self, auths: Sequence[dict[str, Any]]) -> int:
        """Connect these too; returns what the server then holds in memory, bytes."""
        lines, milliseconds = await connected_lines(self.server.port, auths, self._heard, at_once=AT_ONCE)
        self.lines += lines
        self.connecting += milliseconds
        await asyncio.sleep(SETTLING_SECONDS)
        return _resident_bytes(self.server)

    async def fan_out(self, count: int, messages: int) -> Load:
        """Tell `count` clients `messages` things; returns deliveries per second and what each one took."""
        milliseconds: list[float] = []
        began = time.perf_counter()
        for _ in range(messages):
            self._arrived, self._missing = [], count
            self._all_heard.clear()
            told = time.perf_counter()
            await self.tell(count)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._all_heard.wait()
            milliseconds += [(arrived - told) * 1000 for arrived in self._arrived]
        return Load(count * messages / (time.perf_counter() - began), milliseconds)

    async def close(self) -> None:
        await asyncio.gather(*(line.close() for line in self.lines))

    def _heard(self, packet: str) -> None:
        if _EVENT not in packet:
            return
        self._arrived.append(time.perf_counter())
        self._missing -= 1
        if not self._missing:
            self._all_heard.set()


@dataclass(frozen=True)
class Measured:
    """What one run found; `fan_outs` by the number of clients told."""

    ours: Crowd
    reference: Crowd
    fan_outs: dict[int, Comparison]


def main() -> int:
    """Print both sides and the goals; the exit code is 1 when one is missed."""
    found = measure(CLIENTS, fewer=FEWER, messages=MESSAGES)
    for name, crowd in (("ours", found.ours), ("bare python-socketio", found.reference)):
        load = Load(0, crowd.connecting)
        print(
            f"{name}: {crowd.bytes_per_socket / 1024:.1f} KiB a socket; connected in"
            f" p50 {load.percentile(50):.0f} ms, p99 {load.percentile(99):.0f} ms, {AT_ONCE} at once"
        )
    for count, comparison in found.fan_outs.items():
        print(f"one thing to {count:,} clients")
        print_sides(comparison, unit="deliveries", ours="  ours", reference="  bare python-socketio")
    return print_goals(goals(found))


def goals(found: Measured) -> list[Goal]:
    memory = Spread.of([found.ours.bytes_per_socket / found.reference.bytes_per_socket])
    return [
        *(
            at_most(
                f"fan-out to {count:,}: p99 at most 1.5 times the reference's",
                comparison.latency_ratio(99),
                MOST_LATENCY,
            )
            for count, comparison in found.fan_outs.items()
        ),
        at_most("memory per socket at most 1.3 times the reference's", memory, MOST_MEMORY),
    ]


def measure(clients: int, *, fewer: int, messages: int, rounds: int = MINIMUM_ROUNDS) -> Measured:
    """Run both servers over stores of this run's own, and all clients in this process."""
    with throw_away_installation() as installation:
        classroom = seeded_classroom(installation.urls.admin, students=clients, questions=1)
        redis_url = installation.environment["HOMEROOM_REDIS_URL"]
        with (
            web_server(installation, "realtime.main:app", health="/healthz") as ours,
            web_server(
                installation,
                "ops.bench.bare_sockets:app",
                health="/socket.io/?EIO=4&transport=polling",
                BENCH_REDIS_URL=redis_url,
            ) as reference,
        ):
            return asyncio.run(
                _measured(installation, classroom, (ours, reference), (fewer, messages, rounds))
            )


async def _measured(
    installation: Installation,
    classroom: Classroom,
    servers: tuple[WebServer, WebServer],
    sizes: tuple[int, int, int],
) -> Measured:
    """`sizes`: how many the few are, messages of a round, rounds."""
    fewer, messages, rounds = sizes
    redis_url = installation.environment["HOMEROOM_REDIS_URL"]
    publisher = RedisPublisher(redis_url)
    ours = Crowd(servers[0], _teller(publisher, classroom))
    manager = socketio.AsyncRedisManager(redis_url, channel=CHANNEL, write_only=True)
    reference = Crowd(servers[1], _bare_teller(manager, fewer))
    try:
        await reference.connect([{"is_of_few": number < fewer} for number in range(len(classroom.students))])
        await ours.connect(_tokens(classroom, installation.keys))
        fan_outs = {}
        for count in (fewer, len(classroom.students)):
            for crowd in (reference, ours):
                await crowd.fan_out(count, 2)  # warm
            fan_outs[count] = await compare(
                lambda count=count: ours.fan_out(count, messages),  # type: ignore[misc]
                lambda count=count: reference.fan_out(count, messages),  # type: ignore[misc]
                rounds,
            )
        return Measured(ours, reference, fan_outs)
    finally:
        await asyncio.gather(ours.close(), reference.close(), publisher.close(), manager.redis.aclose())


def _teller(publisher: RedisPublisher, classroom: Classroom) -> Tell:
    """Tell as the API does after its commit: one hint, with each person's next number."""
    last_seq: dict[UUID, int] = {student.id: 0 for student in classroom.students}
    district_id = classroom.teacher.district_id

    async def tell(count: int) -> None:
        own: dict[UUID, dict[str, Any]] = {}
        for student in classroom.students[:count]:
            last_seq[student.id] += 1
            own[student.id] = {"seq": last_seq[student.id], "id": str(student.id), "occurrences": 1}
        await publisher.publish(Hint(district_id, _EVENT, _TEXT, own))

    return tell


def _bare_teller(manager: socketio.AsyncRedisManager, fewer: int) -> Tell:
    payload = {**json.loads(json.dumps(_TEXT)), "seq": 1, "id": _TEXT["related_id"], "occurrences": 1}

    async def tell(count: int) -> None:
        await manager.emit(_EVENT, payload, room=FEW if count == fewer else EVERYBODY)

    return tell


def _tokens(classroom: Classroom, keys: KeyRing) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [
        {"token": issue_access_token(actor, keys, issuer=ISSUER, now=now, minutes=TOKEN_MINUTES)}
        for actor in classroom.actors()
    ]


def _resident_bytes(server: WebServer) -> int:
    resident: int = psutil.Process(server.process_id).memory_info().rss
    return resident


if __name__ == "__main__":
    sys.exit(main())
