"""The subscription through which the other programs reach our sockets."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import structlog
from redis.exceptions import RedisError
from socketio import AsyncManager, AsyncRedisManager

from core.emit import REDIS_CHANNEL, REDIS_TIMEOUTS

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0


class RedisChannel(AsyncRedisManager):  # type: ignore[misc]  # the library has no types
    """Subscribes again every second while Redis is away.

    The library's own pause doubles up to a minute, so a Redis that was away for a while would be back long before
    the sockets hear from it.
    """

    async def _redis_listen_with_retries(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            try:
                self._redis_connect()
                await self.pubsub.subscribe(self.channel)
                async for message in self.pubsub.listen():
                    yield message
            except (RedisError, OSError) as error:
                logger.warning("redis_away", error=type(error).__name__)
                await self.redis.aclose()
                await anyio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        """End the subscription."""
        task = getattr(self, "thread", None)
        if task is not None:
            task.cancel()


def channel_for(redis_url: str) -> AsyncManager:
    """Return the way between servers: through Redis, or within this process where none is configured."""
    if not redis_url:
        return AsyncManager()
    return RedisChannel(redis_url, channel=REDIS_CHANNEL, redis_options=REDIS_TIMEOUTS)
