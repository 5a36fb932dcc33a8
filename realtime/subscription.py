"""How a node hears of what other programs tell the sockets: one subscription to Redis, kept up for ever."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.emit import REDIS_TIMEOUTS

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0

Receive = Callable[[bytes], Awaitable[None]]


class Subscription:
    """Hands what arrives on each channel to its receiver; `start` when the server starts, `close` when it ends.

    While Redis is away it knocks every second. Nothing that was said meanwhile comes again: whoever must not miss it
    looks into the database as well.
    """

    def __init__(self, redis_url: str, receivers: Mapping[str, Receive]) -> None:
        self._redis_url = redis_url
        self._receivers = receivers
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; without a Redis there is nothing to hear."""
        if self._redis_url:
            self._task = asyncio.create_task(self._listen_for_ever())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                logger.warning("redis_away", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        """Hear what is said until Redis goes away. Raises RedisError then."""
        redis = Redis.from_url(self._redis_url, **REDIS_TIMEOUTS)
        async with redis, redis.pubsub() as subscription:
            await subscription.subscribe(*self._receivers)
            async for message in subscription.listen():
                if message["type"] == "message":
                    await self._pass_on(message)

    async def _pass_on(self, message: Mapping[str, Any]) -> None:
        """Whatever one message does to its receiver, the next one is heard."""
        channel = message["channel"].decode()
        try:
            await self._receivers[channel](message["data"])
        except Exception as error:  # noqa: BLE001 - anybody with Redis's password can write here
            logger.warning("hint_not_understood", channel=channel, error=type(error).__name__)
