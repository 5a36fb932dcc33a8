"""The one way to speak to sockets: to a user or a class of one district, never to a room without one.

Other processes reach the sockets through Redis; what they send is a hint. The truth is in `user_events`.
"""

from typing import Any, Protocol
from uuid import UUID

import socketio

from core.tenancy import TenantId

REDIS_CHANNEL = "homeroom-sockets"
REDIS_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}


class Sender(Protocol):
    """What python-socketio's server and its Redis manager have in common."""

    async def emit(self, event: str, data: Any, *, room: str, namespace: str) -> None: ...


def user_room(tenant: TenantId, user_id: UUID) -> str:
    """Name the room of one user's sockets."""
    return f"d{tenant}:user:{user_id}"


def class_room(tenant: TenantId, class_id: UUID) -> str:
    """Name the room of those who watch a class live."""
    return f"d{tenant}:class:{class_id}"


def socket_room(tenant: TenantId, socket_id: str) -> str:
    """Name the room of one socket, for what concerns only it: the end of its session."""
    return f"d{tenant}:socket:{socket_id}"


class Emitter:
    """Sends events to rooms it names itself, so none can lack its district."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def to_user(self, tenant: TenantId, user_id: UUID, event: str, data: dict[str, Any]) -> None:
        await self._emit(user_room(tenant, user_id), event, data)

    async def to_class(self, tenant: TenantId, class_id: UUID, event: str, data: dict[str, Any]) -> None:
        await self._emit(class_room(tenant, class_id), event, data)

    async def to_socket(self, tenant: TenantId, socket_id: str, event: str, data: dict[str, Any]) -> None:
        await self._emit(socket_room(tenant, socket_id), event, data)

    async def close(self) -> None:
        """Give back the connection to Redis, where there is one."""
        redis = getattr(self._sender, "redis", None)
        if redis is not None:
            await redis.aclose()

    async def _emit(self, room: str, event: str, data: dict[str, Any]) -> None:
        await self._sender.emit(event, data, room=room, namespace="/")


class _WithoutRedis:
    """Stands where no Redis is configured: clients pull from `user_events` all the same."""

    async def emit(self, event: str, data: Any, *, room: str, namespace: str) -> None:
        del event, data, room, namespace


def emitter_for(redis_url: str) -> Emitter:
    """Return the emitter of a process that has no sockets of its own."""
    if not redis_url:
        return Emitter(_WithoutRedis())
    return Emitter(
        socketio.AsyncRedisManager(
            redis_url, channel=REDIS_CHANNEL, write_only=True, redis_options=REDIS_TIMEOUTS
        )
    )
