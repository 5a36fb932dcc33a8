"""Who is there: online, away after five minutes without a sign, offline; seen by those one shares a class with.

Each node writes down who is connected to it, with an end that it keeps moving: what a killed node wrote is over
within a minute. A change is announced; and everybody who is watched is looked up anew every few seconds, so that an
announcement may be lost. Redis holds nothing else of it: while it is away, each node knows its own sockets.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core.config import Settings
from core.db import Database, run
from core.redis_clients import impatient_client
from core.tenancy import Actor
from realtime import queries
from realtime.connections import Connection
from realtime.delivery import Delivery, Person

logger = structlog.get_logger(__name__)

PRESENCE_CHANNEL = "homeroom-presence"
AWAY_AFTER = timedelta(minutes=5)
BEAT_SECONDS = 15.0
LIFE = timedelta(seconds=45)
"""How long what a node wrote holds: two beats may be lost."""
GATHERING_SECONDS = 0.05
"""A whole class that comes at once is written and announced together."""
BEATS_BETWEEN_CHECKS = 4
"""The right to watch somebody is asked for anew every minute."""


class Presence(StrEnum):
    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


Clock = Callable[[], datetime]

_BEST_FIRST = (Presence.ONLINE, Presence.AWAY, Presence.OFFLINE)


class Attendance:
    """Who is there, as this node writes and sees it; `start` when the server starts, `close` when it ends."""

    def __init__(self, delivery: Delivery, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._connections = delivery.connections
        self._delivery = delivery
        self._clock = clock
        url = settings.sockets_redis_url
        self._redis: Redis | None = impatient_client(settings, url) if url else None
        self._written: dict[Person, Presence] = {}
        self._changed: set[Person] = set()
        self._wake = asyncio.Event()
        self._watchers: dict[Person, set[Connection]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._beat_for_ever())

    async def close(self) -> None:
        """Stop; what this node wrote ends by itself, as it would if it had been killed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._redis is not None:
            await self._redis.aclose()

    def sign_of_life(self, connection: Connection) -> None:
        """Note that somebody came or did something."""
        connection.active_at = self._clock()
        if self._written.get(connection.person) is not Presence.ONLINE:
            self._change(connection.person)

    def left(self, connection: Connection) -> None:
        """Note that a socket is gone, and forget what it watched."""
        self._forget(connection)
        self._change(connection.person)

    async def watch(
        self, session: AsyncSession, connection: Connection, wanted: Iterable[UUID]
    ) -> dict[str, str]:
        """Have a socket hear of these people and no others, and return how they stand now.

        Whom the actor shares no class with is left out, like somebody who does not exist.
        """
        allowed = await may_watch(session, connection.actor, wanted)
        people = [(connection.actor.district_id, user_id) for user_id in sorted(allowed)]
        states = await self._states(people)
        self._forget(connection)
        for person in people:
            self._watchers[person].add(connection)
            connection.presence[person] = states[person]
        return {str(user_id): states[district_id, user_id] for district_id, user_id in people}

    async def receive(self, text: bytes) -> None:
        """Look at those another node says have changed. Raises ValueError for what it cannot read."""
        said = json.loads(text)["people"]
        people = {(UUID(district_id), UUID(user_id)) for district_id, user_id in said}
        await self._look(people & self._watchers.keys())

    async def beat(self) -> None:
        """Write down everybody again, notice who went away, and look at everybody who is watched."""
        connected = {connection.person for connection in self._connections}
        changed = {person for person in connected if self._own(person) is not self._written.get(person)}
        await self._write(connected | (self._written.keys() - connected))
        await self._announce(changed)
        await self._look(set(self._watchers))

    async def check_rights(self) -> None:
        """End what somebody watches without a right to it any more."""
        watching = {connection for watchers in self._watchers.values() for connection in watchers}
        for connection in watching:
            wanted = [user_id for _, user_id in connection.presence]
            async with self._database.tenant_transaction(connection.actor.context) as session:
                allowed = await may_watch(session, connection.actor, wanted)
            for person in [person for person in connection.presence if person[1] not in allowed]:
                self._unwatch(connection, person)

    def _change(self, person: Person) -> None:
        self._changed.add(person)
        self._wake.set()

    def _forget(self, connection: Connection) -> None:
        for person in list(connection.presence):
            self._unwatch(connection, person)

    def _unwatch(self, connection: Connection, person: Person) -> None:
        connection.presence.pop(person, None)
        watchers = self._watchers[person]
        watchers.discard(connection)
        if not watchers:
            del self._watchers[person]

    def _own(self, person: Person) -> Presence:
        """Return how somebody stands by this node's own sockets."""
        connections = self._connections.of(person)
        if not connections:
            return Presence.OFFLINE
        quiet_since = self._clock() - AWAY_AFTER
        is_active = any(connection.active_at > quiet_since for connection in connections)
        return Presence.ONLINE if is_active else Presence.AWAY

    async def _write(self, people: Iterable[Person]) -> None:
        """Write down how these people stand here, in one round trip."""
        states = {person: self._own(person) for person in people}
        for person, state in states.items():
            if state is Presence.OFFLINE:
                self._written.pop(person, None)
            else:
                self._written[person] = state
        if self._redis is None or not states:
            return
        node, until = self._delivery.node, (self._clock() + LIFE).timestamp()
        pipeline = self._redis.pipeline(transaction=False)
        for person, state in states.items():
            if state is Presence.OFFLINE:
                pipeline.hdel(_key(person), node)
            else:
                pipeline.hset(_key(person), node, f"{state}:{until:.0f}")
                pipeline.expire(_key(person), LIFE)
        await _whatever_redis_does(pipeline.execute())

    async def _announce(self, people: Iterable[Person]) -> None:
        said = [[str(district_id), str(user_id)] for district_id, user_id in people]
        if said and self._redis is not None:
            await _whatever_redis_does(self._redis.publish(PRESENCE_CHANNEL, json.dumps({"people": said})))

    async def _look(self, people: Iterable[Person]) -> None:
        """Tell those who watch these people what has changed since they were last told."""
        states = await self._states(list(people))
        for person, state in states.items():
            told = {"user_id": str(person[1]), "state": state}
            for connection in list(self._watchers.get(person, ())):
                if connection.presence.get(person) is not state:
                    connection.presence[person] = state
                    await self._delivery.to_socket(connection, "presence", told)

    async def _states(self, people: list[Person]) -> dict[Person, Presence]:
        """Return how these people stand: the best of what all nodes say, in one round trip."""
        elsewhere = await self._said_by_nodes(people)
        return {
            person: min((self._own(person), *elsewhere.get(person, ())), key=_BEST_FIRST.index)
            for person in people
        }

    async def _said_by_nodes(self, people: list[Person]) -> dict[Person, list[Presence]]:
        if self._redis is None or not people:
            return {}
        pipeline = self._redis.pipeline(transaction=False)
        for person in people:
            pipeline.hgetall(_key(person))
        try:
            found: list[Mapping[bytes, bytes]] = await pipeline.execute()
        except (RedisError, OSError, TimeoutError):
            return {}
        node, now = self._delivery.node.encode(), self._clock().timestamp()
        return {
            person: [
                state
                for name, said in by_node.items()
                if name != node and (state := _read(said, now)) is not None
            ]
            for person, by_node in zip(people, found, strict=True)
        }

    async def _beat_for_ever(self) -> None:
        beats, next_beat = 0, asyncio.get_running_loop().time() + BEAT_SECONDS
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_beat):
                    await self._wake.wait()
                    await asyncio.sleep(GATHERING_SECONDS)
            self._wake.clear()
            changed, self._changed = self._changed, set()
            try:
                await self._write(changed)
                await self._announce(changed)
                await self._look(changed & self._watchers.keys())
                if asyncio.get_running_loop().time() >= next_beat:
                    beats, next_beat = beats + 1, asyncio.get_running_loop().time() + BEAT_SECONDS
                    await self.beat()
                    if beats % BEATS_BETWEEN_CHECKS == 0:
                        await self.check_rights()
            except (SQLAlchemyError, OSError) as error:
                logger.warning("presence_not_checked", error=type(error).__name__)


async def _whatever_redis_does(answer: Awaitable[Any]) -> None:
    """What could not be written or said now is written with the next beat."""
    try:
        await answer
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("presence_not_written", error=type(error).__name__)


async def may_watch(session: AsyncSession, actor: Actor, wanted: Iterable[UUID]) -> set[UUID]:
    """Return those of these people the actor shares a class with at this moment, by one statement."""
    values = {"district_id": actor.district_id, "user_id": actor.user_id, "users": sorted(set(wanted))}
    return set((await run(session, queries.SHARING_A_CLASS, values)).scalars())


def _key(person: Person) -> str:
    district_id, user_id = person
    return f"d{district_id}:presence:{user_id}"


def _read(said: bytes, now: float) -> Presence | None:
    """Return what a node said of somebody, while it holds; None for anything else.

    >>> _read(b"away:100", 90.0), _read(b"away:100", 101.0), _read(b"nonsense", 0.0)
    (<Presence.AWAY: 'away'>, None, None)
    """
    state, _, until = said.partition(b":")
    try:
        return Presence(state.decode()) if float(until) > now else None
    except ValueError:
        return None
