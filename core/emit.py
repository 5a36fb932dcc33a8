"""The one way to tell sockets something: named people of one district hear it, through Redis, as a hint.

The truth is in `user_events`. What travels here can only be an event for named people: nobody who can write to the
channel could disconnect a socket or move it somewhere.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self
from uuid import UUID

from redis.asyncio import Redis

from core.tenancy import TenantId

USERS_CHANNEL = "homeroom-users"
REDIS_TIMEOUTS: dict[str, Any] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}


class UnreadableHintError(ValueError):
    """What arrived is no hint of ours."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One event for people of one district: `payload` is for all, `own` names each person and what only they hear.

    An event that lasts carries the person's `seq` in `own`.
    """

    district_id: UUID
    event: str
    payload: Mapping[str, Any]
    own: Mapping[UUID, Mapping[str, Any]]
    origin: str = ""
    """The node that has told its own sockets already."""

    def encode(self) -> str:
        """Return the JSON that `decode` reads."""
        to = {str(user_id): own for user_id, own in self.own.items()}
        return json.dumps(
            {
                "district": str(self.district_id),
                "event": self.event,
                "payload": self.payload,
                "to": to,
                "origin": self.origin,
            }
        )

    @classmethod
    def decode(cls, text: str | bytes) -> Self:
        """Read a hint. Raises UnreadableHintError for anything else."""
        try:
            said = json.loads(text)
            own = {UUID(user_id): dict(fields) for user_id, fields in said["to"].items()}
            return cls(
                UUID(said["district"]), str(said["event"]), dict(said["payload"]), own, str(said["origin"])
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UnreadableHintError from error


class Publisher(Protocol):
    """What carries hints to the nodes with sockets."""

    async def publish(self, hint: Hint) -> None: ...

    async def close(self) -> None: ...


class Emitter:
    """Speaks to people of a district, who cannot be named without it; one hint however many they are."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def to_user(self, tenant: TenantId, user_id: UUID, event: str, data: Mapping[str, Any]) -> None:
        await self.to_users(tenant, event, data, {user_id: {}})

    async def to_users(
        self,
        tenant: TenantId,
        event: str,
        payload: Mapping[str, Any],
        own: Mapping[UUID, Mapping[str, Any]],
    ) -> None:
        """Tell each person in `own` the payload, with what is their own beside it."""
        if own:
            await self._publisher.publish(Hint(tenant.value, event, payload, own))

    async def close(self) -> None:
        """Give back what the publisher holds."""
        await self._publisher.close()


class RedisPublisher:
    """Publishes to every node. Raises RedisError when Redis is away: whoever speaks goes on without."""

    def __init__(self, redis_url: str) -> None:
        self._redis: Redis = Redis.from_url(redis_url, **REDIS_TIMEOUTS)

    async def publish(self, hint: Hint) -> None:
        await self._redis.publish(USERS_CHANNEL, hint.encode())

    async def close(self) -> None:
        await self._redis.aclose()


class NoPublisher:
    """Stands where no Redis is configured: clients pull from `user_events` all the same."""

    async def publish(self, hint: Hint) -> None:
        del hint

    async def close(self) -> None:
        return


def publisher_for(redis_url: str) -> Publisher:
    """Return the way to the nodes: through Redis, or none where none is configured."""
    return RedisPublisher(redis_url) if redis_url else NoPublisher()


def emitter_for(redis_url: str) -> Emitter:
    """Return the emitter of a process that has no sockets of its own."""
    return Emitter(publisher_for(redis_url))
